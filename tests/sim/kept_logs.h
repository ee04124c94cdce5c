#ifndef CHIBO_TESTS_SIM_KEPT_LOGS_H_
#define CHIBO_TESTS_SIM_KEPT_LOGS_H_

#include <filesystem>
#include <optional>

#include "tests/sim/world.h"

namespace chibo::sim {

// Stores as a program of that day left them, with what it saw in them: what this program sees in
// them has to be the same (I19). Once kept they are never made anew.

// Runs the options and keeps in `folder` the stores of the topmost committee, of one below it and
// of a cell of that one.
std::optional<Violation> KeepLogs(const Options& options, const std::filesystem::path& folder);
// Every store in the folder, opened as it is and with its view computed anew.
std::optional<Violation> CheckKeptLogs(const std::filesystem::path& folder);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_KEPT_LOGS_H_

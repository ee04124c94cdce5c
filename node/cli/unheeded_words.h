#ifndef CHIBO_NODE_CLI_UNHEEDED_WORDS_H_
#define CHIBO_NODE_CLI_UNHEEDED_WORDS_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "node/cli/command.h"
#include "node/unheeded.h"

namespace chibo {

// Where a record stands and what it is: {record, branch, unit, kind}.
nlohmann::ordered_json PlaceJson(const Call& call, const Fact& fact);
// The same in one line.
std::string PlaceLine(const Call& call, const Fact& fact);

// The place, "state":"set_aside", "reason" and "message".
nlohmann::ordered_json SetAsideJson(const Call& call, const Fact& fact);
// The place with its reason.
std::string SetAsideLine(const Call& call, const Fact& fact, const nlohmann::ordered_json& json);

// The place, "state":"not_heeded", the first reason as "reason" and "message", and all parts:
// "parts":[{reason, message, subject, subject_name, values}].
Result<nlohmann::ordered_json> UnheededJson(const Call& call, const UnheededRecord& record);
// The place with its reason; a line for each further part.
std::vector<std::string> UnheededLines(const Call& call, const UnheededRecord& record,
                                       const nlohmann::ordered_json& json);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_UNHEEDED_WORDS_H_

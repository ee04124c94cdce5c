#ifndef CHIBO_TESTS_SIM_CHECKERS_I17_CLOCK_H_
#define CHIBO_TESTS_SIM_CHECKERS_I17_CLOCK_H_

#include <optional>

#include "tests/sim/world.h"

namespace chibo::sim {

// I17: runs the seed twice, the second time with every clock on a wall set off by random years, on
// lines whose speed does not depend on how long a message is. All nodes see the same both times,
// but for times. The second run's probes and events are not reported.
std::optional<Violation> CompareClocks(Options options);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_CHECKERS_I17_CLOCK_H_

#ifndef CHIBO_TESTS_SCENARIO_DECISIONS_H_
#define CHIBO_TESTS_SCENARIO_DECISIONS_H_

#include <string>
#include <vector>

#include "domain/decision.h"

namespace chibo::scenario {

class Player;

// Rules that findings name, sorted; with `blocking` only those that stop the signing.
std::vector<std::string> RulesOf(const std::vector<DecisionFinding>& findings, bool blocking);
// For people.
std::string Describe(const Player& player, const std::vector<DecisionFinding>& findings);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_DECISIONS_H_

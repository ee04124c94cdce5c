#ifndef CHIBO_NODE_CLI_FINDING_WORDS_H_
#define CHIBO_NODE_CLI_FINDING_WORDS_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "domain/decision.h"
#include "node/cli/command.h"

namespace chibo {

// {rule, severity, message, values, verified}.
nlohmann::ordered_json FindingJson(const Call& call, const Finding& finding);
// The same, with whom it is about: "subject", "subject_name", "overridden".
nlohmann::ordered_json DecisionFindingJson(const Call& call, const DecisionFinding& one);
// "R12 keeps from signing: … (not checked against its text)"; with "subject_name" and "overridden",
// where the object has them.
std::string FindingLine(const Call& call, const nlohmann::ordered_json& finding);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_FINDING_WORDS_H_

#ifndef CHIBO_DOMAIN_FINDING_H_
#define CHIBO_DOMAIN_FINDING_H_

#include <string>
#include <vector>

#include "proto/ids.h"

namespace chibo {

enum class Severity : std::uint8_t { kInform, kWarn, kBlock };

// What a rule says about a subject. Nothing here stops recording or syncing; kBlock stops
// finalisation unless the decision names the rule in its overrides with a reason (where the rule
// allows it).
struct Finding {
  std::string rule;  // "R40"
  Severity severity = Severity::kWarn;
  std::string message;              // text key "finding_<...>"
  std::vector<std::string> values;  // for the text's {0}, {1}, …
  bool verified = true;  // false: the rule's parameter was not checked against the original text
  std::vector<RecordName> evidence;

  friend auto operator<=>(const Finding&, const Finding&) = default;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_FINDING_H_

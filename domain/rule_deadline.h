#ifndef CHIBO_DOMAIN_RULE_DEADLINE_H_
#define CHIBO_DOMAIN_RULE_DEADLINE_H_

#include <optional>
#include <string_view>

#include "base/time.h"
#include "domain/finding.h"
#include "domain/rule_pack.h"

namespace chibo {

// R95: the hour by which proposals have to be with the superior; nothing where no pack says.
std::optional<Timestamp> ReportDeadline(const EffectivePack& pack);

// R95: what was recorded and received past the deadline, told with both times: whether it is late
// is for the committee to say. Nothing when it came in time.
std::optional<Finding> CheckReported(const EffectivePack& pack, Timestamp recorded,
                                     std::optional<Timestamp> received);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_RULE_DEADLINE_H_

#ifndef CHIBO_DOMAIN_RULE_DEADLINE_H_
#define CHIBO_DOMAIN_RULE_DEADLINE_H_

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/fact.h"
#include "domain/finding.h"
#include "domain/organisation.h"
#include "domain/rule_pack.h"

namespace chibo {

// R95: the hour by which proposals have to be with the superior; nothing where no pack says.
std::optional<Timestamp> ReportDeadline(const EffectivePack& pack);

// R95: what a place recorded and was received past the deadline, told with both times: whether it
// is late is for the committee to say. Nothing when it came in time.
std::optional<Finding> CheckReported(const EffectivePack& pack, const UnitId& place,
                                     Timestamp recorded, std::optional<Timestamp> received);

// When a superior of its writer first registered each record, by the counted register entries among
// the facts: the office's clock, not the writer's.
class ReceivedTimes {
 public:
  ReceivedTimes(const Organisation& organisation, const std::vector<Fact>& registers);

  // Nothing: not received yet, as far as is known here.
  std::optional<Timestamp> Of(const Fact& fact) const;

 private:
  struct Receipt {
    UnitId by;
    std::uint64_t size = 0;
    Timestamp time;
  };
  const Organisation& organisation_;
  std::map<StreamId, std::vector<Receipt>> receipts_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_RULE_DEADLINE_H_

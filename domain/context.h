#ifndef CHIBO_DOMAIN_CONTEXT_H_
#define CHIBO_DOMAIN_CONTEXT_H_

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "chibo/view.pb.h"
#include "domain/fact.h"
#include "domain/subject.h"

namespace chibo {

class Organisation;
class RulePacks;
class PeerGroups;

// What an evaluation reads. All of it is made of counted facts, so equal sets of facts give equal
// answers.
struct Context {
  const FactSource& facts;
  const Organisation& organisation;
  const RulePacks& packs;
  const PeerGroups& groups;
  // The unit whose node this is. Records of parent reach are held for it and its direct children
  // only: rules that rest on such records keep silent about other units instead of taking "not
  // held" for "not done". Nothing: all records are held.
  std::optional<UnitId> observer;
};

// Rows made earlier by Evaluate, as a store keeps them.
class OutcomeSource {
 public:
  virtual ~OutcomeSource() = default;
  virtual Result<std::optional<pb::OutcomeRow>> Find(const SubjectId& subject,
                                                     const std::string& period) const = 0;
  // Rows of members counted in exactly this unit, and of the unit itself, in any order; `visit`
  // returns false to stop.
  virtual Status VisitUnit(const UnitId& unit, const std::string& period,
                           const std::function<bool(const pb::OutcomeRow&)>& visit) const = 0;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CONTEXT_H_

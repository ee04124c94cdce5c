#ifndef CHIBO_DOMAIN_CAP_H_
#define CHIBO_DOMAIN_CAP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/context.h"
#include "domain/finding.h"
#include "domain/rule_pack.h"

namespace chibo {

// R41: what the 20 % is taken of.
enum class CapBase { kGoodOnly, kGoodOrBetter };
enum class CapRounding { kFloor, kHalfUp, kCeil };
// R43: whether fewer than five may choose one, and what "all good" means.
enum class SmallPlace { kOff, kExactlyGood, kGoodOrBetter };

struct CapRule {
  std::uint32_t percent = 20;
  CapBase base = CapBase::kGoodOrBetter;
  CapRounding rounding = CapRounding::kFloor;
  SmallPlace small = SmallPlace::kGoodOrBetter;
  std::uint32_t small_below = 5;
  bool verified = false;        // of base and rounding
  bool small_verified = false;  // of the exception
};

struct CapCount {
  std::uint32_t graded = 0;
  std::uint32_t good = 0;  // exactly
  std::uint32_t excellent = 0;
  // Proposed as excellent and not decided: known to be good or better, not yet excellent.
  std::uint32_t waiting = 0;
  // To be graded and of no known level: neither how many are graded in the end nor that all of them
  // are good is known while there are any.
  std::uint32_t unknown = 0;

  CapCount& operator+=(const CapCount& other);
};

struct CapAnswer {
  std::uint32_t cap = 0;
  bool exceeded = false;
  bool by_exception = false;
};
CapRule CapRuleOf(const EffectivePack& pack);

// R40–R43. `elsewhere`: the rest of the place that has fewer than five or not, where the place is
// more than the group; it has one exception in all.
CapAnswer CapOf(const CapCount& count, const CapRule& rule, const CapCount& elsewhere = {});

// One group as it stands in the rows, with what is proposed but not decided beside it (story 6: the
// cap for what is known and for the whole group; nobody is assumed good).
struct GroupState {
  std::string group;        // as OutcomeRow.cap_group
  CapCount known;           // decided levels, and the agreed proposals of those waiting in the base
  CapCount if_as_proposed;  // as if all agreed proposals were decided
  std::uint32_t members = 0;    // on the register
  std::uint32_t undecided = 0;  // pending; known.unknown: of them without a level all agree on
  std::uint32_t cells = 0;
  std::uint32_t cells_with_data = 0;
  CapAnswer cap;  // for `known`
  CapAnswer cap_if_as_proposed;
  std::uint32_t cap_at_most =
      0;  // if everybody undecided came out good: an upper bound, not an allowance
};

// `changes` stand in for the rows' own levels: what the group would be with them. Keys must be of
// the group; `elsewhere`: the same for other groups of the place.
using Changes = std::map<SubjectId, pb::Grade>;
Result<GroupState> StateOfGroup(const Context& context, const OutcomeSource& rows,
                                const std::string& group, pb::SubjectKind kind,
                                const std::string& period, const EffectivePack& pack,
                                const Changes& changes = {}, const Changes& elsewhere = {});

// A group as values of findings name it.
std::string GroupValue(const std::string& group);

// R40 before anybody decides: the groups of those counted at or below `top` (nothing: of all) that
// would be over their cap if all that has been agreed were decided, as far as it is known here. A
// cell knows of its own people only. They warn; what stops the signing is CheckDecision.
Result<std::vector<Finding>> CapWarnings(const Context& context, const OutcomeSource& rows,
                                         const std::optional<UnitId>& top, pb::SubjectKind kind,
                                         const std::string& period);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CAP_H_

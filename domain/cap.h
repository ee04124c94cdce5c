#ifndef CHIBO_DOMAIN_CAP_H_
#define CHIBO_DOMAIN_CAP_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

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
  // For the exception below five: how many are graded in the whole place and how many of them good
  // or better, where the place is not the group.
  std::optional<std::uint32_t> place_graded;
};

struct CapAnswer {
  std::uint32_t cap = 0;
  bool exceeded = false;
  bool by_exception = false;
};
CapRule CapRuleOf(const EffectivePack& pack);

// R40–R43.
CapAnswer CapOf(const CapCount& count, const CapRule& rule);

// One group as it stands in the rows, with what is proposed but not decided beside it (story 6: the
// cap for what is known and for the whole group; nobody is assumed good).
struct GroupState {
  std::string group;        // as OutcomeRow.cap_group
  CapCount known;           // decided levels, and the agreed proposals of those waiting in the base
  CapCount if_as_proposed;  // as if all agreed proposals were decided
  std::uint32_t members = 0;    // on the register
  std::uint32_t undecided = 0;  // pending
  std::uint32_t unknown = 0;    // of them without a level that all proposals agree on
  std::uint32_t cells = 0;
  std::uint32_t cells_with_data = 0;
  CapAnswer cap;  // for `known`
  CapAnswer cap_if_as_proposed;
  std::uint32_t cap_at_most =
      0;  // if everybody undecided came out good: an upper bound, not an allowance
};

// `changes` stand in for the rows' own levels: what the group would be with them. Keys must be of
// the group.
Result<GroupState> StateOfGroup(const Context& context, const OutcomeSource& rows,
                                const std::string& group, pb::SubjectKind kind,
                                const std::string& period, const EffectivePack& pack,
                                const std::map<SubjectId, pb::Grade>& changes = {});

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CAP_H_

#ifndef CHIBO_DOMAIN_RULE_PACK_H_
#define CHIBO_DOMAIN_RULE_PACK_H_

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/organisation.h"

// Rules are kinds in code and numbers in packs. This file knows every number a rule may ask for,
// what it is when no pack says otherwise, and where that stands.
namespace chibo {

// Names of parameters, as packs write them. Values in parentheses are the defaults (2019 guidance).
namespace parameter {
// Who is reviewed and graded.
inline constexpr std::string_view kNewMemberMonths = "new_member_months";              // (6) R21
inline constexpr std::string_view kNewMemberReviewed = "new_member_lt6m_must_review";  // (true) R21
inline constexpr std::string_view kNewPostMonths = "new_post_months";                  // (6) R22
inline constexpr std::string_view kNewPostGradedAsMember =
    "new_post_graded_as_member";                                           // (true) R22
inline constexpr std::string_view kNewUnitMonths = "new_unit_months";      // (6) R23
inline constexpr std::string_view kSickLeaveMonths = "sick_leave_months";  // (3) R24
inline constexpr std::string_view kSickLeave =
    "sick_ge_3m";  // (cap_completed), by_actual_result R24
inline constexpr std::string_view kOldPlaceMonths = "old_place_opinion_months";   // (6) R26
inline constexpr std::string_view kOldPlaceWithinYear = "old_place_within_year";  // (true) R26
inline constexpr std::string_view kAbsentDeadline = "absent_deadline";  // (none), mm-dd R28
inline constexpr std::string_view kCivilServantFirst =
    "civil_servant_grade_first";  // (block), warn, none R13
// The cap on excellence.
inline constexpr std::string_view kCapPercent = "excellent_cap_percent";  // (20) R40
inline constexpr std::string_view kCapBase = "cap_base";          // (good_or_better), good_only R41
inline constexpr std::string_view kCapRounding = "cap_rounding";  // (floor), half_up, ceil R42
inline constexpr std::string_view kMemberCapScope = "member_cap_scope";  // (tccsd), peer_group R40
// (peer_group), tccsd: members whom a peer group names, as leaders are R40
inline constexpr std::string_view kLeaderCapScope = "leader_cap_scope";
inline constexpr std::string_view kOrgCapScope = "org_cap_scope";    // (peer_group), tccsd R40
inline constexpr std::string_view kLessThanFive = "lt5_exception";   // (true) R43
inline constexpr std::string_view kLessThanFiveScope = "lt5_scope";  // (place), peer_group R43
inline constexpr std::string_view kLessThanFiveAll =
    "lt5_all";  // (good_or_better), exactly_good R43
// Ceilings.
inline constexpr std::string_view kCommitteeCeiling = "committee_ceiling";   // (true) R50
inline constexpr std::string_view kHeadCeiling = "head_ceiling";             // (true) R51
inline constexpr std::string_view kNewHeadException = "new_head_exception";  // (true) R52
inline constexpr std::string_view kCivilServantExcellent =
    "excellent_needs_civil_excellent";  // (true) R53
// Voting.
inline constexpr std::string_view kVoteMethod = "vote_method";  // (secret), open, either R67
inline constexpr std::string_view kVoteBase = "vote_base";      // (r65), valid_ballots, present R66
inline constexpr std::string_view kThresholdExcellent = "threshold_htxsnv";    // (>=2/3) R66
inline constexpr std::string_view kThresholdGood = "threshold_httnv";          // (>1/2) R66
inline constexpr std::string_view kThresholdFulfilled = "threshold_htnv";      // (>1/2) R66
inline constexpr std::string_view kThresholdNotFulfilled = "threshold_khtnv";  // (>1/2) R66
inline constexpr std::string_view kNoMajority =
    "no_majority";  // (refer_up), revote, cumulate_down R66
inline constexpr std::string_view kTellersMin = "tellers_min";  // (2) R68
// Deciding and reporting.
// (immediate_superior), grassroots_cell: a grass-roots cell decides about its own members R62
inline constexpr std::string_view kDecider = "decider";
// (highest_post), common_superior: who decides about somebody with several posts R33
inline constexpr std::string_view kManyPostsDecider = "many_posts_decider";
inline constexpr std::string_view kReportDeadline =
    "report_deadline";  // (none), yyyy-mm-ddThh:mm R95
}  // namespace parameter

// A share of a whole: "count / whole" reaches it when >= (or > where strict) numerator /
// denominator.
struct Fraction {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
  bool strict = false;

  bool ReachedBy(std::uint64_t count, std::uint64_t whole) const;
};

// What a parameter is for one unit and period.
struct ParameterValue {
  std::string value;
  bool verified = false;  // the text it rests on was seen; shown to people where it was not
  std::string source;     // document, article
  Hash pack;              // hash of the pack that says it; zero: the program's default
};

// A value that a pack has but that does not hold, so that people see it.
struct ParameterRefused {
  enum class Why : std::uint8_t { kUnknownName, kUnreadable, kWidens };
  Hash pack;
  std::string name;
  std::string value;
  Why why = Why::kUnknownName;
};

// The rules for one unit and period: the packs that apply, the deepest last, laid one over the
// other. Copies are cheap: they share what they say.
class EffectivePack {
 public:
  EffectivePack() : laid_(std::make_shared<const Laid>()) {}

  // Hash of the deepest pack (what a decision stores); zero when no pack applies.
  const Hash& hash() const { return laid_->hash; }
  // No pack speaks for this unit and period: everything is the program's default. People are told.
  bool no_pack() const { return hash().is_zero(); }
  // "P2019", "P2019 + Đông Sơn"; empty when there is no pack.
  const std::string& name() const { return laid_->name; }
  // Deepest first: the pack, its base, …
  const std::vector<Hash>& chain() const { return laid_->chain; }
  const std::vector<ParameterRefused>& refused() const { return laid_->refused; }

  // CHECKs that the name is one of namespace parameter. The value is always one its type allows.
  const ParameterValue& Get(std::string_view name) const;
  std::uint32_t Number(std::string_view name) const;
  bool Flag(std::string_view name) const;
  const std::string& Word(std::string_view name) const { return Get(name).value; }
  Fraction Share(std::string_view name) const;
  bool Verified(std::string_view name) const { return Get(name).verified; }
  // All parameters by name, for people who look at the pack.
  const std::map<std::string, ParameterValue, std::less<>>& All() const { return laid_->values; }

 private:
  friend class RulePacks;
  struct Laid {
    Hash hash;
    std::string name;
    std::vector<Hash> chain;
    std::vector<ParameterRefused> refused;
    std::map<std::string, ParameterValue, std::less<>> values;
  };
  explicit EffectivePack(Laid laid) : laid_(std::make_shared<const Laid>(std::move(laid))) {}

  std::shared_ptr<const Laid> laid_;
};

// The counted RulePack records: which pack speaks for a unit in a period. A pure function of the
// facts and the organisation.
//
// A pack speaks for the unit in whose stream it stands and all below, in the periods it lists (none
// listed: those of its base). The one published deepest wins; of two at the same unit the one that
// has the other as its base, else the greater hash (both are then in Rivals). Values are laid over
// those of its base, down to the program's defaults. A pack without base may say anything; one
// published below its base's unit may only tighten (a lower cap, a higher threshold): a value that
// widens is refused and listed. The same pack in several streams is one.
//
// Not thread-safe; also const functions are not: what packs come to together is worked out once and
// remembered.
class RulePacks {
 public:
  RulePacks() = default;
  RulePacks(const std::vector<Fact>& facts, const Organisation& organisation);

  EffectivePack For(const UnitId& unit, std::string_view period) const;
  // The pack with this hash as it stands alone with its bases (a decision stores its pack's hash);
  // nothing when it, or one of its bases, is not held.
  std::optional<EffectivePack> ByHash(const Hash& hash) const;
  // Periods that a pack held here lists: open for everybody who is on a register. Sorted, once
  // each.
  std::vector<std::string> Periods() const;
  // Hashes of packs at one unit and period neither of which builds on the other.
  std::vector<Hash> Rivals(const UnitId& unit, std::string_view period) const;

 private:
  struct Pack {
    pb::RulePackBody body;
    std::vector<UnitId> publishers;
    std::optional<Hash> base;
  };
  // The pack, its base, its base's base …; empty when one is missing or they go round.
  std::vector<Hash> ChainOf(const Hash& hash) const;
  bool SpeaksFor(const std::vector<Hash>& chain, std::string_view period) const;
  std::vector<Hash> CandidatesAt(const UnitId& unit, std::string_view period) const;
  // Of the period only whether it is among the years of the defaults makes a difference.
  EffectivePack Lay(const std::vector<Hash>& chain, std::string_view period) const;
  EffectivePack::Laid LayAnew(const std::vector<Hash>& chain, bool years_fit) const;
  bool PublishedBelow(const Hash& hash, const Hash& base) const;

  std::map<Hash, Pack> packs_;
  Organisation organisation_;
  mutable std::map<std::pair<std::vector<Hash>, bool>, EffectivePack> laid_;
};

// A set of subjects compared with each other (nhóm tương đồng), the scope of the cap.
struct PeerGroup {
  std::string id;
  std::string name;
  std::string period;
  UnitId owner;
  std::vector<pb::Subject> subjects;
  RecordName record;
};

// The counted PeerGroup records that stand in a stream of their owner. A later record of the same
// owner, id and period (by its place in the same stream; in another stream by the name of the
// record) replaces the earlier one.
class PeerGroups {
 public:
  PeerGroups() = default;
  explicit PeerGroups(const std::vector<Fact>& facts);

  // The group of a subject; where several hold it, the first by (owner, id): see AllOf. Null when
  // there is none. Pointers are valid as long as this object.
  const PeerGroup* GroupOf(const pb::Subject& subject, std::string_view period) const;
  std::vector<const PeerGroup*> AllOf(const pb::Subject& subject, std::string_view period) const;
  // By (owner, id).
  std::vector<const PeerGroup*> InPeriod(std::string_view period) const;

 private:
  struct Key {
    std::string period;
    UnitId owner;
    std::string id;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Member {
    std::string period;
    pb::SubjectKind kind = pb::MEMBER;
    Bytes id;
    friend auto operator<=>(const Member&, const Member&) = default;
  };
  std::map<Key, PeerGroup> groups_;
  std::map<Member, std::vector<Key>> by_member_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_RULE_PACK_H_

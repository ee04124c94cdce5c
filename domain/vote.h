#ifndef CHIBO_DOMAIN_VOTE_H_
#define CHIBO_DOMAIN_VOTE_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "domain/context.h"
#include "domain/finding.h"
#include "domain/rule_pack.h"

namespace chibo {

// R68 and the upper bounds of R65: what the numbers of a form say about themselves. Rules only; any
// numbers may be recorded.
std::vector<Finding> CheckVoteBase(const pb::VoteBase& base);
std::vector<Finding> CheckTallyRow(const pb::TallyRow& row, const pb::VoteBase& base);

enum class VotesOf { kEligible, kValidBallots, kPresent };
enum class NoMajority { kReferUp, kRevote, kCumulateDown };

struct VoteRule {
  std::array<Fraction, 5> thresholds;  // by pb::Grade: the share of the base a level needs
  VotesOf base = VotesOf::kEligible;
  NoMajority no_majority = NoMajority::kReferUp;
  bool verified = false;
};
VoteRule VoteRuleOf(const EffectivePack& pack);

// R66. The highest level that reaches its threshold; none when no level does (then `no_majority`
// says what follows; kCumulateDown adds the votes from the top down until one does).
pb::Grade ResultOf(const pb::TallyRow& row, const pb::VoteBase& base, const VoteRule& rule);

// A tally with its session, its corrections applied in order.
struct CountedVote {
  RecordName tally;
  std::vector<RecordName> corrections;
  RecordName session;
  RecordName meeting;
  std::string period;
  UnitId place;
  pb::VoteBase base;
  std::vector<pb::TallyRow> rows;
};

// The tally with what corrects it, in order of their names. Nothing when its session is not held or
// does not count.
Result<std::optional<CountedVote>> Count(const Context& context, const Fact& tally);

// R64, R65 against the register of the place and the attendance of the meeting: who was counted and
// should not have been (probationary, temporary, suspended, exempt and absent), and who was left
// out, and whether more ballots were valid than people had a vote; R67, R68: by ballot or not, who
// counted. Reads the facts of the unit and of everybody present, so it is asked for a session, not
// for each subject.
Result<std::vector<Finding>> CheckVoteSession(const Context& context, const Fact& session);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_VOTE_H_

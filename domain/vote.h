#ifndef CHIBO_DOMAIN_VOTE_H_
#define CHIBO_DOMAIN_VOTE_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "domain/context.h"
#include "domain/finding.h"

namespace chibo {

// R68 and the upper bounds of R65: what the numbers of a form say about themselves. Rules only; any
// numbers may be recorded.
std::vector<Finding> CheckVoteBase(const pb::VoteBase& base);
std::vector<Finding> CheckTallyRow(const pb::TallyRow& row, const pb::VoteBase& base);

// A level needs this share of the base.
struct Threshold {
  std::uint32_t numerator = 1;
  std::uint32_t denominator = 2;
  bool strict = true;  // more than, not at least

  friend bool operator==(const Threshold&, const Threshold&) = default;
};
enum class VotesOf { kEligible, kValidBallots, kPresent };
enum class NoMajority { kReferUp, kRevote, kCumulateDown };

struct VoteRule {
  std::array<Threshold, 5> thresholds;  // by pb::Grade
  VotesOf base = VotesOf::kEligible;
  NoMajority no_majority = NoMajority::kReferUp;
  bool verified = false;
};

// R66. The highest level that reaches its threshold; none when no level does (then `no_majority`
// says what follows; kCumulateDown adds the votes from the top down until one does).
pb::Grade ResultOf(const pb::TallyRow& row, const pb::VoteBase& base, const VoteRule& rule);

// A tally with its session, its corrections applied in order.
struct CountedVote {
  RecordName tally;
  std::vector<RecordName> corrections;
  UnitId place;
  pb::VoteBase base;
  std::vector<pb::TallyRow> rows;
};

// R64, R65 against the register of the place and the attendance of the meeting: who was counted and
// should not have been (probationary, temporary, suspended, exempt and absent), and who was left
// out. Reads the facts of the unit and of everybody present, so it is asked for a session, not for
// each subject.
Result<std::vector<Finding>> CheckVoteSession(const Context& context, const Fact& session);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_VOTE_H_

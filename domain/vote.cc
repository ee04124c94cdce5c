#include "domain/vote.h"

#include <algorithm>
#include <numeric>

#include "domain/member_history.h"

namespace chibo {
namespace {

Finding Broken(std::string rule, std::string message, const std::vector<std::uint64_t>& numbers) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = Severity::kBlock;
  finding.message = std::move(message);
  for (const std::uint64_t number : numbers) {
    finding.values.push_back(std::to_string(number));
  }
  return finding;
}

std::uint64_t Sum(const pb::TallyRow& row) {
  return std::accumulate(row.votes().begin(), row.votes().end(), std::uint64_t{0});
}

// Votes for HTXSNV, HTTNV, HTNV, KHTNV, in this order.
std::uint64_t VotesFor(const pb::TallyRow& row, pb::Grade grade) {
  const int at = pb::HTXSNV - grade;
  return at < row.votes_size() ? row.votes(at) : 0;
}

bool SameRow(const pb::TallyRow& a, const pb::TallyRow& b) {
  return a.subject().kind() == b.subject().kind() && a.subject().id() == b.subject().id();
}

bool Refers(const pb::Ref& ref, const Fact& from, const RecordName& to) {
  return Resolve(ref, from) == to;
}

}  // namespace

std::vector<Finding> CheckVoteBase(const pb::VoteBase& base) {
  std::vector<Finding> findings;
  const std::uint64_t left_out =
      std::uint64_t{base.away()} + base.exempt_absent() + base.suspended() + base.excused_absent();
  if (base.official() < left_out || base.eligible() != base.official() - left_out) {
    findings.push_back(
        Broken("R65", "finding_vote_base_sum", {base.official(), left_out, base.eligible()}));
  }
  if (base.present() > base.official()) {
    findings.push_back(
        Broken("R65", "finding_more_present_than_members", {base.present(), base.official()}));
  }
  return findings;
}

std::vector<Finding> CheckTallyRow(const pb::TallyRow& row, const pb::VoteBase& base) {
  std::vector<Finding> findings;
  const auto check = [&](bool holds, std::string_view message,
                         const std::vector<std::uint64_t>& numbers) {
    if (!holds) {
      findings.push_back(Broken("R68", std::string(message), numbers));
    }
  };
  check(row.issued() <= base.present(), "finding_more_ballots_than_present",
        {row.issued(), base.present()});
  check(row.returned() <= row.issued(), "finding_more_returned_than_issued",
        {row.returned(), row.issued()});
  check(row.returned() == std::uint64_t{row.valid()} + row.invalid(),
        "finding_returned_is_not_valid_and_invalid", {row.returned(), row.valid(), row.invalid()});
  check(Sum(row) == row.valid(), "finding_votes_are_not_the_valid_ballots",
        {Sum(row), row.valid()});
  if (row.valid() > base.eligible()) {
    findings.push_back(
        Broken("R65", "finding_more_valid_than_eligible", {row.valid(), base.eligible()}));
  }
  return findings;
}

VoteRule VoteRuleOf(const EffectivePack& pack) {
  VoteRule rule;
  rule.thresholds[pb::HTXSNV] = pack.Share(parameter::kThresholdExcellent);
  rule.thresholds[pb::HTTNV] = pack.Share(parameter::kThresholdGood);
  rule.thresholds[pb::HTNV] = pack.Share(parameter::kThresholdFulfilled);
  rule.thresholds[pb::KHTNV] = pack.Share(parameter::kThresholdNotFulfilled);
  const std::string& base = pack.Word(parameter::kVoteBase);
  rule.base = base == "valid_ballots" ? VotesOf::kValidBallots
              : base == "present"     ? VotesOf::kPresent
                                      : VotesOf::kEligible;
  const std::string& none = pack.Word(parameter::kNoMajority);
  rule.no_majority = none == "revote"          ? NoMajority::kRevote
                     : none == "cumulate_down" ? NoMajority::kCumulateDown
                                               : NoMajority::kReferUp;
  rule.verified = true;
  for (const std::string_view name :
       {parameter::kThresholdExcellent, parameter::kThresholdGood, parameter::kThresholdFulfilled,
        parameter::kThresholdNotFulfilled, parameter::kVoteBase, parameter::kNoMajority}) {
    rule.verified = rule.verified && pack.Verified(name);
  }
  return rule;
}

pb::Grade ResultOf(const pb::TallyRow& row, const pb::VoteBase& base, const VoteRule& rule) {
  const std::uint64_t whole = rule.base == VotesOf::kValidBallots ? row.valid()
                              : rule.base == VotesOf::kPresent    ? base.present()
                                                                  : base.eligible();
  constexpr std::array kDownwards = {pb::HTXSNV, pb::HTTNV, pb::HTNV, pb::KHTNV};
  if (whole == 0) {
    return pb::GRADE_NONE;
  }
  for (const pb::Grade grade : kDownwards) {
    if (rule.thresholds[grade].ReachedBy(VotesFor(row, grade), whole)) {
      return grade;
    }
  }
  if (rule.no_majority != NoMajority::kCumulateDown) {
    return pb::GRADE_NONE;
  }
  std::uint64_t votes = 0;
  for (const pb::Grade grade : kDownwards) {
    votes += VotesFor(row, grade);
    if (votes * 2 > whole) {
      return grade;
    }
  }
  return pb::GRADE_NONE;
}

Result<std::optional<CountedVote>> Count(const Context& context, const Fact& tally) {
  const RecordName session_name = Resolve(tally.record->tally().session(), tally);
  CHIBO_TRY_VALUE(const auto about_session, context.facts.FactsOf(KeyOf(session_name)));
  const Fact* session = FindFact(about_session, session_name);
  if (session == nullptr || !session->counts() || !session->record->has_vote_session() ||
      session->unit != tally.unit) {
    return std::nullopt;
  }
  CountedVote vote;
  vote.tally = tally.name;
  vote.session = session_name;
  vote.meeting = Resolve(session->record->vote_session().meeting(), *session);
  vote.period = session->record->vote_session().period();
  vote.place = UnitId::From(session->record->vote_session().unit()).value_or(session->unit);
  vote.base = session->record->vote_session().base();
  vote.rows.assign(tally.record->tally().rows().begin(), tally.record->tally().rows().end());
  CHIBO_TRY_VALUE(const auto about_tally, context.facts.FactsOf(KeyOf(tally.name)));
  for (const Fact& fact : about_tally) {
    if (!fact.counts() || !fact.record->has_tally_correction() || fact.unit != tally.unit ||
        !Refers(fact.record->tally_correction().tally(), fact, tally.name)) {
      continue;
    }
    const pb::TallyCorrection& correction = fact.record->tally_correction();
    vote.corrections.push_back(fact.name);
    if (correction.has_base()) {
      vote.base = correction.base();
    }
    for (const pb::TallyRow& row : correction.rows()) {
      for (pb::TallyRow& old : vote.rows) {
        if (SameRow(old, row)) {
          old = row;
        }
      }
    }
  }
  return vote;
}

}  // namespace chibo

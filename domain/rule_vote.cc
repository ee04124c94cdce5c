// R64–R68 as far as they concern one subject: the row of each tally about it, against what its
// place proposes.
#include <algorithm>

#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

const pb::TallyRow* RowOf(const Evaluation& evaluation, const CountedVote& vote) {
  const auto at = std::find_if(vote.rows.begin(), vote.rows.end(), [&](const pb::TallyRow& row) {
    return evaluation.Is(row.subject());
  });
  return at == vote.rows.end() ? nullptr : &*at;
}

bool SameNumbers(const pb::TallyRow& a, const pb::TallyRow& b) {
  return a.issued() == b.issued() && a.returned() == b.returned() && a.valid() == b.valid() &&
         a.invalid() == b.invalid() &&
         std::equal(a.votes().begin(), a.votes().end(), b.votes().begin(), b.votes().end());
}

bool RestsOn(const ProposalView& proposal, const CountedVote& vote) {
  const auto& basis = proposal.fact->record->proposal().basis();
  return std::any_of(basis.begin(), basis.end(), [&](const pb::Ref& ref) {
    const RecordName name = Resolve(ref, *proposal.fact);
    return name == vote.tally || name == vote.session;
  });
}

void CheckResult(const Evaluation& evaluation, const CountedVote& vote,
                 const ProposalView& proposal, std::vector<Finding>& out) {
  const VoteRule rule = VoteRuleOf(evaluation.pack);
  const pb::Grade result = ResultFor(evaluation, vote);
  if (result == proposal.grade) {
    return;
  }
  Finding finding;
  finding.rule = "R66";
  finding.verified = rule.verified;
  finding.evidence = {vote.tally, proposal.fact->name};
  if (result == pb::GRADE_NONE) {
    finding.message = rule.no_majority == NoMajority::kRevote ? "finding_no_majority_revote"
                                                              : "finding_no_majority_refer_up";
    finding.values = {ValueOf(proposal.place)};
  } else {
    finding.message = "finding_proposal_differs_from_vote";
    finding.values = {ValueOf(proposal.place), ValueOf(proposal.grade), ValueOf(result)};
  }
  out.push_back(std::move(finding));
}

// The newest of each writer at each place: a later vote replaces the one before it.
std::vector<CountedVote> NewestOf(std::vector<CountedVote> votes) {
  std::vector<CountedVote> newest;
  for (CountedVote& vote : votes) {  // by name, so a stream's later ones come later
    const auto same = std::find_if(newest.begin(), newest.end(), [&](const CountedVote& one) {
      return one.tally.stream == vote.tally.stream && one.place == vote.place;
    });
    if (same != newest.end()) {
      *same = std::move(vote);
    } else {
      newest.push_back(std::move(vote));
    }
  }
  return newest;
}

}  // namespace

Result<bool> IsOfDuplicate(const Context& context, const RecordName& meeting) {
  CHIBO_TRY_VALUE(const auto about_meeting, context.facts.FactsOf(KeyOf(meeting)));
  return DuplicatesAmong(context.organisation, about_meeting).contains(meeting);
}

// Taken for a proposal that is no longer live, and for none that is: it went with that proposal.
bool WentWithProposal(const Evaluation& evaluation, const CountedVote& vote) {
  bool for_old = false;
  for (const ProposalView& proposal : evaluation.proposals) {
    const bool named = RestsOn(proposal, vote);
    if (named && proposal.live()) {
      return false;
    }
    for_old = for_old || named;
  }
  return for_old;
}

// Where a proposal that stands says that it goes by the later one, somebody has said which counts.
const CountedVote* LaterVote(const Evaluation& evaluation, const CountedVote& vote) {
  const pb::TallyRow* row = RowOf(evaluation, vote);
  const auto chosen = [&](const CountedVote& later) {
    return std::any_of(
        evaluation.proposals.begin(), evaluation.proposals.end(),
        [&](const ProposalView& proposal) { return proposal.live() && RestsOn(proposal, later); });
  };
  for (const CountedVote& other : evaluation.votes) {
    if (other.tally.stream == vote.tally.stream && vote.tally < other.tally &&
        other.place == vote.place && row != nullptr &&
        !SameNumbers(*row, *RowOf(evaluation, other)) && !chosen(other)) {
      return &other;
    }
  }
  return nullptr;
}

Result<std::vector<CountedVote>> VotesAbout(const Evaluation& evaluation) {
  std::vector<CountedVote> votes;
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_tally()) {
      continue;
    }
    CHIBO_TRY_VALUE(auto vote, Count(evaluation.context, fact));
    if (!vote || vote->period != evaluation.period || !evaluation.IsPlace(vote->place) ||
        !MaySpeakFor(evaluation.organisation(), fact.unit, vote->place,
                     evaluation.grading_date()) ||
        RowOf(evaluation, *vote) == nullptr) {
      continue;
    }
    CHIBO_TRY_VALUE(const bool duplicate, IsOfDuplicate(evaluation.context, vote->meeting));
    if (!duplicate && !WentWithProposal(evaluation, *vote)) {
      votes.push_back(*std::move(vote));
    }
  }
  return NewestOf(std::move(votes));
}

pb::Grade ResultFor(const Evaluation& evaluation, const CountedVote& vote) {
  const pb::TallyRow* row = RowOf(evaluation, vote);
  if (row == nullptr || !CheckTallyRow(*row, vote.base).empty()) {
    return pb::GRADE_NONE;
  }
  return ResultOf(*row, vote.base, VoteRuleOf(evaluation.pack));
}

void CheckVotes(const Evaluation& evaluation, std::vector<Finding>& out) {
  std::map<UnitId, const CountedVote*> by_place;
  for (const CountedVote& vote : evaluation.votes) {
    const pb::TallyRow* row = RowOf(evaluation, vote);
    auto broken = CheckVoteBase(vote.base);
    for (Finding& finding : CheckTallyRow(*row, vote.base)) {
      broken.push_back(std::move(finding));
    }
    for (Finding& finding : broken) {
      finding.evidence = {vote.tally};
      out.push_back(std::move(finding));
    }
    const auto [at, first] = by_place.try_emplace(vote.place, &vote);
    if (!first && !SameNumbers(*RowOf(evaluation, *at->second), *row)) {
      Finding finding;
      finding.rule = "R68";
      finding.severity = Severity::kBlock;
      finding.message = "finding_two_tallies_differ";
      finding.values = {ValueOf(vote.place)};
      finding.evidence = {at->second->tally, vote.tally};
      out.push_back(std::move(finding));
      continue;
    }
    for (const ProposalView* proposal : evaluation.Live()) {
      if (first && proposal->place == vote.place && broken.empty()) {
        CheckResult(evaluation, vote, *proposal, out);
      }
    }
  }
}

}  // namespace chibo

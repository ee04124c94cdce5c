#include "domain/proposal_view.h"

#include <algorithm>

#include "base/planted.h"

namespace chibo {
namespace {

void AddRow(const Fact& fact, const pb::Subject& subject, pb::Grade grade, bool provisional,
            Evaluation& evaluation) {
  if (grade == pb::GRADE_NONE || !evaluation.Is(subject)) {
    return;
  }
  ProposalView proposal;
  proposal.fact = &fact;
  proposal.place = UnitId::From(fact.record->proposal().place()).value_or(fact.unit);
  proposal.grade = grade;
  proposal.provisional = provisional;
  evaluation.proposals.push_back(proposal);
}

pb::ProposalStanding StandingOfPlace(const Evaluation& evaluation, const ProposalView& proposal) {
  const Organisation& organisation = evaluation.organisation();
  const CivilDate day = evaluation.grading_date();
  if (!MaySpeakFor(organisation, proposal.fact->unit, proposal.place, day)) {
    return pb::PROPOSAL_NOT_COMPETENT;
  }
  const auto place =
      std::find_if(evaluation.places.begin(), evaluation.places.end(),
                   [&](const ReviewPlace& one) { return one.unit == proposal.place; });
  const bool may_finish = std::any_of(
      evaluation.places.begin(), evaluation.places.end(),
      [&](const ReviewPlace& one) { return one.unit == proposal.place && one.finishing; });
  const auto state = organisation.At(proposal.place, day);
  if (state && state->ended != 0 && state->ended <= day && !may_finish) {
    return pb::PROPOSAL_AUTHOR_ORG_ENDED;
  }
  if (place == evaluation.places.end()) {
    return pb::PROPOSAL_NOT_COMPETENT;
  }
  return place->too_new ? pb::PROPOSAL_POST_TOO_NEW : pb::PROPOSAL_LIVE;
}

// A word of the same place that names the earlier one. Whoever proposes twice without naming what
// it takes back has said two things, and nobody settles that by which came later.
bool Supersedes(const ProposalView& newer, const ProposalView& older) {
  if (newer.place != older.place || newer.fact->name == older.fact->name) {
    return false;
  }
  const auto& supersedes = newer.fact->record->proposal().supersedes();
  return std::any_of(supersedes.begin(), supersedes.end(), [&](const pb::Ref& ref) {
    return Resolve(ref, *newer.fact) == older.fact->name;
  });
}

bool IsStale(const Evaluation& evaluation, const ProposalView& proposal) {
  return std::any_of(
      evaluation.orders.begin(), evaluation.orders.end(),
      [&](const OrderView& order) { return order.set_aside.contains(proposal.fact->name); });
}

Result<bool> IsReturned(const Evaluation& evaluation, const ProposalView& proposal) {
  CHIBO_TRY_VALUE(const auto referring,
                  evaluation.context.facts.FactsOf(KeyOf(proposal.fact->name)));
  return std::any_of(referring.begin(), referring.end(), [&](const Fact& fact) {
    return fact.counts() && fact.record->has_return_() && fact.unit != proposal.place &&
           evaluation.organisation().IsAtOrAbove(fact.unit, proposal.place);
  });
}

}  // namespace

bool MaySpeakFor(const Organisation& organisation, const UnitId& writer, const UnitId& place,
                 CivilDate day) {
  const auto state = organisation.At(place, day);
  return writer == place ||
         (state && state->kind == pb::COLLECTIVE && organisation.IsAtOrAbove(writer, place, day));
}

Status ReadProposals(Evaluation& evaluation) {
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_proposal() ||
        fact.record->proposal().period() != evaluation.period) {
      continue;
    }
    const pb::Proposal& record = fact.record->proposal();
    AddRow(fact, record.subject(), record.grade(), record.provisional(), evaluation);
    for (const pb::ProposalRow& row : record.rows()) {
      AddRow(fact, row.subject(), row.grade(), row.provisional(), evaluation);
    }
  }
  auto& proposals = evaluation.proposals;
  std::stable_sort(proposals.begin(), proposals.end(),
                   [](const ProposalView& a, const ProposalView& b) { return a.place < b.place; });
  // Only a word that its writer may say for the place takes another back.
  std::vector<const ProposalView*> spoken;
  for (ProposalView& proposal : proposals) {
    proposal.standing = StandingOfPlace(evaluation, proposal);
    if (proposal.live()) {
      spoken.push_back(&proposal);
    }
  }
  for (ProposalView& proposal : proposals) {
    if (!proposal.live()) {
      continue;
    }
    const bool superseded =
        std::any_of(spoken.begin(), spoken.end(),
                    [&](const ProposalView* newer) { return Supersedes(*newer, proposal); });
    CHIBO_TRY_VALUE(const bool returned, IsReturned(evaluation, proposal));
    if (CHIBO_PLANT(kStaleProposalCounts, superseded, false)) {
      proposal.standing = pb::PROPOSAL_SUPERSEDED;
    } else if (returned) {
      proposal.standing = pb::PROPOSAL_RETURNED;
    } else if (IsStale(evaluation, proposal)) {
      proposal.standing = pb::PROPOSAL_STALE;
    }
  }
  return {};
}

}  // namespace chibo

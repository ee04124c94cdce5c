// Which cases a subject has: found from its facts each time, never kept by hand.
#include <algorithm>

#include "domain/evaluation.h"

namespace chibo {
namespace {

pb::CaseRow NewCase(const Evaluation& evaluation, pb::CaseType type, ByteView of = {}) {
  pb::CaseRow row;
  row.set_id(CaseId(type, evaluation.subject, evaluation.period, of));
  row.set_type(type);
  *row.mutable_subject() = evaluation.subject.ToMessage();
  row.set_period(evaluation.period);
  if (evaluation.authority) {
    row.set_owner(Bytes(evaluation.authority->view()));
  }
  return row;
}

bool Weighs(const DecisionView& decision, const RecordName& name) {
  return decision.weighed.contains(name) || decision.confirmed.contains(name);
}

void AddGradeConflict(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  const auto in_force = evaluation.InForce();
  const auto concerns = [&](const ProposalView& proposal) {
    return proposal.live() ||
           std::any_of(in_force.begin(), in_force.end(), [&](const DecisionView* decision) {
             return decision->weighed.contains(proposal.fact->name);
           });
  };
  std::set<pb::Grade> grades;
  pb::CaseRow row = NewCase(evaluation, pb::CASE_GRADE_CONFLICT);
  for (const ProposalView& proposal : evaluation.proposals) {
    if (concerns(proposal)) {
      grades.insert(proposal.grade);
      *row.add_proposals() = MessageOf(evaluation, proposal);
      *row.add_evidence() = RefTo(proposal.fact->name);
    }
  }
  if (grades.size() < 2) {
    return;
  }
  // A decision that weighed none of them has not looked at the difference. Of what one that did has
  // not seen, another case tells (AddBasisChanged).
  const bool weighed =
      std::any_of(row.proposals().begin(), row.proposals().end(),
                  [](const pb::ProposalState& proposal) { return proposal.weighed(); });
  row.set_state(weighed ? pb::CASE_CLOSED : pb::CASE_OPEN);
  for (const DecisionView* decision : in_force) {
    row.add_decisions(Bytes(decision->digest.view()));
  }
  out.push_back(std::move(row));
}

void AddBasisChanged(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  for (const DecisionView& decision : evaluation.decisions) {
    if (!decision.competent) {
      continue;
    }
    const auto evidence = EvidenceAgainst(evaluation, decision);
    if (evidence.empty()) {
      continue;
    }
    const bool confirmed =
        std::all_of(evidence.begin(), evidence.end(),
                    [&](const RecordName& name) { return decision.confirmed.contains(name); });
    pb::CaseRow row = NewCase(evaluation, pb::CASE_DECISION_BASIS_CHANGED, decision.digest.view());
    row.set_owner(Bytes(decision.authority.view()));
    row.set_state(confirmed || decision.cancelled ? pb::CASE_CLOSED : pb::CASE_OPEN);
    row.add_decisions(Bytes(decision.digest.view()));
    for (const RecordName& name : evidence) {
      *row.add_evidence() = RefTo(name);
    }
    for (const ProposalView& proposal : evaluation.proposals) {
      if (proposal.live() || Weighs(decision, proposal.fact->name)) {
        *row.add_proposals() = MessageOf(evaluation, proposal);
      }
    }
    out.push_back(std::move(row));
  }
}

void AddTwoDecisions(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  const auto in_force = evaluation.InForce();
  if (in_force.size() < 2 || evaluation.Decided() != pb::GRADE_NONE) {
    return;
  }
  const CivilDate day = evaluation.grading_date();
  const Organisation& organisation = evaluation.organisation();
  pb::CaseRow row = NewCase(evaluation, pb::CASE_TWO_DECISIONS);
  UnitId highest = in_force.front()->authority;
  bool one_authority = true;
  for (const DecisionView* decision : in_force) {
    row.add_decisions(Bytes(decision->digest.view()));
    *row.add_evidence() = RefTo(decision->fact->name);
    one_authority = one_authority && decision->authority == highest;
    // All of them are competent, so they lie on one line upwards.
    if (organisation.IsAtOrAbove(decision->authority, highest, day)) {
      highest = decision->authority;
    }
  }
  const auto owner = one_authority ? highest : organisation.ParentOf(highest, day);
  row.set_owner(owner ? Bytes(owner->view()) : Bytes(highest.view()));
  out.push_back(std::move(row));
}

// R28 goes on for who is to be graded again and of whom nothing has been said since. An order of a
// later day cannot be followed by then.
CivilDate DueOf(const Evaluation& evaluation, const OrderView& order) {
  const CivilDate due =
      IsOverlooked(evaluation) ? AbsentDeadline(evaluation.pack, evaluation.period) : 0;
  return order.body().date() < due ? due : 0;
}

void AddOrders(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  const auto live = evaluation.Live();
  const auto in_force = evaluation.InForce();
  for (const OrderView& order : evaluation.orders) {
    const bool capped = !order.body().group().empty();
    pb::CaseRow row =
        NewCase(evaluation, capped ? pb::CASE_CAP_EXCEEDED : pb::CASE_REGRADE, order.digest.view());
    const bool decided_since =
        std::any_of(in_force.begin(), in_force.end(),
                    [&](const DecisionView* decision) { return !order.SetsAside(*decision); });
    row.set_state(live.empty() && !decided_since ? pb::CASE_OPEN : pb::CASE_CLOSED);
    if (row.state() == pb::CASE_OPEN) {
      row.set_due(DueOf(evaluation, order));
    }
    if (evaluation.counted_in) {
      row.set_owner(Bytes(evaluation.counted_in->view()));
    }
    row.set_group(order.body().group());
    for (const RecordName& name : order.records) {
      *row.add_evidence() = RefTo(name);
    }
    for (const ProposalView& proposal : evaluation.proposals) {
      if (proposal.standing == pb::PROPOSAL_STALE || proposal.live()) {
        *row.add_proposals() = MessageOf(evaluation, proposal);
      }
    }
    out.push_back(std::move(row));
  }
}

}  // namespace

std::vector<RecordName> EvidenceAgainst(const Evaluation& evaluation,
                                        const DecisionView& decision) {
  std::vector<RecordName> evidence;
  const pb::Grade decided = decision.row->grade();
  for (const ProposalView& proposal : evaluation.proposals) {
    if (proposal.live() && proposal.grade != decided &&
        !decision.weighed.contains(proposal.fact->name)) {
      evidence.push_back(proposal.fact->name);
    }
  }
  for (const CountedVote& vote : evaluation.votes) {
    const pb::Grade result = ResultFor(evaluation, vote);
    // What its place proposed from it is weighed as a proposal.
    const bool told =
        std::any_of(evaluation.proposals.begin(), evaluation.proposals.end(),
                    [&](const ProposalView& proposal) {
                      return proposal.place == vote.place && proposal.grade == result &&
                             (proposal.live() || Weighs(decision, proposal.fact->name));
                    });
    if (result != pb::GRADE_NONE && result != decided && !told) {
      evidence.push_back(vote.tally);
    }
  }
  std::sort(evidence.begin(), evidence.end());
  evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
  return evidence;
}

pb::ProposalState MessageOf(const Evaluation& evaluation, const ProposalView& proposal) {
  pb::ProposalState message;
  message.set_place(Bytes(proposal.place.view()));
  message.set_grade(proposal.grade);
  *message.mutable_record() = RefTo(proposal.fact->name);
  message.set_standing(proposal.standing);
  message.set_provisional(proposal.provisional);
  const auto in_force = evaluation.InForce();
  message.set_weighed(std::any_of(
      in_force.begin(), in_force.end(),
      [&](const DecisionView* decision) { return Weighs(*decision, proposal.fact->name); }));
  return message;
}

Result<std::vector<pb::CaseRow>> CasesOf(const Evaluation& evaluation) {
  std::vector<pb::CaseRow> cases;
  if (OffRegisterFor(evaluation) == pb::REASON_NONE) {
    // Of somebody who is not to be graded nobody has to settle which level it would be.
    if (NotGradedFor(evaluation) == pb::REASON_NONE || !evaluation.InForce().empty()) {
      AddGradeConflict(evaluation, cases);
      AddOrders(evaluation, cases);
    }
    AddBasisChanged(evaluation, cases);
    AddTwoDecisions(evaluation, cases);
  }
  if (evaluation.subject.is_member()) {
    CHIBO_TRY(AddEnteredTwice(evaluation, cases));
  } else if (evaluation.subject.kind == pb::ORGANISATION) {
    CHIBO_TRY(AddDuplicateMeetings(evaluation, cases));
  }
  std::sort(cases.begin(), cases.end(),
            [](const pb::CaseRow& a, const pb::CaseRow& b) { return a.id() < b.id(); });
  return cases;
}

}  // namespace chibo

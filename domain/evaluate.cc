#include <algorithm>

#include "domain/evaluation.h"
#include "domain/finding_value.h"
#include "domain/outcome.h"

namespace chibo {
namespace {

bool HasOpen(const std::vector<pb::CaseRow>& cases, std::initializer_list<pb::CaseType> types) {
  return std::any_of(cases.begin(), cases.end(), [&](const pb::CaseRow& row) {
    return row.state() == pb::CASE_OPEN &&
           std::find(types.begin(), types.end(), row.type()) != types.end();
  });
}

bool HasCancelled(const Evaluation& evaluation) {
  return std::any_of(evaluation.decisions.begin(), evaluation.decisions.end(),
                     [](const DecisionView& one) { return one.competent && one.cancelled; });
}

void SetState(pb::OutcomeRow& row, pb::GradingState state, pb::Reason reason) {
  row.set_state(state);
  row.set_reason(reason);
}

void Judge(const Evaluation& evaluation, const std::vector<pb::CaseRow>& cases,
           pb::OutcomeRow& row) {
  if (const pb::Reason off = OffRegisterFor(evaluation); off != pb::REASON_NONE) {
    return SetState(row, pb::OFF_REGISTER, off);
  }
  // R31: a level that nobody who had looked at the difference has given is none.
  const bool disputed = HasOpen(cases, {pb::CASE_GRADE_CONFLICT});
  if (const DecisionView* standing = disputed ? nullptr : evaluation.Standing()) {
    SetState(row, pb::GRADED, pb::REASON_NONE);
    row.set_grade(standing->row->grade());
    row.set_decision(Bytes(standing->digest.view()));
    return;
  }
  if (HasOpen(cases, {pb::CASE_TWO_DECISIONS})) {
    return SetState(row, pb::PENDING, pb::REASON_OPEN_CASE);
  }
  if (const pb::Reason outside = NotGradedFor(evaluation); outside != pb::REASON_NONE) {
    return SetState(row, pb::NOT_GRADED, outside);
  }
  if (HasOpen(cases, {pb::CASE_GRADE_CONFLICT, pb::CASE_CAP_EXCEEDED, pb::CASE_REGRADE})) {
    return SetState(row, pb::PENDING, pb::REASON_OPEN_CASE);
  }
  if (HasCancelled(evaluation)) {
    return SetState(row, pb::PENDING, pb::REASON_CANCELLED);
  }
  SetState(row, pb::PENDING,
           evaluation.Live().empty() ? pb::REASON_NO_PROPOSAL : pb::REASON_AWAITING_DECISION);
}

// R1: what has been decided is judged by the pack it was decided under, whatever has been published
// since.
void TakePackOfDecision(Evaluation& evaluation) {
  const DecisionView* standing = evaluation.Standing();
  const auto used = standing != nullptr ? Hash::From(standing->body().pack()) : std::nullopt;
  const RulePacks& packs = evaluation.context.packs;
  if (!used || *used == packs.For(standing->authority, evaluation.period).hash()) {
    return;
  }
  if (auto pack = packs.ByHash(*used)) {
    evaluation.pack = *std::move(pack);
  }
}

}  // namespace

Result<std::vector<Finding>> FindingsFor(const Evaluation& evaluation, pb::Grade grade,
                                         const Assumed& assumed) {
  std::vector<Finding> findings;
  CheckEligibility(evaluation, grade, findings);
  CheckReview(evaluation, grade, findings);
  CheckPlaces(evaluation, grade, findings);
  CheckLeave(evaluation, grade, findings);
  CheckDecided(evaluation, findings);
  CHIBO_TRY(CheckCeilings(evaluation, grade, assumed, findings));
  CheckVotes(evaluation, findings);
  std::sort(findings.begin(), findings.end());
  findings.erase(std::unique(findings.begin(), findings.end()), findings.end());
  return findings;
}

Result<Outcome> Evaluate(const Context& context, const SubjectId& subject,
                         const std::string& period) {
  CHIBO_TRY_VALUE(Evaluation evaluation, Gather(context, subject, period));
  TakePackOfDecision(evaluation);
  Outcome outcome;
  pb::OutcomeRow& row = outcome.row;
  *row.mutable_subject() = subject.ToMessage();
  row.set_period(period);
  if (evaluation.joined_into) {
    SetState(row, pb::OFF_REGISTER, pb::REASON_JOINED);
    outcome.joined_into = SubjectId::Of(*evaluation.joined_into);
    return outcome;
  }
  if (!evaluation.counted_in) {
    SetState(row, pb::OFF_REGISTER, OffRegisterFor(evaluation));
    return outcome;
  }
  row.set_unit(Bytes(evaluation.counted_in->view()));
  row.set_pack(evaluation.pack.no_pack() ? Bytes() : Bytes(evaluation.pack.hash().view()));
  row.set_cap_group(CapGroupOf(evaluation));
  row.set_proposed(evaluation.Proposed());
  if (evaluation.authority) {
    row.set_authority(Bytes(evaluation.authority->view()));
  }
  for (const ProposalView& proposal : evaluation.proposals) {
    *row.add_proposals() = MessageOf(evaluation, proposal);
  }
  CHIBO_TRY_VALUE(outcome.cases, CasesOf(evaluation));
  for (const pb::CaseRow& one : outcome.cases) {
    row.add_cases(one.id());
  }
  Judge(evaluation, outcome.cases, row);
  if (IsOverlooked(evaluation)) {
    row.set_due(AbsentDeadline(evaluation.pack, period));
  }
  const pb::Grade grade = row.state() == pb::GRADED ? row.grade() : row.proposed();
  CHIBO_TRY_VALUE(const auto findings, FindingsFor(evaluation, grade));
  for (const Finding& finding : findings) {
    *row.add_findings() = ToMessage(finding);
  }
  return outcome;
}

Bytes SubjectKey(const SubjectId& subject) {
  Bytes key;
  AppendU16(key, static_cast<std::uint16_t>(subject.kind));
  key.append(subject.id.view());
  return key;
}

Bytes OutcomeKey(const SubjectId& subject, std::string_view period) {
  Bytes key = SubjectKey(subject);
  AppendU16(key, static_cast<std::uint16_t>(period.size()));
  key.append(period);
  return key;
}

Bytes OutcomeGroup(const UnitId& unit, std::string_view period) {
  return Bytes(unit.view()).append(period);
}

Bytes CaseKey(const SubjectId& subject, std::string_view period, std::string_view case_id) {
  return OutcomeKey(subject, period).append(case_id);
}

std::string_view Name(pb::Reason reason) {
  switch (reason) {
    case pb::REASON_EXEMPT:
      return "exempt";
    case pb::REASON_TOO_NEW:
      return "too_new";
    case pb::REASON_SUSPENDED:
      return "suspended";
    case pb::REASON_UNDER_INQUIRY:
      return "under_inquiry";
    case pb::REASON_PENDING_ABSENT:
      return "pending_absent";
    case pb::REASON_GRADED_ELSEWHERE:
      return "graded_elsewhere";
    case pb::REASON_NO_PROPOSAL:
      return "no_proposal";
    case pb::REASON_AWAITING_DECISION:
      return "awaiting_decision";
    case pb::REASON_OPEN_CASE:
      return "open_case";
    case pb::REASON_CANCELLED:
      return "cancelled";
    case pb::REASON_LEFT:
      return "left";
    case pb::REASON_DECEASED:
      return "deceased";
    case pb::REASON_JOINED:
      return "joined";
    case pb::REASON_NOT_YET_HERE:
      return "not_yet_here";
    case pb::REASON_UNIT_ENDED:
      return "unit_ended";
    default:
      return "";
  }
}

}  // namespace chibo

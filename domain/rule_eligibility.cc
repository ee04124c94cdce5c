// R20–R22, R28, R29: who is on the register, who is graded.
#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

// A status that has no beginning has always been.
pb::MemberStatus StatusOf(const Evaluation& evaluation) {
  if (evaluation.entry == nullptr || evaluation.entry->status_from() > evaluation.grading_date()) {
    return pb::OFFICIAL;
  }
  return evaluation.entry->status();
}

pb::Reason OffRegisterMember(const Evaluation& evaluation) {
  if (evaluation.joined_into) {
    return pb::REASON_JOINED;
  }
  if (evaluation.home.where == Home::Where::kNotYet ||
      (evaluation.entry != nullptr && evaluation.entry->admitted() > evaluation.grading_date())) {
    return pb::REASON_NOT_YET_HERE;
  }
  if (evaluation.home.where == Home::Where::kOutside &&
      evaluation.home.since < evaluation.days.first) {
    return pb::REASON_LEFT;
  }
  switch (StatusOf(evaluation)) {
    case pb::LEFT:
      return pb::REASON_LEFT;
    case pb::DECEASED:
      return pb::REASON_DECEASED;
    default:
      return pb::REASON_NONE;
  }
}

pb::Reason OffRegisterUnit(const Evaluation& evaluation) {
  const CivilDate day = evaluation.grading_date();
  if (!evaluation.unit || evaluation.unit->established > day) {
    return pb::REASON_NOT_YET_HERE;
  }
  if (evaluation.unit->ended != 0 && evaluation.unit->ended <= day) {
    return pb::REASON_UNIT_ENDED;
  }
  const bool collective = evaluation.unit->kind == pb::COLLECTIVE;
  const bool in_role = evaluation.subject.kind == pb::LEADERSHIP  ? collective
                       : evaluation.subject.kind == pb::COMMITTEE ? evaluation.unit->committee
                                                                  : !collective;
  return in_role || !evaluation.proposals.empty() || !evaluation.decisions.empty()
             ? pb::REASON_NONE
             : pb::REASON_NOT_YET_HERE;
}

void Add(std::string rule, Severity severity, std::string message, bool verified,
         std::vector<Finding>& out, std::vector<std::string> values = {}) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = severity;
  finding.message = std::move(message);
  finding.verified = verified;
  finding.values = std::move(values);
  out.push_back(std::move(finding));
}

}  // namespace

bool IsTooNew(const Evaluation& evaluation) {
  const int months = static_cast<int>(evaluation.pack.Number(parameter::kNewMemberMonths));
  return evaluation.entry != nullptr && evaluation.entry->admitted() != 0 &&
         AddMonths(evaluation.entry->admitted(), months) > evaluation.grading_date();
}

bool IsOverlooked(const Evaluation& evaluation) {
  const pb::Reason reason = NotGradedFor(evaluation);
  return evaluation.subject.is_member() && evaluation.Live().empty() &&
         evaluation.InForce().empty() &&
         (reason == pb::REASON_NONE || reason == pb::REASON_PENDING_ABSENT);
}

pb::Reason OffRegisterFor(const Evaluation& evaluation) {
  return evaluation.subject.is_member() ? OffRegisterMember(evaluation)
                                        : OffRegisterUnit(evaluation);
}

pb::Reason NotGradedFor(const Evaluation& evaluation) {
  if (!evaluation.subject.is_member()) {
    return pb::REASON_NONE;
  }
  if (evaluation.home.where == Home::Where::kOutside) {
    return pb::REASON_GRADED_ELSEWHERE;
  }
  const pb::MemberStatus status = StatusOf(evaluation);
  if (status == pb::EXEMPT) {
    return pb::REASON_EXEMPT;
  }
  if (status == pb::SUSPENDED) {
    return pb::REASON_SUSPENDED;
  }
  if (IsTooNew(evaluation)) {
    return pb::REASON_TOO_NEW;
  }
  if (status == pb::UNDER_INQUIRY) {
    return pb::REASON_UNDER_INQUIRY;
  }
  // Reviewed after all, once somebody proposes a level.
  if (status == pb::ABSENT && evaluation.Live().empty()) {
    return pb::REASON_PENDING_ABSENT;
  }
  const bool new_post_alone = !evaluation.pack.Flag(parameter::kNewPostGradedAsMember);
  for (const ReviewPlace& place : evaluation.places) {
    if (place.too_new && new_post_alone) {
      return pb::REASON_TOO_NEW;
    }
  }
  return pb::REASON_NONE;
}

void CheckEligibility(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out) {
  const pb::Reason reason = NotGradedFor(evaluation);
  const bool graded = grade != pb::GRADE_NONE;
  const EffectivePack& pack = evaluation.pack;
  if (graded && (reason == pb::REASON_EXEMPT || reason == pb::REASON_SUSPENDED)) {
    Add("R20", Severity::kBlock,
        reason == pb::REASON_EXEMPT ? "finding_graded_though_exempt"
                                    : "finding_graded_though_suspended",
        true, out);
  }
  if (graded && reason == pb::REASON_TOO_NEW) {
    const bool post = !IsTooNew(evaluation);
    Add(post ? "R22" : "R21", Severity::kBlock,
        post ? "finding_graded_in_new_post" : "finding_graded_though_too_new",
        pack.Verified(post ? parameter::kNewPostMonths : parameter::kNewMemberMonths), out);
  }
  if (graded && reason == pb::REASON_UNDER_INQUIRY) {
    Add("R29", Severity::kBlock, "finding_graded_under_inquiry", false, out);
  }
  if (graded && reason == pb::REASON_GRADED_ELSEWHERE) {
    Add("R26", Severity::kBlock, "finding_graded_though_moved_away", true, out);
  }
  for (const ReviewPlace& place : evaluation.places) {
    if (place.too_new && reason != pb::REASON_TOO_NEW) {
      Add("R22", Severity::kInform, "finding_post_too_new",
          pack.Verified(parameter::kNewPostGradedAsMember), out, {ValueOf(place.unit)});
    }
  }
  if (IsOverlooked(evaluation) && pack.Word(parameter::kAbsentDeadline) != "none") {
    Add("R28", Severity::kWarn,
        reason == pb::REASON_PENDING_ABSENT ? "finding_absent_deadline"
                                            : "finding_not_yet_graded_deadline",
        pack.Verified(parameter::kAbsentDeadline), out,
        {ValueOfDay(AbsentDeadline(pack, evaluation.period))});
  }
}

}  // namespace chibo

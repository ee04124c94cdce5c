// R50–R53: levels that bound other levels.
#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

Finding Ceiling(std::string rule, std::string message, std::string_view parameter_name,
                const Evaluation& evaluation) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = Severity::kBlock;
  finding.message = std::move(message);
  finding.verified = evaluation.pack.Verified(parameter_name);
  return finding;
}

Status CheckCommittee(const Evaluation& evaluation, pb::Grade grade, const Assumed& assumed,
                      std::vector<Finding>& out) {
  const bool of_committee = evaluation.subject.kind == pb::COMMITTEE;
  const auto other =
      SubjectId::Of(of_committee ? pb::ORGANISATION : pb::COMMITTEE, evaluation.subject.unit());
  CHIBO_TRY_VALUE(const pb::Grade other_grade,
                  GradeOf(evaluation.context, other, evaluation.period, assumed));
  if (other_grade == pb::GRADE_NONE) {
    return {};
  }
  const bool above = of_committee ? grade > other_grade : other_grade > grade;
  if (above) {
    Finding finding = Ceiling("R50", "finding_committee_above_organisation",
                              parameter::kCommitteeCeiling, evaluation);
    finding.values = {ValueOf(other_grade)};
    out.push_back(std::move(finding));
  }
  return {};
}

Status CheckHead(const Evaluation& evaluation, pb::Grade grade, const Assumed& assumed,
                 std::vector<Finding>& out) {
  const CivilDate day = evaluation.grading_date();
  const int months = static_cast<int>(evaluation.pack.Number(parameter::kNewPostMonths));
  for (const Post& post : evaluation.member->PostsOn(day)) {
    const auto place =
        post.head && post.place ? evaluation.organisation().At(*post.place, day) : std::nullopt;
    if (!place || AddMonths(post.from, months) > day) {
      continue;
    }
    CHIBO_TRY_VALUE(const pb::Grade committee,
                    GradeOf(evaluation.context, SubjectId::Of(pb::COMMITTEE, place->id),
                            evaluation.period, assumed));
    if (committee == pb::GRADE_NONE || grade <= committee) {
      continue;
    }
    Finding finding =
        Ceiling("R51", "finding_head_above_committee", parameter::kHeadCeiling, evaluation);
    finding.values = {ValueOf(committee), ValueOf(place->id)};
    const bool waived = evaluation.IsWaived("R51") || evaluation.IsWaived("R52");
    if (waived && evaluation.pack.Flag(parameter::kNewHeadException)) {
      finding.rule = "R52";
      finding.severity = Severity::kInform;
      finding.message = "finding_new_head_waived";
      finding.verified = evaluation.pack.Verified(parameter::kNewHeadException);
    }
    out.push_back(std::move(finding));
  }
  return {};
}

}  // namespace

Status CheckCeilings(const Evaluation& evaluation, pb::Grade grade, const Assumed& assumed,
                     std::vector<Finding>& out) {
  if (grade == pb::GRADE_NONE) {
    return {};
  }
  const EffectivePack& pack = evaluation.pack;
  const pb::SubjectKind kind = evaluation.subject.kind;
  if ((kind == pb::COMMITTEE || kind == pb::ORGANISATION) &&
      pack.Flag(parameter::kCommitteeCeiling)) {
    return CheckCommittee(evaluation, grade, assumed, out);
  }
  if (kind != pb::MEMBER) {
    return {};
  }
  const bool civil_servant = evaluation.entry != nullptr && evaluation.entry->civil_servant();
  const pb::Grade civil = CivilGradeOf(evaluation);
  if (pack.Flag(parameter::kCivilServantExcellent) && civil_servant && grade == pb::HTXSNV &&
      civil != pb::HTXSNV) {
    const bool known = civil != pb::GRADE_NONE;
    Finding finding = Ceiling(
        "R53",
        known ? "finding_excellent_above_civil_grade" : "finding_excellent_without_civil_grade",
        parameter::kCivilServantExcellent, evaluation);
    if (known) {
      finding.values = {ValueOf(civil)};
    }
    out.push_back(std::move(finding));
  }
  return pack.Flag(parameter::kHeadCeiling) ? CheckHead(evaluation, grade, assumed, out) : Status();
}

}  // namespace chibo

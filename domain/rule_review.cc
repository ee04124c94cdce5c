// R12, R13, R26, R27: what has to be there before somebody is graded.
#include <algorithm>

#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

bool HasReport(const Evaluation& evaluation) {
  return std::any_of(evaluation.facts.begin(), evaluation.facts.end(), [&](const Fact& fact) {
    return fact.counts() && fact.record->has_review_report() && HeedsReport(evaluation, fact);
  });
}

// Of the unit, or of one outside the network. One that came in on paper names its sender in words
// and is written down where somebody is graded.
bool HasOpinion(const Evaluation& evaluation, pb::OpinionFrom from,
                const std::optional<UnitId>& unit) {
  return std::any_of(evaluation.facts.begin(), evaluation.facts.end(), [&](const Fact& fact) {
    if (!fact.counts() || !fact.record->has_opinion()) {
      return false;
    }
    const pb::Opinion& opinion = fact.record->opinion();
    const bool theirs = unit && evaluation.organisation().IsAtOrAbove(fact.unit, *unit);
    return opinion.from() == from && opinion.period() == evaluation.period &&
           evaluation.Is(opinion.about()) && (theirs || evaluation.MayWriteOf(fact.unit)) &&
           (!unit || opinion.from_unit() == unit->view() || opinion.from_unit().empty());
  });
}

void CheckCivilServant(const Evaluation& evaluation, std::vector<Finding>& out) {
  const std::string& word = evaluation.pack.Word(parameter::kCivilServantFirst);
  if (evaluation.entry == nullptr || !evaluation.entry->civil_servant() || word == "none" ||
      CivilGradeOf(evaluation) != pb::GRADE_NONE) {
    return;
  }
  const auto live = evaluation.Live();
  const bool provisional =
      !live.empty() && std::all_of(live.begin(), live.end(), [](const ProposalView* proposal) {
        return proposal->provisional;
      });
  Finding finding;
  finding.rule = "R13";
  finding.severity = word == "warn" ? Severity::kWarn : Severity::kBlock;
  finding.message =
      provisional ? "finding_provisional_until_civil_grade" : "finding_civil_grade_missing";
  finding.verified = evaluation.pack.Verified(parameter::kCivilServantFirst);
  out.push_back(std::move(finding));
}

void CheckOldPlaces(const Evaluation& evaluation, std::vector<Finding>& out) {
  const int months = static_cast<int>(evaluation.pack.Number(parameter::kOldPlaceMonths));
  const bool within = evaluation.pack.Flag(parameter::kOldPlaceWithinYear);
  const CivilDate last = evaluation.grading_date();
  for (const Stay& stay : evaluation.member->Stays()) {
    if (stay.unit == evaluation.counted_in || stay.to < evaluation.days.first || stay.to >= last) {
      continue;
    }
    const CivilDate from = within ? std::max(stay.from, evaluation.days.first) : stay.from;
    const bool long_enough = from == 0 || AddMonths(from, months) <= DayAfter(stay.to);
    if (!long_enough || evaluation.IsWaived("R26") ||
        HasOpinion(evaluation, pb::OLD_PLACE, stay.unit)) {
      continue;
    }
    // Of a cell that is no more nobody is left to ask: its superior may still know.
    const auto old_place =
        stay.unit ? evaluation.organisation().At(*stay.unit) : std::optional<UnitState>();
    const bool ended = old_place && old_place->ended != 0 && old_place->ended <= DayAfter(stay.to);
    Finding finding;
    finding.rule = "R26";
    finding.severity = ended ? Severity::kWarn : Severity::kBlock;
    finding.message = "finding_old_place_opinion_missing";
    finding.verified = evaluation.pack.Verified(parameter::kOldPlaceMonths) &&
                       evaluation.pack.Verified(parameter::kOldPlaceWithinYear);
    if (stay.unit) {
      finding.values.push_back(ValueOf(*stay.unit));
    }
    out.push_back(std::move(finding));
  }
}

void CheckTemporary(const Evaluation& evaluation, std::vector<Finding>& out) {
  for (const TemporaryStay& stay : evaluation.member->TemporaryStays()) {
    if (!stay.touches(evaluation.days.first, evaluation.days.last) || evaluation.IsWaived("R27") ||
        HasOpinion(evaluation, pb::TEMPORARY_PLACE, stay.unit)) {
      continue;
    }
    Finding finding;
    finding.rule = "R27";
    finding.severity = Severity::kWarn;
    finding.message = "finding_temporary_place_opinion_missing";
    finding.values = {stay.unit ? ValueOf(*stay.unit) : stay.outside};
    out.push_back(std::move(finding));
  }
}

}  // namespace

bool HeedsReport(const Evaluation& evaluation, const Fact& report) {
  const pb::ReviewReport& record = report.record->review_report();
  return record.period() == evaluation.period && evaluation.MayWriteOf(report.unit) &&
         evaluation.Is(record.subject());
}

// An old or temporary place is asked where it was one; whoever else has something to say may.
bool HeedsOpinion(const Evaluation& evaluation, const Fact& opinion) {
  const pb::Opinion& record = opinion.record->opinion();
  if (!evaluation.member ||
      (record.from() != pb::OLD_PLACE && record.from() != pb::TEMPORARY_PLACE)) {
    return true;
  }
  const bool on_paper = evaluation.MayWriteOf(opinion.unit);
  const auto from_there = [&](const std::optional<UnitId>& place) {
    const bool named = record.from_unit().empty() || (place && record.from_unit() == place->view());
    return named &&
           (on_paper || (place && evaluation.organisation().IsAtOrAbove(opinion.unit, *place)));
  };
  const auto stays = evaluation.member->Stays();
  const auto temporary = evaluation.member->TemporaryStays();
  return std::any_of(stays.begin(), stays.end(),
                     [&](const Stay& stay) { return from_there(stay.unit); }) ||
         std::any_of(temporary.begin(), temporary.end(),
                     [&](const TemporaryStay& stay) { return from_there(stay.unit); });
}

pb::Grade CivilGradeOf(const Evaluation& evaluation) {
  std::map<StreamId, pb::Grade> newest;  // one writer's later word replaces its earlier one
  for (const Fact& fact : evaluation.facts) {
    if (fact.counts() && fact.record->has_civil_servant_grade() &&
        fact.record->civil_servant_grade().period() == evaluation.period &&
        evaluation.MayTellOf(fact.unit)) {
      newest[fact.name.stream] = fact.record->civil_servant_grade().grade();
    }
  }
  // Two units that say differently: the lower, so that nobody is graded on the better of two
  // papers.
  pb::Grade lowest = pb::GRADE_NONE;
  for (const auto& [stream, grade] : newest) {
    if (grade != pb::GRADE_NONE && (lowest == pb::GRADE_NONE || grade < lowest)) {
      lowest = grade;
    }
  }
  return lowest;
}

void CheckReview(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out) {
  const bool new_member = evaluation.subject.is_member() &&
                          NotGradedFor(evaluation) == pb::REASON_TOO_NEW && IsTooNew(evaluation);
  if (new_member && evaluation.pack.Flag(parameter::kNewMemberReviewed) &&
      evaluation.sees_papers() && !HasReport(evaluation)) {
    Finding finding;
    finding.rule = "R21";
    finding.severity = Severity::kInform;
    finding.message = "finding_new_member_not_reviewed";
    finding.verified = evaluation.pack.Verified(parameter::kNewMemberReviewed);
    out.push_back(std::move(finding));
  }
  if (grade == pb::GRADE_NONE && evaluation.Live().empty()) {
    return;
  }
  if (evaluation.sees_papers() && !HasReport(evaluation)) {
    Finding finding;
    finding.rule = "R12";
    finding.severity = Severity::kBlock;
    finding.message = "finding_review_missing";
    out.push_back(std::move(finding));
  }
  if (!evaluation.subject.is_member()) {
    return;
  }
  CheckCivilServant(evaluation, out);
  if (evaluation.sees_papers()) {
    CheckOldPlaces(evaluation, out);
    CheckTemporary(evaluation, out);
  }
}

bool RestsOnPapersNotSeen(const Evaluation& evaluation) {
  return !evaluation.sees_papers() && !HasReport(evaluation);
}

}  // namespace chibo

// R24: sick for three months of the year or longer.
#include <algorithm>
#include <tuple>

#include "domain/evaluation.h"

namespace chibo {
namespace {

constexpr std::uint32_t kDaysOfMonth = 30;  // where days of several leaves are added up

// Days of sick leave within the period, as ranges that do not overlap, by day.
std::vector<PeriodDays> SickDays(const Evaluation& evaluation) {
  std::vector<PeriodDays> leaves;
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_leave() || !evaluation.MayTellOf(fact.unit) ||
        fact.record->leave().kind() != pb::SICK) {
      continue;
    }
    const pb::Leave& leave = fact.record->leave();
    const CivilDate first = std::max(leave.from(), evaluation.days.first);
    const CivilDate last =
        leave.to() == 0 ? evaluation.days.last : std::min(leave.to(), evaluation.days.last);
    if (first <= last) {
      leaves.push_back({first, last});
    }
  }
  std::sort(leaves.begin(), leaves.end(), [](const PeriodDays& a, const PeriodDays& b) {
    return std::tie(a.first, a.last) < std::tie(b.first, b.last);
  });
  std::vector<PeriodDays> joined;
  for (const PeriodDays& leave : leaves) {
    if (!joined.empty() && leave.first <= DayAfter(joined.back().last)) {
      joined.back().last = std::max(joined.back().last, leave.last);
    } else {
      joined.push_back(leave);
    }
  }
  return joined;
}

}  // namespace

void CheckLeave(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out) {
  const EffectivePack& pack = evaluation.pack;
  if (!evaluation.subject.is_member() || grade <= pb::HTNV ||
      pack.Word(parameter::kSickLeave) != "cap_completed") {
    return;
  }
  const std::uint32_t months = pack.Number(parameter::kSickLeaveMonths);
  std::uint32_t days = 0;
  bool long_one = false;
  for (const PeriodDays& leave : SickDays(evaluation)) {
    days += DaysBetween(leave.first, leave.last);
    long_one = long_one || AddMonths(leave.first, static_cast<int>(months)) <= DayAfter(leave.last);
  }
  if (days == 0 || (!long_one && days < months * kDaysOfMonth)) {
    return;
  }
  Finding finding;
  finding.rule = "R24";
  finding.severity = Severity::kBlock;
  finding.message = "finding_sick_leave_ceiling";
  finding.values = {std::to_string(months)};
  finding.verified =
      pack.Verified(parameter::kSickLeave) && pack.Verified(parameter::kSickLeaveMonths);
  out.push_back(std::move(finding));
}

}  // namespace chibo

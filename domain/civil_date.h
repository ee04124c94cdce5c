#ifndef CHIBO_DOMAIN_CIVIL_DATE_H_
#define CHIBO_DOMAIN_CIVIL_DATE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace chibo {

// A date as records keep it: yyyymmdd in UTC+7, 0 = not given. Comparing two of them compares the
// days.
using CivilDate = std::uint32_t;

// First and last day of a period. Nothing when it is not one (proto/record.h, IsPeriod).
struct PeriodDays {
  CivilDate first = 0;
  CivilDate last = 0;
};
std::optional<PeriodDays> DaysOf(std::string_view period);

// The same day `months` later (or earlier); the last of that month where it is shorter. 0, and what
// is no date, give 0.
CivilDate AddMonths(CivilDate date, int months);
CivilDate DayBefore(CivilDate date);
CivilDate DayAfter(CivilDate date);
// Days from `from` to `to`, both counted; 0 when `to` is earlier or either is no date.
std::uint32_t DaysBetween(CivilDate from, CivilDate to);

// The day of a time in UTC+7.
CivilDate DateOf(Timestamp time);
std::uint32_t YearOf(CivilDate date);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CIVIL_DATE_H_

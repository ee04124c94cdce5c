#include "domain/civil_date.h"

#include <charconv>

#include "proto/record.h"

namespace chibo {
namespace {

using std::chrono::day;
using std::chrono::last;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

year_month_day Parts(CivilDate date) {
  return {year(static_cast<int>(date / 10000)), month(date / 100 % 100), day(date % 100)};
}

CivilDate Joined(const year_month_day& parts) {
  return static_cast<CivilDate>(static_cast<int>(parts.year())) * 10000 +
         static_cast<unsigned>(parts.month()) * 100 + static_cast<unsigned>(parts.day());
}

std::uint32_t Number(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::optional<PeriodDays> DaysOf(std::string_view period) {
  if (!IsPeriod(period)) {
    return std::nullopt;
  }
  const std::uint32_t first_year = Number(period.substr(0, 4));
  if (period.size() == 4) {
    return PeriodDays{first_year * 10000 + 101, first_year * 10000 + 1231};
  }
  if (period[5] == 'Q') {
    const std::uint32_t quarter = Number(period.substr(6, 1));
    const auto end = year_month_day(year(static_cast<int>(first_year)) / month(quarter * 3) / last);
    return PeriodDays{first_year * 10000 + (quarter * 3 - 2) * 100 + 1, Joined(end)};
  }
  return PeriodDays{first_year * 10000 + 101, Number(period.substr(5, 4)) * 10000 + 1231};
}

CivilDate AddMonths(CivilDate date, int months) {
  if (!IsDate(date)) {
    return 0;
  }
  const auto moved = Parts(date) + std::chrono::months(months);
  return Joined(moved.ok() ? moved : year_month_day(moved.year() / moved.month() / last));
}

CivilDate DayBefore(CivilDate date) {
  return IsDate(date) ? Joined(sys_days(Parts(date)) - std::chrono::days(1)) : 0;
}

CivilDate DayAfter(CivilDate date) {
  return IsDate(date) ? Joined(sys_days(Parts(date)) + std::chrono::days(1)) : 0;
}

std::uint32_t DaysBetween(CivilDate from, CivilDate to) {
  if (!IsDate(from) || !IsDate(to) || to < from) {
    return 0;
  }
  return static_cast<std::uint32_t>((sys_days(Parts(to)) - sys_days(Parts(from))).count()) + 1;
}

CivilDate DateOf(Timestamp time) {
  const auto local = time + std::chrono::hours(7);
  return Joined(std::chrono::floor<std::chrono::days>(local));
}

std::uint32_t YearOf(CivilDate date) { return date / 10000; }

}  // namespace chibo

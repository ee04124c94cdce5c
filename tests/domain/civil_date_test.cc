#include "domain/civil_date.h"

#include <gtest/gtest.h>

namespace chibo {
namespace {

TEST(CivilDate, PeriodsHaveAFirstAndALastDay) {
  EXPECT_EQ(DaysOf("2019")->first, 20190101u);
  EXPECT_EQ(DaysOf("2019")->last, 20191231u);
  EXPECT_EQ(DaysOf("2024-Q1")->last, 20240331u);
  EXPECT_EQ(DaysOf("2025-Q2")->first, 20250401u);
  EXPECT_EQ(DaysOf("2025-Q2")->last, 20250630u);
  EXPECT_EQ(DaysOf("2020-2025")->last, 20251231u);
  EXPECT_FALSE(DaysOf("19"));
}

TEST(CivilDate, MonthsEndWithTheirMonth) {
  EXPECT_EQ(AddMonths(20190831, 6), 20200229u);
  EXPECT_EQ(AddMonths(20190630, 6), 20191230u);
  EXPECT_EQ(AddMonths(20190131, -2), 20181130u);
  EXPECT_EQ(AddMonths(0, 6), 0u);
}

TEST(CivilDate, DaysBeforeAfterAndBetween) {
  EXPECT_EQ(DayBefore(20200301), 20200229u);
  EXPECT_EQ(DayAfter(20191231), 20200101u);
  EXPECT_EQ(DaysBetween(20190101, 20191231), 365u);
  EXPECT_EQ(DaysBetween(20190102, 20190101), 0u);
}

TEST(CivilDate, ADayBeginsAtMidnightInVietnam) {
  const Timestamp midnight{Duration(1'577'811'600'000)};  // 31 December 2019, 17:00 UTC
  EXPECT_EQ(DateOf(midnight), 20200101u);
  EXPECT_EQ(DateOf(midnight - Duration(1)), 20191231u);
}

}  // namespace
}  // namespace chibo

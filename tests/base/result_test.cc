#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "base/check.h"
#include "base/error_code.h"

namespace chibo {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) {
    return Fail(Code::kBadInput, "number_odd", std::to_string(value));
  }
  return value / 2;
}

Result<int> Quarter(int value) {
  CHIBO_TRY_VALUE(const int half, Half(value));
  return Half(half);
}

Status IsEven(int value) {
  CHIBO_TRY(Half(value));
  return {};
}

TEST(Result, TryHandsTheErrorOnAsItIs) {
  EXPECT_EQ(Quarter(8), 2);
  const auto failed = Quarter(6);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), (Error{Code::kBadInput, "number_odd", "3"}));
  EXPECT_TRUE(IsEven(2));
  EXPECT_EQ(IsEven(5).error().where, "5");
}

TEST(Result, TryMovesWhatCannotBeCopied) {
  const auto make = [](bool works) -> Result<std::unique_ptr<int>> {
    if (!works) {
      return Fail(Code::kIo, "broken");
    }
    return std::make_unique<int>(5);
  };
  const auto use = [&](bool works) -> Result<int> {
    CHIBO_TRY_VALUE(const std::unique_ptr<int> value, make(works));
    return *value;
  };
  EXPECT_EQ(use(true), 5);
  EXPECT_EQ(use(false).error().code, Code::kIo);
}

TEST(Error, IsShownWithCodeReasonAndPlace) {
  EXPECT_EQ(ToString({Code::kBadInput, "number_odd", "line 3"}), "BadInput: number_odd (line 3)");
  EXPECT_EQ(ToString({Code::kDiskFull, "disk_full", ""}), "DiskFull: disk_full");
}

TEST(Code, HasUniqueNumbersAndKnownExitCodes) {
  std::set<int> numbers;
  int count = 0;
#define CHIBO_ERROR(name, number, exit_code)        \
  ++count;                                          \
  numbers.insert(number);                           \
  EXPECT_EQ(Name(Code::k##name), #name);            \
  EXPECT_EQ(CodeFromNumber(number), Code::k##name); \
  EXPECT_EQ(ExitCode(Code::k##name), exit_code);    \
  EXPECT_GE(ExitCode(Code::k##name), 1);            \
  EXPECT_LE(ExitCode(Code::k##name), 6);
#include "base/error.def"
#undef CHIBO_ERROR
  EXPECT_EQ(static_cast<int>(numbers.size()), count);
  for (const std::uint64_t none : {0ULL, 9ULL, 65'535ULL, (1ULL << 32U) + 10}) {
    EXPECT_EQ(CodeFromNumber(none), std::nullopt) << none;
  }
}

TEST(CheckDeathTest, SaysWhereAndAborts) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "result_test.cc:.*CHECK failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace chibo

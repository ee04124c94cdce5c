#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace chibo {
namespace {

// SplitMix64 from seed 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4, … ; bytes come lowest first.
TEST(SeededRandom, GivesTheKnownSequence) {
  SeededRandom random(0);
  EXPECT_EQ(ToHex(random.Draw(16)), "afcd1d7b39a820e2f465b9a16a9e786e");
}

TEST(SeededRandom, IsTheSameForTheSameSeedOnly) {
  SeededRandom a(7);
  SeededRandom b(7);
  SeededRandom c(8);
  const Bytes drawn = a.Draw(100);
  EXPECT_EQ(drawn, b.Draw(100));
  EXPECT_NE(drawn, c.Draw(100));
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  SeededRandom random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = random.Below(7);
    ASSERT_LT(value, 7U);
    seen.insert(value);
  }
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(random.Below(1), 0U);
}

// Gives fixed 8-byte draws, so that the edge of the last incomplete run can be seen.
class Scripted final : public Random {
 public:
  explicit Scripted(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(unsigned char* out, std::size_t size) override {
    CHECK(size <= bytes_.size());
    std::memcpy(out, bytes_.data(), size);
    bytes_.erase(0, size);
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

TEST(Random, BelowThrowsAwayTheIncompleteRun) {
  // 2^64 = 3 * 6148914691236517205 + 1: of all draws only the largest is thrown away.
  Bytes draws;
  AppendU64(draws, UINT64_MAX);
  AppendU64(draws, UINT64_MAX - 1);
  Scripted random(draws);
  EXPECT_EQ(random.Below(3), (UINT64_MAX - 1) % 3);
  EXPECT_EQ(random.left(), 0U);
}

TEST(Random, BelowOfAPowerOfTwoThrowsNothingAway) {
  Bytes draws;
  AppendU64(draws, UINT64_MAX);
  Scripted random(draws);
  EXPECT_EQ(random.Below(8), 7U);
}

}  // namespace
}  // namespace chibo

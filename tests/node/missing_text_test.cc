#include "node/missing_text.h"

#include <gtest/gtest.h>

#include "storage/sqlite/sqlite_connection.h"
#include "tests/must.h"

namespace chibo {
namespace {

using Numbers = std::vector<std::uint64_t>;

// A stream whose branch 1 leaves branch 0 at 10 and branch 2 leaves branch 1 at 15.
class MissingTextTest : public ::testing::Test {
 protected:
  MissingTextTest() {
    CHECK(log_.OpenSchema());
    stream_.no = 7;
    stream_.branches = {{0, 0, 0, {}, 0, {}}, {1, 0, 10, {}, 0, {}}, {2, 1, 15, {}, 0, {}}};
  }
  void Note(std::uint32_t branch, EntryRun run, const Numbers& missing) {
    ASSERT_TRUE(texts_.Note(stream_, branch, run, missing));
  }
  // The same before and after it was read again.
  std::optional<LackingText> Below(std::uint32_t branch, std::uint64_t size) {
    MissingText again(log_);
    EXPECT_TRUE(again.Load());
    EXPECT_EQ(again.Below(stream_, branch, size), texts_.Below(stream_, branch, size));
    return texts_.Below(stream_, branch, size);
  }
  static std::optional<LackingText> Runs(const std::vector<EntryRun>& runs) {
    return LackingEntries(runs);
  }

  std::unique_ptr<SqlConnection> sql_ = *OpenSqlite("", SqliteOptions{.kind = SqliteKind::kMemory});
  NoProtection at_rest_;
  LogStore log_{*sql_, at_rest_};
  MissingText texts_{log_};
  Stream stream_;
};

TEST_F(MissingTextTest, WhatComesAgainIsNotedAnew) {
  EXPECT_EQ(Below(0, 20), std::nullopt);
  Note(0, {3, 8}, {4, 5, 7});
  EXPECT_EQ(Below(0, 20), Runs({{4, 6}, {7, 8}}));
  EXPECT_EQ(Below(0, 7), Runs({{4, 6}}));
  EXPECT_EQ(Below(0, 4), std::nullopt);
  Note(0, {8, 10}, {8, 9});
  EXPECT_EQ(Below(0, 20), Runs({{4, 6}, {7, 10}}));
  Note(0, {6, 7}, {6});
  EXPECT_EQ(Below(0, 20), Runs({{4, 10}}));
  Note(0, {5, 7}, {});
  EXPECT_EQ(Below(0, 20), Runs({{4, 5}, {7, 10}}));
  Note(0, {0, 20}, {});
  EXPECT_EQ(Below(0, 20), std::nullopt);
  EXPECT_TRUE(Must(log_.KeysBelow("missing-text/")).empty());
}

TEST_F(MissingTextTest, EachPartOfABranchIsNotedWhereItIsHeld) {
  Note(2, {8, 20}, {8, 9, 10, 14, 15, 19});
  EXPECT_EQ(Below(2, 20), Runs({{8, 11}, {14, 16}, {19, 20}}));
  EXPECT_EQ(Below(1, 20), Runs({{8, 11}, {14, 15}}));
  EXPECT_EQ(Below(0, 20), Runs({{8, 10}}));
  Note(0, {0, 20}, {});
  EXPECT_EQ(Below(2, 20), Runs({{10, 11}, {14, 16}, {19, 20}}));
  ASSERT_TRUE(texts_.CutBack(stream_.no, 2, 16));
  EXPECT_EQ(Below(2, 20), Runs({{10, 11}, {14, 16}}));
}

TEST_F(MissingTextTest, TheFirstEntryStandsForTheSecret) {
  ASSERT_TRUE(texts_.NoteSecret(stream_, true));
  Note(0, {0, 4}, {1, 2});
  EXPECT_EQ(Below(0, 4), Runs({{0, 3}}));
  ASSERT_TRUE(texts_.NoteSecret(stream_, false));
  EXPECT_EQ(Below(0, 4), Runs({{1, 3}}));
}

TEST_F(MissingTextTest, WhatOlderProgramsNotedMayBeAnythingFromThereOn) {
  Bytes from;
  AppendU64(from, 5);
  ASSERT_TRUE(log_.PutValue("missing-text/7/0", from));
  ASSERT_TRUE(texts_.Load());
  EXPECT_EQ(Below(0, 9), Runs({{5, 9}}));
  Note(0, {5, 8}, {6});
  EXPECT_EQ(Below(0, 9), Runs({{6, 7}, {8, 9}}));
  for (const Bytes& value : {Bytes(), Bytes(9, 'x'), Bytes(16, '\0'), Bytes(32, '\1')}) {
    ASSERT_TRUE(log_.PutValue("missing-text/7/0", value));
    EXPECT_FALSE(texts_.Load());
  }
}

}  // namespace
}  // namespace chibo

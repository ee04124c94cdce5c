// Files that are recorded again: what stands already is not written twice unless that is meant.
#include "node/recorded_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "node/recorder.h"
#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kKeys = "secret/recorded/";

class RecordedFilesTest : public ::testing::Test {
 protected:
  RecordedFilesTest() {
    InitCrypto();
    commune_ = SimNode::Found("Xã thử", random_, kNow);
    const UnitId cell = commune_->AddUnit("xa-1", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow);
  }

  Result<Recorded> Record(const std::vector<Lines>& files, bool again = false) {
    return RecordFiles(cell_->replica(), files, again, {}, kNow);
  }
  // How many records a call adds.
  std::size_t Adds(const std::vector<Lines>& files, bool again = false) {
    const std::size_t before = MemberNames().size();
    const std::size_t said = Must(Record(files, again)).records;
    const std::size_t added = MemberNames().size() - before;
    EXPECT_EQ(said, added);
    return added;
  }
  std::multiset<std::string> MemberNames() {
    std::multiset<std::string> names;
    CHECK(cell_->replica().view().VisitFacts([&](const Fact& fact) {
      if (fact.record->has_member()) {
        names.insert(fact.record->member().name());
      }
      return true;
    }));
    return names;
  }
  std::size_t KeptValues() { return Must(cell_->replica().log().KeysBelow(kKeys)).size(); }
  // A file of which that became, as far as RecordedFiles is told.
  void Remember(const Lines& lines, const RecordName& name) {
    Must(cell_->replica().Transact(kNow, [&](StreamWriter&) {
      RecordedFiles files(cell_->replica().streams(), cell_->replica().log());
      return files.Remember(lines, {0, 1, 1, name, name, kNow});
    }));
  }
  bool Knows(const Lines& lines) {
    const RecordedFiles files(cell_->replica().streams(), cell_->replica().log());
    return Must(files.Find(lines)).has_value();
  }

  SeededRandom random_{71};
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

TEST_F(RecordedFilesTest, AFileIsRecordedOnceUnlessItIsMeantTwice) {
  const Lines file = {MemberLine("An"), "", MemberLine("Bình")};
  const Recorded first = Must(Record({file}));
  EXPECT_EQ(first.records, 2U);
  EXPECT_TRUE(first.already.empty());

  const Recorded second = Must(Record({file}));
  EXPECT_EQ(second.records, 0U);
  EXPECT_TRUE(second.names.empty());
  ASSERT_TRUE(second.already.contains(0));
  const RecordedFile& already = second.already.at(0);
  EXPECT_EQ(already.lines, 2U);
  EXPECT_EQ(already.entries, 2U);
  EXPECT_EQ(already.records, 2U);
  EXPECT_EQ(already.first, first.names.front());
  EXPECT_EQ(already.last, first.names.back());
  EXPECT_EQ(already.at, kNow);
  EXPECT_EQ(MemberNames(), (std::multiset<std::string>{"An", "Bình"}));

  EXPECT_EQ(Adds({file}, true), 2U) << "meant twice";
  EXPECT_EQ(Adds({file}), 0U);
  EXPECT_EQ(KeptValues(), 1U) << "one file, however often";
}

TEST_F(RecordedFilesTest, HowAFileWasSavedMakesNoDifference) {
  EXPECT_EQ(Adds({{MemberLine("An"), MemberLine("Bình")}}), 2U);
  EXPECT_EQ(Adds({{MemberLine("An") + "\r", " \r", "  " + MemberLine("Bình") + "\r", ""}}), 0U);
}

TEST_F(RecordedFilesTest, OfAFileThatHasGrownTheRestIsRecorded) {
  Lines file = {MemberLine("An")};
  const Recorded first = Must(Record({file}));
  file.insert(file.end(), {"", MemberLine("Bình"), MemberLine("Cúc")});
  const Recorded grown = Must(Record({file}));
  EXPECT_EQ(grown.records, 2U);
  ASSERT_TRUE(grown.already.contains(0));
  EXPECT_EQ(grown.already.at(0).lines, 1U);

  const Recorded whole = Must(Record({file}));
  EXPECT_EQ(whole.records, 0U);
  EXPECT_EQ(whole.already.at(0).lines, 3U);
  EXPECT_EQ(whole.already.at(0).records, 3U);
  EXPECT_EQ(whole.already.at(0).first, first.names.front());
  EXPECT_EQ(whole.already.at(0).last, grown.names.back());
}

TEST_F(RecordedFilesTest, OfOtherFilesNothingIsLeftOut) {
  EXPECT_EQ(Adds({{MemberLine("An"), MemberLine("Bình")}}), 2U);
  EXPECT_EQ(Adds({{MemberLine("Bình"), MemberLine("An")}}), 2U) << "in another order";
  EXPECT_EQ(Adds({{MemberLine("An")}}), 1U) << "a part";
  EXPECT_EQ(Adds({{MemberLine("Bình"), MemberLine("Cúc")}}), 2U) << "from the middle on";
}

TEST_F(RecordedFilesTest, EqualLinesOfOneFileAreAllRecordedAndOneFileGivenTwiceOnce) {
  const Lines file = {MemberLine("An"), MemberLine("An")};
  EXPECT_EQ(Adds({file, {MemberLine("Bình")}, file}), 3U);
  EXPECT_EQ(Adds({file, {MemberLine("Cúc")}}), 1U) << "files in other company";
}

TEST_F(RecordedFilesTest, WhatDidNotGoThroughIsNotKnown) {
  const Lines good = {MemberLine("An")};
  const auto refused = Record({good, {"", "{"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "line 3: ");
  EXPECT_EQ(KeptValues(), 0U);
  EXPECT_EQ(Adds({good}), 1U);
  const auto later = Record({good, {"{"}});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().where, "line 2: ") << "counts what is left out";
}

TEST_F(RecordedFilesTest, IsKnownAfterAStart) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "chibo-recorded-files";
  std::filesystem::create_directories(folder);
  const UnitId unit = commune_->AddUnit("xa-2", pb::CELL, kNow);
  cell_ = SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow,
                        {(folder / "cell.db").string(), ""});
  EXPECT_EQ(Adds({{MemberLine("An")}}), 1U);
  for (const bool proven : {true, false}) {
    cell_->Restart(proven);
    EXPECT_EQ(Adds({{MemberLine("An")}}), 0U) << proven;
  }
  cell_.reset();
  std::filesystem::remove_all(folder);
}

TEST_F(RecordedFilesTest, TheOldestIsForgotten) {
  const RecordName name = Must(Record({{MemberLine("An")}})).names.front();
  const auto file = [](std::uint64_t number) { return Lines{"{}", std::to_string(number)}; };
  for (std::uint64_t i = 0; i < RecordedFiles::kFilesMax; ++i) {
    Remember(file(i), name);
  }
  EXPECT_EQ(KeptValues(), RecordedFiles::kFilesMax);
  EXPECT_FALSE(Knows({MemberLine("An")}));
  EXPECT_TRUE(Knows(file(0)));
  Remember(file(0), name);
  Remember({"another"}, name);
  EXPECT_TRUE(Knows(file(0))) << "was recorded again since";
  EXPECT_FALSE(Knows(file(1)));
  EXPECT_TRUE(Knows(file(2)));
  EXPECT_TRUE(Knows(file(RecordedFiles::kFilesMax - 1)));
  EXPECT_EQ(KeptValues(), RecordedFiles::kFilesMax);
}

// Damage took it away, or an older state was put back: whoever has the file is to write it anew.
TEST_F(RecordedFilesTest, WhatIsNotHeldAnyMoreIsRecorded) {
  RecordName name = Must(Record({{MemberLine("An")}})).names.front();
  Remember({"{}"}, name);
  EXPECT_TRUE(Knows({"{}"}));
  ++name.index;
  Remember({"{}"}, name);
  EXPECT_FALSE(Knows({"{}"}));
  Remember({"{}"}, {random_.DrawFixed<StreamId>(), 0, 0});
  EXPECT_FALSE(Knows({"{}"}));
}

TEST_F(RecordedFilesTest, AValueThatSaysNothingKeepsNobodyFromRecording) {
  Must(cell_->replica().Transact(kNow, [&](StreamWriter&) {
    return cell_->replica().log().PutValue(std::string(kKeys) + "0", "?");
  }));
  EXPECT_EQ(Adds({{MemberLine("An")}}), 1U);
  EXPECT_EQ(Adds({{MemberLine("An")}}), 0U);
}

}  // namespace
}  // namespace chibo

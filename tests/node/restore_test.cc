// Directories that go back in time, and directories that run twice.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "node/revoke.h"
#include "tests/must.h"
#include "tests/node/pieces.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    std::string pattern = (fs::temp_directory_path() / "chibo-restore-XXXXXX").string();
    dir_ = mkdtemp(pattern.data());
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow, {Path("commune"), ""});
    const UnitId cell = commune_->AddUnit("xa01-cb01", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow, {Path("cell"), ""});
  }
  ~RestoreTest() override {
    province_.reset();
    commune_.reset();
    cell_.reset();
    fs::remove_all(dir_);
  }

  std::string Path(const std::string& name) const { return dir_ + "/" + name + ".db"; }

  static void CopyFile(const std::string& from, const std::string& to) {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      fs::remove(to + ending);
      if (fs::exists(from + ending)) {
        fs::copy_file(from + ending, to + ending);
      }
    }
  }

  void Sync() {
    const LinkResult result = SyncOnce(*cell_, *commune_, kNow);
    ASSERT_TRUE(result.child) << ToString(result.child.error());
    ASSERT_TRUE(cell_->status().covered());
  }

  // Keeps a copy of a node's directory, or puts it back.
  void Keep(SimNode& node, const std::string& name, const std::string& copy = "old") {
    node.Stop();
    CopyFile(Path(name), Path(copy + "-" + name));
    node.Start(true);
  }
  void PutBack(SimNode& node, const std::string& name, const std::string& copy = "old") {
    node.Stop();
    CopyFile(Path(copy + "-" + name), Path(name));
    node.Start(false);
  }

  void ExpectIdle(SimNode& child) {
    const LinkResult idle = SyncOnce(child, *commune_, kNow);
    EXPECT_TRUE(idle.child);
    EXPECT_EQ(idle.round_trips, 1U);
  }

  SeededRandom random_{11};
  std::string dir_;
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

// Nobody but the device knows that it was certified, and the invite of then is forgotten as well.
TEST_F(RestoreTest, AServerThatWentBackToBeforeADeviceApprovesItAnew) {
  commune_->Stop();
  CopyFile(Path("commune"), Path("old"));
  commune_->Start(true);
  const auto deputy = SimNode::Join(*commune_, cell_->unit(), pb::DEPUTY, random_, kNow);
  deputy->Record({MemberLine("A")}, kNow);
  commune_->Stop();
  CopyFile(Path("old"), Path("commune"));
  commune_->Start(false);
  const LinkResult refused = SyncOnce(*deputy, *commune_, kNow);
  ASSERT_FALSE(refused.child);
  EXPECT_EQ(refused.child.error().code, Code::kNotKnown);

  const Status asked = deputy->AskIn(*commune_, kNow);
  ASSERT_TRUE(asked) << ToString(asked.error());
  for (int i = 0; i < 2; ++i) {
    const LinkResult result = SyncOnce(*deputy, *commune_, kNow);
    ASSERT_TRUE(result.child) << ToString(result.child.error());
  }
  EXPECT_TRUE(deputy->status().covered());
  Sync();
  EXPECT_EQ(MemberNames(*commune_), (std::set<std::string>{"A"}));
  EXPECT_EQ(MemberNames(*cell_), (std::set<std::string>{"A"}));
}

TEST_F(RestoreTest, ACellThatWentBackFetchesItsTailAndGoesOnInANewStream) {
  cell_->Record({MemberLine("A")}, kNow);
  cell_->Stop();
  CopyFile(Path("cell"), Path("old"));
  cell_->Start(true);
  cell_->Record({MemberLine("B")}, kNow);
  Sync();
  cell_->Stop();
  CopyFile(Path("old"), Path("cell"));
  cell_->Start(false);
  EXPECT_EQ(MemberNames(*cell_, true), (std::set<std::string>{"A"}));

  // Also offline, at once, and without touching the old stream.
  cell_->Record({MemberLine("C")}, kNow);
  Sync();
  EXPECT_EQ(MemberNames(*cell_, true), (std::set<std::string>{"A", "B", "C"}));
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "B", "C"}));
  std::size_t own = 0;
  for (const Stream* stream : cell_->replica().streams().All()) {
    own += stream->own ? 1 : 0;
    EXPECT_FALSE(stream->forked());
  }
  EXPECT_EQ(own, 2u);
}

TEST_F(RestoreTest, AServerThatWentBackIsGivenAgainWhatItLost) {
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  commune_->Stop();
  CopyFile(Path("commune"), Path("old"));
  commune_->Start(true);
  cell_->Record({MemberLine("B")}, kNow);
  Sync();
  commune_->Stop();
  CopyFile(Path("old"), Path("commune"));
  commune_->Start(false);
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A"}));
  const LinkResult again = SyncOnce(*cell_, *commune_, kNow);
  ASSERT_TRUE(again.child) << ToString(again.child.error());
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "B"}));
  Sync();
}

// It does not even know the stream any more that the cell goes on with.
TEST_F(RestoreTest, AServerThatLostAWholeStreamIsGivenItFromItsBeginning) {
  commune_->Stop();
  CopyFile(Path("commune"), Path("old"));
  commune_->Start(true);
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  commune_->Stop();
  CopyFile(Path("old"), Path("commune"));
  commune_->Start(false);
  cell_->Record({MemberLine("B")}, kNow);
  const LinkResult again = SyncOnce(*cell_, *commune_, kNow);
  ASSERT_TRUE(again.child) << ToString(again.child.error());
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "B"}));
  Sync();
}

// A unit that the old copy knows nothing of: its superior above has kept the certificates.
std::set<std::string> ReviewTexts(SimNode& node) {
  std::set<std::string> texts;
  EXPECT_TRUE(node.replica().view().VisitFacts([&](const Fact& fact) {
    if (fact.counts() && fact.record->has_review_report()) {
      texts.insert(fact.record->review_report().text());
    }
    return true;
  }));
  return texts;
}

// What lies above it may not read the cell's texts, and so cannot give them back.
TEST_F(RestoreTest, AServerThatGotEntriesBackFromAboveIsGivenTheirTextsByTheCell) {
  commune_->Stop();
  CopyFile(Path("commune"), Path("old"));
  commune_->Start(true);
  cell_->Record({ReviewLine("A")}, kNow);
  Sync();
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  commune_->Stop();
  CopyFile(Path("old"), Path("commune"));
  commune_->Start(false);
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  EXPECT_EQ(ReviewTexts(*commune_), (std::set<std::string>{}));

  cell_->Record({ReviewLine("B")}, kNow);
  Sync();
  EXPECT_EQ(ReviewTexts(*commune_), (std::set<std::string>{"A", "B"}));
  const Hash digest = commune_->digest();
  commune_->Restart(true);
  ASSERT_TRUE(commune_->replica().RebuildView());
  EXPECT_EQ(commune_->digest(), digest);
  const LinkResult idle = SyncOnce(*cell_, *commune_, kNow);
  EXPECT_TRUE(idle.child);
  EXPECT_EQ(idle.round_trips, 1u);
}

// The cell went back as well: its texts are nowhere any more, the entries are, and they come back.
TEST_F(RestoreTest, WhatNobodyHasTheTextsOfAnyMoreComesBackWithoutThem) {
  cell_->Record({ReviewLine("A")}, kNow);
  Sync();
  for (const std::string name : {"commune", "cell"}) {
    SimNode& node = name == "cell" ? *cell_ : *commune_;
    node.Stop();
    CopyFile(Path(name), Path("old-" + name));
    node.Start(true);
  }
  cell_->Record({ReviewLine("B")}, kNow);
  cell_->Record({MemberLine("M")}, kNow);
  Sync();
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  for (const std::string name : {"commune", "cell"}) {
    SimNode& node = name == "cell" ? *cell_ : *commune_;
    node.Stop();
    CopyFile(Path("old-" + name), Path(name));
    node.Start(false);
  }
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  cell_->Record({ReviewLine("C")}, kNow);
  Sync();
  EXPECT_EQ(ReviewTexts(*cell_), (std::set<std::string>{"A", "C"}));
  EXPECT_EQ(ReviewTexts(*commune_), (std::set<std::string>{"A", "C"}));
  for (SimNode* node : {cell_.get(), commune_.get()}) {
    EXPECT_EQ(MemberNames(*node, true), std::set<std::string>{"M"});
    std::uint64_t entries = 0;
    for (const Stream* stream : node->replica().streams().All()) {
      entries += stream->unit == cell_->unit() ? stream->size() : 0;
    }
    EXPECT_EQ(entries, 6U);  // two streams of the cell, and all that was ever in them
  }
  const LinkResult idle = SyncOnce(*cell_, *commune_, kNow);
  EXPECT_TRUE(idle.child);
  EXPECT_EQ(idle.round_trips, 1U);
}

// Both went back and were told by each other that the text is nowhere; then it is somewhere again.
TEST_F(RestoreTest, ATextThatAnOlderCopyOfTheCellStillHasComesToTheServer) {
  cell_->Record({ReviewLine("A")}, kNow);
  Sync();
  Keep(*commune_, "commune");
  Keep(*cell_, "cell");
  cell_->Record({ReviewLine("B")}, kNow);
  Sync();
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  Keep(*cell_, "cell", "with-text");
  PutBack(*commune_, "commune");
  PutBack(*cell_, "cell");
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  Sync();
  cell_->Record({ReviewLine("C")}, kNow);
  Sync();
  ExpectIdle(*cell_);
  for (SimNode* node : {cell_.get(), commune_.get()}) {
    EXPECT_EQ(ReviewTexts(*node), (std::set<std::string>{"A", "C"}));
    node->Restart(true);  // what is missing is remembered
  }
  PutBack(*cell_, "cell", "with-text");
  Sync();
  for (SimNode* node : {cell_.get(), commune_.get()}) {
    EXPECT_EQ(ReviewTexts(*node), (std::set<std::string>{"A", "B", "C"}));
  }
  ExpectIdle(*cell_);
}

TEST_F(RestoreTest, ATextThatAnotherDeviceOfTheCellHasComesToAllOfThem) {
  for (const bool second_went_back : {false, true}) {
    const std::string name = second_went_back ? "B" : "D";
    const auto second = SimNode::Join(*commune_, cell_->unit(), pb::DEPUTY, random_, kNow,
                                      {Path("second" + name), ""});
    ASSERT_TRUE(SyncOnce(*second, *commune_, kNow).child);
    Sync();
    Keep(*commune_, "commune");
    Keep(*cell_, "cell");
    Keep(*second, "second" + name);
    cell_->Record({ReviewLine(name), MemberLine("M" + name)}, kNow);
    Sync();
    ASSERT_TRUE(SyncOnce(*second, *commune_, kNow).child);
    ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
    Keep(*second, "second" + name, "with-text");
    PutBack(*commune_, "commune");
    PutBack(*cell_, "cell");
    ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
    if (second_went_back) {
      // Given the entries as they are, it is not left without what everybody has.
      PutBack(*second, "second" + name);
      ASSERT_TRUE(SyncOnce(*second, *commune_, kNow).child);
      EXPECT_TRUE(MemberNames(*second, true).contains("M" + name));
      EXPECT_FALSE(ReviewTexts(*second).contains(name));
    }
    Sync();
    EXPECT_FALSE(ReviewTexts(*commune_).contains(name));
    ExpectIdle(*cell_);
    if (second_went_back) {
      ExpectIdle(*second);
      PutBack(*second, "second" + name, "with-text");
    }
    ASSERT_TRUE(SyncOnce(*second, *commune_, kNow).child);
    EXPECT_TRUE(ReviewTexts(*commune_).contains(name));
    Sync();
    EXPECT_TRUE(ReviewTexts(*cell_).contains(name));
    ASSERT_TRUE(SyncOnce(*second, *commune_, kNow).child);
    ExpectIdle(*cell_);
    ExpectIdle(*second);
  }
}

TEST_F(RestoreTest, AServerThatWentBackTakesInUnitsThatAreYounger) {
  commune_->Stop();
  CopyFile(Path("commune"), Path("old"));
  commune_->Start(true);
  const UnitId unit = commune_->AddUnit("xa01-cb02", pb::CELL, kNow);
  const auto younger = SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow);
  younger->Record({MemberLine("A")}, kNow);
  ASSERT_TRUE(SyncOnce(*younger, *commune_, kNow).child);
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  commune_->Stop();
  CopyFile(Path("old"), Path("commune"));
  commune_->Start(false);
  const LinkResult back = SyncOnce(*commune_, *province_, kNow);
  ASSERT_TRUE(back.child) << ToString(back.child.error());
  EXPECT_EQ(MemberNames(*commune_, true), std::set<std::string>{"A"});
  younger->Record({MemberLine("B")}, kNow);
  const LinkResult again = SyncOnce(*younger, *commune_, kNow);
  ASSERT_TRUE(again.child) << ToString(again.child.error());
  EXPECT_TRUE(younger->status().covered());
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "B"}));
}

TEST_F(RestoreTest, TwoCopiesOfACellAreSeenAsAForkAndTheRegisteredBranchStands) {
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  cell_->Stop();
  CopyFile(Path("cell"), Path("clone"));
  cell_->Start(true);
  cell_->Record({MemberLine("B")}, kNow);
  Sync();
  cell_->Stop();
  CopyFile(Path("cell"), Path("first"));
  // The clone believes that it goes on where it stopped.
  CopyFile(Path("clone"), Path("cell"));
  cell_->Start(true);
  cell_->Record({MemberLine("C")}, kNow);
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));

  bool forked = false;
  for (const Stream* stream : commune_->replica().streams().All()) {
    forked = forked || stream->forked();
  }
  EXPECT_TRUE(forked);
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "B"}));
  EXPECT_EQ(MemberNames(*commune_, false), (std::set<std::string>{"C"}));
  // Until the superior rules: then the branch it chose counts, everywhere.
  const Stream* line = nullptr;
  for (const Stream* stream : commune_->replica().streams().All()) {
    line = stream->forked() ? stream : line;
  }
  ASSERT_NE(line, nullptr);
  pb::Action ruling;
  pb::ForkRulingBody& body = *ruling.add_records()->mutable_fork_ruling()->mutable_body();
  body.set_stream(Bytes(line->id.view()));
  body.set_reason("Bản sao chép được dùng tiếp");
  const BranchRow& chosen = line->branches.back();
  body.mutable_chosen()->set_stream(Bytes(line->id.view()));
  body.mutable_chosen()->set_size(chosen.peaks.size());
  body.mutable_chosen()->set_root(Bytes(chosen.peaks.Root().view()));
  Signers signers;
  signers.officer = commune_->officer();
  ASSERT_TRUE(commune_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    Recorded recorded;
    CHIBO_TRY(RecordAction(commune_->replica(), writer, ruling, signers, kNow, recorded));
    return {};
  }));
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "C"}));
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  EXPECT_EQ(MemberNames(*cell_, true), (std::set<std::string>{"A", "C"}));
  // What was chosen is registered, and what was registered before was received all the same.
  EXPECT_TRUE(cell_->status().covered());
  cell_->Stop();
  CopyFile(Path("cell"), Path("clone"));
  CopyFile(Path("first"), Path("cell"));
  cell_->Start(true);
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  EXPECT_TRUE(cell_->status().covered());
  cell_->Stop();
  CopyFile(Path("clone"), Path("cell"));
  cell_->Start(true);

  // The clone has learnt of the fork, and writes on in a stream of its own.
  cell_->Record({MemberLine("D")}, kNow);
  const LinkResult after = SyncOnce(*cell_, *commune_, kNow);
  EXPECT_TRUE(after.child) << ToString(after.child.error());
  EXPECT_EQ(MemberNames(*commune_, true), (std::set<std::string>{"A", "C", "D"}));
}

// A receipt for all that a line holds, said by a register entry that counts; nothing where a
// receipt is kept that none says.
std::optional<bool> IsReceived(SimNode& node, const Stream& line) {
  std::set<std::pair<StreamId, Hash>> said;
  EXPECT_TRUE(node.replica().view().VisitFacts([&](const Fact& fact) {
    if (fact.record != nullptr && fact.record->has_register_() && fact.counts()) {
      for (const pb::Point& point : fact.record->register_().received()) {
        said.emplace(*StreamId::From(point.stream()), *Hash::From(point.root()));
      }
    }
    return true;
  }));
  bool received = false;
  const auto receipts = node.replica().log().AllRegistered();
  EXPECT_TRUE(receipts);
  for (const Registered& receipt : *receipts) {
    if (!said.contains({receipt.at.stream, receipt.at.root})) {
      return std::nullopt;
    }
    received =
        received || receipt.at == Position{line.id, line.size(), line.branches[0].peaks.Root()};
  }
  return received;
}

TEST_F(RestoreTest, AReceiptInTheHistoryThatLostIsVoidAndGivenAnew) {
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  commune_->Stop();
  CopyFile(Path("commune"), Path("twin"));
  commune_->Start(true);
  cell_->Record({MemberLine("B")}, kNow);
  Sync();
  // The twin writes another history to the same cell, and that is the one the province hears of.
  commune_->Stop();
  CopyFile(Path("commune"), Path("first"));
  CopyFile(Path("twin"), Path("commune"));
  commune_->Start(true);
  pb::Action posting;
  pb::Posting& post = *posting.add_records()->mutable_posting();
  post.set_person(random_.Draw(16));
  post.set_place(Bytes(commune_->unit().view()));
  post.set_home(Bytes(cell_->unit().view()));
  post.set_managed_by(Bytes(commune_->unit().view()));
  post.set_title("Cấp ủy viên");
  post.set_from(20190101);
  post.set_name("Lò Văn Thử");
  post.set_birth(19800201);
  ASSERT_TRUE(commune_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    Recorded recorded;
    CHIBO_TRY(RecordAction(commune_->replica(), writer, posting, {}, kNow, recorded));
    return {};
  }));
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  commune_->Stop();
  CopyFile(Path("first"), Path("commune"));
  commune_->Start(true);
  const Stream* line = nullptr;
  for (const Stream* stream : cell_->replica().streams().All()) {
    line = stream->own && stream->kind == pb::LINE ? stream : line;
  }
  ASSERT_NE(line, nullptr);
  ASSERT_EQ(IsReceived(*cell_, *line), true);

  // The commune hears of the history that it does not have, and that the superior stands by it.
  static_cast<void>(SyncOnce(*commune_, *province_, kNow));
  static_cast<void>(SyncOnce(*commune_, *province_, kNow));
  EXPECT_EQ(IsReceived(*commune_, *line), true);
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  static_cast<void>(SyncOnce(*cell_, *commune_, kNow));
  EXPECT_EQ(IsReceived(*cell_, *line), true);
  EXPECT_TRUE(cell_->status().covered());
  // The same in an office that has just started, and in one that hears nothing new.
  commune_->Restart(true);
  ASSERT_TRUE(SyncOnce(*cell_, *commune_, kNow).child);
  EXPECT_EQ(IsReceived(*commune_, *line), true);
}

// Whether the newest entry of a node's line names a register entry of its superior.
bool NamesARegister(SimNode& node) {
  const Stream* line = nullptr;
  for (const Stream* stream : node.replica().streams().All()) {
    line = stream->own && stream->kind == pb::LINE ? stream : line;
  }
  CHECK(line != nullptr);
  const std::uint64_t index = line->size() - 1;
  const auto read = Must(node.replica().log().ReadEntries(line->no, 0, index, 1, 0));
  return Must(ParseHeader(read.front().header, index)).message.has_register_();
}

// It would bound a time from below by what nobody vouches for any more.
TEST_F(RestoreTest, ARegisterEntryThatIsVoidIsNamedNoMore) {
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  cell_->Record({MemberLine("B")}, kNow);
  EXPECT_TRUE(NamesARegister(*cell_));
  Sync();
  ASSERT_TRUE(Must(cell_->replica().log().Value(kNewestRegister)));

  // The server that wrote it is revoked, and nothing of it is kept.
  const auto servers = province_->replica().authority().Current(commune_->unit(), pb::SERVER);
  ASSERT_EQ(servers.size(), 1U);
  ASSERT_TRUE(RevokeDevice(province_->replica(), province_->officer(), servers.front().id, false,
                           "Máy hỏng", kNow));
  std::vector<SubmittedChunk> chunks;
  for (const Piece& piece : PiecesOf(*province_)) {
    chunks.push_back(ChunkOf(piece));
  }
  for (const CommitReport& report : cell_->replica().Ingest(std::move(chunks), kNow)) {
    EXPECT_FALSE(report.error) << ToString(*report.error);
  }
  EXPECT_FALSE(Must(cell_->replica().log().Value(kNewestRegister)));
  cell_->Record({MemberLine("C")}, kNow);
  EXPECT_FALSE(NamesARegister(*cell_));
}

TEST_F(RestoreTest, StoppingAndStartingChangesNothing) {
  cell_->Record({MemberLine("A")}, kNow);
  Sync();
  const Hash cell_digest = cell_->digest();
  const Hash commune_digest = commune_->digest();
  cell_->Restart(true);
  commune_->Restart(true);
  EXPECT_EQ(cell_->digest(), cell_digest);
  EXPECT_EQ(commune_->digest(), commune_digest);
  const LinkResult nothing = SyncOnce(*cell_, *commune_, kNow);
  ASSERT_TRUE(nothing.child);
  EXPECT_EQ(nothing.round_trips, 1u);
}

}  // namespace
}  // namespace chibo

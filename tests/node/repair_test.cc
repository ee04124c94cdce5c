// A store of which something is damaged: what is whole is kept, what is not is named, and what
// anybody else holds comes back.
#include "node/repair.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>

#include "node/lost_entries.h"
#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;
using State = LostEntries::State;

class RepairTest : public ::testing::Test {
 protected:
  RepairTest() {
    std::string pattern = (fs::temp_directory_path() / "chibo-repair-XXXXXX").string();
    dir_ = mkdtemp(pattern.data());
    province_ = SimNode::Found("Tỉnh thử", random_, kNow, {Path("province"), ""});
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow, {Path("commune"), ""});
    const UnitId cell = commune_->AddUnit("cb01", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow, {Path("cell"), ""});
    for (const std::string name : {"A", "B", "C"}) {
      cell_->Record({MemberLine(name)}, kNow);
      cell_->Record({ReviewLine("Kiểm điểm " + name)}, kNow);
      SyncAll();
    }
    SyncAll();
  }
  ~RepairTest() override {
    province_.reset();
    commune_.reset();
    cell_.reset();
    fs::remove_all(dir_);
  }

  std::string Path(const std::string& name) const { return dir_ + "/" + name + ".db"; }

  void SyncAll() {
    for (int i = 0; i < 2; ++i) {
      const LinkResult up = SyncOnce(*cell_, *commune_, kNow);
      last_ = up.child;
      const LinkResult top = SyncOnce(*commune_, *province_, kNow);
      last_ = last_ ? top.child : last_;
    }
  }

  // The stream that `unit` writes, of that kind, as it lies at a node.
  static const Stream& StreamOf(SimNode& at, const UnitId& unit, pb::StreamKind kind,
                                const UnitId& other = UnitId()) {
    const Stream* found = nullptr;
    for (const Stream* stream : at.replica().streams().All()) {
      const bool fits = stream->unit == unit && stream->kind == kind &&
                        (kind != pb::TO || stream->other == other) && found == nullptr;
      found = fits ? stream : found;
    }
    CHECK(found != nullptr);
    return *found;
  }
  static void Damage(SimNode& at, const Stream& stream, const std::string& statement) {
    Must(at.sql().Execute(statement + " AND stream_no = " + std::to_string(stream.no) + ";"));
  }

  // Stops the node, repairs its store, and starts it as a program does that finds what the repair
  // left.
  StoreDamage Repair(SimNode& node) {
    const Settings settings = node.replica().settings();
    node.Stop();
    Must(node.OpenStore());
    NoProtection plain;
    const StoreDamage damage = Must(FindDamage(node.sql(), plain, settings));
    Must(RepairStore(node.sql(), plain, settings, damage));
    EXPECT_FALSE(Must(FindDamage(node.sql(), plain, settings)).any());
    const bool proven = Must(LogStore(node.sql(), plain).Value("lineage")).has_value();
    Must(node.TryStart(proven));
    return damage;
  }
  std::vector<LostEntries> Lost(SimNode& node) {
    NoProtection plain;
    return Must(ReadLost(Quarantine(node.sql(), plain), node.replica().log()));
  }
  std::vector<std::string> Lines(SimNode& node) {
    NoProtection plain;
    return Must(LinesOfReadable(Quarantine(node.sql(), plain), node.replica().log()));
  }
  static std::set<std::string> Names(SimNode& node) {
    std::set<std::string> names;
    Must(node.replica().view().VisitFacts([&](const Fact& fact) {
      if (fact.counts() && fact.record != nullptr && fact.record->has_member()) {
        names.insert(fact.record->member().name());
      }
      if (fact.counts() && fact.record != nullptr && fact.record->has_review_report()) {
        names.insert(fact.record->review_report().text());
      }
      return true;
    }));
    return names;
  }

  SeededRandom random_{71};
  std::string dir_;
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
  Status last_;
  int count_ = 0;
};

TEST_F(RepairTest, OfAWholeStoreNothingIsDamaged) {
  for (SimNode* node : {province_.get(), commune_.get(), cell_.get()}) {
    const Hash digest = node->digest();
    const StoreDamage damage = Repair(*node);
    EXPECT_TRUE(damage.streams.empty() && damage.unsaid.empty());
    EXPECT_EQ(node->digest(), digest);
    EXPECT_TRUE(Lost(*node).empty());
  }
}

// Where in whose store, in whose stream.
struct Place {
  std::string at;
  std::string unit;
  pb::StreamKind kind;
  std::string other;
};
constexpr std::array kHarms{
    "UPDATE entry SET body = x'00' WHERE idx = 2",
    "UPDATE entry SET header = x'ff' WHERE idx = 1",
    "UPDATE entry SET leaf = zeroblob(32) WHERE idx = 1",
    "DELETE FROM entry WHERE idx = 2",
    "DELETE FROM entry WHERE idx = 0",
    "DELETE FROM entry WHERE idx >= 0",
    "DELETE FROM branch WHERE branch >= 0",
    "UPDATE branch SET peaks = zeroblob(length(peaks)) WHERE branch = 0",
    "UPDATE branch SET signature = zeroblob(64) WHERE branch = 0",
    "UPDATE checkpoint SET signature = zeroblob(64) WHERE size >= 0",
    "DELETE FROM checkpoint WHERE size >= 0",
    "UPDATE secret SET value = zeroblob(32) WHERE reach = 1",
    "DELETE FROM secret WHERE reach = 0",
};

TEST_F(RepairTest, WhatOthersHoldComesBackWhereverItWasDamaged) {
  std::map<std::string, SimNode*> nodes{
      {"top", province_.get()}, {"xa01", commune_.get()}, {"cb01", cell_.get()}};
  const std::vector<Place> places{{"cb01", "cb01", pb::LINE, ""}, {"cb01", "xa01", pb::TO, "cb01"},
                                  {"cb01", "xa01", pb::DOWN, ""}, {"cb01", "top", pb::DOWN, ""},
                                  {"xa01", "cb01", pb::LINE, ""}, {"xa01", "xa01", pb::TO, "cb01"},
                                  {"xa01", "xa01", pb::DOWN, ""}, {"xa01", "top", pb::TO, "xa01"},
                                  {"top", "cb01", pb::LINE, ""},  {"top", "top", pb::TO, "xa01"},
                                  {"top", "top", pb::DOWN, ""}};
  // Every harm in several places, every place by several harms. CHIBO_EVERY_HARM: all in all.
  const std::size_t step = getenv("CHIBO_EVERY_HARM") == nullptr ? 5 : 1;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i % step; j < kHarms.size(); j += step) {
      const Place& place = places[i];
      const char* harm = kHarms[j];
      SCOPED_TRACE("at " + place.at + ", " + place.unit + " " + pb::StreamKind_Name(place.kind) +
                   " " + place.other + ": " + harm);
      SimNode& node = *nodes[place.at];
      const auto names = Names(node);
      const Hash digest = node.digest();
      const UnitId other = place.other.empty() ? UnitId() : nodes[place.other]->unit();
      Damage(node, StreamOf(node, nodes[place.unit]->unit(), place.kind, other), harm);
      Repair(node);
      SyncAll();
      SyncAll();
      ASSERT_TRUE(last_) << ToString(last_.error());
      ASSERT_EQ(Names(node), names);
      // A committee has made its copies again, and is one record the longer.
      ASSERT_TRUE(node.digest() == digest || place.at != "cb01");
      const auto lost = Lost(node);
      ASSERT_TRUE(lost.empty()) << lost.front().from << " to " << lost.front().to;
      cell_->Record({MemberLine("sau " + std::to_string(++count_))}, kNow);
      SyncAll();
      ASSERT_TRUE(last_) << ToString(last_.error());
      ASSERT_TRUE(cell_->status().covered());
      for (SimNode* each : {province_.get(), commune_.get(), cell_.get()}) {
        ASSERT_EQ(Names(*each).contains("sau " + std::to_string(count_)), true);
        for (const Stream* stream : each->replica().streams().All()) {
          ASSERT_FALSE(stream->forked());
        }
      }
    }
  }
}

TEST_F(RepairTest, AnOwnEntryThatNobodyElseHasIsNamedAndTheRestIsNotLost) {
  const Hash covered = cell_->digest();
  cell_->Record({MemberLine("D")}, kNow);
  cell_->Record({MemberLine("E")}, kNow);
  cell_->Record({R"({"records":[)" + MemberLine("F") + "," + ReviewLine("Kiểm điểm F") + "]}"},
                kNow);
  const Stream& line = StreamOf(*cell_, cell_->unit(), pb::LINE);
  const std::uint64_t size = line.size();
  const StreamId id = line.id;
  Damage(*cell_, line, "UPDATE entry SET body = x'00' WHERE idx = " + std::to_string(size - 3));
  Repair(*cell_);
  EXPECT_EQ(cell_->digest(), covered);
  for (int i = 0; i < 2; ++i) {
    const auto lost = Lost(*cell_);
    ASSERT_EQ(lost.size(), 2U);
    EXPECT_EQ(lost[0].stream, id);
    EXPECT_EQ(std::tuple(lost[0].state, lost[0].from, lost[0].to, lost[0].records),
              std::tuple(State::kUnreadable, size - 3, size - 2, std::uint64_t{1}));
    EXPECT_EQ(std::tuple(lost[1].state, lost[1].from, lost[1].to, lost[1].records),
              std::tuple(State::kReadable, size - 2, size, std::uint64_t{3}));
    SyncAll();
    ASSERT_TRUE(last_) << ToString(last_.error());
  }
  // Written out and recorded again, in a stream of its own.
  const auto lines = Lines(*cell_);
  ASSERT_EQ(lines.size(), 2U);
  cell_->Record(lines, kNow);
  SyncAll();
  const auto names = Names(*commune_);
  EXPECT_TRUE(names.contains("E") && names.contains("F") && names.contains("Kiểm điểm F"));
  EXPECT_FALSE(names.contains("D"));
  EXPECT_TRUE(cell_->status().covered());
  NoProtection plain;
  Must(Quarantine(cell_->sql(), plain).GiveUp());
  ASSERT_FALSE(Lost(*cell_).empty());
  EXPECT_EQ(Lost(*cell_)[0].state, State::kGivenUp);
}

// It stands behind one that the superior has.
TEST_F(RepairTest, AnOwnEntryThatWasNotSentYetComesBackByItself) {
  cell_->Record({MemberLine("D")}, kNow);
  const auto names = Names(*cell_);
  const Stream& line = StreamOf(*cell_, cell_->unit(), pb::LINE);
  Damage(*cell_, line, "UPDATE entry SET body = x'00' WHERE idx = 2");
  Repair(*cell_);
  EXPECT_FALSE(Names(*cell_).contains("D"));
  const auto lost = Lost(*cell_);
  ASSERT_EQ(lost.size(), 2U);
  EXPECT_EQ(lost[0].state, State::kElsewhere);
  EXPECT_EQ(lost[1].state, State::kReadable);
  SyncAll();
  SyncAll();
  EXPECT_TRUE(Lost(*cell_).empty());
  EXPECT_EQ(Names(*cell_), names);
  EXPECT_TRUE(Names(*province_).contains("D"));
  EXPECT_TRUE(cell_->status().covered());
}

// What lies above it may not read the cell's texts; they were here, and the cell is gone.
TEST_F(RepairTest, TextsThatNobodyElseGivesBackAreTakenFromWhatWasPutAside) {
  const auto names = Names(*commune_);
  Damage(*commune_, StreamOf(*commune_, cell_->unit(), pb::LINE),
         "UPDATE entry SET body = x'00' WHERE idx = 1");
  Repair(*commune_);
  EXPECT_EQ(Names(*commune_), (std::set<std::string>{}));
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  EXPECT_EQ(Names(*commune_), names);
}

TEST_F(RepairTest, ADamagedForkComesBackWithBothBranches) {
  cell_->Stop();
  fs::copy_file(Path("cell"), Path("clone"));
  cell_->Start(true);
  cell_->Record({MemberLine("D")}, kNow);
  SyncAll();
  cell_->Stop();
  fs::remove(Path("cell"));
  fs::copy_file(Path("clone"), Path("cell"));
  cell_->Start(true);
  cell_->Record({MemberLine("E")}, kNow);
  SyncAll();
  const Stream& line = StreamOf(*commune_, cell_->unit(), pb::LINE);
  ASSERT_TRUE(line.forked());
  const std::uint64_t fork = line.branches.back().fork_at;
  for (const std::string& at : {std::to_string(fork), std::to_string(fork - 1), std::string("1")}) {
    const auto names = Names(*commune_);
    Damage(*commune_, StreamOf(*commune_, cell_->unit(), pb::LINE),
           "UPDATE entry SET body = x'00' WHERE branch = 0 AND idx = " + at);
    Repair(*commune_);
    SyncAll();
    SyncAll();
    EXPECT_EQ(Names(*commune_), names) << at;
    EXPECT_TRUE(Lost(*commune_).empty()) << at;
    EXPECT_EQ(StreamOf(*commune_, cell_->unit(), pb::LINE).branches.size(), 2U) << at;
  }
}

TEST_F(RepairTest, ARegisterRowThatNoRecordSaysIsDroppedAndReadAgain) {
  Must(cell_->sql().Execute("UPDATE registered SET time_ms = time_ms + 1;"));
  EXPECT_TRUE(Repair(*cell_).any());
  cell_->Record({MemberLine("D")}, kNow);
  EXPECT_FALSE(cell_->status().streams.front().regressed);
  EXPECT_GT(cell_->status().received, 0U);
}

}  // namespace
}  // namespace chibo

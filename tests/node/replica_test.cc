#include <gtest/gtest.h>

#include "tests/disk/fault_vfs.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

class ReplicaTest : public ::testing::Test {
 protected:
  // Province → district → commune → cell.
  void BuildFour() {
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId district = province_->AddUnit("huyen", pb::DISTRICT, kNow);
    district_ = SimNode::Join(*province_, district, pb::SERVER, random_, kNow);
    const UnitId commune = district_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*district_, commune, pb::SERVER, random_, kNow);
    const UnitId cell = commune_->AddUnit("xa01-cb01", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow);
  }

  std::vector<std::string> TwoMembersAndAMeeting() const {
    return {
        R"({"records":[
          {"member":{"person":"@new","name":"Nguyễn Văn An","birth":19800201,"admitted":20050301,"official":20060301}},
          {"member":{"person":"@new","name":"Phạm Thị Bình","birth":19850610,"admitted":20100519,"official":20110519}}]})",
        R"({"records":[
          {"meeting":{"kinds":["REGULAR"],"start_ms":"1575500000000","chair":"@person:Nguyễn Văn An|19800201","minute_taker":"@person:Phạm Thị Bình|19850610","present":["@person:Nguyễn Văn An|19800201"]}},
          {"minutes":{"meeting":{"position":0},"text":"Chi bộ thảo luận việc làm đường thôn."}}]})"};
  }

  SeededRandom random_{7};
  test::FaultVfs disk_;
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> district_;
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

TEST_F(ReplicaTest, WhatACellRecordsIsReceivedByItsParent) {
  BuildFour();
  cell_->Record({TwoMembersAndAMeeting()[0]}, kNow);
  EXPECT_EQ(cell_->status().only_here, 2u);
  EXPECT_FALSE(cell_->status().covered());

  const LinkResult first = SyncOnce(*cell_, *commune_, kNow);
  ASSERT_TRUE(first.child) << ToString(first.child.error());
  EXPECT_TRUE(cell_->status().covered());
  EXPECT_EQ(cell_->status().only_here, 0u);
  EXPECT_EQ(cell_->status().received, 2u);

  const LinkResult second = SyncOnce(*cell_, *commune_, kNow);
  ASSERT_TRUE(second.child) << ToString(second.child.error());
  EXPECT_EQ(second.round_trips, 1u);
  EXPECT_LE(second.bytes_up + second.bytes_down, 260u);
}

TEST_F(ReplicaTest, ARecordOfParentReachStopsAtTheParent) {
  BuildFour();
  cell_->Record({TwoMembersAndAMeeting()[0]}, kNow);
  cell_->Record({TwoMembersAndAMeeting()[1]}, kNow);
  ASSERT_TRUE(SyncOnce(*cell_, *commune_, kNow).child);
  ASSERT_TRUE(SyncOnce(*commune_, *district_, kNow).child);
  const auto minutes_at = [](SimNode& node) {
    int count = 0;
    EXPECT_TRUE(node.replica().view().VisitFacts([&](const Fact& fact) {
      count += fact.kind == pb::Record::kMinutes && fact.record != nullptr ? 1 : 0;
      return true;
    }));
    return count;
  };
  EXPECT_EQ(minutes_at(*cell_), 1);
  EXPECT_EQ(minutes_at(*commune_), 1);
  EXPECT_EQ(minutes_at(*district_), 0);
  EXPECT_TRUE(cell_->status().covered());
  EXPECT_TRUE(commune_->status().covered());
}

TEST_F(ReplicaTest, EverythingCountsOnEveryLevel) {
  BuildFour();
  cell_->Record({TwoMembersAndAMeeting()[0]}, kNow);
  ASSERT_TRUE(SyncOnce(*cell_, *commune_, kNow).child);
  ASSERT_TRUE(SyncOnce(*commune_, *district_, kNow).child);
  ASSERT_TRUE(SyncOnce(*district_, *province_, kNow).child);
  for (SimNode* node : {cell_.get(), commune_.get(), district_.get(), province_.get()}) {
    EXPECT_TRUE(node->replica().view().VisitSetAside([&](const Fact& fact) {
      ADD_FAILURE() << node->replica().settings().unit_code << " sets aside " << ToString(fact.name)
                    << " kind " << fact.kind << ": " << Name(fact.standing);
      return true;
    }));
  }
}

TEST_F(ReplicaTest, TheViewDoesNotDependOnHowItWasMade) {
  BuildFour();
  cell_->Record(TwoMembersAndAMeeting().size() > 1
                    ? std::vector<std::string>{TwoMembersAndAMeeting()[0]}
                    : std::vector<std::string>{},
                kNow);
  cell_->Record({TwoMembersAndAMeeting()[1]}, kNow);
  ASSERT_TRUE(SyncOnce(*cell_, *commune_, kNow).child);
  for (SimNode* node : {cell_.get(), commune_.get()}) {
    const Hash before = node->digest();
    ASSERT_TRUE(node->replica().RebuildView());
    EXPECT_EQ(node->digest(), before);
  }
}

TEST_F(ReplicaTest, ACutSessionLosesNothingAndTheNextOneCompletes) {
  BuildFour();
  cell_->Record({TwoMembersAndAMeeting()[0]}, kNow);
  cell_->Record({TwoMembersAndAMeeting()[1]}, kNow);
  for (std::uint64_t cut = 1; cut < 1200; cut += 37) {
    LinkOptions options;
    options.cut_up = cut;
    static_cast<void>(SyncOnce(*cell_, *commune_, kNow, options));
  }
  ASSERT_TRUE(SyncOnce(*cell_, *commune_, kNow).child);
  EXPECT_TRUE(cell_->status().covered());
}

TEST_F(ReplicaTest, WhenTheStoreFailsEachChunkIsReported) {
  test::FaultVfs disk;
  const SimNode::Place place{"/chibo.db", disk.name()};
  const auto node = SimNode::Found("Tỉnh thử", random_, kNow, place);
  disk.FailAt(0, test::Fault::kSync, false);
  const Status failed = node->replica().Transact(kNow, [&](StreamWriter&) {
    return node->replica().PutParentCursor({"lineage", 1});
  });
  ASSERT_EQ(failed.error().code, Code::kDiskFailing);
  std::vector<SubmittedChunk> chunks(2);
  chunks[0].chunk.ticket = 7;
  chunks[1].chunk.ticket = 8;
  const auto reports = node->replica().Ingest(chunks, kNow);
  ASSERT_EQ(reports.size(), 2u);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].ticket, chunks[i].chunk.ticket);
    ASSERT_TRUE(reports[i].error);
    EXPECT_EQ(reports[i].error->code, Code::kDiskFailing);
  }
}

TEST_F(ReplicaTest, WhatCouldNotBeReadAgainIsReadBeforeAnythingIsSaid) {
  province_ = SimNode::Found("Tỉnh thử", random_, kNow);
  const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
  commune_ =
      SimNode::Join(*province_, commune, pb::SERVER, random_, kNow, {"/chibo.db", disk_.name()});
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  }
  // Nothing is to come out of memory.
  ASSERT_TRUE(commune_->sql().Execute("PRAGMA cache_size=1;"));
  const Status failed = commune_->replica().Transact(kNow, [&](StreamWriter&) -> Status {
    disk_.FailAt(0, test::Fault::kRead, true);
    return Fail(Code::kCut, "");
  });
  EXPECT_EQ(failed.error().code, Code::kCut);
  ASSERT_TRUE(disk_.has_failed());
  EXPECT_FALSE(SyncOnce(*commune_, *province_, kNow).child);
  EXPECT_FALSE(commune_->replica().Refresh());

  disk_.FailAt(0, test::Fault::kNone, false);
  const LinkResult again = SyncOnce(*commune_, *province_, kNow);
  ASSERT_TRUE(again.child) << ToString(again.child.error());
  EXPECT_EQ(again.counts.entries_in + again.counts.entries_out, 0u);
}

TEST_F(ReplicaTest, TheFirstEntryAfterAStartSaysSoWhateverFailed) {
  BuildFour();
  const auto marks = [&] {
    std::vector<bool> marked;
    for (const Stream* stream : cell_->replica().streams().All()) {
      if (stream->own && stream->kind == pb::LINE) {
        EXPECT_TRUE(cell_->replica().log().VisitHeaders(
            stream->no, 0, [&](std::uint64_t index, ByteView header) {
              marked.push_back(!ParseHeader(header, index)->message.boot().empty());
              return true;
            }));
      }
    }
    return marked;
  };
  const auto fails_after_writing = [&] {
    const Status failed = cell_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      pb::Record record;
      record.mutable_leave()->set_person(random_.Draw(PersonId::kSize));
      record.mutable_leave()->set_kind(pb::SICK);
      record.mutable_leave()->set_from(20190201);
      record.mutable_leave()->set_to(20190301);
      Draft draft;
      draft.claimed = kNow;
      draft.Add(std::move(record));
      CHIBO_TRY(writer.Append(pb::LINE, UnitId(), std::move(draft)));
      return Fail(Code::kCut, "");
    });
    return !failed && failed.error().code == Code::kCut;
  };
  ASSERT_TRUE(marks().empty());
  EXPECT_TRUE(fails_after_writing());
  cell_->Record({TwoMembersAndAMeeting()[0]}, kNow);
  // The genesis always says so.
  EXPECT_EQ(marks(), (std::vector<bool>{true, true}));
  EXPECT_TRUE(fails_after_writing());
  cell_->Record({TwoMembersAndAMeeting()[1]}, kNow);
  EXPECT_EQ(marks(), (std::vector<bool>{true, true, false}));
}

}  // namespace
}  // namespace chibo

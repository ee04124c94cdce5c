// Units under another superior, devices that follow another, and streams that are held in part.
#include "node/move.h"

#include <gtest/gtest.h>

#include "node/revoke.h"
#include "tests/node/pieces.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

// A leave is of parent reach.
std::string LeaveLine(const std::string& name) {
  return R"({"leave":{"person":"@person:)" + name +
         R"(|19800201","kind":"SICK","from":20190301,"to":20190630}})";
}

std::size_t CountOf(SimNode& node, Kind kind) {
  std::size_t count = 0;
  EXPECT_TRUE(node.replica().view().VisitFacts([&](const Fact& fact) {
    count += fact.record != nullptr && fact.counts() && fact.record->body_case() == kind ? 1 : 0;
    return true;
  }));
  return count;
}

class MovedUnitTest : public ::testing::Test {
 protected:
  MovedUnitTest() {
    InitCrypto();
    district_ = SimNode::Found("Huyện thử", random_, kNow);
    for (const std::string code : {"xa01", "xa02"}) {
      const UnitId unit = district_->AddUnit(code, pb::GRASSROOTS_BODY, kNow);
      communes_.push_back(SimNode::Join(*district_, unit, pb::SERVER, random_, kNow));
    }
    cell_unit_ = communes_[0]->AddUnit("xa01-cb01", pb::CELL, kNow);
    cell_ = SimNode::Join(*communes_[0], cell_unit_, pb::SECRETARY, random_, kNow);
    cell_->Record({MemberLine("An")}, kNow);
    cell_->Record({LeaveLine("An")}, kNow);
    SyncAll();
  }

  void Sync(SimNode& child, SimNode& parent) {
    const LinkResult result = SyncOnce(child, parent, kNow);
    EXPECT_TRUE(result.child) << child.replica().settings().unit_code << " to "
                              << parent.replica().settings().unit_code << ": "
                              << ToString(result.child.error());
  }
  void SyncAll() {
    Sync(*cell_, *communes_[0]);
    for (const auto& commune : communes_) {
      Sync(*commune, *district_);
    }
  }

  void Move(bool hand_over) {
    const MovePlan plan{cell_unit_, communes_[1]->unit(), hand_over, 20191101, "12-QĐ/HU"};
    const Status moved = MoveUnit(district_->replica(), district_->officer(), plan, kNow);
    ASSERT_TRUE(moved) << ToString(moved.error());
    for (const auto& commune : communes_) {
      Sync(*commune, *district_);
      Sync(*commune, *district_);
    }
    SimNode& fresh = *communes_[1];
    const auto text = MakeInvite(fresh.replica(), cell_unit_, pb::SECRETARY, "", kNow);
    ASSERT_TRUE(text) << ToString(text.error());
    const pb::Invite invite = *ReadInvite(*text);
    ASSERT_TRUE(PrepareMove(cell_->replica(), invite, kNow));
    const Bytes request = MakeRequest(invite, cell_->device(), nullptr, "máy");
    const auto grants = Approve(fresh.replica(), fresh.officer(), {request}, kNow);
    ASSERT_TRUE(grants) << ToString(grants.error());
    const Status taken = TakeGrant(cell_->replica(), grants->front(), kNow);
    ASSERT_TRUE(taken) << ToString(taken.error());
    EXPECT_EQ(cell_->replica().settings().parent, fresh.unit());
  }

  SeededRandom random_{53};
  std::unique_ptr<SimNode> district_;
  std::vector<std::unique_ptr<SimNode>> communes_;
  UnitId cell_unit_;
  std::unique_ptr<SimNode> cell_;
};

TEST_F(MovedUnitTest, GoesOnUnderItsNewSuperiorWithoutOlderRecordsOfParentReach) {
  Move(false);
  cell_->Record({MemberLine("Bình")}, kNow);
  cell_->Record({LeaveLine("Bình")}, kNow);
  Sync(*cell_, *communes_[1]);
  Sync(*cell_, *communes_[1]);
  for (const StreamStatus& stream : cell_->status().streams) {
    EXPECT_TRUE(stream.covered()) << stream.id.hex().substr(0, 8) << " " << stream.received
                                  << " of " << stream.size;
  }
  EXPECT_EQ(CountOf(*communes_[1], Kind::kMember), 2u);
  EXPECT_EQ(CountOf(*communes_[1], Kind::kLeave), 1u) << "what was for the former superior";
  EXPECT_EQ(CountOf(*cell_, Kind::kLeave), 2u);
  Sync(*communes_[1], *district_);
  Sync(*communes_[0], *district_);
  EXPECT_EQ(CountOf(*district_, Kind::kMember), 2u);
  EXPECT_EQ(CountOf(*communes_[0], Kind::kMember), 1u) << "the former superior keeps what it had";
}

TEST_F(MovedUnitTest, HandsOlderRecordsOfParentReachOver) {
  Move(true);
  Sync(*cell_, *communes_[1]);
  EXPECT_EQ(CountOf(*communes_[1], Kind::kLeave), 1u);
  Sync(*communes_[1], *district_);
  EXPECT_EQ(CountOf(*district_, Kind::kLeave), 0u) << "and to nobody else";
}

// The new superior got the old line without them before the order to hand over arrived.
TEST_F(MovedUnitTest, AsksForWhatWasWithheldOnceItMayReadIt) {
  Move(false);
  Sync(*cell_, *communes_[1]);
  EXPECT_EQ(CountOf(*communes_[1], Kind::kLeave), 0u);
  const MovePlan back{cell_unit_, communes_[0]->unit(), false, 20191102, ""};
  ASSERT_TRUE(MoveUnit(district_->replica(), district_->officer(), back, kNow));
  const MovePlan again{cell_unit_, communes_[1]->unit(), true, 20191103, ""};
  ASSERT_TRUE(MoveUnit(district_->replica(), district_->officer(), again, kNow));
  Sync(*communes_[1], *district_);
  Sync(*cell_, *communes_[1]);
  Sync(*cell_, *communes_[1]);
  EXPECT_EQ(CountOf(*communes_[1], Kind::kLeave), 1u);
  const Hash digest = communes_[1]->digest();
  ASSERT_TRUE(communes_[1]->replica().RebuildView());
  EXPECT_EQ(communes_[1]->digest(), digest);
}

TEST_F(MovedUnitTest, OnlyWhoStandsAboveBothMovesAUnit) {
  const MovePlan plan{cell_unit_, communes_[1]->unit(), false, 20191101, ""};
  for (const auto& commune : communes_) {
    const Status moved = MoveUnit(commune->replica(), commune->officer(), plan, kNow);
    EXPECT_FALSE(moved);
  }
  EXPECT_EQ(communes_[0]->replica().authority().KeeperOf(cell_unit_), communes_[0]->unit());
}

// What certifies the former superior stands in a stream that is held as far as before it, as after
// damage, and is known from a copy elsewhere: there is nothing to copy it from.
TEST(Move, PassesOverWhatIsKnownFromACopyAlone) {
  InitCrypto();
  SeededRandom random(54);
  const auto province = SimNode::Found("Tỉnh thử", random, kNow);
  const auto join = [&](SimNode& parent, const std::string& code, pb::UnitKind kind) {
    return SimNode::Join(parent, parent.AddUnit(code, kind, kNow), pb::SERVER, random, kNow);
  };
  const auto district = join(*province, "h1", pb::DISTRICT);
  const auto before = join(*district, "xa1", pb::GRASSROOTS_BODY);
  const auto after = join(*province, "xa2", pb::GRASSROOTS_BODY);
  const UnitId cell = before->AddUnit("xa1-cb1", pb::CELL, kNow);
  // With the first device below it a superior copies what certifies it to there.
  const auto secretary = SimNode::Join(*before, cell, pb::SECRETARY, random, kNow);

  std::vector<SubmittedChunk> chunks;
  std::set<StreamId> held_in_part;
  for (SimNode* node : {district.get(), before.get()}) {
    for (const Piece& piece : PiecesOf(*node)) {
      const Stream& stream = *node->replica().streams().Find(piece.stream);
      const bool certifies = stream.kind == pb::TO && stream.other == before->unit();
      if (!certifies || piece.index == 0) {
        chunks.push_back(ChunkOf(piece));
      }
      if (certifies) {
        held_in_part.insert(piece.stream);
      }
    }
  }
  for (const CommitReport& report : province->replica().Ingest(std::move(chunks), kNow)) {
    ASSERT_FALSE(report.error) << ToString(*report.error);
  }
  ASSERT_EQ(held_in_part.size(), 1U);
  EXPECT_EQ(province->replica().streams().Find(*held_in_part.begin())->size(), 1U);
  ASSERT_EQ(province->replica().authority().KeeperOf(cell), before->unit());

  const MovePlan plan{cell, after->unit(), false, 20191101, ""};
  const Status moved = MoveUnit(province->replica(), province->officer(), plan, kNow);
  ASSERT_TRUE(moved) << ToString(moved.error());
  EXPECT_EQ(province->replica().authority().KeeperOf(cell), after->unit());
}

// ---- A device that follows another

class FollowingDeviceTest : public MovedUnitTest {
 protected:
  void Revoke() {
    for (const ValidCertificate& certificate :
         communes_[0]->replica().authority().Current(cell_unit_, pb::SECRETARY)) {
      ASSERT_TRUE(RevokeDevice(communes_[0]->replica(), communes_[0]->officer(), certificate.id,
                               true, "Đổi máy", kNow));
    }
  }
};

TEST_F(FollowingDeviceTest, GetsWhatTheOneBeforeHasWritten) {
  Revoke();
  const auto next = SimNode::Join(*communes_[0], cell_unit_, pb::SECRETARY, random_, kNow);
  Sync(*next, *communes_[0]);
  EXPECT_EQ(CountOf(*next, Kind::kMember), 1u);
  EXPECT_EQ(CountOf(*next, Kind::kLeave), 1u);
  next->Record({MemberLine("Bình")}, kNow);
  Sync(*next, *communes_[0]);
  EXPECT_TRUE(next->status().covered());
}

TEST_F(FollowingDeviceTest, AUnitOfWhichOneOfTwoDevicesIsRevokedStillSyncs) {
  const auto deputy = SimNode::Join(*communes_[0], cell_unit_, pb::DEPUTY, random_, kNow);
  deputy->Record({MemberLine("Bình")}, kNow);
  Sync(*deputy, *communes_[0]);
  Sync(*cell_, *communes_[0]);
  EXPECT_EQ(CountOf(*cell_, Kind::kMember), 2u);
  for (const ValidCertificate& certificate :
       communes_[0]->replica().authority().Current(cell_unit_, pb::DEPUTY)) {
    ASSERT_TRUE(RevokeDevice(communes_[0]->replica(), communes_[0]->officer(), certificate.id, true,
                             "Mất máy", kNow));
  }
  Sync(*cell_, *communes_[0]);
  Sync(*cell_, *communes_[0]);
}

}  // namespace
}  // namespace chibo

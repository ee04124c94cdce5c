// More of one thing than an entry or a record has room for.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "node/move.h"
#include "node/revoke.h"
#include "proto/limits.h"
#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

std::string AnyLeaveLine() {
  return R"({"leave":{"person":"@new","kind":"SICK","from":20190201,"to":20190201}})";
}

std::size_t Postings(SimNode& node, bool counted) {
  std::size_t count = 0;
  Must(node.replica().view().VisitFacts([&](const Fact& fact) {
    const bool is_posting = fact.record != nullptr && fact.record->has_posting();
    count += is_posting && fact.counts() == counted ? 1 : 0;
    return true;
  }));
  return count;
}

// A province over two districts, the first of which writes to a thousand cells.
class ManyRecordsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kCells = 1000;

  ManyRecordsTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    for (const std::string code : {"h01", "h02"}) {
      const UnitId unit = province_->AddUnit(code, pb::DISTRICT, kNow);
      districts_.push_back(SimNode::Join(*province_, unit, pb::SERVER, random_, kNow));
    }
  }

  SimNode& district() { return *districts_.front(); }
  static void Sync(SimNode& child, SimNode& parent) {
    const LinkResult result = SyncOnce(child, parent, kNow);
    ASSERT_TRUE(result.child) << ToString(result.child.error());
  }

  void WriteToAThousand() {
    std::vector<UnitPlan> plans(kCells);
    for (std::size_t i = 0; i < kCells; ++i) {
      plans[i].code = plans[i].name = "c" + std::to_string(i);
      plans[i].kind = pb::CELL;
    }
    Must(AddUnits(district().replica(), district().officer(), plans, kNow));
    for (const UnitPlan& plan : plans) {
      cells_.push_back(*district().replica().projector().organisation().FindByCode(plan.code));
    }
    for (const UnitId& cell : cells_) {
      Post(cell);
    }
    Sync(district(), *province_);
  }
  void Post(const UnitId& cell) {
    pb::Record posting;
    posting.mutable_posting()->set_person(random_.Draw(16));
    posting.mutable_posting()->set_title("Bí thư");
    posting.mutable_posting()->set_place(Bytes(cell.view()));
    Draft draft;
    draft.claimed = kNow;
    draft.Add(std::move(posting));
    Must(district().replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(writer.Append(pb::TO, cell, std::move(draft)));
      return {};
    }));
  }

  SeededRandom random_{59};
  std::unique_ptr<SimNode> province_;
  std::vector<std::unique_ptr<SimNode>> districts_;
  std::vector<UnitId> cells_;
};

TEST_F(ManyRecordsTest, KeysApprovedAtOnceDoNotLockTheirCommitteeOut) {
  const UnitId unit = district().AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
  const auto commune = SimNode::Join(district(), unit, pb::SERVER, random_, kNow);
  const UnitId below = commune->AddUnit("xa01-cb01", pb::CELL, kNow);
  const auto cell = SimNode::Join(*commune, below, pb::SECRETARY, random_, kNow);
  constexpr int kPeople = 300;
  std::optional<PersonId> last;
  for (int i = 0; i < kPeople; ++i) {
    last = random_.DrawFixed<PersonId>();
    const SigningKey key(SecretKey::Draw(random_));
    const Bytes message =
        PersonKeyMessage(commune->replica().settings().network, last->view(), key.public_key());
    commune->Record({R"({"person_key":{"person":")" + ToBase64(last->view()) +
                     R"(","name":"Lê Thị Mai","key":{"usage":"SIGN","algorithm":1,"key":")" +
                     ToBase64(key.public_key().view()) + R"("},"proof":")" +
                     ToBase64(key.Sign(message).view()) + R"("}})"},
                    kNow);
  }
  Sync(*commune, district());
  const auto approved = ApprovePersonKeys(district().replica(), district().officer(), kNow);
  ASSERT_TRUE(approved) << ToString(approved.error());
  EXPECT_EQ(approved->size(), std::size_t{kPeople});
  Sync(*commune, district());
  commune->Record({AnyLeaveLine()}, kNow);
  Sync(*commune, district());
  EXPECT_TRUE(commune->status().covered());
  // Those below can judge whom the superior above their own has certified.
  Sync(*cell, *commune);
  EXPECT_EQ(cell->replica().authority().PersonKeys(*last).size(), 1U);
}

TEST_F(ManyRecordsTest, AServerOfAThousandUnitsIsRevokedAndWhatItWroteIsKept) {
  WriteToAThousand();
  const UnitId unit = district().unit();
  const auto current = province_->replica().authority().Current(unit, pb::SERVER);
  ASSERT_EQ(current.size(), 1U);
  const auto revoked = RevokeDevice(province_->replica(), province_->officer(), current[0].id, true,
                                    "Hỏng máy", kNow);
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_GE(revoked->kept.size(), kCells);
  EXPECT_TRUE(province_->replica().authority().IsRevoked(current[0].id));
  EXPECT_EQ(Postings(*province_, true), kCells);
  EXPECT_EQ(Postings(*province_, false), 0U);

  // The machine that takes its place tells those below what was kept.
  const auto fresh = SimNode::Join(*province_, unit, pb::SERVER, random_, kNow);
  Sync(*fresh, *province_);
  EXPECT_EQ(Postings(*fresh, true), kCells);
  const auto cell = SimNode::Join(*fresh, cells_.back(), pb::SECRETARY, random_, kNow);
  Sync(*cell, *fresh);
  EXPECT_EQ(Postings(*cell, true), 1U);
  EXPECT_EQ(Postings(*cell, false), 0U);
}

TEST_F(ManyRecordsTest, AUnitThatWritesToAThousandIsMoved) {
  const UnitId block = province_->AddUnit("k01", pb::BLOCK, kNow);
  WriteToAThousand();
  const auto upper = SimNode::Join(*province_, block, pb::SERVER, random_, kNow);
  const MovePlan plan{district().unit(), block, false, 20191101, "12-QĐ/TU"};
  const Status moved = MoveUnit(province_->replica(), province_->officer(), plan, kNow);
  ASSERT_TRUE(moved) << ToString(moved.error());
  EXPECT_EQ(province_->replica().authority().KeeperOf(district().unit()), block);
  EXPECT_EQ(Postings(*province_, true), kCells);
  EXPECT_EQ(Postings(*province_, false), 0U);
}

}  // namespace
}  // namespace chibo

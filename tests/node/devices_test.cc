// Several devices of one unit, beside each other and after each other.
#include <gtest/gtest.h>

#include "node/revoke.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

using Names = std::set<std::string>;

class DevicesTest : public ::testing::Test {
 protected:
  DevicesTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
    unit_ = commune_->AddUnit("xa01-cb01", pb::CELL, kNow);
    first_ = SimNode::Join(*commune_, unit_, pb::SECRETARY, random_, kNow);
    first_->Record({MemberLine("A")}, kNow);
    Sync(*first_);
  }

  void Sync(SimNode& device) {
    const LinkResult result = SyncOnce(device, *commune_, kNow);
    ASSERT_TRUE(result.child) << ToString(result.child.error());
  }

  void RevokeFirst() {
    const auto certificate = commune_->replica().authority().Current(unit_, pb::SECRETARY).front();
    const auto revoked = RevokeDevice(commune_->replica(), commune_->officer(), certificate.id,
                                      true, "Mất máy", kNow);
    ASSERT_TRUE(revoked) << ToString(revoked.error());
  }

  SeededRandom random_{17};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> first_;
  UnitId unit_;
};

TEST_F(DevicesTest, HoldWhatTheOtherWritesThroughTheirSuperior) {
  const auto second = SimNode::Join(*commune_, unit_, pb::DEPUTY, random_, kNow);
  Sync(*second);
  EXPECT_EQ(MemberNames(*second), Names{"A"});
  second->Record({MemberLine("B")}, kNow);
  Sync(*second);
  Sync(*first_);
  EXPECT_EQ(MemberNames(*first_), (Names{"A", "B"}));
  EXPECT_EQ(MemberNames(*commune_), (Names{"A", "B"}));
}

TEST_F(DevicesTest, TheOneThatFollowsARevokedOneGetsWhatWasKeptOfIt) {
  RevokeFirst();
  const auto second = SimNode::Join(*commune_, unit_, pb::SECRETARY, random_, kNow);
  Sync(*second);
  EXPECT_EQ(MemberNames(*second), Names{"A"});
  second->Record({MemberLine("B")}, kNow);
  Sync(*second);
  EXPECT_EQ(MemberNames(*second), (Names{"A", "B"}));
  EXPECT_EQ(MemberNames(*commune_), (Names{"A", "B"}));
}

TEST_F(DevicesTest, ARevokedOneIsNotLetInAndKeepsWhatItHas) {
  RevokeFirst();
  first_->Record({MemberLine("B")}, kNow);
  const LinkResult refused = SyncOnce(*first_, *commune_, kNow);
  ASSERT_FALSE(refused.child);
  EXPECT_EQ(refused.child.error().code, Code::kNotKnown);
  EXPECT_EQ(MemberNames(*first_), (Names{"A", "B"}));
  EXPECT_EQ(first_->status().only_here, 1U);
  EXPECT_EQ(MemberNames(*commune_), Names{"A"});
}

// The superior above knows of the theft first; the commune takes in what the thief sends until it
// hears of it, and counts none of it afterwards.
TEST_F(DevicesTest, WhatARevokedOneWroteBeforeThatWasHeardOfIsSetAside) {
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  const auto certificate = province_->replica().authority().Current(unit_, pb::SECRETARY).front();
  ASSERT_TRUE(RevokeDevice(province_->replica(), province_->officer(), certificate.id, true,
                           "Mất máy", kNow));
  first_->Record({MemberLine("B")}, kNow);
  Sync(*first_);
  EXPECT_EQ(MemberNames(*commune_), (Names{"A", "B"}));
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  for (SimNode* node : {commune_.get(), province_.get()}) {
    EXPECT_EQ(MemberNames(*node), Names{"A"});
    std::vector<SetAside> reasons;
    EXPECT_TRUE(node->replica().view().VisitSetAside([&](const Fact& fact) {
      reasons.push_back(fact.standing);
      return true;
    }));
    EXPECT_EQ(reasons, std::vector{SetAside::kRevoked});
  }
}

// The units and devices that the old one has taken in stay, and so does what these write.
TEST_F(DevicesTest, WhatAnOfficerSignedStaysWhenAnotherTakesOver) {
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  const UnitId commune = commune_->unit();
  const auto before = province_->replica().authority().Current(commune, pb::AUTHORITY).front();
  const UnlockedKey key = SimNode::MakeOfficerKey(random_);
  pb::CertificateBody body;
  body.set_unit(Bytes(commune.view()));
  body.set_role(pb::AUTHORITY);
  pb::Key& named = *body.add_keys();
  named.set_usage(pb::SIGN);
  named.set_algorithm(1);
  named.set_key(Bytes(key.sign.public_key().view()));
  Draft draft;
  draft.claimed = kNow;
  draft.Add(MakeCertificate(province_->replica().settings().network, province_->officer(), body));
  ASSERT_TRUE(province_->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(writer.Append(pb::TO, commune, std::move(draft)));
    return {};
  }));
  ASSERT_TRUE(RevokeDevice(province_->replica(), province_->officer(), before.id, true,
                           "Thôi giữ chức", kNow));
  EXPECT_FALSE(province_->replica().authority().Current(unit_, pb::SECRETARY).empty());

  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  EXPECT_FALSE(commune_->FindOfficer());
  commune_->TakeOfficerKey(key);
  EXPECT_TRUE(commune_->FindOfficer());
  first_->Record({MemberLine("B")}, kNow);
  Sync(*first_);
  ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  for (SimNode* node : {first_.get(), commune_.get(), province_.get()}) {
    EXPECT_EQ(MemberNames(*node), (Names{"A", "B"}));
  }
  // And the new one takes in others.
  const auto second = SimNode::Join(*commune_, unit_, pb::DEPUTY, random_, kNow);
  Sync(*second);
  EXPECT_EQ(MemberNames(*second), (Names{"A", "B"}));
}

}  // namespace
}  // namespace chibo

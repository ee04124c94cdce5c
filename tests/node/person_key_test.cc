// Which persons' keys an officer certifies.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "tests/must.h"
#include "tests/node/sample_lines.h"
#include "tests/sim/sim_node.h"

namespace chibo {
namespace {

class PersonKeyTest : public ::testing::Test {
 protected:
  PersonKeyTest() {
    InitCrypto();
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ = SimNode::Join(*province_, commune, pb::SERVER, random_, kNow);
  }

  // The commune enrols a key of its own person; the proof is by `prover` over `proven`.
  void Enrol(const SigningKey& key, const SigningKey& prover, ByteView proven) {
    const Bytes message =
        PersonKeyMessage(commune_->replica().settings().network, proven, key.public_key());
    commune_->Record({R"({"person_key":{"person":")" + ToBase64(person_.view()) +
                      R"(","name":"Lê Thị Mai","key":{"usage":"SIGN","algorithm":1,"key":")" +
                      ToBase64(key.public_key().view()) + R"("},"proof":")" +
                      ToBase64(prover.Sign(message).view()) + R"("}})"},
                     kNow);
    ASSERT_TRUE(SyncOnce(*commune_, *province_, kNow).child);
  }
  std::size_t Approve() {
    return Must(ApprovePersonKeys(province_->replica(), province_->officer(), kNow)).size();
  }

  SeededRandom random_{59};
  PersonId person_ = random_.DrawFixed<PersonId>();
  SigningKey key_{SecretKey::Draw(random_)};
  SigningKey other_{SecretKey::Draw(random_)};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
};

TEST_F(PersonKeyTest, ThatProvesItselfIsCertifiedOnceFromAbove) {
  Enrol(key_, key_, person_.view());
  EXPECT_TRUE(Must(ApprovePersonKeys(commune_->replica(), commune_->officer(), kNow)).empty());
  EXPECT_EQ(Approve(), 1u);
  EXPECT_EQ(Approve(), 0u);
  EXPECT_EQ(province_->replica().authority().PersonKeys(person_), std::vector{key_.public_key()});
}

TEST_F(PersonKeyTest, WhoseProofIsByAnotherKeyIsNotCertified) {
  Enrol(key_, other_, person_.view());
  EXPECT_EQ(Approve(), 0u);
}

TEST_F(PersonKeyTest, WhoseProofIsForAnotherPersonIsNotCertified) {
  Enrol(key_, key_, random_.DrawFixed<PersonId>().view());
  EXPECT_EQ(Approve(), 0u);
}

}  // namespace
}  // namespace chibo

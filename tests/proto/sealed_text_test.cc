#include "proto/sealed_text.h"

#include <gtest/gtest.h>

#include "tests/proto/sample.h"

namespace chibo {
namespace {

class SealedTextTest : public ::testing::Test {
 protected:
  const RecordName name_{sample::Stream(), 7, 2};
  const Commitment commitment_ = Commitment::FromChecked("commitment-of-the-record-sealed.");
  SeededRandom random_{5};
  const StreamSecret secret_ = random_.DrawFixed<StreamSecret>();
  const DhKey reader_{SecretKey::Draw(random_)};
  const DhKey other_{SecretKey::Draw(random_)};
};

TEST_F(SealedTextTest, OpensForEachItIsSealedToAndNobodyElse) {
  pb::SealedText text;
  *text.add_secrets() = *SealSecret(secret_, other_.public_key(), random_);
  EXPECT_FALSE(IsSealedTo(text, reader_.public_key()));
  EXPECT_EQ(OpenSecret(text, reader_), std::nullopt);
  *text.add_secrets() = *SealSecret(secret_, reader_.public_key(), random_);
  EXPECT_TRUE(IsSealedTo(text, reader_.public_key()));
  EXPECT_EQ(OpenSecret(text, reader_), secret_);
  EXPECT_EQ(OpenSecret(text, other_), secret_);
}

// One that says it is for this key and is not: told apart from one that is for somebody else.
TEST_F(SealedTextTest, ABoxMadeForAnotherDoesNotOpen) {
  pb::SealedText text;
  pb::SealedSecret& sealed = *text.add_secrets();
  sealed = *SealSecret(secret_, other_.public_key(), random_);
  sealed.set_key_id(KeyId(reader_.public_key()));
  EXPECT_TRUE(IsSealedTo(text, reader_.public_key()));
  EXPECT_EQ(OpenSecret(text, reader_), std::nullopt);
}

TEST_F(SealedTextTest, RefusesEveryFlippedByteOfABox) {
  const pb::SealedSecret whole = *SealSecret(secret_, reader_.public_key(), random_);
  ASSERT_EQ(whole.box().size(), kSecretBoxBytes);
  for (std::size_t i = 0; i < whole.box().size(); ++i) {
    pb::SealedText text;
    *text.add_secrets() = whole;
    Bytes& box = *text.mutable_secrets(0)->mutable_box();
    box[i] = static_cast<char>(box[i] ^ 0x40);
    EXPECT_NE(OpenSecret(text, reader_), secret_) << i;
  }
}

TEST_F(SealedTextTest, AKeyOfSmallOrderGetsNothing) {
  EXPECT_EQ(SealSecret(secret_, DhPublicKey(), random_), std::nullopt);
}

TEST_F(SealedTextTest, APayloadOpensInItsPlaceOnly) {
  const pb::SealedPayload sealed = SealPayload(secret_, name_, commitment_, "ý kiến", random_);
  EXPECT_EQ(OpenPayload(secret_, name_.stream, sealed), "ý kiến");
  EXPECT_EQ(sealed.box().find("kiến"), Bytes::npos);
  EXPECT_EQ(OpenPayload(random_.DrawFixed<StreamSecret>(), name_.stream, sealed), std::nullopt);
  EXPECT_EQ(OpenPayload(secret_, StreamId(), sealed), std::nullopt);
  pb::SealedPayload elsewhere = sealed;
  elsewhere.set_index(8);
  EXPECT_EQ(OpenPayload(secret_, name_.stream, elsewhere), std::nullopt);
  elsewhere = sealed;
  elsewhere.set_position(1);
  EXPECT_EQ(OpenPayload(secret_, name_.stream, elsewhere), std::nullopt);
  elsewhere = sealed;
  elsewhere.set_commitment("commitment-of-another-record....");
  EXPECT_EQ(OpenPayload(secret_, name_.stream, elsewhere), std::nullopt);
}

TEST_F(SealedTextTest, TheSameTwiceLooksDifferent) {
  EXPECT_NE(SealPayload(secret_, name_, commitment_, "x", random_).box(),
            SealPayload(secret_, name_, commitment_, "x", random_).box());
  EXPECT_NE(SealSecret(secret_, reader_.public_key(), random_)->box(),
            SealSecret(secret_, reader_.public_key(), random_)->box());
}

}  // namespace
}  // namespace chibo

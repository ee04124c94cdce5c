#include "proto/signed_object.h"

#include <gtest/gtest.h>

#include "proto/record.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

const SignPublicKey kAuthority = sample::AuthorityKey().public_key();
const SignPublicKey kDevice = sample::DeviceKey().public_key();

std::vector<pb::Record> SignedSamples() {
  std::vector<pb::Record> records;
  for (pb::Record& record : sample::Records()) {
    if (!TraitsOf(static_cast<std::uint32_t>(record.body_case()))->object.empty()) {
      records.push_back(std::move(record));
    }
  }
  return records;
}

TEST(SignedObject, SignedIsObjectNetworkAndBody) {
  const pb::Record record = sample::RecordOf(Kind::kRegradeOrder);
  EXPECT_EQ(SignedMessage(sample::Network(), record),
            "chibo/regrade-order/v0\n" + Bytes(sample::Network().view()) +
                record.regrade_order().body().SerializeAsString());
  EXPECT_EQ(BodyBytes(record), record.regrade_order().body().SerializeAsString());
  EXPECT_EQ(BodyDigest(record), Sha256(BodyBytes(record)));
}

TEST(SignedObject, SignatureHoldsForItsKeyAndNetworkOnly) {
  for (const pb::Record& record : SignedSamples()) {
    EXPECT_TRUE(HasSignatureBy(sample::Network(), kAuthority, record));
    EXPECT_FALSE(HasSignatureBy(sample::Network(), kDevice, record));
    EXPECT_FALSE(HasSignatureBy(NetworkId(), kAuthority, record));
  }
}

TEST(SignedObject, SignatureIsNotOfAnotherBody) {
  pb::Record record = sample::RecordOf(Kind::kDecision);
  const Hash before = BodyDigest(record);
  record.mutable_decision()->mutable_body()->mutable_rows(0)->set_grade(pb::HTXSNV);
  EXPECT_FALSE(HasSignatureBy(sample::Network(), kAuthority, record));
  EXPECT_NE(BodyDigest(record), before);
}

TEST(SignedObject, SignatureIsNotOfAnotherObjectWithTheSameBody) {
  // Both bodies are one text of field 1.
  pb::Record pack;
  pack.mutable_rule_pack()->mutable_body()->set_id("R51");
  pb::Record waiver;
  waiver.mutable_waiver()->mutable_body()->set_rule("R51");
  ASSERT_EQ(BodyBytes(pack), BodyBytes(waiver));
  AddSignature(sample::Network(), sample::AuthorityKey(), pack);
  *waiver.mutable_waiver()->mutable_signatures() = pack.rule_pack().signatures();
  EXPECT_TRUE(HasSignatureBy(sample::Network(), kAuthority, pack));
  EXPECT_FALSE(HasSignatureBy(sample::Network(), kAuthority, waiver));
}

TEST(SignedObject, MoreSignaturesLeaveDigestAndEarlierOnesAsTheyAre) {
  pb::Record record = sample::RecordOf(Kind::kRootSet);
  const Hash digest = BodyDigest(record);
  AddSignature(sample::Network(), sample::DeviceKey(), record);
  EXPECT_EQ(BodyDigest(record), digest);
  EXPECT_EQ(SignaturesOf(record).size(), 2U);
  EXPECT_TRUE(HasSignatureBy(sample::Network(), kAuthority, record));
  EXPECT_TRUE(HasSignatureBy(sample::Network(), kDevice, record));
  EXPECT_TRUE(ParseRecord(1, PayloadOf(record)));
}

TEST(SignedObject, CountsKeysAndNotSignatures) {
  pb::Record record = sample::RecordOf(Kind::kRootSet);
  AddSignature(sample::Network(), sample::AuthorityKey(), record);
  EXPECT_EQ(CountSignaturesBy(sample::Network(), {kAuthority, kAuthority}, record), 1U);
  EXPECT_EQ(CountSignaturesBy(sample::Network(), {kAuthority, kDevice}, record), 1U);
  AddSignature(sample::Network(), sample::DeviceKey(), record);
  EXPECT_EQ(CountSignaturesBy(sample::Network(), {kAuthority, kDevice}, record), 2U);
  EXPECT_EQ(CountSignaturesBy(sample::Network(), {}, record), 0U);
}

TEST(SignedObject, NeedsAlgorithmKeyIdAndSizeToBeRight) {
  const auto holds = [](auto change) {
    pb::Record record = sample::RecordOf(Kind::kWaiver);
    change(*record.mutable_waiver()->mutable_signatures(0));
    return HasSignatureBy(sample::Network(), kAuthority, record);
  };
  EXPECT_TRUE(holds([](pb::Sig&) {}));
  EXPECT_FALSE(holds([](pb::Sig& sig) { sig.set_algorithm(2); }));
  EXPECT_FALSE(holds([](pb::Sig& sig) { sig.set_key_id(KeyId(kDevice)); }));
  EXPECT_FALSE(holds([](pb::Sig& sig) { sig.mutable_signature()->push_back('x'); }));
  EXPECT_FALSE(holds([](pb::Sig& sig) { sig.clear_signature(); }));
}

TEST(SignedObject, OneBadSignatureDoesNotHideAGoodOne) {
  pb::Record record = sample::RecordOf(Kind::kWaiver);
  (*record.mutable_waiver()->mutable_signatures(0)->mutable_signature())[0] ^= 1;
  EXPECT_FALSE(HasSignatureBy(sample::Network(), kAuthority, record));
  AddSignature(sample::Network(), sample::AuthorityKey(), record);
  EXPECT_TRUE(HasSignatureBy(sample::Network(), kAuthority, record));
}

TEST(SignedObject, IssuerIsACertificateOrTheRootSet) {
  for (const pb::Record& record : SignedSamples()) {
    const bool root = record.body_case() == Kind::kRootSet;
    EXPECT_EQ(IssuerOf(record).has_value(), !root);
  }
  pb::Record record = sample::RecordOf(Kind::kUnit);
  EXPECT_EQ(IssuerOf(record)->view(), "certificate-of-the-authority-001");
  record.mutable_unit()->mutable_body()->clear_issuer();
  EXPECT_EQ(IssuerOf(record), std::nullopt);
}

TEST(CertificateKeys, AreTheOnlyOnesOfTheirUsage) {
  pb::CertificateBody body = sample::RecordOf(Kind::kCertificate).certificate().body();
  EXPECT_EQ(SignKeyOf(body)->view(), "ed25519-key-of-the-device.......");
  EXPECT_EQ(NoiseKeyOf(body)->view(), "x25519-key-of-the-device........");
  EXPECT_EQ(SealKeyOf(body)->view(), "x25519-key-for-sealed-boxes.....");
  body.mutable_keys(0)->set_algorithm(2);
  EXPECT_EQ(SignKeyOf(body), std::nullopt);
  body.mutable_keys(0)->set_algorithm(1);
  *body.add_keys() = body.keys(0);
  EXPECT_EQ(SignKeyOf(body), std::nullopt);
  body.mutable_keys(1)->set_key("short");
  EXPECT_EQ(NoiseKeyOf(body), std::nullopt);
  EXPECT_EQ(NoiseKeyOf(pb::CertificateBody()), std::nullopt);
}

TEST(Attestation, BindsNetworkUnitActAndContents) {
  const Hash a = ContentDigest(21, "a");
  const Hash b = ContentDigest(21, "b");
  const Bytes message =
      AttestationMessage(sample::Network(), "unit-cell-000003", pb::TALLY_TELLER, {a, b});
  EXPECT_EQ(message, "chibo/attestation/v0\n" + Bytes(sample::Network().view()) +
                         "unit-cell-000003\x03" + Bytes(Sha256({a.view(), b.view()}).view()));
  const auto differs = [&](const Bytes& other) { return other != message; };
  EXPECT_TRUE(
      differs(AttestationMessage(NetworkId(), "unit-cell-000003", pb::TALLY_TELLER, {a, b})));
  EXPECT_TRUE(
      differs(AttestationMessage(sample::Network(), "unit-cell-000004", pb::TALLY_TELLER, {a, b})));
  EXPECT_TRUE(
      differs(AttestationMessage(sample::Network(), "unit-cell-000003", pb::TALLY_CHAIR, {a, b})));
  EXPECT_TRUE(
      differs(AttestationMessage(sample::Network(), "unit-cell-000003", pb::TALLY_TELLER, {b, a})));
  EXPECT_TRUE(
      differs(AttestationMessage(sample::Network(), "unit-cell-000003", pb::TALLY_TELLER, {a})));
}

}  // namespace
}  // namespace chibo

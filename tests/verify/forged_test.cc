#include "tests/verify/forged.h"

#include <gtest/gtest.h>

#include "proto/signed_object.h"
#include "tests/verify/network.h"

namespace chibo {
namespace {

class Forged : public ::testing::Test {
 protected:
  Forged() {
    CopyStore(network().commune(), directory_);
    plan_.network = network().network();
    plan_.unit = network().commune_unit();
    pb::Record member;
    member.mutable_member()->set_person(random_.Draw(16));
    member.mutable_member()->set_name("Nguyễn Văn Giả");
    plan_.records.push_back(member);
  }
  static const SmallNetwork& network() { return SmallNetwork::Shared(); }

  verify::Report AddAndVerify() {
    id_ = AddForged(directory_, plan_, random_);
    auto report = network().Verify(directory_);
    EXPECT_TRUE(report);
    return report.value_or(verify::Report());
  }

  TempFolder folder_;
  std::string directory_ = folder_.Sub("commune");
  SeededRandom random_{99};
  ForgedStream plan_;
  StreamId id_;
};

TEST_F(Forged, AWriterNobodyCertifiedIsNamed) {
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "writer_not_certified")) << Listed(report.problems);
  EXPECT_TRUE(Names(report, id_.hex()));
}

TEST_F(Forged, AWriterWhoseIssuerIsUnknownIsNamed) {
  plan_.issuer = random_.DrawFixed<CertificateId>();
  plan_.depth = 2;
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "writer_issuer_missing")) << Listed(report.problems);
  EXPECT_TRUE(Names(report, id_.hex()));
}

TEST_F(Forged, ARecordSignedByTheWrongKeyIsNamed) {
  pb::Record unit;
  unit.mutable_unit()->mutable_body()->set_unit(random_.Draw(16));
  unit.mutable_unit()->mutable_body()->set_code("gia");
  AddSignature(plan_.network, SigningKey(SecretKey::Draw(random_)), unit);
  plan_.records = {unit};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "record_signature_bad")) << Listed(report.problems);
}

TEST_F(Forged, ACertificateSignedByTheWrongKeyIsNamed) {
  pb::CertificateBody body;
  body.set_unit(Bytes(plan_.unit.view()));
  body.set_role(pb::AUTHORITY);
  const SigningKey thief(SecretKey::Draw(random_));
  plan_.records = {MakeCertificate(plan_.network, {std::nullopt, 0, {&thief}}, body)};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "record_signature_bad")) << Listed(report.problems);
}

TEST_F(Forged, ARootSetThatDoesNotFollowIsNamed) {
  pb::Record root;
  pb::RootSetBody& body = *root.mutable_root_set()->mutable_body();
  body.set_version(2);
  body.set_threshold(1);
  body.set_random(random_.Draw(16));
  plan_.records = {root};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "root_set_does_not_follow")) << Listed(report.problems);
}

TEST_F(Forged, ARegisterEntryThatContradictsAStreamIsNamed) {
  RawStore store(directory_);
  const auto streams = store.Query("SELECT id FROM stream WHERE no = 1");
  pb::Record record;
  pb::Point& point = *record.mutable_register_()->add_received();
  point.set_stream(streams.at(0)[0]);
  point.set_size(2);
  point.set_root(random_.Draw(32));
  plan_.records = {record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "register_differs")) << Listed(report.problems);
}

TEST_F(Forged, ARegisterEntryAheadOfAStreamIsNoted) {
  RawStore store(directory_);
  const auto streams = store.Query("SELECT id FROM stream WHERE no = 1");
  pb::Record record;
  pb::Point& point = *record.mutable_register_()->add_received();
  point.set_stream(streams.at(0)[0]);
  point.set_size(1'000'000);
  point.set_root(random_.Draw(32));
  plan_.records = {record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.notes, "register_beyond")) << Listed(report.notes);
  EXPECT_FALSE(Has(report.problems, "register_differs")) << Listed(report.problems);
}

TEST_F(Forged, ARegisteredRowWithoutItsRecordIsNamed) {
  RawStore store(directory_);
  const auto rows = store.Query("SELECT hex(stream) FROM registered LIMIT 1");
  store.Run("UPDATE registered SET time_ms = time_ms + 1 WHERE hex(stream) = '" + rows.at(0)[0] +
            "'");
  const auto report = network().Verify(directory_);
  ASSERT_TRUE(report);
  ASSERT_TRUE(Has(report->problems, "registered_row_unproven")) << Listed(report->problems);
  EXPECT_TRUE(Names(*report, ToHex(*FromHex(rows[0][0]))));
}

TEST_F(Forged, AnAttestationByAnotherKeyIsNamed) {
  // The one person with an enrolled key did not sign this.
  RawStore store(directory_);
  pb::Record record;
  pb::Record person_key;
  const SigningKey key(SecretKey::Draw(random_));
  const Bytes person = random_.Draw(16);
  pb::PersonKey& enrolled = *person_key.mutable_person_key();
  enrolled.set_person(person);
  enrolled.mutable_key()->set_usage(pb::SIGN);
  enrolled.mutable_key()->set_algorithm(1);
  enrolled.mutable_key()->set_key(Bytes(key.public_key().view()));
  enrolled.set_proof(Bytes(key.Sign(Bytes("chibo/person-key/v0\n") + Bytes(plan_.network.view()) +
                                    person + Bytes(key.public_key().view()))
                               .view()));
  pb::Attestor& attestor = *record.mutable_attestation()->add_attestors();
  record.mutable_attestation()->add_positions(0);
  attestor.set_person(person);
  attestor.set_act(pb::MINUTES_CHAIR);
  attestor.set_signature(Bytes(key.Sign("something else").view()));
  plan_.records = {person_key, record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "attestation_bad")) << Listed(report.problems);
  EXPECT_FALSE(Has(report.problems, "person_key_unproven")) << Listed(report.problems);
}

TEST_F(Forged, APersonKeyWithoutProofIsNamed) {
  pb::Record record;
  pb::PersonKey& enrolled = *record.mutable_person_key();
  enrolled.set_person(random_.Draw(16));
  enrolled.mutable_key()->set_key(random_.Draw(32));
  enrolled.set_proof(random_.Draw(64));
  plan_.records = {record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "person_key_unproven")) << Listed(report.problems);
}

TEST_F(Forged, ACopyOfWhatWasNeverWrittenIsNamed) {
  RawStore store(directory_);
  const auto genesis = store.Query("SELECT id, genesis FROM stream WHERE no = 1");
  pb::Record record;
  pb::Copy& copy = *record.mutable_copy();
  copy.set_stream(genesis.at(0)[0]);
  copy.set_genesis(genesis[0][1]);
  copy.set_index(1);
  pb::EntryHeader header;
  header.add_slots(pb::Record::kUnit * 8);
  copy.set_header(header.SerializeAsString());
  pb::Unit unit;
  unit.mutable_body()->set_code("gia");
  copy.set_payload(unit.SerializeAsString());
  copy.set_salt(random_.Draw(16));
  copy.add_commitments(Bytes(CommitmentOf(copy.salt(), pb::Record::kUnit, copy.payload()).view()));
  copy.set_size(2);
  copy.add_proof(random_.Draw(32));
  copy.set_signature(random_.Draw(64));
  plan_.records = {record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "copy_unproven")) << Listed(report.problems);
}

TEST_F(Forged, ASignedRecordThatIsNotCanonicalIsNamed) {
  // A field that no reader knows, after the signature was made.
  pb::Record record;
  record.mutable_revocation()->mutable_body()->set_reason("x");
  record.mutable_revocation()
      ->GetReflection()
      ->MutableUnknownFields(record.mutable_revocation())
      ->AddVarint(77, 1);
  plan_.records = {record};
  const verify::Report report = AddAndVerify();
  EXPECT_TRUE(Has(report.problems, "record_not_canonical")) << Listed(report.problems);
}

}  // namespace
}  // namespace chibo

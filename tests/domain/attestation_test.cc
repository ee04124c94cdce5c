#include "domain/attestation.h"

#include <gtest/gtest.h>

#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

class AttestationTest : public testing::Test {
 protected:
  AttestationTest() {
    for (Holder* person : {&chair, &taker, &teller_1, &teller_2}) {
      *person = network.Certify(&*province.commune_a.authority, province.cell_1.unit, pb::PERSON,
                                network.DrawPerson());
    }
  }

  // A sitting in one entry: meeting, minutes, vote session, tally, and the attestations given.
  static constexpr std::uint32_t kMeeting = 0, kMinutes = 1, kSession = 2, kTally = 3;

  std::vector<pb::Record> Sitting() {
    std::vector<pb::Record> records(4);
    pb::Meeting& meeting = *records[kMeeting].mutable_meeting();
    meeting.add_kinds(pb::REVIEW);
    meeting.set_chair(Bytes(chair.person.view()));
    meeting.set_minute_taker(Bytes(taker.person.view()));
    records[kMinutes].mutable_minutes()->mutable_meeting()->set_position(kMeeting);
    records[kMinutes].mutable_minutes()->set_text("Nội dung");
    pb::VoteSession& session = *records[kSession].mutable_vote_session();
    session.mutable_meeting()->set_position(kMeeting);
    session.set_method(pb::SECRET_BALLOT);
    session.set_period("2019");
    session.add_tellers(Bytes(teller_1.person.view()));
    session.add_tellers(Bytes(teller_2.person.view()));
    session.set_chair(Bytes(chair.person.view()));
    records[kTally].mutable_tally()->mutable_session()->set_position(kSession);
    pb::TallyRow* row = records[kTally].mutable_tally()->add_rows();
    row->mutable_subject()->set_id(Bytes(network.DrawPerson().view()));
    for (const std::uint32_t votes : {1u, 7u, 0u, 0u}) {
      row->add_votes(votes);
    }
    return records;
  }

  static Hash ContentOf(const pb::Record& record) {
    return ContentDigest(static_cast<std::uint32_t>(record.body_case()), PayloadOf(record));
  }
  void Sign(pb::Record& attestation, const Holder& by, pb::Act act,
            const std::vector<Hash>& contents, const UnitId& unit) {
    pb::Attestor* attestor = attestation.mutable_attestation()->add_attestors();
    attestor->set_person(Bytes(by.person.view()));
    attestor->set_act(act);
    attestor->set_signature(
        Bytes(by.key.Sign(AttestationMessage(network.id(), unit.view(), act, contents)).view()));
  }
  pb::Record ForTally(const std::vector<pb::Record>& sitting, bool with_second_teller = true) {
    pb::Record record;
    record.mutable_attestation()->add_positions(kTally);
    const std::vector<Hash> contents{ContentOf(sitting[kTally])};
    Sign(record, teller_1, pb::TALLY_TELLER, contents, province.cell_1.unit);
    if (with_second_teller) {
      Sign(record, teller_2, pb::TALLY_TELLER, contents, province.cell_1.unit);
    }
    Sign(record, chair, pb::TALLY_CHAIR, contents, province.cell_1.unit);
    return record;
  }
  pb::Record ForMinutes(const std::vector<pb::Record>& sitting) {
    pb::Record record;
    record.mutable_attestation()->add_positions(kMinutes);
    const std::vector<Hash> contents{ContentOf(sitting[kMinutes])};
    Sign(record, chair, pb::MINUTES_CHAIR, contents, province.cell_1.unit);
    Sign(record, taker, pb::MINUTES_TAKER, contents, province.cell_1.unit);
    return record;
  }

  void Certified(const Holder& person) { province.commune_a.down->Append(person.record); }
  void CertifiedAll() {
    for (const Holder* person : {&chair, &taker, &teller_1, &teller_2}) {
      Certified(*person);
    }
  }
  std::vector<Fact> Append(const std::vector<pb::Record>& records) {
    const std::vector<Fact> facts = province.cell_1.line->Append(records);
    list.Add(facts);
    return facts;
  }
  SetAside Standing(const Fact& fact, std::span<const Fact> entry = {}) {
    const Authority authority = network.Everything();
    const auto standing = AttestationStanding(
        network.id(), list, entry, fact,
        [&](const PersonId& person, const Fact& at) { return authority.PersonKeys(person, at); });
    return standing.value();
  }

  TestProvince province;
  TestNetwork& network = province.network;
  Holder chair{*province.cell_1.secretary}, taker{chair}, teller_1{chair}, teller_2{chair};
  FactList list;
};

TEST_F(AttestationTest, CountsWhenEveryActIsSigned) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  sitting.push_back(ForMinutes(sitting));
  const std::vector<Fact> facts = Append(sitting);
  EXPECT_EQ(Standing(facts[kTally]), SetAside::kCounts);
  EXPECT_EQ(Standing(facts[kMinutes]), SetAside::kCounts);
  EXPECT_EQ(Standing(facts[kMeeting]), SetAside::kCounts) << "needs nobody";
  EXPECT_EQ(RequiredActs(list, {}, facts[kTally])->size(), 3u);
}

TEST_F(AttestationTest, TheRecordsOwnEntryIsEnough) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  const std::vector<Fact> entry = province.cell_1.line->Append(sitting);
  EXPECT_EQ(Standing(entry[kTally], entry), SetAside::kCounts);
  EXPECT_EQ(Standing(entry[kTally]), SetAside::kBadAttestation) << "nothing at hand";
}

TEST_F(AttestationTest, AMissingTellerIsNoAttestation) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting, false));
  EXPECT_EQ(Standing(Append(sitting)[kTally]), SetAside::kBadAttestation);
}

TEST_F(AttestationTest, WaitsForTheCertificateOfAKey) {
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  const std::vector<Fact> facts = Append(sitting);
  Certified(teller_1);
  Certified(chair);
  EXPECT_EQ(Standing(facts[kTally]), SetAside::kPersonKeyUnknown);
  Certified(teller_2);
  EXPECT_EQ(Standing(facts[kTally]), SetAside::kCounts);
}

TEST_F(AttestationTest, TheNumbersThatWereSignedAreTheNumbersThatCount) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  const pb::Record signatures = ForTally(sitting);
  sitting[kTally].mutable_tally()->mutable_rows(0)->set_votes(0, 8);
  sitting.push_back(signatures);
  EXPECT_EQ(Standing(Append(sitting)[kTally]), SetAside::kBadAttestation);
}

TEST_F(AttestationTest, EachSignsForHisOwnActAndUnit) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  const std::vector<Hash> contents{ContentOf(sitting[kTally])};
  pb::Record wrong_act = ForTally(sitting, false);
  Sign(wrong_act, teller_2, pb::TALLY_CHAIR, contents, province.cell_1.unit);
  pb::Record other_unit = ForTally(sitting, false);
  Sign(other_unit, teller_2, pb::TALLY_TELLER, contents, province.cell_2.unit);
  pb::Record other_key = ForTally(sitting, false);
  Holder impostor = teller_2;
  impostor.key = teller_1.key;
  Sign(other_key, impostor, pb::TALLY_TELLER, contents, province.cell_1.unit);
  for (const pb::Record& attestation : {wrong_act, other_unit, other_key}) {
    std::vector<pb::Record> entry = sitting;
    entry.push_back(attestation);
    EXPECT_EQ(Standing(Append(entry)[kTally]), SetAside::kBadAttestation);
    list = FactList();
  }
}

TEST_F(AttestationTest, WhatIsSignedInAnotherUnitIsOfAnotherUnit) {
  CertifiedAll();
  const std::vector<pb::Record> sitting = Sitting();
  const Fact tally = Append(sitting)[kTally];
  pb::Record elsewhere;
  const std::vector<Hash> contents{tally.content};
  elsewhere.mutable_attestation()->add_contents(Bytes(tally.content.view()));
  for (const Holder* teller : {&teller_1, &teller_2}) {
    Sign(elsewhere, *teller, pb::TALLY_TELLER, contents, province.cell_2.unit);
  }
  Sign(elsewhere, chair, pb::TALLY_CHAIR, contents, province.cell_2.unit);
  list.Add(province.cell_2.line->Append(elsewhere));
  EXPECT_EQ(Standing(tally), SetAside::kBadAttestation);
}

TEST_F(AttestationTest, EachTallyNeedsItsOwnSignatures) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  pb::Record other = sitting[kTally];
  other.mutable_tally()->mutable_rows(0)->set_votes(0, 5);
  sitting.push_back(other);
  const std::vector<Fact> entry = Append(sitting);
  EXPECT_EQ(Standing(entry[kTally], entry), SetAside::kCounts);
  EXPECT_EQ(Standing(entry.back(), entry), SetAside::kBadAttestation);
}

TEST_F(AttestationTest, MaySignLaterAndSurvivesANewStream) {
  CertifiedAll();
  const std::vector<pb::Record> sitting = Sitting();
  const Fact tally = Append(sitting)[kTally];
  EXPECT_EQ(Standing(tally), SetAside::kBadAttestation);
  pb::Record later = ForTally(sitting);
  later.mutable_attestation()->clear_positions();
  later.mutable_attestation()->add_contents(Bytes(tally.content.view()));
  Append({later});
  EXPECT_EQ(Standing(tally), SetAside::kCounts);
  // The laptop was restored; the same records are written again elsewhere.
  TestStream& again =
      network.OpenStream(*province.cell_1.secretary, pb::LINE, province.commune_a.unit);
  const std::vector<Fact> rewritten = again.Append(sitting);
  list.Add(rewritten);
  EXPECT_EQ(Standing(rewritten[kTally]), SetAside::kCounts);
}

TEST_F(AttestationTest, ACorrectionNeedsTheBoardOfItsSession) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  const std::vector<Fact> facts = Append(sitting);
  pb::Record correction;
  pb::Ref& tally = *correction.mutable_tally_correction()->mutable_tally();
  tally.set_index(facts[kTally].name.index);
  tally.set_position(kTally);
  correction.mutable_tally_correction()->set_reason("Ghi nhầm");
  pb::Record signatures;
  signatures.mutable_attestation()->add_positions(0);
  const std::vector<Hash> contents{ContentOf(correction)};
  Sign(signatures, teller_1, pb::TALLY_TELLER, contents, province.cell_1.unit);
  Sign(signatures, chair, pb::TALLY_CHAIR, contents, province.cell_1.unit);
  EXPECT_EQ(Standing(Append({correction, signatures})[0]), SetAside::kBadAttestation);
  Sign(signatures, teller_2, pb::TALLY_TELLER, contents, province.cell_1.unit);
  EXPECT_EQ(Standing(Append({correction, signatures})[0]), SetAside::kCounts);
}

TEST_F(AttestationTest, ARevokedKeyKeepsWhatItAttestedBefore) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting.push_back(ForTally(sitting));
  const Fact before = Append(sitting)[kTally];
  const pb::Point kept = province.cell_1.line->Point();
  std::vector<pb::Record> second = Sitting();
  second[kTally].mutable_tally()->mutable_rows(0)->set_votes(0, 2);
  second.push_back(ForTally(second));
  const Fact after = Append(second)[kTally];
  province.commune_a.down->Append(
      network.Revocation(&*province.commune_a.authority, teller_1.id, {kept}));
  EXPECT_EQ(Standing(before), SetAside::kCounts);
  EXPECT_NE(Standing(after), SetAside::kCounts);
  EXPECT_TRUE(network.Everything().PersonKeys(teller_1.person).empty());
  EXPECT_EQ(network.Everything().PersonKeys(teller_2.person).size(), 1u);
}

TEST_F(AttestationTest, WithoutItsMeetingNothingIsAttested) {
  CertifiedAll();
  std::vector<pb::Record> sitting = Sitting();
  sitting[kTally].mutable_tally()->mutable_session()->set_position(9);
  sitting.push_back(ForTally(sitting));
  EXPECT_EQ(Standing(Append(sitting)[kTally]), SetAside::kBadAttestation);
}

}  // namespace
}  // namespace chibo

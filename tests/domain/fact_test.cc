#include "domain/fact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

Fact Make(pb::Record record) {
  Fact fact;
  fact.name = {StreamId::FromChecked(Bytes(32, 's')), 7, 2};
  fact.unit = UnitId::FromChecked(Bytes(16, 'u'));
  fact.kind = static_cast<std::uint32_t>(record.body_case());
  fact.content = Hash::FromChecked(Bytes(32, 'c'));
  fact.record = std::make_shared<const pb::Record>(std::move(record));
  return fact;
}

bool Has(const Fact& fact, const FactKey& key) {
  const std::vector<FactKey> keys = KeysOf(fact);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
  return std::binary_search(keys.begin(), keys.end(), key);
}

UnitId Unit(char name) { return UnitId::FromChecked(Bytes(16, name)); }
PersonId Person(char name) { return PersonId::FromChecked(Bytes(16, name)); }

TEST(SetAsideName, IsDifferentForEach) {
  std::set<std::string_view> names;
  for (int reason = 0; reason <= static_cast<int>(SetAside::kSealBroken); ++reason) {
    names.insert(Name(static_cast<SetAside>(reason)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(SetAside::kSealBroken) + 1);
  EXPECT_EQ(Name(SetAside::kCertificateNotValid), "certificate_not_valid");
}

TEST(Resolve, MakesReferencesAbsolute) {
  const Fact fact = Make({});
  pb::Ref ref;
  ref.set_position(5);
  EXPECT_EQ(Resolve(ref, fact), (RecordName{fact.name.stream, 7, 5})) << "the same entry";
  ref.set_index(3);
  EXPECT_EQ(Resolve(ref, fact), (RecordName{fact.name.stream, 3, 5})) << "the same stream";
  ref.set_stream(Bytes(32, 'o'));
  EXPECT_EQ(Resolve(ref, fact), (RecordName{StreamId::FromChecked(Bytes(32, 'o')), 3, 5}));
  ref.set_stream("short");
  EXPECT_EQ(Resolve(ref, fact), RecordName());
}

TEST(KeysOf, FindAMemberByPersonAndUnit) {
  pb::Record record;
  record.mutable_member()->set_person(Bytes(16, 'a'));
  record.mutable_member()->add_supersedes()->set_index(4);
  const Fact fact = Make(record);
  EXPECT_TRUE(Has(fact, KeyOf(Person('a'))));
  EXPECT_TRUE(Has(fact, KeyOf(fact.unit)));
  EXPECT_TRUE(Has(fact, KeyOf(RecordName{fact.name.stream, 4, 0})));
  EXPECT_FALSE(Has(fact, KeyOf(Unit('a')))) << "a person is no unit";
}

TEST(KeysOf, FindADecisionBySubjectDigestAndSigner) {
  pb::Record record;
  pb::DecisionBody& body = *record.mutable_decision()->mutable_body();
  body.set_authority(Bytes(16, 'd'));
  body.set_issuer(Bytes(32, 'i'));
  pb::DecisionRow* row = body.add_rows();
  row->mutable_subject()->set_id(Bytes(16, 'a'));
  pb::Ref* weighed = row->add_weighed();
  weighed->set_stream(Bytes(32, 'w'));
  weighed->set_index(1);
  row = body.add_rows();
  row->mutable_subject()->set_kind(pb::ORGANISATION);
  row->mutable_subject()->set_id(Bytes(16, 'o'));
  const Fact fact = Make(record);
  EXPECT_TRUE(Has(fact, KeyOf(Person('a'))));
  EXPECT_TRUE(Has(fact, KeyOf(Unit('o'))));
  EXPECT_TRUE(Has(fact, KeyOf(Unit('d'))));
  EXPECT_TRUE(Has(fact, KeyOfDigest(BodyDigest(record))));
  EXPECT_TRUE(Has(fact, KeyOfDigest(CertificateId::FromChecked(Bytes(32, 'i')))));
  EXPECT_TRUE(Has(fact, KeyOf(RecordName{StreamId::FromChecked(Bytes(32, 'w')), 1, 0})));

  pb::Record confirmation;
  confirmation.mutable_confirmation()->mutable_body()->set_decision(
      Bytes(BodyDigest(record).view()));
  EXPECT_TRUE(Has(Make(confirmation), KeyOfDigest(BodyDigest(record))));
}

TEST(KeysOf, FindWhatIsAttestedAndWhatAttests) {
  pb::Record tally;
  tally.mutable_tally()->mutable_session()->set_position(1);
  const Fact fact = Make(tally);
  EXPECT_TRUE(Has(fact, KeyOfContent(fact.content)));
  EXPECT_TRUE(Has(fact, KeyOf(fact.name)));
  EXPECT_TRUE(Has(fact, KeyOf(RecordName{fact.name.stream, 7, 1})));
  pb::Record attestation;
  attestation.mutable_attestation()->add_positions(2);
  attestation.mutable_attestation()->add_contents(Bytes(32, 'x'));
  attestation.mutable_attestation()->add_attestors()->set_person(Bytes(16, 'p'));
  const Fact by = Make(attestation);
  EXPECT_TRUE(Has(by, KeyOf(fact.name)));
  EXPECT_TRUE(Has(by, KeyOfContent(Hash::FromChecked(Bytes(32, 'x')))));
  EXPECT_TRUE(Has(by, KeyOf(Person('p'))));
}

TEST(KeysOf, AuthorityRecordsAreFoundWhole) {
  for (const KindTraits& traits : AllKinds()) {
    pb::Record record;
    const auto* field = pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(traits.kind));
    record.GetReflection()->MutableMessage(&record, field);
    const bool whole = traits.open || traits.kind == Kind::kCopy ||
                       traits.kind == Kind::kPersonKey || traits.kind == Kind::kRulePack ||
                       traits.kind == Kind::kPeerGroup;
    EXPECT_EQ(Has(Make(record), KeyOfKind(traits.kind)), whole) << traits.name;
  }
}

TEST(KeysOf, ACopyIsFoundByItsOriginal) {
  TestProvince province;
  const Fact revocation = province.district.down->Append(province.network.Revocation(
      &*province.district.authority, province.cell_1.secretary->id, {}));
  const Fact copy = Make(province.district.down->Copy(revocation, revocation.name.index + 1));
  EXPECT_TRUE(Has(copy, KeyOfStream(province.district.down->id())));
  EXPECT_TRUE(Has(copy, KeyOfDigest(province.cell_1.secretary->id)));
  EXPECT_TRUE(Has(copy, KeyOfDigest(province.district.authority->id)));
}

TEST(KeysOf, AWithheldOrMisshapenRecordHasNone) {
  Fact fact = Make({});
  EXPECT_TRUE(KeysOf(fact).empty());
  pb::Record record;
  record.mutable_membership()->set_person("short");
  EXPECT_EQ(KeysOf(Make(record)), std::vector<FactKey>{KeyOf(Unit('u'))});
  fact = Make(record);
  fact.record = nullptr;
  EXPECT_TRUE(KeysOf(fact).empty());
}

}  // namespace
}  // namespace chibo

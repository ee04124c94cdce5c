#include "domain/authority.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

pb::Record AnyMeeting() {
  pb::Record record;
  record.mutable_meeting()->add_kinds(pb::REGULAR);
  record.mutable_meeting()->set_period("2019");
  return record;
}

Hash RecordDigest(const pb::Record& record) { return BodyDigest(record); }

pb::Subject OrganisationSubject(const UnitId& unit) {
  pb::Subject subject;
  subject.set_kind(pb::ORGANISATION);
  subject.set_id(Bytes(unit.view()));
  return subject;
}

class AuthorityTest : public testing::Test {
 protected:
  // How the record stands once everything in the network is known.
  SetAside Standing(const Fact& fact) { return province.network.Everything().StandingOf(fact); }
  SetAside Entry(const TestStream& stream, std::uint64_t index, std::uint32_t branch = 0) {
    return province.network.Everything().StandingOfEntry(stream.id(), branch, index);
  }

  TestProvince province;
  TestNetwork& network = province.network;
};

// ---- Certificates

TEST_F(AuthorityTest, ChainsLeadToTheRootSet) {
  const Authority authority = network.Everything();
  const auto secretary = authority.Find(province.cell_1.secretary->id);
  ASSERT_TRUE(secretary.has_value());
  EXPECT_EQ(secretary->unit, province.cell_1.unit);
  EXPECT_EQ(secretary->key, province.cell_1.secretary->key.public_key());
  EXPECT_EQ(authority.Current(province.commune_a.unit, pb::AUTHORITY).size(), 1u);
  EXPECT_EQ(authority.Current(province.commune_a.unit, pb::SECRETARY).size(), 0u);
  EXPECT_EQ(authority.ByNoiseKey(province.cell_1.secretary->noise.public_key())->id,
            province.cell_1.secretary->id);
  EXPECT_FALSE(authority.ByNoiseKey(DhPublicKey()).has_value());
}

TEST_F(AuthorityTest, AWriterWhoseChainHoldsCounts) {
  const Fact meeting = province.cell_1.line->Append(AnyMeeting());
  EXPECT_EQ(Standing(meeting), SetAside::kCounts);
}

TEST_F(AuthorityTest, AnotherNetworksRootSetMakesNothingHold) {
  Authority authority(NetworkId(), network.AllRoots());
  for (const TestStream& stream : network.streams()) {
    authority.PutStream(stream.State());
    for (const Fact& fact : stream.Facts()) {
      authority.Add(fact);
    }
  }
  EXPECT_FALSE(authority.Find(province.province.authority->id).has_value());
  EXPECT_EQ(authority.StandingOfEntry(province.cell_1.line->id(), 0, 0),
            SetAside::kCertificateUnknown);
}

TEST_F(AuthorityTest, WaitsUntilEveryCertificateAboveHasArrived) {
  const Fact meeting = province.cell_1.line->Append(AnyMeeting());
  Authority authority(network.id(), network.AllRoots());
  authority.PutStream(province.cell_1.line->State());
  EXPECT_EQ(authority.StandingOf(meeting), SetAside::kCertificateUnknown);
  authority.TakeChanged();
  for (const TestStream& stream : network.streams()) {
    for (const Fact& fact : stream.Facts()) {
      authority.Add(fact);
    }
  }
  EXPECT_EQ(authority.StandingOf(meeting), SetAside::kCounts);
  EXPECT_EQ(authority.TakeChanged(), std::vector<StreamId>{province.cell_1.line->id()});
}

TEST_F(AuthorityTest, ACertificateByAStrangerDoesNotHold) {
  // Commune B certifies a second secretary for a cell of commune A.
  const Holder thief =
      network.Certify(&*province.commune_b.authority, province.cell_1.unit, pb::SECRETARY);
  province.commune_b.down->Append(thief.record);
  TestStream& line = network.OpenStream(thief, pb::LINE, province.commune_a.unit);
  const Fact meeting = line.Append(AnyMeeting());
  EXPECT_EQ(Standing(meeting), SetAside::kCertificateNotValid);
}

TEST_F(AuthorityTest, ADeviceMayNotCertify) {
  const Holder made_up =
      network.Certify(&*province.commune_a.server, province.commune_a.unit, pb::SECRETARY);
  province.commune_a.down->Append(made_up.record);
  EXPECT_FALSE(network.Everything().Find(made_up.id).has_value());
}

TEST_F(AuthorityTest, ADepthThatDoesNotFollowTheIssuersDoesNotHold) {
  Holder issuer = *province.commune_a.authority;
  issuer.depth += 1;
  const Holder made_up = network.Certify(&issuer, province.cell_1.unit, pb::SECRETARY);
  province.commune_a.down->Append(made_up.record);
  EXPECT_FALSE(network.Everything().Find(made_up.id).has_value());
}

TEST_F(AuthorityTest, ChainsEndAtDepthTwelve) {
  // Each officer certifies the next one of the same unit.
  std::vector<Holder> officers{*province.commune_a.authority};
  while (officers.back().depth < 13) {
    officers.push_back(network.Certify(&officers.back(), province.commune_a.unit, pb::AUTHORITY));
    province.commune_a.down->Append(officers.back().record);
  }
  const Authority authority = network.Everything();
  EXPECT_TRUE(authority.Find(officers[officers.size() - 2].id).has_value());
  EXPECT_EQ(officers[officers.size() - 2].depth, 12u);
  EXPECT_FALSE(authority.Find(officers.back().id).has_value());
}

TEST_F(AuthorityTest, ACertificateMayNarrowTheKinds) {
  const auto meeting_kind = static_cast<std::uint32_t>(Kind::kMeeting);
  const Holder deputy = network.Certify(&*province.commune_a.authority, province.cell_1.unit,
                                        pb::DEPUTY, {}, {meeting_kind});
  province.commune_a.to[province.cell_1.unit]->Append(deputy.record);
  TestStream& line = network.OpenStream(deputy, pb::LINE, province.commune_a.unit);
  const Fact meeting = line.Append(AnyMeeting());
  pb::Record leave;
  leave.mutable_leave()->set_person(Bytes(network.DrawPerson().view()));
  leave.mutable_leave()->set_kind(pb::SICK);
  const Fact other = line.Append(leave);
  EXPECT_EQ(Standing(meeting), SetAside::kCounts);
  EXPECT_EQ(Standing(other), SetAside::kWrongScope);
}

TEST_F(AuthorityTest, ABrokenSignatureDoesNotHoldAndDoesNotHideAGoodOne) {
  Holder holder = network.Certify(&*province.commune_a.authority, province.cell_1.unit, pb::DEPUTY);
  pb::Record broken = holder.record;
  (*broken.mutable_certificate()->mutable_signatures(0)->mutable_signature())[5] ^= 1;
  const Fact bad = province.commune_a.down->Append(broken);
  EXPECT_EQ(Standing(bad), SetAside::kBadSignature);
  EXPECT_FALSE(network.Everything().Find(holder.id).has_value());
  const Fact good = province.commune_a.down->Append(holder.record);
  EXPECT_EQ(Standing(good), SetAside::kCounts);
  EXPECT_EQ(Standing(bad), SetAside::kBadSignature);
  EXPECT_TRUE(network.Everything().Find(holder.id).has_value());
}

TEST_F(AuthorityTest, GenesisOfAnotherUnitOrKeyIsOutOfScope) {
  Holder wrong_unit = *province.cell_1.secretary;
  wrong_unit.unit = province.cell_2.unit;
  TestStream& foreign = network.OpenStream(wrong_unit, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(foreign.Append(AnyMeeting())), SetAside::kWrongScope);
  Holder wrong_key = *province.cell_1.secretary;
  wrong_key.key = province.cell_2.secretary->key;
  TestStream& stolen = network.OpenStream(wrong_key, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(stolen.Append(AnyMeeting())), SetAside::kWrongScope);
}

TEST_F(AuthorityTest, APersonsKeyIsCertifiedFromAbove) {
  const auto holds = [&](const Holder* issuer, const UnitId& unit) {
    const Holder person = network.Certify(issuer, unit, pb::PERSON, network.DrawPerson());
    province.province.down->Append(person.record);
    return network.Everything().PersonKeys(person.person).size() == 1;
  };
  EXPECT_TRUE(holds(&*province.commune_a.authority, province.cell_1.unit));
  EXPECT_TRUE(holds(&*province.district.authority, province.commune_a.unit));
  EXPECT_FALSE(holds(&*province.commune_a.authority, province.commune_a.unit))
      << "nobody vouches for the own committee's people";
  EXPECT_FALSE(holds(&*province.commune_b.authority, province.cell_1.unit));
  EXPECT_FALSE(holds(&*province.province.authority, province.province.unit));
  EXPECT_TRUE(holds(nullptr, province.province.unit)) << "above the topmost unit is the root set";
  // The officer does renew the committee's own devices.
  const Holder device =
      network.Certify(&*province.commune_a.authority, province.commune_a.unit, pb::SERVER);
  province.commune_a.down->Append(device.record);
  EXPECT_TRUE(network.Everything().Find(device.id));
}

// ---- Root sets

TEST_F(AuthorityTest, OnlyTheNewestRootSetSigns) {
  SeededRandom random(7);
  const SigningKey first(SecretKey::Draw(random));
  const SigningKey second(SecretKey::Draw(random));
  const auto set_of = [&](const SigningKey& key, std::uint32_t version) {
    pb::Record record;
    pb::RootSetBody& body = *record.mutable_root_set()->mutable_body();
    body.set_version(version);
    body.set_name("Mạng thử");
    body.set_threshold(1);
    pb::Key* added = body.add_keys();
    added->set_usage(pb::SIGN);
    added->set_algorithm(1);
    added->set_key(Bytes(key.public_key().view()));
    body.set_random(Bytes(16, 'r'));
    return record;
  };
  pb::Record next = set_of(second, 2);
  pb::RootSetBody named;
  named.set_threshold(1);
  *named.mutable_keys() = next.root_set().body().keys();
  pb::Record root = set_of(first, 1);
  root.mutable_root_set()->mutable_body()->set_next(
      Bytes(Sha256(named.SerializeAsString()).view()));
  const auto id = NetworkId::FromChecked(BodyDigest(root).view());
  pb::Record half = next;
  AddSignature(id, second, half);
  pb::Record whole = half;
  AddSignature(id, first, whole);

  const UnitId unit = network.DrawUnit();
  pb::Record certificate;
  *certificate.mutable_certificate()->mutable_body() =
      network.CertificateBody(nullptr, unit, pb::AUTHORITY, province.cell_1.secretary->key,
                              province.cell_1.secretary->noise);
  const auto certificate_id = CertificateId::FromChecked(BodyDigest(certificate).view());
  pb::Record by_first = certificate;
  AddSignature(id, first, by_first);
  pb::Record by_second = certificate;
  AddSignature(id, second, by_second);

  Authority authority(id, network.AllRoots());
  TestStream& stream = *province.province.down;
  authority.Add(stream.Append(root));
  authority.Add(stream.Append(by_first));
  EXPECT_TRUE(authority.Find(certificate_id).has_value());
  const Fact unsigned_by_first = stream.Append(half);
  authority.Add(unsigned_by_first);
  EXPECT_TRUE(authority.Find(certificate_id).has_value()) << "not signed by the set before it";
  authority.Add(stream.Append(whole));
  EXPECT_FALSE(authority.Find(certificate_id).has_value());
  authority.Add(stream.Append(by_second));
  EXPECT_TRUE(authority.Find(certificate_id).has_value()) << "same body, same id, signed again";
}

// ---- Who keeps a unit

TEST_F(AuthorityTest, UnitsAreKeptByTheParentThatEstablishedThem) {
  const Authority authority = network.Everything();
  EXPECT_EQ(authority.KeeperOf(province.cell_1.unit), province.commune_a.unit);
  EXPECT_EQ(authority.KeeperOf(province.commune_a.unit), province.district.unit);
  EXPECT_EQ(authority.KeeperOf(province.province.unit), std::nullopt);
  EXPECT_EQ(authority.KeeperOf(UnitId()), std::nullopt);
}

TEST_F(AuthorityTest, AStrangersClaimTakesNoUnitAwayAndIsUndoneByRevokingHim) {
  const Fact meeting = province.cell_1.line->Append(AnyMeeting());
  const pb::Point before = province.commune_b.down->Point();
  const Fact claim = province.commune_b.down->Append(network.UnitRecord(
      &*province.commune_b.authority, province.cell_1.unit, province.commune_b.unit, "xa02-cb99"));
  // Nobody keeps it: false records cannot be made, and everybody sees that something is wrong.
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), std::nullopt);
  EXPECT_NE(Standing(meeting), SetAside::kCounts);
  EXPECT_EQ(Standing(claim), SetAside::kNotCompetent);
  province.district.down->Append(
      network.Revocation(&*province.district.authority, province.commune_b.authority->id,
                         {before, province.district.to[province.commune_b.unit]->Point()}));
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_a.unit);
  EXPECT_EQ(Standing(meeting), SetAside::kCounts);
  EXPECT_EQ(Standing(claim), SetAside::kRevoked);
}

TEST_F(AuthorityTest, AClaimFromBelowDoesNotMoveAUnit) {
  // Commune A claims its own district, and says of itself that it is topmost.
  province.commune_a.down->Append(
      network.UnitRecord(&*province.commune_a.authority, province.district.unit,
                         province.commune_a.unit, "huyen-2", pb::DISTRICT));
  province.commune_a.down->Append(network.UnitRecord(
      &*province.commune_a.authority, province.commune_a.unit, UnitId(), "tu-lap", pb::PROVINCE));
  const Authority authority = network.Everything();
  EXPECT_EQ(authority.KeeperOf(province.district.unit), province.province.unit);
  EXPECT_EQ(authority.KeeperOf(province.commune_a.unit), province.district.unit);
}

TEST_F(AuthorityTest, OnlyTheParentItselfSaysWhatItEstablished) {
  // The province's officer says where a cell belongs, rightly and wrongly; the record of the
  // commune is the one that tells.
  const UnitId cell = province.cell_1.unit;
  const Holder& above = *province.province.authority;
  const Fact right = province.province.down->Append(
      network.UnitRecord(&above, cell, province.commune_a.unit, "xa01-cb01"));
  const Fact wrong = province.province.down->Append(
      network.UnitRecord(&above, cell, province.commune_b.unit, "xa01-cb01"));
  EXPECT_EQ(network.Everything().KeeperOf(cell), province.commune_a.unit);
  EXPECT_EQ(Standing(right), SetAside::kNotCompetent);
  EXPECT_EQ(Standing(wrong), SetAside::kNotCompetent);
  // The root set may say so for anybody.
  province.province.down->Append(
      network.UnitRecord(nullptr, cell, province.commune_b.unit, "xa01-cb01"));
  EXPECT_EQ(network.Everything().KeeperOf(cell), province.commune_b.unit);
}

TEST_F(AuthorityTest, AnOfficersKindsMayBeNarrowed) {
  const auto decision = static_cast<std::uint32_t>(Kind::kDecision);
  const Holder officer = network.Certify(&*province.district.authority, province.commune_a.unit,
                                         pb::AUTHORITY, {}, {decision});
  province.district.down->Append(officer.record);
  const Fact decided = province.commune_a.line->Append(network.Decision(
      &officer, province.commune_a.unit, OrganisationSubject(province.cell_1.unit)));
  const Holder deputy = network.Certify(&officer, province.cell_1.unit, pb::DEPUTY);
  const Fact certified = province.commune_a.down->Append(deputy.record);
  EXPECT_EQ(Standing(decided), SetAside::kCounts);
  EXPECT_EQ(Standing(certified), SetAside::kWrongScope);
  EXPECT_FALSE(network.Everything().Find(deputy.id).has_value());
}

// ---- Moves

class MoveTest : public AuthorityTest {
 protected:
  Hash Established(const UnitId& unit) {
    for (const TestStream& stream : network.streams()) {
      for (const Fact& fact : stream.Facts()) {
        if (fact.record->has_unit() && fact.record->unit().body().unit() == unit.view()) {
          return RecordDigest(*fact.record);
        }
      }
    }
    return {};
  }
  pb::Record MoveCell(const Holder& signer, const std::vector<pb::Point>& closed) {
    return network.Move(&signer, province.cell_1.unit, province.commune_b.unit, closed,
                        Established(province.cell_1.unit));
  }
};

TEST_F(MoveTest, GivesANewKeeperAndClosesTheOldLineByPosition) {
  const Fact before = province.cell_1.line->Append(AnyMeeting());
  province.district.down->Append(
      MoveCell(*province.district.authority, {province.cell_1.line->Point()}));
  const Fact after = province.cell_1.line->Append(AnyMeeting());
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_b.unit);
  EXPECT_EQ(Standing(before), SetAside::kCounts);
  EXPECT_EQ(Standing(after), SetAside::kClosed);
  EXPECT_TRUE(network.Everything().Current(province.cell_1.unit, pb::SECRETARY).empty());

  // A new stream on the old certificate does not count, nor one on a new certificate of the former
  // keeper.
  TestStream& again =
      network.OpenStream(*province.cell_1.secretary, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(again.Append(AnyMeeting())), SetAside::kClosed);
  const Holder late =
      network.Certify(&*province.commune_a.authority, province.cell_1.unit, pb::SECRETARY);
  province.commune_a.down->Append(late.record);
  TestStream& late_line = network.OpenStream(late, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(late_line.Append(AnyMeeting())), SetAside::kClosed);

  // The new keeper's does.
  const Holder fresh =
      network.Certify(&*province.commune_b.authority, province.cell_1.unit, pb::SECRETARY);
  province.commune_b.down->Append(fresh.record);
  TestStream& fresh_line = network.OpenStream(fresh, pb::LINE, province.commune_b.unit);
  EXPECT_EQ(Standing(fresh_line.Append(AnyMeeting())), SetAside::kCounts);
}

TEST_F(MoveTest, MayLetTheUnitFinishTheYear) {
  pb::Record move = MoveCell(*province.district.authority, {province.cell_1.line->Point()});
  move.mutable_unit_change()->mutable_body()->set_may_finish(true);
  move.mutable_unit_change()->clear_signatures();
  province.district.down->Append(network.Sign(move, &*province.district.authority));
  const Fact after = province.cell_1.line->Append(AnyMeeting());
  EXPECT_EQ(Standing(after), SetAside::kCounts);
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_b.unit);
}

TEST_F(MoveTest, NeedsSomebodyAboveBothKeepers) {
  const Fact taken = province.commune_b.down->Append(MoveCell(*province.commune_b.authority, {}));
  const Fact given = province.commune_a.down->Append(MoveCell(*province.commune_a.authority, {}));
  EXPECT_EQ(Standing(taken), SetAside::kNotCompetent);
  EXPECT_EQ(Standing(given), SetAside::kNotCompetent);
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_a.unit);
  province.province.down->Append(MoveCell(*province.province.authority, {}));
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_b.unit);
}

TEST_F(MoveTest, FollowsTheMoveItNames) {
  const pb::Record away = MoveCell(*province.district.authority, {});
  const pb::Record back = network.Move(&*province.district.authority, province.cell_1.unit,
                                       province.commune_a.unit, {}, RecordDigest(away));
  province.district.down->Append(back);
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_a.unit);
  province.district.down->Append(away);
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_a.unit);
}

TEST_F(MoveTest, OfTwoAfterTheSameChangeTheHigherCounts) {
  province.district.down->Append(MoveCell(*province.district.authority, {}));
  province.province.down->Append(network.Move(&*province.province.authority, province.cell_1.unit,
                                              province.district.unit, {},
                                              Established(province.cell_1.unit)));
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.district.unit);
}

TEST_F(MoveTest, ReturnsTheUnitToItsFormerKeeper) {
  const pb::Record away = MoveCell(*province.district.authority, {province.cell_1.line->Point()});
  province.district.down->Append(away);
  province.district.down->Append(network.Move(&*province.district.authority, province.cell_1.unit,
                                              province.commune_a.unit, {}, RecordDigest(away)));
  const Holder fresh =
      network.Certify(&*province.commune_a.authority, province.cell_1.unit, pb::SECRETARY);
  province.commune_a.down->Append(fresh.record);
  TestStream& line = network.OpenStream(fresh, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(line.Append(AnyMeeting())), SetAside::kCounts);
}

TEST_F(MoveTest, SettlesAContestedUnit) {
  province.commune_b.down->Append(network.UnitRecord(
      &*province.commune_b.authority, province.cell_1.unit, province.commune_b.unit, "xa02-cb99"));
  const Fact meeting = province.cell_1.line->Append(AnyMeeting());
  ASSERT_EQ(network.Everything().KeeperOf(province.cell_1.unit), std::nullopt);
  pb::Record by_claimant = MoveCell(*province.commune_b.authority, {});
  EXPECT_EQ(Standing(province.commune_b.down->Append(by_claimant)), SetAside::kNotCompetent);
  province.district.down->Append(network.Move(&*province.district.authority, province.cell_1.unit,
                                              province.commune_a.unit, {}, Hash()));
  EXPECT_EQ(network.Everything().KeeperOf(province.cell_1.unit), province.commune_a.unit);
  EXPECT_EQ(Standing(meeting), SetAside::kCounts);
}

TEST_F(MoveTest, ADissolvedUnitKeepsWhatWasListed) {
  const Fact before = province.cell_1.line->Append(AnyMeeting());
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(pb::DISSOLVE);
  body.add_from(Bytes(province.cell_1.unit.view()));
  body.set_effective(20191001);
  *body.add_closed() = province.cell_1.line->Point();
  province.commune_a.down->Append(network.Sign(record, &*province.commune_a.authority));
  const Fact late = province.cell_1.line->Append(AnyMeeting());
  EXPECT_EQ(Standing(before), SetAside::kCounts);
  EXPECT_EQ(Standing(late), SetAside::kClosed);
  TestStream& again =
      network.OpenStream(*province.cell_1.secretary, pb::LINE, province.commune_a.unit);
  EXPECT_EQ(Standing(again.Append(AnyMeeting())), SetAside::kClosed);

  // What came late and is honest is adopted.
  province.commune_a.down->Append(network.Adoption(
      &*province.commune_a.authority, *province.cell_1.line, late.name.index, late.name.index + 1));
  EXPECT_EQ(Standing(late), SetAside::kCounts);
}

// ---- Signed records

TEST_F(AuthorityTest, ADecisionIsTheAuthoritysOrASuperiors) {
  const auto stands = [&](const Holder& signer) {
    return Standing(province.commune_a.line->Append(network.Decision(
        &signer, province.commune_a.unit, OrganisationSubject(province.cell_1.unit))));
  };
  EXPECT_EQ(stands(*province.commune_a.authority), SetAside::kCounts);
  EXPECT_EQ(stands(*province.district.authority), SetAside::kCounts);
  EXPECT_EQ(stands(*province.commune_b.authority), SetAside::kNotCompetent);
  EXPECT_EQ(stands(*province.commune_a.server), SetAside::kNotCompetent);
  Holder unknown = *province.commune_a.authority;
  unknown.id = CertificateId();
  unknown.id.data()[0] = 1;
  EXPECT_EQ(stands(unknown), SetAside::kIssuerUnknown);
  Holder impostor = *province.commune_a.authority;
  impostor.key = province.commune_b.authority->key;
  EXPECT_EQ(stands(impostor), SetAside::kBadSignature);
}

// What speaks with the voice of the unit whose stream it stands in: the device that writes it there
// cannot lend that voice to a lower office.
TEST_F(AuthorityTest, WaiversOrdersReturnsAndCancellationsAreSignedByTheUnitOrASuperior) {
  pb::Record waiver;
  waiver.mutable_waiver()->mutable_body()->set_rule("R51");
  *waiver.mutable_waiver()->mutable_body()->mutable_subject() =
      OrganisationSubject(province.commune_a.unit);
  waiver.mutable_waiver()->mutable_body()->set_reason("-");
  pb::Record cancellation;
  cancellation.mutable_cancellation()->mutable_body()->set_decision(Bytes(32, 'd'));
  cancellation.mutable_cancellation()->mutable_body()->set_reason("-");
  for (const pb::Record& record : {waiver, cancellation}) {
    const auto stands = [&](const Holder& signer) {
      return Standing(province.district.line->Append(network.Sign(record, &signer)));
    };
    EXPECT_EQ(stands(*province.district.authority), SetAside::kCounts);
    EXPECT_EQ(stands(*province.province.authority), SetAside::kCounts);
    EXPECT_EQ(stands(*province.commune_a.authority), SetAside::kNotCompetent);
  }
}

TEST_F(AuthorityTest, TellsWhoseRecordsToLookAtAgain) {
  const Fact decision = province.commune_a.line->Append(
      network.Decision(&*province.commune_a.authority, province.commune_a.unit,
                       OrganisationSubject(province.cell_1.unit)));
  Authority authority = network.Everything();
  authority.TakeChanged();
  authority.TakeChangedKeys();
  ASSERT_EQ(authority.StandingOf(decision), SetAside::kCounts);
  const Fact revocation = province.district.down->Append(network.Revocation(
      &*province.district.authority, province.commune_a.authority->id,
      {province.commune_a.down->Point(), province.district.to[province.commune_a.unit]->Point(),
       province.commune_a.to[province.cell_1.unit]->Point()}));
  authority.PutStream(province.district.down->State());
  authority.Add(revocation);
  EXPECT_EQ(authority.StandingOf(decision), SetAside::kRevoked);
  const std::vector<FactKey> keys = authority.TakeChangedKeys();
  const std::vector<FactKey> own = KeysOf(decision);
  EXPECT_TRUE(std::any_of(keys.begin(), keys.end(), [&](const FactKey& key) {
    return std::binary_search(own.begin(), own.end(), key);
  }));
}

TEST_F(AuthorityTest, TellsWhichStreamsASuperiorMaySpeakInNow) {
  const UnitId unit = network.DrawUnit();
  const Holder officer = network.Certify(nullptr, unit, pb::AUTHORITY);
  const Holder server = network.Certify(&officer, unit, pb::SERVER);
  TestStream& down = network.OpenStream(server, pb::DOWN);
  down.Append({officer.record, server.record});
  pb::Record pack;
  pack.mutable_rule_pack()->mutable_body()->set_id("P2019");
  pack.mutable_rule_pack()->mutable_body()->set_name("Hướng dẫn 2019");
  const Fact said = down.Append(network.Sign(pack, &*province.province.authority));
  Authority authority = network.Everything();
  EXPECT_EQ(authority.StandingOf(said), SetAside::kNotCompetent);
  authority.TakeChanged();
  authority.Add(province.province.down->Append(network.UnitRecord(
      &*province.province.authority, unit, province.province.unit, "khoi", pb::BLOCK)));
  EXPECT_EQ(authority.StandingOf(said), SetAside::kCounts);
  EXPECT_EQ(authority.TakeChanged(), std::vector<StreamId>{down.id()});
}

TEST_F(AuthorityTest, RecordsThatCannotBeMeantOrReadAreSetAside) {
  Fact fact = province.cell_1.line->Append(AnyMeeting());
  fact.kind = 999;
  EXPECT_EQ(Standing(fact), SetAside::kNotUnderstood);
  Fact newer = province.cell_1.line->Append(AnyMeeting());
  newer.record = nullptr;
  EXPECT_EQ(Standing(newer), SetAside::kNotUnderstood) << "payload held, not read";
  newer.content = Hash();
  EXPECT_EQ(Standing(newer), SetAside::kCounts) << "withheld";
  pb::Record nonsense;
  nonsense.mutable_membership();
  EXPECT_EQ(Standing(province.cell_1.line->Append(nonsense)), SetAside::kNotMeant);
}

// ---- Every role, kind and relation

TEST_F(AuthorityTest, AValidKeyInTheWrongScopeNeverCounts) {
  // What each role may write where, said a second time and another way than in the code.
  const auto may = [](const KindTraits& traits, pb::Role role, pb::StreamKind stream) {
    const bool allowed_there = (stream == pb::LINE && traits.in_line) ||
                               (stream == pb::DOWN && traits.in_down) ||
                               (stream == pb::TO && traits.in_to);
    if (!allowed_there || (stream == pb::DOWN && role != pb::SERVER)) {
      return false;
    }
    return role == pb::SERVER ||
           ((role == pb::SECRETARY || role == pb::DEPUTY) && traits.writer != Writer::kServer);
  };
  struct Case {
    Fact fact;
    bool scope_fits;
  };
  std::vector<Case> cases;
  for (const pb::Role role : {pb::AUTHORITY, pb::SECRETARY, pb::DEPUTY, pb::SERVER, pb::PERSON}) {
    const PersonId person = role == pb::PERSON ? network.DrawPerson() : PersonId();
    const Holder holder =
        network.Certify(&*province.commune_a.authority, province.cell_1.unit, role, person);
    province.commune_a.to[province.cell_1.unit]->Append(holder.record);
    for (const pb::StreamKind stream_kind : {pb::LINE, pb::DOWN, pb::TO}) {
      for (const UnitId& unit : {province.cell_1.unit, province.cell_2.unit,
                                 province.commune_a.unit, province.district.unit}) {
        Holder speaker = holder;
        speaker.unit = unit;
        TestStream& stream = network.OpenStream(speaker, stream_kind, province.commune_a.unit);
        for (const KindTraits& traits : AllKinds()) {
          Fact fact = stream.Append(AnyMeeting());
          fact.kind = static_cast<std::uint32_t>(traits.kind);
          fact.reach = traits.reach;
          fact.record = nullptr;  // withheld: scope is all that is left to judge
          fact.content = Hash();
          cases.push_back({fact, unit == province.cell_1.unit && may(traits, role, stream_kind)});
        }
      }
    }
  }
  const Authority authority = network.Everything();
  std::size_t fitting = 0;
  for (const Case& each : cases) {
    const SetAside standing = authority.StandingOf(each.fact);
    ASSERT_EQ(standing, each.scope_fits ? SetAside::kCounts : SetAside::kWrongScope)
        << TraitsOf(each.fact.kind)->name << " in stream kind " << each.fact.stream_kind;
    fitting += each.scope_fits ? 1 : 0;
  }
  EXPECT_GT(fitting, 100u);
  EXPECT_LT(fitting, cases.size() / 2);
}

}  // namespace
}  // namespace chibo

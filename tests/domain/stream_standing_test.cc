#include <gtest/gtest.h>

#include <algorithm>

#include "domain/authority.h"
#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

pb::Record Meeting() {
  pb::Record record;
  record.mutable_meeting()->add_kinds(pb::REGULAR);
  return record;
}

class StreamStandingTest : public testing::Test {
 protected:
  StreamStandingTest() {
    for (int i = 0; i < 4; ++i) {
      line().Append(Meeting());
    }
  }
  TestStream& line() { return *province.cell_1.line; }
  SetAside Entry(std::uint64_t index, std::uint32_t branch = 0) {
    return network.Everything().StandingOfEntry(line().id(), branch, index);
  }
  Fact Revoke(const Holder& revoker, const Holder& revoked, const std::vector<pb::Point>& kept) {
    return province.district.down->Append(network.Revocation(&revoker, revoked.id, kept));
  }

  TestProvince province;
  TestNetwork& network = province.network;
  const Holder& secretary = *province.cell_1.secretary;
  const Holder& commune = *province.commune_a.authority;
  const Holder& district = *province.district.authority;
};

// ---- Revocation

TEST_F(StreamStandingTest, ARevocationKeepsAPrefix) {
  Revoke(commune, secretary, {line().Point(3)});
  EXPECT_EQ(Entry(1), SetAside::kCounts);
  EXPECT_EQ(Entry(2), SetAside::kCounts);
  EXPECT_EQ(Entry(3), SetAside::kRevoked);
  EXPECT_TRUE(network.Everything().IsRevoked(secretary.id));
  EXPECT_TRUE(network.Everything().Find(secretary.id).has_value());
  EXPECT_FALSE(network.Everything().ByNoiseKey(secretary.noise.public_key()).has_value());
}

TEST_F(StreamStandingTest, AStreamThatIsNotNamedKeepsNothing) {
  TestStream& other = network.OpenStream(secretary, pb::LINE, province.commune_a.unit);
  other.Append(Meeting());
  Revoke(commune, secretary, {line().Point(3)});
  EXPECT_EQ(network.Everything().StandingOfEntry(other.id(), 0, 1), SetAside::kRevoked);
}

TEST_F(StreamStandingTest, TheHighestRevokerDecides) {
  Revoke(commune, secretary, {line().Point(2)});
  EXPECT_EQ(Entry(3), SetAside::kRevoked);
  Revoke(district, secretary, {line().Point(4)});
  EXPECT_EQ(Entry(3), SetAside::kCounts) << "the district keeps more than the commune";
  EXPECT_EQ(Entry(4), SetAside::kRevoked);
}

TEST_F(StreamStandingTest, OfTwoRevokersOfOneRankTheOneThatKeepsLessDecides) {
  const Holder second = network.Certify(&district, province.commune_a.unit, pb::AUTHORITY);
  province.district.down->Append(second.record);
  Revoke(commune, secretary, {line().Point(4)});
  Revoke(second, secretary, {line().Point(2)});
  EXPECT_EQ(Entry(1), SetAside::kCounts);
  EXPECT_EQ(Entry(2), SetAside::kRevoked);
}

TEST_F(StreamStandingTest, OnlySomebodyAboveRevokes) {
  const Fact by_sibling = Revoke(*province.commune_b.authority, secretary, {});
  const Fact by_equal = Revoke(*province.commune_b.authority, commune, {});
  const Fact by_device = Revoke(*province.commune_a.server, secretary, {});
  EXPECT_EQ(Entry(4), SetAside::kCounts);
  const Authority authority = network.Everything();
  EXPECT_EQ(authority.StandingOf(by_sibling), SetAside::kNotCompetent);
  EXPECT_EQ(authority.StandingOf(by_equal), SetAside::kNotCompetent);
  EXPECT_EQ(authority.StandingOf(by_device), SetAside::kNotCompetent);
  EXPECT_FALSE(authority.IsRevoked(secretary.id));
}

TEST_F(StreamStandingTest, ARevokedAuthorityKeepsWhatItSignedBefore) {
  // The commune's officer is replaced; her certificates stand where they were kept.
  TestStream& to_cell = *province.commune_a.to[province.cell_1.unit];
  TestStream& down = *province.commune_a.down;
  const Holder late = network.Certify(&commune, province.cell_1.unit, pb::DEPUTY);
  const std::vector<pb::Point> kept{to_cell.Point(), down.Point()};
  to_cell.Append(late.record);
  Revoke(district, commune, kept);
  EXPECT_EQ(Entry(4), SetAside::kCounts) << "certified before, in the commune's stream to the cell";
  EXPECT_FALSE(network.Everything().Find(late.id).has_value());
  // The same certificate proves nothing by standing in the genesis of its own stream.
  TestStream& own = network.OpenStream(late, pb::LINE, province.commune_a.unit);
  own.Append(Meeting());
  EXPECT_EQ(network.Everything().StandingOfEntry(own.id(), 0, 1), SetAside::kCertificateNotValid);
}

TEST_F(StreamStandingTest, ACertificateKnownFromAGenesisAloneFallsWithItsIssuer) {
  const Holder quiet = network.Certify(&commune, province.cell_1.unit, pb::DEPUTY);
  TestStream& own = network.OpenStream(quiet, pb::LINE, province.commune_a.unit);
  own.Append(Meeting());
  EXPECT_EQ(network.Everything().StandingOfEntry(own.id(), 0, 1), SetAside::kCounts);
  Revoke(district, commune,
         {own.Point(), province.commune_a.down->Point(),
          province.commune_a.to[province.cell_1.unit]->Point()});
  EXPECT_EQ(network.Everything().StandingOfEntry(own.id(), 0, 1), SetAside::kCertificateNotValid);
}

TEST_F(StreamStandingTest, AThiefWhoForksBelowTheKeptPositionGainsNothing) {
  province.commune_a.to[province.cell_1.unit]->Append(network.Register({line().Point(4)}));
  const std::uint32_t thief = line().Fork(2);
  line().Append(Meeting(), thief);
  line().Append(Meeting(), thief);
  line().Append(Meeting(), thief);
  Revoke(commune, secretary, {line().Point(4)});
  EXPECT_EQ(Entry(3), SetAside::kCounts);
  EXPECT_EQ(Entry(2, thief), SetAside::kRevoked);
  EXPECT_EQ(Entry(3, thief), SetAside::kRevoked);
}

TEST_F(StreamStandingTest, WhatIsKeptCountsOnceItsRootIsHeld) {
  const Fact revocation = Revoke(commune, secretary, {line().Point(4)});
  Authority authority = network.Everything();
  Authority partial(network.id(), network.AllRoots());
  for (const TestStream& stream : network.streams()) {
    partial.PutStream(stream.id() == line().id() ? stream.StateUpTo(3) : stream.State());
    for (const Fact& fact : stream.Facts()) {
      partial.Add(fact);
    }
  }
  // A shorter prefix could be that of another branch.
  EXPECT_EQ(partial.StandingOfEntry(line().id(), 0, 1), SetAside::kRevoked);
  partial.TakeChanged();
  partial.PutStream(line().StateUpTo(4));
  EXPECT_EQ(partial.StandingOfEntry(line().id(), 0, 1), SetAside::kCounts);
  EXPECT_EQ(partial.TakeChanged(), std::vector<StreamId>{line().id()});
}

// ---- Adoption

TEST_F(StreamStandingTest, LateHonestEntriesAreAdoptedRangeByRange) {
  Revoke(district, secretary, {line().Point(2)});
  const auto adopt = [&](const Holder& by, std::uint64_t from, std::uint64_t to) {
    return province.district.down->Append(network.Adoption(&by, line(), from, to));
  };
  adopt(commune, 2, 5);
  EXPECT_EQ(Entry(3), SetAside::kRevoked) << "the commune stands below the revoker";
  adopt(district, 3, 4);
  EXPECT_EQ(Entry(2), SetAside::kRevoked);
  EXPECT_EQ(Entry(3), SetAside::kCounts);
  EXPECT_EQ(Entry(4), SetAside::kRevoked);
  adopt(*province.province.authority, 2, 5);
  EXPECT_EQ(Entry(2), SetAside::kCounts);
  EXPECT_EQ(Entry(4), SetAside::kCounts);
}

TEST_F(StreamStandingTest, NobodyAdoptsWhoDoesNotStandOverTheWriter) {
  const Holder equal = network.Certify(&commune, province.commune_a.unit, pb::AUTHORITY);
  province.commune_a.down->Append(equal.record);
  ASSERT_EQ(equal.depth, secretary.depth);
  Revoke(commune, secretary, {line().Point(2)});
  const Holder& stranger = *province.commune_b.authority;
  for (const Holder* by : {&equal, &stranger}) {
    const Fact adoption = province.district.down->Append(network.Adoption(by, line(), 2, 5));
    EXPECT_EQ(network.Everything().StandingOf(adoption), SetAside::kNotCompetent);
    EXPECT_EQ(Entry(2), SetAside::kRevoked);
  }
}

TEST_F(StreamStandingTest, AnAdoptionIsOfOneBranch) {
  const std::uint32_t thief = line().Fork(3);
  line().Append(Meeting(), thief);
  line().Append(Meeting(), thief);
  Revoke(district, secretary, {line().Point(2)});
  province.district.down->Append(network.Adoption(&district, line(), 2, 5));
  EXPECT_EQ(Entry(2), SetAside::kCounts);
  EXPECT_EQ(Entry(4), SetAside::kCounts);
  EXPECT_EQ(Entry(3, thief), SetAside::kRevoked);
}

// ---- Forks

class ForkTest : public StreamStandingTest {
 protected:
  // Entries 3 and 4 of branch 0, and 3, 4, 5 of another one, part at 3.
  ForkTest() : other(line().Fork(3)) {
    for (int i = 0; i < 3; ++i) {
      line().Append(Meeting(), other);
    }
  }
  Fact Register(const pb::Point& point) {
    return province.commune_a.to[province.cell_1.unit]->Append(network.Register({point}));
  }

  std::uint32_t other;
};

TEST_F(ForkTest, WithoutARegisterEntryBothBranchesWait) {
  EXPECT_EQ(Entry(2), SetAside::kCounts);
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, TheRegisteredBranchStandsUpToItsRegisteredSize) {
  Register(line().Point(4));
  EXPECT_EQ(Entry(3), SetAside::kCounts);
  EXPECT_EQ(Entry(4), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
  EXPECT_EQ(Entry(5, other), SetAside::kForked);
}

TEST_F(ForkTest, WhichBranchWasSeenFirstMakesNoDifference) {
  Register(line().Point(5, other));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kCounts);
  EXPECT_EQ(Entry(4, other), SetAside::kCounts);
  EXPECT_EQ(Entry(5, other), SetAside::kForked);
}

TEST_F(ForkTest, TwoRegisteredBranchesBothWait) {
  Register(line().Point(5));
  Register(line().Point(4, other));
  EXPECT_EQ(Entry(2), SetAside::kCounts);
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, ARegisterEntryBelowTheForkSaysNothing) {
  Register(line().Point(3));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, WhatWasRegisteredBeforeTheForkIsNoRival) {
  Register(line().Point(3));
  Register(line().Point(4));
  EXPECT_EQ(Entry(3), SetAside::kCounts);
}

TEST_F(ForkTest, OnlyTheDirectSuperiorsRegisterDecides) {
  province.district.to[province.commune_a.unit]->Append(network.Register({line().Point(5)}));
  TestStream& foreign =
      network.OpenStream(*province.commune_b.server, pb::TO, province.cell_1.unit);
  foreign.Append(network.Register({line().Point(5)}));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  // Nor what its server wrote after it had been revoked.
  TestStream& to_cell = *province.commune_a.to[province.cell_1.unit];
  const pb::Point before = to_cell.Point();
  Register(line().Point(5));
  EXPECT_EQ(Entry(3), SetAside::kCounts);
  Revoke(commune, *province.commune_a.server, {before});
  EXPECT_EQ(Entry(3), SetAside::kForked);
}

TEST_F(ForkTest, ARulingByAHigherAuthorityChooses) {
  Register(line().Point(5));
  Register(line().Point(4, other));
  province.commune_a.down->Append(network.ForkRuling(&commune, line().Point(4, other)));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kCounts);
  EXPECT_EQ(Entry(5, other), SetAside::kCounts) << "the branch goes on past the chosen point";
  province.district.down->Append(network.ForkRuling(&district, line().Point(4)));
  EXPECT_EQ(Entry(4), SetAside::kCounts) << "the district's word is above the commune's";
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, TheHigherRulingDecidesInWhateverOrderTheyCome) {
  Authority authority = network.Everything();
  const Fact low =
      province.commune_a.down->Append(network.ForkRuling(&commune, line().Point(4, other)));
  const Fact high = province.district.down->Append(network.ForkRuling(&district, line().Point(4)));
  authority.Add(low);
  EXPECT_EQ(authority.StandingOfEntry(line().id(), other, 3), SetAside::kCounts);
  authority.Add(high);
  EXPECT_EQ(authority.StandingOfEntry(line().id(), other, 3), SetAside::kForked);
  EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, 3), SetAside::kCounts);
}

TEST_F(ForkTest, TwoRulingsOfOneRankThatDisagreeSettleNothing) {
  const Holder second = network.Certify(&district, province.commune_a.unit, pb::AUTHORITY);
  province.district.down->Append(second.record);
  province.commune_a.down->Append(network.ForkRuling(&commune, line().Point(4, other)));
  province.commune_a.down->Append(network.ForkRuling(&second, line().Point(4)));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, ARulingByAStrangerIsNoRuling) {
  province.commune_b.down->Append(
      network.ForkRuling(&*province.commune_b.authority, line().Point(4, other)));
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
}

TEST_F(ForkTest, WhatTheRulingDidNotChooseMayBeAdopted) {
  province.commune_a.down->Append(network.ForkRuling(&commune, line().Point(4)));
  EXPECT_EQ(Entry(4, other), SetAside::kForked);
  province.commune_a.down->Append(network.Adoption(&commune, line(), 4, 5, other));
  EXPECT_EQ(Entry(3, other), SetAside::kForked);
  EXPECT_EQ(Entry(4, other), SetAside::kCounts);
}

TEST_F(ForkTest, AThirdBranchIsJudgedLikeTheSecond) {
  const std::uint32_t third = line().Fork(4);
  line().Append(Meeting(), third);
  Register(line().Point(5));
  EXPECT_EQ(Entry(3), SetAside::kCounts);
  EXPECT_EQ(Entry(4), SetAside::kCounts);
  EXPECT_EQ(Entry(4, third), SetAside::kForked);
  Register(line().Point(5, third));
  EXPECT_EQ(Entry(3), SetAside::kCounts) << "both registered branches have it";
  EXPECT_EQ(Entry(4), SetAside::kForked);
  EXPECT_EQ(Entry(4, third), SetAside::kForked);
}

TEST_F(ForkTest, ABranchMayLeaveOneThatIsNotTheFirst) {
  // 5, 6 of the third; 3, 4 it shares with `other`.
  const std::uint32_t third = line().Fork(5, other);
  line().Append(Meeting(), third);
  line().Append(Meeting(), third);
  Register(line().Point(6, third));
  EXPECT_EQ(Entry(3), SetAside::kForked);
  EXPECT_EQ(Entry(3, other), SetAside::kCounts) << "the registered branch has it too";
  EXPECT_EQ(Entry(4, other), SetAside::kCounts);
  EXPECT_EQ(Entry(5, other), SetAside::kForked);
  EXPECT_EQ(Entry(5, third), SetAside::kCounts);
  EXPECT_EQ(Entry(6, third), SetAside::kForked);
  province.commune_a.down->Append(network.ForkRuling(&commune, line().Point(6, other)));
  EXPECT_EQ(Entry(4, other), SetAside::kCounts);
  EXPECT_EQ(Entry(5, other), SetAside::kCounts);
  EXPECT_EQ(Entry(5, third), SetAside::kForked);
}

TEST_F(ForkTest, ARegisterEntryOrAForkThatComesLaterIsReported) {
  const Fact registered = Register(line().Point(5));
  Authority authority(network.id(), network.AllRoots());
  for (const TestStream& stream : network.streams()) {
    authority.PutStream(stream.id() == line().id() ? stream.StateUpTo(5) : stream.State());
    for (const Fact& fact : stream.Facts()) {
      if (fact.name != registered.name) {
        authority.Add(fact);
      }
    }
  }
  EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, 4), SetAside::kCounts);
  authority.TakeChanged();
  authority.PutStream(line().State());
  EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, 4), SetAside::kForked);
  EXPECT_EQ(authority.TakeChanged(), std::vector<StreamId>{line().id()});
  authority.Add(registered);
  EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, 4), SetAside::kCounts);
  EXPECT_EQ(authority.TakeChanged(), std::vector<StreamId>{line().id()});
  // And what the register entry itself rests on.
  authority.Add(Revoke(commune, *province.commune_a.server, {}));
  EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, 4), SetAside::kForked);
  const std::vector<StreamId> changed = authority.TakeChanged();
  EXPECT_TRUE(std::binary_search(changed.begin(), changed.end(), line().id()));
}

// ---- Copies

class CopyTest : public StreamStandingTest {
 protected:
  // A node that holds the commune's stream to the cell, where copies lie, and the cell's line; all
  // that stands above is known from copies.
  Authority WithCopies(const std::vector<pb::Record>& copies) {
    Authority authority(network.id(), network.AllRoots());
    for (const pb::Record& copy : copies) {
      authority.Add(province.commune_a.to[province.cell_1.unit]->Append(copy));
    }
    authority.PutStream(line().State());
    return authority;
  }
  std::vector<pb::Record> CopiesOf(const std::vector<Fact>& facts) {
    std::vector<pb::Record> copies;
    for (const Fact& fact : facts) {
      for (const TestStream& stream : network.streams()) {
        if (stream.id() == fact.name.stream) {
          copies.push_back(stream.Copy(fact, stream.size()));
        }
      }
    }
    return copies;
  }
};

TEST_F(CopyTest, EvidenceAsCopiesIsAllThatStandingRestsOn) {
  Revoke(district, commune,
         {province.commune_a.to[province.cell_1.unit]->Point(), province.commune_a.down->Point()});
  Revoke(commune, secretary, {line().Point(3)});  // after the officer's end: means nothing
  const std::vector<Fact> evidence = network.Everything().EvidenceFor(line().id());
  const Authority authority = WithCopies(CopiesOf(evidence));
  for (std::uint64_t index = 1; index < line().size(); ++index) {
    EXPECT_EQ(authority.StandingOfEntry(line().id(), 0, index), Entry(index)) << index;
    EXPECT_EQ(Entry(index), SetAside::kCounts);
  }
  // Nothing of it is superfluous for a whole branch of the network: no other unit is named.
  EXPECT_LT(evidence.size(), 12u);
}

TEST_F(CopyTest, EachPieceOfTheChainIsNeeded) {
  const std::vector<Fact> evidence = network.Everything().EvidenceFor(line().id());
  ASSERT_GT(evidence.size(), 4u);
  std::size_t needed = 0;
  for (std::size_t left_out = 0; left_out < evidence.size(); ++left_out) {
    std::vector<Fact> rest = evidence;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    const Authority authority = WithCopies(CopiesOf(rest));
    needed += authority.StandingOfEntry(line().id(), 0, 1) == SetAside::kCounts ? 0 : 1;
  }
  // All but the secretary's own certificate, which the genesis carries as well, and the record of
  // the province itself, which nobody keeps.
  EXPECT_EQ(needed, evidence.size() - 2);
}

TEST_F(CopyTest, OfASignerLeadsUpToTheRootSet) {
  const std::vector<Fact> evidence = network.Everything().EvidenceFor(commune.id);
  Authority authority(network.id(), network.AllRoots());
  for (const Fact& fact : evidence) {
    authority.Add(fact);
  }
  EXPECT_TRUE(authority.Find(commune.id).has_value());
}

// Who may merge two units follows from who keeps each of them.
TEST_F(CopyTest, OfAUnitMergedIntoAnotherLeadsToTheOther) {
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MERGE);
  body.add_from(Bytes(province.cell_1.unit.view()));
  body.add_into(Bytes(province.cell_2.unit.view()));
  body.set_effective(20191001);
  const Fact merger = province.commune_a.down->Append(network.Sign(record, &commune));
  ASSERT_EQ(network.Everything().StandingOf(merger), SetAside::kCounts);
  const auto evidence = network.Everything().EvidenceFor(province.cell_1.unit);
  const std::vector<pb::Record> copies = CopiesOf(evidence);
  Authority authority(network.id(), network.AllRoots());
  std::vector<Fact> carried;
  for (const pb::Record& copy : copies) {
    carried.push_back(province.commune_b.to[province.cell_3.unit]->Append(copy));
    authority.Add(carried.back());
  }
  ASSERT_FALSE(carried.empty());
  for (const Fact& copy : carried) {
    EXPECT_EQ(authority.StandingOf(copy), SetAside::kCounts) << copy.name.index;
  }
}

TEST_F(CopyTest, ACopyHasTheStandingOfItsOriginal) {
  const Fact revocation = Revoke(commune, secretary, {line().Point(3)});
  TestStream& carrier = *province.commune_b.to[province.cell_3.unit];
  const Fact copy =
      carrier.Append(province.district.down->Copy(revocation, revocation.name.index + 1));
  EXPECT_EQ(network.Everything().StandingOf(copy), SetAside::kCounts);
  // Revoke the district's server below the original: the copy falls with it, though its carrier
  // stands.
  province.province.down->Append(
      network.Revocation(&*province.province.authority, province.district.server->id, {}));
  EXPECT_EQ(network.Everything().StandingOf(copy), SetAside::kRevoked);
}

TEST_F(CopyTest, OfAnEntryForNewerProgramsIsNotInterpreted) {
  TestStream& original = *province.district.down;
  const pb::Record revocation = network.Revocation(&commune, secretary.id, {line().Point(3)});
  const Fact newer = original.Append({revocation}, 0, kReaderVersion + 1).front();
  const Fact copy = province.commune_b.to[province.cell_3.unit]->Append(
      original.Copy(newer, newer.name.index + 1));
  // The original is held by others only.
  Authority authority(network.id(), network.AllRoots());
  for (const TestStream& stream : network.streams()) {
    authority.PutStream(stream.State());
    for (const Fact& fact : stream.Facts()) {
      if (fact.name != newer.name) {
        authority.Add(fact);
      }
    }
  }
  EXPECT_EQ(authority.StandingOf(copy), SetAside::kNotUnderstood);
  EXPECT_FALSE(authority.IsRevoked(secretary.id));
}

TEST_F(CopyTest, ABrokenProofShowsNothing) {
  const Fact revocation = Revoke(commune, secretary, {line().Point(3)});
  const pb::Record good = province.district.down->Copy(revocation, province.district.down->size());
  const auto stands = [&](const std::function<void(pb::Copy&)>& change) {
    pb::Record copy = good;
    change(*copy.mutable_copy());
    const Fact fact = province.commune_b.to[province.cell_3.unit]->Append(copy);
    Authority authority(network.id(), network.AllRoots());
    authority.Add(fact);
    EXPECT_TRUE(authority.EvidenceFor(line().id()).empty());
    return network.Everything().StandingOf(fact);
  };
  const auto flip = [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; };
  EXPECT_EQ(stands([](pb::Copy&) {}), SetAside::kCounts);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_payload()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_salt()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_proof(0)); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_signature()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_header()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_commitments(0)); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_genesis()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { flip(*copy.mutable_stream()); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { copy.set_index(copy.index() - 1); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { copy.set_size(copy.size() + 1); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { copy.mutable_proof()->RemoveLast(); }),
            SetAside::kOriginalUnproven);
  EXPECT_EQ(stands([&](pb::Copy& copy) { copy.add_proof(Bytes(32, 'x')); }),
            SetAside::kOriginalUnproven);
}

TEST_F(CopyTest, OnlyAuthorityRecordsAreCopied) {
  const std::vector<Fact> facts = line().Facts();
  const Fact copy = province.commune_b.to[province.cell_3.unit]->Append(
      line().Copy(facts.front(), line().size()));
  EXPECT_EQ(network.Everything().StandingOf(copy), SetAside::kOriginalUnproven);
}

TEST_F(CopyTest, AForgedBranchDoesNotPassForTheKeptOne) {
  // The commune's officer and server are stolen; the thief writes another history of the stream to
  // the cell, with a certificate for himself at a position that is kept.
  TestStream& to_cell = *province.commune_a.to[province.cell_1.unit];
  to_cell.Append(network.Register({line().Point(2)}));
  to_cell.Append(network.Register({line().Point(3)}));
  const pb::Point kept = to_cell.Point();
  const Holder thief = network.Certify(&commune, province.cell_1.unit, pb::SECRETARY);
  const std::uint32_t forged = to_cell.Fork(1);
  const Fact certificate = to_cell.Append(thief.record, forged);
  to_cell.Append(network.Register({line().Point(2)}), forged);
  to_cell.Append(network.Register({line().Point(2)}), forged);
  province.commune_b.to[province.cell_3.unit]->Append(to_cell.Copy(certificate, 3));
  EXPECT_TRUE(network.Everything().Find(thief.id).has_value()) << "not revoked yet";
  Revoke(district, commune, {kept, province.commune_a.down->Point()});
  EXPECT_FALSE(network.Everything().Find(thief.id).has_value());
  EXPECT_TRUE(network.Everything().Find(secretary.id).has_value());
}

}  // namespace
}  // namespace chibo

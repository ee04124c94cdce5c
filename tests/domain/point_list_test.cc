// Points for which a revocation or a move has no room.
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/authority.h"
#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

pb::Record MeetingOfTheCell() {
  pb::Record record;
  record.mutable_meeting()->add_kinds(pb::REGULAR);
  return record;
}

class PointListTest : public testing::Test {
 protected:
  PointListTest() {
    for (int i = 0; i < 4; ++i) {
      line().Append(MeetingOfTheCell());
    }
    other().Append(MeetingOfTheCell());
  }
  TestStream& line() { return *province.cell_1.line; }
  TestStream& other() { return other_; }
  SetAside Entry(const TestStream& stream, std::uint64_t index) {
    return network.Everything().StandingOfEntry(stream.id(), 0, index);
  }
  // The body of the record that established the unit.
  Hash Established(const UnitId& unit) {
    for (const TestStream& stream : network.streams()) {
      for (const Fact& fact : stream.Facts()) {
        if (fact.record->has_unit() && fact.record->unit().body().unit() == unit.view()) {
          return BodyDigest(*fact.record);
        }
      }
    }
    return {};
  }

  TestProvince province;
  TestNetwork& network = province.network;
  const Holder& secretary = *province.cell_1.secretary;
  const Holder& commune = *province.commune_a.authority;
  TestStream& elsewhere = *province.commune_b.to[province.cell_3.unit];

 private:
  TestStream& other_ = network.OpenStream(secretary, pb::LINE, province.commune_a.unit);
};

TEST_F(PointListTest, KeepsWhatTheRevocationHasNoRoomFor) {
  const pb::Record list = TestNetwork::ListOf({other().Point(2), line().Point(2)});
  province.district.down->Append(
      network.Revocation(&commune, secretary.id, {line().Point(3)}, {list}));
  EXPECT_EQ(Entry(other(), 1), SetAside::kRevoked) << "the list is not there yet";
  elsewhere.Append(TestNetwork::ListOf({other().Point(2)}));
  EXPECT_EQ(Entry(other(), 1), SetAside::kRevoked) << "another list";
  // Whoever brings it: its digest is signed.
  elsewhere.Append(list);
  EXPECT_EQ(Entry(other(), 1), SetAside::kCounts);
  EXPECT_EQ(Entry(line(), 2), SetAside::kCounts) << "what stands first counts";
  EXPECT_EQ(Entry(line(), 3), SetAside::kRevoked);
}

TEST_F(PointListTest, IsToldOfWhenItComesLateAndIsEvidence) {
  const pb::Record list = TestNetwork::ListOf({other().Point(2)});
  province.district.down->Append(network.Revocation(&commune, secretary.id, {}, {list}));
  Authority authority = network.Everything();
  authority.TakeChanged();
  const Fact late = province.commune_a.down->Append(list);
  authority.PutStream(province.commune_a.down->State());
  authority.Add(late);
  EXPECT_EQ(authority.StandingOfEntry(other().id(), 0, 1), SetAside::kCounts);
  const auto changed = authority.TakeChanged();
  EXPECT_TRUE(std::binary_search(changed.begin(), changed.end(), other().id()));
  const auto evidence = authority.EvidenceFor(other().id());
  EXPECT_TRUE(std::any_of(evidence.begin(), evidence.end(),
                          [&](const Fact& fact) { return fact.name == late.name; }));
}

TEST_F(PointListTest, ClosesWhatTheMoveHasNoRoomFor) {
  const pb::Record list = TestNetwork::ListOf({line().Point(3)});
  province.district.down->Append(network.Move(&*province.district.authority, province.cell_1.unit,
                                              province.commune_b.unit, {},
                                              Established(province.cell_1.unit), {list}));
  EXPECT_EQ(Entry(line(), 2), SetAside::kClosed) << "only the list names it, which is not there";
  province.district.down->Append(list);
  EXPECT_EQ(Entry(line(), 2), SetAside::kCounts);
  EXPECT_EQ(Entry(line(), 3), SetAside::kClosed);
}

}  // namespace
}  // namespace chibo

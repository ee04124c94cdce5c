#include "domain/organisation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proto/signed_object.h"
#include "tests/domain/network_fixture.h"

namespace chibo {
namespace {

// Facts that count, in the order in which they are said; nothing is signed: rights are not asked.
class OrganisationTest : public testing::Test {
 protected:
  OrganisationTest() {
    Establish('p', 0, "tinh", pb::PROVINCE, "Tỉnh ủy");
    Establish('d', 'p', "huyen", pb::DISTRICT, "Huyện ủy");
    Establish('a', 'd', "xa01", pb::GRASSROOTS_BODY, "Đảng bộ xã A");
    Establish('b', 'd', "xa02", pb::GRASSROOTS_BODY, "Đảng bộ xã B");
    Establish('1', 'a', "xa01-cb01", pb::CELL, "Chi bộ 1");
    Establish('2', 'a', "xa01-cb02", pb::CELL, "Chi bộ 2");
    Establish('3', 'b', "xa02-cb01", pb::CELL, "Chi bộ 3", 20150101);
    Establish('g', 'd', "cb-toa-an", pb::GRASSROOTS_CELL, "Chi bộ Tòa án");
  }

  static UnitId Unit(char name) { return UnitId::FromChecked(Bytes(16, name)); }
  static Bytes Id(char name) { return name == 0 ? Bytes() : Bytes(16, name); }
  static PersonId Person(char name) { return PersonId::FromChecked(Bytes(16, name)); }

  Fact& Say(pb::Record record) {
    Fact fact;
    fact.name = {StreamId(), facts_.size() + 1, 0};
    fact.kind = static_cast<std::uint32_t>(record.body_case());
    fact.record = std::make_shared<const pb::Record>(std::move(record));
    facts_.push_back(fact);
    return facts_.back();
  }
  void Establish(char unit, char parent, const std::string& code, pb::UnitKind kind,
                 const std::string& name, CivilDate effective = 0) {
    pb::Record record;
    pb::UnitBody& body = *record.mutable_unit()->mutable_body();
    body.set_unit(Id(unit));
    body.set_parent(Id(parent));
    body.set_code(code);
    body.set_name(name);
    body.set_kind(kind);
    body.set_effective(effective);
    Say(record);
  }
  static pb::Record Change(pb::ChangeKind kind, const std::string& from, const std::string& into,
                           CivilDate effective) {
    pb::Record record;
    pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
    body.set_kind(kind);
    body.set_effective(effective);
    for (const char unit : from) {
      body.add_from(Id(unit));
    }
    for (const char unit : into) {
      body.add_into(Id(unit));
    }
    return record;
  }
  static pb::Record Move(char unit, char parent, CivilDate effective) {
    pb::Record record = Change(pb::MOVE, std::string(1, unit), "", effective);
    record.mutable_unit_change()->mutable_body()->set_parent(Id(parent));
    return record;
  }
  static pb::Record Rename(char unit, const std::string& name, CivilDate effective) {
    pb::Record record = Change(pb::RENAME, std::string(1, unit), "", effective);
    record.mutable_unit_change()->mutable_body()->set_name(name);
    return record;
  }
  Organisation Make() const { return Organisation(facts_); }
  // Directly below on that day, by code.
  static std::vector<UnitId> ChildrenOf(const Organisation& organisation, const UnitId& unit,
                                        CivilDate day = kEndOfTime) {
    std::vector<UnitId> children;
    for (const UnitId& at : organisation.UnitsOn(day)) {
      if (organisation.ParentOf(at, day) == unit) {
        children.push_back(at);
      }
    }
    return children;
  }
  static std::string Names(const std::vector<UnitId>& units) {
    std::string names;
    for (const UnitId& unit : units) {
      names.push_back(static_cast<char>(unit.data()[0]));
    }
    return names;
  }

  std::vector<Fact> facts_;
};

TEST_F(OrganisationTest, IsATreeByCode) {
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.FindByCode("xa01-cb02"), Unit('2'));
  EXPECT_EQ(organisation.FindByCode("xa09"), std::nullopt);
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('d'))), "gab");
  EXPECT_EQ(Names(organisation.AboveOf(Unit('1'))), "adp");
  EXPECT_EQ(organisation.ParentOf(Unit('p')), std::nullopt);
  EXPECT_TRUE(organisation.IsAtOrAbove(Unit('d'), Unit('1')));
  EXPECT_FALSE(organisation.IsAtOrAbove(Unit('b'), Unit('1')));
}

TEST_F(OrganisationTest, NobodyIsTheSuperiorOfHimself) {
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.LowestCommonSuperior({Unit('1'), Unit('2')}), Unit('a'));
  EXPECT_EQ(organisation.LowestCommonSuperior({Unit('1'), Unit('3')}), Unit('d'));
  EXPECT_EQ(organisation.LowestCommonSuperior({Unit('1'), Unit('a')}), Unit('d'));
  EXPECT_EQ(organisation.LowestCommonSuperior({Unit('1')}), Unit('a'));
  EXPECT_EQ(organisation.LowestCommonSuperior({Unit('p'), Unit('1')}), std::nullopt);
  EXPECT_EQ(organisation.LowestCommonSuperior({}), std::nullopt);
}

TEST_F(OrganisationTest, KnowsTheGrassrootsOrganisation) {
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.GrassrootsOf(Unit('1')), Unit('a'));
  EXPECT_EQ(organisation.GrassrootsOf(Unit('a')), Unit('a'));
  EXPECT_EQ(organisation.GrassrootsOf(Unit('g')), Unit('g'));
  EXPECT_EQ(organisation.GrassrootsOf(Unit('d')), std::nullopt);
}

TEST_F(OrganisationTest, PassesOverWhatDoesNotCount) {
  Establish('9', 'a', "xa01-cb09", pb::CELL, "Chi bộ 9");
  facts_.back().standing = SetAside::kNotCompetent;
  EXPECT_FALSE(Make().Knows(Unit('9')));
  EXPECT_EQ(Names(ChildrenOf(Make(), Unit('a'))), "12");
}

TEST_F(OrganisationTest, ARenameHoldsFromItsDay) {
  Say(Rename('a', "Đảng bộ phường A", 20190701));
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.At(Unit('a'), 20190630)->name, "Đảng bộ xã A");
  EXPECT_EQ(organisation.At(Unit('a'), 20190701)->name, "Đảng bộ phường A");
  EXPECT_EQ(organisation.At(Unit('a'))->name, "Đảng bộ phường A");
}

TEST_F(OrganisationTest, AMoveIsCutByTheTreeThenOrNow) {
  Say(Move('1', 'b', 20190701));
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.ParentOf(Unit('1'), 20190630), Unit('a'));
  EXPECT_EQ(organisation.ParentOf(Unit('1'), 20190701), Unit('b'));
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('b'), 20190630)), "3");
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('b'), 20190701)), "13");
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('a'))), "2");
}

TEST_F(OrganisationTest, AUnitExistsFromItsEstablishmentToItsEnd) {
  Say(Change(pb::DISSOLVE, "3", "1", 20200101));
  const Organisation organisation = Make();
  EXPECT_FALSE(organisation.ExistsOn(Unit('3'), 20141231));
  EXPECT_TRUE(organisation.ExistsOn(Unit('3'), 20150101));
  EXPECT_TRUE(organisation.ExistsOn(Unit('3'), 20191231));
  EXPECT_FALSE(organisation.ExistsOn(Unit('3'), 20200101));
  EXPECT_EQ(organisation.At(Unit('3'))->ended, 20200101u);
  EXPECT_EQ(organisation.At(Unit('3'), 20190101)->ended, 20200101u);
  EXPECT_EQ(Names(organisation.UnitsOn(20141231)).find('3'), std::string::npos);
  EXPECT_NE(Names(organisation.UnitsOn(20190101)).find('3'), std::string::npos);
  EXPECT_EQ(organisation.MembersWentTo(Unit('3'), Person('x'), 20191231), Unit('3'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('3'), Person('x')), Unit('1'));
}

TEST_F(OrganisationTest, AMergerTakesTheMembersAndTheUnitsBelow) {
  Say(Change(pb::MERGE, "ab", "a", 20191201));
  const Organisation organisation = Make();
  EXPECT_TRUE(organisation.ExistsOn(Unit('a'), 20200101));
  EXPECT_FALSE(organisation.ExistsOn(Unit('b'), 20200101));
  EXPECT_EQ(organisation.ParentOf(Unit('3'), 20191130), Unit('b'));
  EXPECT_EQ(organisation.ParentOf(Unit('3'), 20191201), Unit('a'));
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('a'), 20191201)), "123");
  EXPECT_EQ(Names(organisation.CameFrom(Unit('a'))), "b");
  EXPECT_EQ(organisation.MembersWentTo(Unit('b'), Person('x')), Unit('a'));
}

TEST_F(OrganisationTest, AnEndedSuperiorLeavesItsUnitsToTheOneAbove) {
  Say(Change(pb::DISBAND, "b", "", 20191201));
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.ParentOf(Unit('3')), Unit('d'));
  EXPECT_EQ(Names(ChildrenOf(organisation, Unit('d'))), "ga3");
  EXPECT_EQ(organisation.MembersWentTo(Unit('b'), Person('x')), std::nullopt);
}

TEST_F(OrganisationTest, ASplitFollowsTheAllocation) {
  Establish('5', 'a', "xa01-cb05", pb::CELL, "Chi bộ 5", 20190601);
  Establish('6', 'a', "xa01-cb06", pb::CELL, "Chi bộ 6", 20190601);
  pb::Record split = Change(pb::SPLIT, "1", "56", 20190601);
  pb::Allocation* five = split.mutable_unit_change()->mutable_body()->add_members();
  five->set_unit(Id('5'));
  five->add_persons(Id('x'));
  pb::Allocation* six = split.mutable_unit_change()->mutable_body()->add_members();
  six->set_unit(Id('6'));
  six->add_persons(Id('y'));
  Say(split);
  Say(Change(pb::MERGE, "62", "2", 20191001));
  const Organisation organisation = Make();
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('x')), Unit('5'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('y'), 20190901), Unit('6'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('y')), Unit('2'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('y'), 20190531), Unit('1'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('z')), std::nullopt);
}

TEST_F(OrganisationTest, AUnitThatGivesSomeMembersAwayGoesOn) {
  Establish('5', 'a', "xa01-cb05", pb::CELL, "Chi bộ 5", 20190601);
  pb::Record split = Change(pb::SPLIT, "1", "15", 20190601);
  pb::Allocation* five = split.mutable_unit_change()->mutable_body()->add_members();
  five->set_unit(Id('5'));
  five->add_persons(Id('x'));
  Say(split);
  const Organisation organisation = Make();
  EXPECT_TRUE(organisation.ExistsOn(Unit('1'), 20200101));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('x')), Unit('5'));
  EXPECT_EQ(organisation.MembersWentTo(Unit('1'), Person('y')), Unit('1'));
}

TEST_F(OrganisationTest, IsTheSameInAnyOrderAndWithRepeats) {
  Say(Rename('1', "Chi bộ Một", 20190301));
  Say(Rename('1', "Chi bộ Một mới", 20190301));
  Say(Move('1', 'b', 20190701));
  Say(Change(pb::MERGE, "ab", "a", 20191201));
  facts_.push_back(facts_.front());
  facts_.back().name.index = 900;
  const auto all_of = [&](const Organisation& organisation) {
    std::string text;
    for (const CivilDate day : {20190101u, 20190401u, 20190801u, 20200101u}) {
      for (const UnitId& unit : organisation.UnitsOn(day)) {
        text += organisation.At(unit, day)->name + "<" + Names(organisation.AboveOf(unit, day));
      }
    }
    for (const RecordName& name : organisation.HistoryOf(Unit('1'))) {
      text += ToString(name);
    }
    return text + std::to_string(organisation.Contested().size());
  };
  const std::string expected = all_of(Make());
  SeededRandom random(3);
  for (int order = 0; order < 20; ++order) {
    for (std::size_t i = facts_.size(); i > 1; --i) {
      std::swap(facts_[i - 1], facts_[random.Below(i)]);
    }
    ASSERT_EQ(all_of(Make()), expected);
  }
}

TEST_F(OrganisationTest, ChangesOfOneDayFollowEachOther) {
  const pb::Record first = Rename('1', "Trước", 20190301);
  pb::Record second = Rename('1', "Sau", 20190301);
  second.mutable_unit_change()->mutable_body()->add_previous(Bytes(BodyDigest(first).view()));
  for (const bool turned : {false, true}) {
    facts_.resize(8);
    Say(turned ? second : first);
    Say(turned ? first : second);
    EXPECT_EQ(Make().At(Unit('1'))->name, "Sau");
    EXPECT_TRUE(Make().Contested().empty());
  }
}

TEST_F(OrganisationTest, TwoChangesAfterTheSameOneAreContested) {
  const Fact one = Say(Move('1', 'b', 20190301));
  EXPECT_TRUE(Make().Contested().empty());
  const Fact two = Say(Move('1', 'd', 20190601));
  EXPECT_EQ(Make().Contested(), (std::vector<RecordName>{one.name, two.name}));
  EXPECT_EQ(Make().ParentOf(Unit('1'), 20190401), Unit('b'));
  EXPECT_EQ(Make().ParentOf(Unit('1')), Unit('d'));
}

TEST_F(OrganisationTest, UnitsThatHangUnderEachOtherEndTheWalk) {
  Say(Move('a', '1', 20190301));
  const Organisation organisation = Make();
  EXPECT_EQ(Names(organisation.AboveOf(Unit('1'))), "a");
}

}  // namespace
}  // namespace chibo

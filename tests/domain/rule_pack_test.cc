#include "domain/rule_pack.h"

#include <gtest/gtest.h>

#include "domain/parameter_table.h"
#include "proto/crypto.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

class RulePackTest : public testing::Test {
 protected:
  RulePackTest() {
    Establish('p', 0);
    Establish('d', 'p');
    Establish('e', 'p');
    Establish('c', 'd');
  }
  static UnitId Unit(char name) { return UnitId::FromChecked(Bytes(16, name)); }

  void Say(char unit, pb::Record record) {
    Fact fact;
    fact.name = {StreamId(), facts_.size() + 1, 0};
    fact.unit = Unit(unit);
    fact.kind = static_cast<std::uint32_t>(record.body_case());
    fact.record = std::make_shared<const pb::Record>(std::move(record));
    facts_.push_back(fact);
  }
  void Establish(char unit, char parent) {
    pb::Record record;
    pb::UnitBody& body = *record.mutable_unit()->mutable_body();
    body.set_unit(Bytes(16, unit));
    body.set_parent(parent == 0 ? Bytes() : Bytes(16, parent));
    body.set_code(std::string(1, unit));
    Say('p', record);
  }
  using Parameters = std::vector<std::pair<std::string_view, std::string>>;
  Hash Publish(char unit, const std::string& id, const std::string& period, const Hash& base,
               const Parameters& parameters) {
    pb::Record record;
    pb::RulePackBody& body = *record.mutable_rule_pack()->mutable_body();
    body.set_id(id);
    body.set_name("Hướng dẫn " + id);
    if (!period.empty()) {
      body.add_periods(period);
    }
    if (!base.is_zero()) {
      body.set_base(Bytes(base.view()));
    }
    for (const auto& [name, value] : parameters) {
      pb::Parameter* parameter = body.add_parameters();
      parameter->set_name(std::string(name));
      parameter->set_value(value);
      parameter->set_verified(true);
      parameter->set_source("HD " + id);
    }
    Say(unit, record);
    return BodyDigest(record);
  }
  RulePacks Make() const { return RulePacks(facts_, Organisation(facts_)); }
  EffectivePack For(char unit, std::string_view period = "2019") const {
    return Make().For(Unit(unit), period);
  }

  std::vector<Fact> facts_;
};

TEST_F(RulePackTest, WithoutAPackTheDefaultsOf2019AreThereAndSaySo) {
  const EffectivePack pack = For('c');
  EXPECT_TRUE(pack.no_pack());
  EXPECT_EQ(pack.Number(parameter::kCapPercent), 20u);
  EXPECT_TRUE(pack.Verified(parameter::kCapPercent));
  EXPECT_EQ(pack.Word(parameter::kCapBase), "good_or_better");
  EXPECT_FALSE(pack.Verified(parameter::kCapBase));
  EXPECT_FALSE(pack.Verified(parameter::kLessThanFive));
  EXPECT_TRUE(pack.Flag(parameter::kCivilServantExcellent));
  EXPECT_TRUE(pack.Get(parameter::kCapPercent).pack.is_zero());
  // Nothing of another year's guidance was read.
  EXPECT_FALSE(For('c', "2024").Verified(parameter::kCapPercent));
}

TEST_F(RulePackTest, EveryDefaultIsAValueOfItsType) {
  for (const ParameterRule& rule : AllParameters()) {
    EXPECT_TRUE(Reads(rule, rule.value)) << rule.name;
    EXPECT_EQ(FindParameter(rule.name), &rule);
    EXPECT_FALSE(Widens(rule, rule.value, rule.value)) << rule.name;
  }
}

TEST_F(RulePackTest, SpeaksForTheUnitAndAllBelowInItsPeriods) {
  const Hash hash = Publish('d', "P2019", "2019", {}, {{parameter::kCapPercent, "15"}});
  EXPECT_EQ(For('c').hash(), hash);
  EXPECT_EQ(For('c').Number(parameter::kCapPercent), 15u);
  EXPECT_EQ(For('d').hash(), hash);
  EXPECT_TRUE(For('p').no_pack());
  EXPECT_TRUE(For('e').no_pack());
  EXPECT_TRUE(For('c', "2020").no_pack());
  EXPECT_EQ(For('c', "2019-Q3").hash(), hash) << "a quarter of that year";
  EXPECT_EQ(Make().Periods(), std::vector<std::string>{"2019"});
}

TEST_F(RulePackTest, TheDeepestIsLaidLast) {
  const Hash national = Publish('p', "P2019", "2019", {},
                                {{parameter::kCapPercent, "20"}, {parameter::kVoteMethod, "open"}});
  const Hash local = Publish('d', "H05", "", national, {{parameter::kCapPercent, "15"}});
  const EffectivePack pack = For('c');
  EXPECT_EQ(pack.hash(), local);
  EXPECT_EQ(pack.chain(), (std::vector<Hash>{local, national}));
  EXPECT_EQ(pack.name(), "P2019 + H05");
  EXPECT_EQ(pack.Number(parameter::kCapPercent), 15u);
  EXPECT_EQ(pack.Get(parameter::kCapPercent).pack, local);
  EXPECT_EQ(pack.Get(parameter::kCapPercent).source, "HD H05");
  EXPECT_EQ(pack.Word(parameter::kVoteMethod), "open");
  EXPECT_EQ(For('e').hash(), national);
}

TEST_F(RulePackTest, SaysTheSameHoweverOftenItIsAsked) {
  const Hash all_years = Publish('p', "P", "", {}, {{parameter::kCapPercent, "15"}});
  const Hash local = Publish('d', "H05", "2019-2025", all_years, {{parameter::kCapPercent, "10"}});
  const RulePacks packs = Make();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(packs.For(Unit('c'), "2019").Number(parameter::kCapPercent), 10u);
    EXPECT_TRUE(packs.For(Unit('c'), "2019").Verified(parameter::kNewMemberMonths));
    EXPECT_FALSE(packs.For(Unit('c'), "2024").Verified(parameter::kNewMemberMonths));
    EXPECT_EQ(packs.For(Unit('c'), "2024").hash(), local);
    EXPECT_EQ(packs.For(Unit('e'), "2019").Number(parameter::kCapPercent), 20u);
  }
}

TEST_F(RulePackTest, ALowerUnitOnlyTightens) {
  const Hash national =
      Publish('p', "P2019", "2019", {},
              {{parameter::kCapPercent, "20"}, {parameter::kThresholdExcellent, ">=2/3"}});
  for (const Hash& base : {national, Hash()}) {
    facts_.resize(5);
    Publish('d', "H05", "2019", base,
            {{parameter::kCapPercent, "30"},
             {parameter::kThresholdExcellent, ">1/2"},
             {parameter::kHeadCeiling, "false"},
             {parameter::kThresholdGood, ">2/3"}});
    const EffectivePack pack = For('c');
    EXPECT_EQ(pack.Number(parameter::kCapPercent), 20u);
    EXPECT_EQ(pack.Word(parameter::kThresholdExcellent), ">=2/3");
    EXPECT_TRUE(pack.Flag(parameter::kHeadCeiling));
    EXPECT_EQ(pack.Word(parameter::kThresholdGood), ">2/3");
    ASSERT_EQ(pack.refused().size(), 3u);
    EXPECT_EQ(pack.refused()[0].why, ParameterRefused::Why::kWidens);
    EXPECT_EQ(pack.refused()[0].value, "30");
  }
}

TEST_F(RulePackTest, TheUnitThatWroteThePackMayCorrectIt) {
  const Hash first = Publish('p', "P2019", "2019", {}, {{parameter::kCapPercent, "20"}});
  Publish('p', "P2019b", "2019", first, {{parameter::kCapPercent, "25"}});
  EXPECT_EQ(For('c').Number(parameter::kCapPercent), 25u);
  EXPECT_TRUE(Make().Rivals(Unit('p'), "2019").empty());
}

TEST_F(RulePackTest, PacksThatDoNotBuildOnEachOtherAreRivals) {
  const Hash one = Publish('p', "A", "2019", {}, {{parameter::kCapPercent, "20"}});
  const Hash two = Publish('p', "B", "2019", {}, {{parameter::kCapPercent, "10"}});
  EXPECT_EQ(Make().Rivals(Unit('p'), "2019").size(), 2u);
  EXPECT_EQ(For('c').hash(), std::max(one, two));
}

TEST_F(RulePackTest, WhatCannotBeReadIsShownAndNotUsed) {
  Publish('p', "P2019", "2019", {},
          {{parameter::kCapPercent, "hai mươi"},
           {"excelent_cap", "20"},
           {parameter::kAbsentDeadline, "13-40"},
           {parameter::kReportDeadline, "2019-11-13T15:00"}});
  const EffectivePack pack = For('c');
  EXPECT_EQ(pack.Number(parameter::kCapPercent), 20u);
  EXPECT_EQ(pack.Word(parameter::kAbsentDeadline), "none");
  EXPECT_EQ(pack.Word(parameter::kReportDeadline), "2019-11-13T15:00");
  ASSERT_EQ(pack.refused().size(), 3u);
  EXPECT_EQ(pack.refused()[0].why, ParameterRefused::Why::kUnreadable);
  EXPECT_EQ(pack.refused()[1].why, ParameterRefused::Why::kUnknownName);
  EXPECT_EQ(pack.refused()[2].why, ParameterRefused::Why::kUnreadable);
}

TEST_F(RulePackTest, ADecisionsPackIsFoundByItsHash) {
  const Hash national = Publish('p', "P2019", "2019", {}, {{parameter::kCapPercent, "18"}});
  const Hash local = Publish('d', "H05", "", national, {{parameter::kCapPercent, "15"}});
  EXPECT_EQ(Make().ByHash(local)->Number(parameter::kCapPercent), 15u);
  EXPECT_EQ(Make().ByHash(national)->Number(parameter::kCapPercent), 18u);
  EXPECT_FALSE(Make().ByHash(Hash()).has_value());
  facts_.erase(facts_.begin() + 4);
  EXPECT_FALSE(Make().ByHash(local).has_value()) << "its base is not held";
}

TEST_F(RulePackTest, PassesOverWhatDoesNotCount) {
  Publish('p', "P2019", "2019", {}, {{parameter::kCapPercent, "15"}});
  facts_.back().standing = SetAside::kNotCompetent;
  EXPECT_TRUE(For('c').no_pack());
}

TEST(FractionOf, IsReachedExactly) {
  const Fraction two_thirds = *ReadFraction(">=2/3");
  EXPECT_TRUE(two_thirds.ReachedBy(6, 9));
  EXPECT_FALSE(two_thirds.ReachedBy(5, 8));
  const Fraction half = *ReadFraction(">1/2");
  EXPECT_FALSE(half.ReachedBy(4, 8));
  EXPECT_TRUE(half.ReachedBy(5, 8));
  EXPECT_FALSE(half.ReachedBy(0, 0));
  for (const char* text : {"", "2/3", ">=2", ">=/3", ">=3/2", ">=1/0", ">=1/2x", ">= 1/2"}) {
    EXPECT_FALSE(ReadFraction(text).has_value()) << text;
  }
}

class PeerGroupTest : public RulePackTest {
 protected:
  static pb::Subject Subject(char unit) {
    pb::Subject subject;
    subject.set_kind(pb::ORGANISATION);
    subject.set_id(Bytes(16, unit));
    return subject;
  }
  void Group(const std::string& id, const std::string& period, const std::string& subjects) {
    pb::Record record;
    pb::PeerGroupBody& body = *record.mutable_peer_group()->mutable_body();
    body.set_id(id);
    body.set_period(period);
    body.set_owner(Bytes(16, 'd'));
    for (const char unit : subjects) {
      *body.add_subjects() = Subject(unit);
    }
    Say('d', record);
  }
};

TEST_F(PeerGroupTest, ASubjectIsInItsGroupOfThePeriod) {
  Group("X1", "2019", "ab");
  Group("X2", "2019", "c");
  const PeerGroups groups(facts_);
  EXPECT_EQ(groups.GroupOf(Subject('a'), "2019")->id, "X1");
  EXPECT_EQ(groups.GroupOf(Subject('c'), "2019")->id, "X2");
  EXPECT_EQ(groups.GroupOf(Subject('a'), "2020"), nullptr);
  EXPECT_EQ(groups.GroupOf(Subject('z'), "2019"), nullptr);
  EXPECT_EQ(groups.InPeriod("2019").size(), 2u);
  pb::Subject committee = Subject('a');
  committee.set_kind(pb::COMMITTEE);
  EXPECT_EQ(groups.GroupOf(committee, "2019"), nullptr) << "the committee is another subject";
}

TEST_F(PeerGroupTest, ALaterRecordOfTheSameGroupReplacesIt) {
  Group("X1", "2019", "ab");
  Group("X1", "2019", "b");
  const PeerGroups groups(facts_);
  EXPECT_EQ(groups.GroupOf(Subject('a'), "2019"), nullptr);
  EXPECT_EQ(groups.GroupOf(Subject('b'), "2019")->subjects.size(), 1u);
  EXPECT_EQ(groups.InPeriod("2019").size(), 1u);
}

TEST_F(PeerGroupTest, ASubjectOfTwoGroupsIsSeen) {
  Group("X2", "2019", "a");
  Group("X1", "2019", "a");
  const PeerGroups groups(facts_);
  EXPECT_EQ(groups.AllOf(Subject('a'), "2019").size(), 2u);
  EXPECT_EQ(groups.GroupOf(Subject('a'), "2019")->id, "X1");
}

}  // namespace
}  // namespace chibo

// R40–R43: both readings of the base, rounding, and the exception below five; story 6.
#include "domain/cap.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

CapCount Count(std::uint32_t graded, std::uint32_t good, std::uint32_t excellent) {
  CapCount count;
  count.graded = graded;
  count.good = good;
  count.excellent = excellent;
  return count;
}

CapRule RuleOver(CapBase base) {
  CapRule rule;
  rule.base = base;
  return rule;
}

TEST(Cap, ReadingsOfTheBaseDifferAtFive) {
  // Of five who are all good one may be excellent if the base holds that one too.
  EXPECT_FALSE(CapOf(Count(5, 4, 1), RuleOver(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_TRUE(CapOf(Count(5, 4, 1), RuleOver(CapBase::kGoodOnly)).exceeded);
  EXPECT_FALSE(CapOf(Count(6, 5, 1), RuleOver(CapBase::kGoodOnly)).exceeded);
}

TEST(Cap, TheCommunesOfTheDemoDistrictStandOnBothSides) {
  EXPECT_EQ(CapOf(Count(269, 194, 48), RuleOver(CapBase::kGoodOrBetter)).cap, 48u);
  EXPECT_FALSE(CapOf(Count(269, 194, 48), RuleOver(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_TRUE(CapOf(Count(269, 191, 51), RuleOver(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_EQ(CapOf(Count(269, 194, 48), RuleOver(CapBase::kGoodOnly)).cap, 38u);
}

TEST(Cap, RoundingIsAParameterAndFloorTheDefault) {
  CapRule rule = RuleOver(CapBase::kGoodOrBetter);
  EXPECT_EQ(CapOf(Count(13, 13, 0), rule).cap, 2u);  // 2.6
  rule.rounding = CapRounding::kHalfUp;
  EXPECT_EQ(CapOf(Count(13, 13, 0), rule).cap, 3u);
  EXPECT_EQ(CapOf(Count(12, 12, 0), rule).cap, 2u);  // 2.4
  rule.rounding = CapRounding::kCeil;
  EXPECT_EQ(CapOf(Count(11, 11, 0), rule).cap, 3u);  // 2.2
  EXPECT_EQ(CapOf(Count(10, 10, 0), rule).cap, 2u);
}

TEST(Cap, FewerThanFiveAndAllGoodMayChooseOne) {
  const CapRule rule = RuleOver(CapBase::kGoodOrBetter);
  const CapAnswer one = CapOf(Count(4, 3, 1), rule);
  EXPECT_EQ(one.cap, 1u);
  EXPECT_TRUE(one.by_exception);
  EXPECT_FALSE(one.exceeded);
  EXPECT_TRUE(CapOf(Count(4, 2, 2), rule).exceeded) << "one, not two";
  EXPECT_TRUE(CapOf(Count(4, 2, 1), rule).exceeded) << "one of the four is only fulfilled";
  EXPECT_FALSE(CapOf(Count(5, 4, 1), rule).by_exception) << "five need no exception";
}

TEST(Cap, TheExceptionCanBeReadNarrowerOrSwitchedOff) {
  CapRule rule = RuleOver(CapBase::kGoodOrBetter);
  rule.small = SmallPlace::kExactlyGood;
  EXPECT_EQ(CapOf(Count(4, 3, 1), rule).cap, 1u);
  EXPECT_EQ(CapOf(Count(4, 2, 2), rule).cap, 0u) << "two were chosen: not all were exactly good";
  rule.small = SmallPlace::kOff;
  EXPECT_EQ(CapOf(Count(4, 3, 1), rule).cap, 0u);
}

TEST(Cap, ASmallGroupInALargePlaceHasNoExceptionWhereThePlaceCounts) {
  const CapRule rule = RuleOver(CapBase::kGoodOrBetter);
  EXPECT_FALSE(CapOf(Count(3, 2, 1), rule).exceeded);
  EXPECT_TRUE(CapOf(Count(3, 2, 1), rule, Count(31, 25, 6)).exceeded);
}

TEST(Cap, APlaceHasOneExceptionHoweverItIsCutIntoGroups) {
  const CapRule rule = RuleOver(CapBase::kGoodOrBetter);
  EXPECT_FALSE(CapOf(Count(2, 1, 1), rule, Count(2, 2, 0)).exceeded);
  EXPECT_TRUE(CapOf(Count(2, 1, 1), rule, Count(2, 1, 1)).exceeded) << "one in the place";
  EXPECT_TRUE(CapOf(Count(2, 1, 1), rule, Count(2, 1, 0)).exceeded) << "100 % of the place";
}

TEST(Cap, WhileALevelIsUnknownNobodyKnowsThatAllOfFewerThanFiveAreGood) {
  CapCount count = Count(3, 3, 0);
  count.unknown = 1;
  EXPECT_EQ(CapOf(count, RuleOver(CapBase::kGoodOrBetter)).cap, 0u);
  CapCount elsewhere;
  elsewhere.unknown = 1;
  EXPECT_EQ(CapOf(Count(3, 3, 0), RuleOver(CapBase::kGoodOrBetter), elsewhere).cap, 0u);
  EXPECT_EQ(CapOf(Count(3, 3, 0), RuleOver(CapBase::kGoodOrBetter)).cap, 1u);
}

// Whatever the numbers: floor never lets more than the share through, a stricter reading never
// allows more, and nothing is allowed of nobody.
TEST(Cap, OfRandomGroupsHoldsWhatTheRulesSay) {
  std::mt19937 random(5);
  const auto below = [&](std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(random);
  };
  for (int round = 0; round < 5000; ++round) {
    CapCount count;
    count.good = below(60);
    count.excellent = below(20);
    count.waiting = below(5);
    count.unknown = below(3);
    count.graded = count.good + count.excellent + count.waiting + below(10);
    CapRule rule = RuleOver(CapBase::kGoodOrBetter);
    const CapAnswer wide = CapOf(count, rule);
    const std::uint32_t base = count.good + count.excellent + count.waiting;
    if (wide.by_exception) {
      ASSERT_EQ(wide.cap, 1u);
      ASSERT_LT(count.graded, 5u);
      ASSERT_EQ(base, count.graded);
      ASSERT_EQ(count.unknown, 0u);
    } else {
      ASSERT_LE(wide.cap * 100, base * 20);
      ASSERT_GT((wide.cap + 1) * 100, base * 20);
    }
    ASSERT_EQ(wide.exceeded, count.excellent > wide.cap);
    rule.base = CapBase::kGoodOnly;
    ASSERT_LE(CapOf(count, rule).cap, wide.cap);
    rule.rounding = CapRounding::kHalfUp;
    const std::uint32_t half_up = CapOf(count, rule).cap;
    rule.rounding = CapRounding::kCeil;
    ASSERT_LE(half_up, CapOf(count, rule).cap);
  }
}

// Twenty members of two cells of xa; how many have been proposed and how.
class CapGroup : public testing::Test {
 protected:
  void Propose(int from, int to, pb::Grade grade) {
    for (int i = from; i < to; ++i) {
      const std::string cell = i % 2 == 0 ? "xa-1" : "xa-2";
      world.Propose(cell, Commune::Member("m" + std::to_string(i)), grade);
    }
  }
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      world.Enter(i % 2 == 0 ? "xa-1" : "xa-2", "m" + std::to_string(i));
    }
  }
  GroupState State(const Rows& rows) {
    const Context context = world.context();
    const auto state = StateOfGroup(context, rows, "unit:" + Commune::Unit("xa").hex(), pb::MEMBER,
                                    "2019", context.packs.For(Commune::Unit("xa"), "2019"));
    CHECK(state.has_value());
    return *state;
  }
  std::vector<DecisionFinding> Check(const Rows& rows, const DecisionRequest& request) {
    const Context context = world.context();
    const auto parts = DraftDecision(context, rows, request);
    CHECK(parts.has_value());
    return *CheckDecision(context, rows, *parts);
  }
  DecisionRequest Agreed() {
    DecisionRequest request;
    request.authority = Commune::Unit("xa");
    request.period = "2019";
    request.number = "1";
    request.date = 20191220;
    request.all_agreed = true;
    return request;
  }
  Commune world;
};

TEST_F(CapGroup, TheCapOfWhatIsKnownAndTheBoundOfTheWholeStandApart) {
  Propose(0, 4, pb::HTXSNV);
  Propose(4, 17, pb::HTTNV);
  const GroupState state = State(world.All());
  EXPECT_EQ(state.members, 20u);
  EXPECT_EQ(state.undecided, 20u);
  EXPECT_EQ(state.known.unknown, 3u);
  EXPECT_EQ(state.cap.cap, 3u);
  EXPECT_FALSE(state.cap.exceeded) << "nothing is decided";
  EXPECT_TRUE(state.cap_if_as_proposed.exceeded);
  EXPECT_EQ(state.cap_at_most, 4u);
  EXPECT_EQ(state.cells, 2u);
  EXPECT_EQ(state.cells_with_data, 2u);
}

TEST_F(CapGroup, ABatchOverTheCapIsBlockedAndNoReasonHelps) {
  Propose(0, 5, pb::HTXSNV);
  Propose(5, 20, pb::HTTNV);
  const auto findings = Check(world.All(), Agreed());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].finding.rule, "R40");
  EXPECT_TRUE(Blocks(findings));
}

// Rules: warn at the cell, block only when the authority signs.
TEST_F(CapGroup, BeforeAnybodyDecidesItIsToldAsFarAsItIsKnown) {
  const auto warned = [&](const std::string& top, bool only_first_cell) {
    Rows rows = world.All();
    if (only_first_cell) {
      std::erase_if(rows.rows, [](const auto& row) {
        return row.second.unit() != Commune::Unit("xa-1").view();
      });
    }
    return *CapWarnings(world.context(), rows, Commune::Unit(top), pb::MEMBER, "2019");
  };
  Propose(0, 4, pb::HTXSNV);
  Propose(4, 20, pb::HTTNV);
  EXPECT_TRUE(warned("xa", false).empty()) << "4 of 20";
  EXPECT_TRUE(warned("xa-1", true).empty()) << "the cell knows 2 of 10";
  world.Enter("xa-1", "m20");
  world.Propose("xa-1", Commune::Member("m20"), pb::HTXSNV);
  const auto at_cell = warned("xa-1", true);
  ASSERT_EQ(at_cell.size(), 1u);
  EXPECT_EQ(at_cell[0].rule, "R40");
  EXPECT_EQ(at_cell[0].message, "finding_cap_exceeded_as_known");
  EXPECT_EQ(at_cell[0].severity, Severity::kWarn);
  EXPECT_EQ(at_cell[0].values,
            (std::vector<std::string>{"unit:" + Commune::Unit("xa").hex(), "3", "2"}));
  EXPECT_EQ(warned("xa", false).size(), 1u);
  EXPECT_TRUE(warned("cq", false).empty()) << "another body's";
}

TEST_F(CapGroup, ABatchAtTheCapPasses) {
  Propose(0, 4, pb::HTXSNV);
  Propose(4, 20, pb::HTTNV);
  EXPECT_FALSE(Blocks(Check(world.All(), Agreed())));
}

TEST_F(CapGroup, OneExcellentDecidedFirstIsHeldAgainstWhatIsKnownOfTheOthers) {
  Propose(0, 4, pb::HTXSNV);
  Propose(4, 20, pb::HTTNV);
  DecisionRequest first = Agreed();
  first.all_agreed = false;
  first.choices = {{Commune::Member("m0"), pb::GRADE_NONE, "", {}}};
  EXPECT_FALSE(Blocks(Check(world.All(), first)));
  // A fifth on top of four that are decided is one too many.
  for (int i = 0; i < 4; ++i) {
    world.Decide("xa", Commune::Member("m" + std::to_string(i)), pb::HTXSNV);
  }
  first.choices = {{Commune::Member("m4"), pb::HTXSNV, "better than the vote", {"R40"}}};
  const auto findings = Check(world.All(), first);
  EXPECT_TRUE(Blocks(findings));
}

TEST_F(CapGroup, LoweringOneOfAGroupThatIsOverItsCapIsNotBlocked) {
  std::vector<Fact> decisions;
  for (int i = 0; i < 20; ++i) {
    decisions.push_back(world.Decide("xa", Commune::Member("m" + std::to_string(i)),
                                     i < 6 ? pb::HTXSNV : pb::HTTNV));
  }
  world.Cancel("xa", decisions[0]);
  DecisionRequest request = Agreed();
  request.all_agreed = false;
  request.choices = {{Commune::Member("m0"), pb::HTTNV, "over the cap", {}}};
  EXPECT_FALSE(Blocks(Check(world.All(), request)));
  request.choices[0].grade = pb::HTXSNV;
  EXPECT_TRUE(Blocks(Check(world.All(), request)));
}

TEST_F(CapGroup, TheFirstThreeOfTwentyAreNotAPlaceOfFewerThanFive) {
  Propose(0, 1, pb::HTXSNV);
  Propose(1, 3, pb::HTTNV);
  EXPECT_TRUE(Blocks(Check(world.All(), Agreed())));
  Propose(3, 20, pb::HTTNV);
  EXPECT_FALSE(Blocks(Check(world.All(), Agreed())));
}

TEST_F(CapGroup, TwoGroupsOfOnePlaceOfFourHaveOneExceptionAlsoWithinOneDecision) {
  for (const auto& [id, members] :
       {std::pair("G1", std::vector{"o1", "o2"}), std::pair("G2", std::vector{"o3", "o4"})}) {
    pb::Record group;
    pb::PeerGroupBody& body = *group.mutable_peer_group()->mutable_body();
    body.set_id(id);
    body.set_period("2019");
    body.set_owner(Bytes(Commune::Unit("district").view()));
    for (const char* code : members) {
      world.Establish(code, pb::GRASSROOTS_BODY, "district");
      world.Review(code, Commune::Org(code));
      world.Propose(code, Commune::Org(code), code[1] % 2 == 1 ? pb::HTXSNV : pb::HTTNV);
      *body.add_subjects() = Commune::Org(code).ToMessage();
    }
    world.Write("district", group);
  }
  DecisionRequest request = Agreed();
  request.authority = Commune::Unit("district");
  EXPECT_TRUE(Blocks(Check(world.All(), request)));
  request.all_agreed = false;
  for (const char* code : {"o1", "o2", "o3", "o4"}) {
    request.choices.push_back(
        {Commune::Org(code), code[1] == '1' ? pb::HTXSNV : pb::HTTNV, "one of four", {}});
  }
  EXPECT_FALSE(Blocks(Check(world.All(), request)));
  world.Set(parameter::kLessThanFiveScope, "peer_group");
  request.choices[2].grade = pb::HTXSNV;
  EXPECT_FALSE(Blocks(Check(world.All(), request))) << "by group each has its own";
}

TEST_F(CapGroup, TheDraftKeepsWhatTheCapWas) {
  Propose(0, 4, pb::HTXSNV);
  Propose(4, 20, pb::HTTNV);
  const auto parts = DraftDecision(world.context(), world.All(), Agreed());
  ASSERT_EQ(parts->size(), 2u) << "one for each cell";
  const pb::CapSnapshot& snapshot = (*parts)[0].caps(0);
  EXPECT_EQ(snapshot.graded(), 20u);
  EXPECT_EQ(snapshot.good_or_better(), 20u);
  EXPECT_EQ(snapshot.excellent(), 4u);
  EXPECT_EQ(snapshot.cap(), 4u);
}

}  // namespace
}  // namespace chibo

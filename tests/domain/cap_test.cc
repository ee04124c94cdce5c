// R40–R43: both readings of the base, rounding, and the exception below five; story 6.
#include "domain/cap.h"

#include <gtest/gtest.h>

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

CapRule Rule(CapBase base) {
  CapRule rule;
  rule.base = base;
  return rule;
}

TEST(Cap, ReadingsOfTheBaseDifferAtFive) {
  // Of five who are all good one may be excellent if the base holds that one too.
  EXPECT_FALSE(CapOf(Count(5, 4, 1), Rule(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_TRUE(CapOf(Count(5, 4, 1), Rule(CapBase::kGoodOnly)).exceeded);
  EXPECT_FALSE(CapOf(Count(6, 5, 1), Rule(CapBase::kGoodOnly)).exceeded);
}

TEST(Cap, TheCommunesOfTheDemoDistrictStandOnBothSides) {
  EXPECT_EQ(CapOf(Count(269, 194, 48), Rule(CapBase::kGoodOrBetter)).cap, 48u);
  EXPECT_FALSE(CapOf(Count(269, 194, 48), Rule(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_TRUE(CapOf(Count(269, 191, 51), Rule(CapBase::kGoodOrBetter)).exceeded);
  EXPECT_EQ(CapOf(Count(269, 194, 48), Rule(CapBase::kGoodOnly)).cap, 38u);
}

TEST(Cap, RoundingIsAParameterAndFloorTheDefault) {
  CapRule rule = Rule(CapBase::kGoodOrBetter);
  EXPECT_EQ(CapOf(Count(13, 13, 0), rule).cap, 2u);  // 2.6
  rule.rounding = CapRounding::kHalfUp;
  EXPECT_EQ(CapOf(Count(13, 13, 0), rule).cap, 3u);
  EXPECT_EQ(CapOf(Count(12, 12, 0), rule).cap, 2u);  // 2.4
  rule.rounding = CapRounding::kCeil;
  EXPECT_EQ(CapOf(Count(11, 11, 0), rule).cap, 3u);  // 2.2
  EXPECT_EQ(CapOf(Count(10, 10, 0), rule).cap, 2u);
}

TEST(Cap, FewerThanFiveAndAllGoodMayChooseOne) {
  const CapRule rule = Rule(CapBase::kGoodOrBetter);
  const CapAnswer one = CapOf(Count(4, 3, 1), rule);
  EXPECT_EQ(one.cap, 1u);
  EXPECT_TRUE(one.by_exception);
  EXPECT_FALSE(one.exceeded);
  EXPECT_TRUE(CapOf(Count(4, 2, 2), rule).exceeded) << "one, not two";
  EXPECT_TRUE(CapOf(Count(4, 2, 1), rule).exceeded) << "one of the four is only fulfilled";
  EXPECT_FALSE(CapOf(Count(5, 4, 1), rule).by_exception) << "five need no exception";
}

TEST(Cap, TheExceptionCanBeReadNarrowerOrSwitchedOff) {
  CapRule rule = Rule(CapBase::kGoodOrBetter);
  rule.small = SmallPlace::kExactlyGood;
  EXPECT_EQ(CapOf(Count(4, 3, 1), rule).cap, 1u);
  EXPECT_EQ(CapOf(Count(4, 2, 2), rule).cap, 0u) << "two were chosen: not all were exactly good";
  rule.small = SmallPlace::kOff;
  EXPECT_EQ(CapOf(Count(4, 3, 1), rule).cap, 0u);
}

TEST(Cap, ASmallGroupInALargePlaceHasNoExceptionWhereThePlaceCounts) {
  CapCount count = Count(3, 2, 1);
  EXPECT_FALSE(CapOf(count, Rule(CapBase::kGoodOrBetter)).exceeded);
  count.place_graded = 34;
  EXPECT_TRUE(CapOf(count, Rule(CapBase::kGoodOrBetter)).exceeded);
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
  EXPECT_EQ(state.unknown, 3u);
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

// Stories 1, 4 and 7 of the domain, and what decisions, cancellations and orders do to a row.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

class Conflict : public testing::Test {
 protected:
  // A secretary who lives in xa-1, leads the people's committee and an association, managed by the
  // district.
  void EnterLeader() {
    world.Enter("xa-1", "a");
    world.Post("district", "a", "xa-ubnd", "district", true);
    world.Post("district", "a", "cq-hoi", "district", true);
  }
  std::vector<Fact> ProposeThree() {
    return {world.Propose("xa-1", a, pb::HTXSNV),
            world.Propose("xa-ubnd", a, pb::HTTNV, 20191206, "xa"),
            world.Propose("cq-hoi", a, pb::HTNV, 20191207, "cq")};
  }
  Commune world;
  const SubjectId a = Commune::Member("a");
};

TEST_F(Conflict, ThreePlacesThreeLevelsOpenACaseAndCountInNone) {
  EnterLeader();
  ProposeThree();
  const Outcome outcome = world.Of("a");
  const pb::CaseRow* conflict = CaseIn(outcome, pb::CASE_GRADE_CONFLICT);
  ASSERT_NE(conflict, nullptr);
  EXPECT_EQ(conflict->state(), pb::CASE_OPEN);
  EXPECT_EQ(conflict->proposals_size(), 3);
  EXPECT_EQ(conflict->owner(), Commune::Unit("district").view());
  EXPECT_EQ(outcome.row.state(), pb::PENDING);
  EXPECT_EQ(outcome.row.reason(), pb::REASON_OPEN_CASE);
  EXPECT_EQ(outcome.row.grade(), pb::GRADE_NONE);
  EXPECT_EQ(outcome.row.proposed(), pb::GRADE_NONE);
}

TEST_F(Conflict, TheAuthoritysDecisionClosesTheCaseAndKeepsItsId) {
  EnterLeader();
  const auto proposals = ProposeThree();
  const std::string id = CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT)->id();
  world.Decide("district", a, pb::HTNV, proposals);
  const Outcome outcome = world.Of("a");
  const pb::CaseRow* conflict = CaseIn(outcome, pb::CASE_GRADE_CONFLICT);
  ASSERT_NE(conflict, nullptr);
  EXPECT_EQ(conflict->id(), id);
  EXPECT_EQ(conflict->state(), pb::CASE_CLOSED);
  EXPECT_EQ(outcome.row.state(), pb::GRADED);
  EXPECT_EQ(outcome.row.grade(), pb::HTNV);
  EXPECT_TRUE(outcome.row.proposals(0).weighed());
}

// R31: it lists what it weighed, or nobody has looked at the difference.
TEST_F(Conflict, ADecisionThatWeighedNothingClosesNoCase) {
  EnterLeader();
  const auto proposals = ProposeThree();
  const Fact blind = world.Decide("district", a, pb::HTNV);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_GRADE_CONFLICT)->state(), pb::CASE_OPEN);
  EXPECT_EQ(outcome.row.state(), pb::PENDING);
  EXPECT_EQ(outcome.row.reason(), pb::REASON_OPEN_CASE);
  world.Confirm("district", blind, a, proposals);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT)->state(), pb::CASE_CLOSED);
  EXPECT_EQ(world.Of("a").row.state(), pb::GRADED);
}

TEST_F(Conflict, ADecisionOfTheCommitteeBelowTheAuthorityGivesNoLevel) {
  EnterLeader();
  world.Decide("xa", a, pb::HTNV, ProposeThree());
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.state(), pb::PENDING);
  const pb::FindingRow* finding = FindingIn(outcome, "finding_decided_by_another");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->values(0), "unit:" + world.Unit("xa").hex())
      << "who decided, not who should have";
}

TEST_F(Conflict, WithoutAManagerTheLowestCommonSuperiorOwnsTheCase) {
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false);
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("xa").view());
  world.Post("cq", "a", "cq-hoi", "", false);
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("district").view());
}

TEST_F(Conflict, NobodyDecidesAboutTheOwnHead) {
  world.Enter("xa-1", "a");
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("xa").view());
  world.Post("xa", "a", "xa", "", true);
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("district").view());
}

TEST_F(Conflict, AUnitCannotMakeASuperiorTheManagerOfAPost) {
  world.Enter("xa-1", "a");
  world.Post("xa-1", "a", "xa-1", "province", false);
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("xa").view());
}

TEST_F(Conflict, MembersOfAGrassrootsCellAreDecidedAboveUnlessThePackSaysOtherwise) {
  world.Enter("dn", "a");
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("district").view());
  world.Set(parameter::kDecider, "grassroots_cell");
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("dn").view());
}

TEST_F(Conflict, ALateProposalOpensTheDecisionsBasisUntilItIsConfirmed) {
  world.Enter("xa-1", "a");
  const Fact decision = world.Decide("xa", a, pb::HTTNV);
  EXPECT_EQ(world.Of("a").cases.size(), 0u);
  const Fact late = world.Propose("xa-1", a, pb::HTNV);
  Outcome outcome = world.Of("a");
  const pb::CaseRow* changed = CaseIn(outcome, pb::CASE_DECISION_BASIS_CHANGED);
  ASSERT_NE(changed, nullptr);
  EXPECT_EQ(changed->state(), pb::CASE_OPEN);
  ASSERT_EQ(changed->evidence_size(), 1);
  EXPECT_EQ(NameOf(changed->evidence(0)), late.name);
  // The decision stands meanwhile.
  EXPECT_EQ(outcome.row.state(), pb::GRADED);
  EXPECT_EQ(outcome.row.grade(), pb::HTTNV);

  world.Confirm("xa", decision, a, {late});
  outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_DECISION_BASIS_CHANGED)->state(), pb::CASE_CLOSED);
  EXPECT_EQ(outcome.row.grade(), pb::HTTNV);
}

TEST_F(Conflict, AConfirmationFromBelowConfirmsNothing) {
  world.Enter("xa-1", "a");
  const Fact decision = world.Decide("xa", a, pb::HTTNV);
  const Fact late = world.Propose("xa-1", a, pb::HTNV);
  world.Confirm("xa-1", decision, a, {late});
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_DECISION_BASIS_CHANGED)->state(), pb::CASE_OPEN);
}

TEST_F(Conflict, ALateProposalThatAgreesChangesNothing) {
  world.Enter("xa-1", "a");
  world.Decide("xa", a, pb::HTTNV);
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(world.Of("a").cases.size(), 0u);
}

TEST_F(Conflict, OneDecisionInSeveralStreamsIsOne) {
  world.Enter("xa-1", "a");
  const Fact decision = world.Decide("xa", a, pb::HTTNV, {world.Propose("xa-1", a, pb::HTTNV)});
  world.Write("xa", *decision.record, 20191220, "to xa-2");
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.state(), pb::GRADED);
  EXPECT_EQ(CaseIn(outcome, pb::CASE_TWO_DECISIONS), nullptr);
}

TEST_F(Conflict, TwoAuthoritiesThatDifferAreACaseOneLevelUp) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  world.Decide("xa", a, pb::HTTNV, {proposal});
  const Fact other = world.Decide("district", a, pb::HTNV, {proposal});
  Outcome outcome = world.Of("a");
  const pb::CaseRow* two = CaseIn(outcome, pb::CASE_TWO_DECISIONS);
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(two->owner(), Commune::Unit("province").view());
  EXPECT_EQ(outcome.row.state(), pb::PENDING);
  EXPECT_EQ(outcome.row.reason(), pb::REASON_OPEN_CASE);

  world.Cancel("district", other);
  outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_TWO_DECISIONS), nullptr);
  EXPECT_EQ(outcome.row.grade(), pb::HTTNV);
}

TEST_F(Conflict, ACancellationReopensAndItsCasesTooAndOnlyForTheSubjectsItNames) {
  EnterLeader();
  world.Enter("xa-1", "b");
  const Fact decision = world.Decide("district", a, pb::HTNV, ProposeThree());
  world.Cancel("district", decision, {Commune::Member("b")});
  EXPECT_EQ(world.Of("a").row.state(), pb::GRADED);
  world.Cancel("xa", decision);
  EXPECT_EQ(world.Of("a").row.state(), pb::GRADED) << "a lower unit cancels nothing";
  world.Cancel("province", decision);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.state(), pb::PENDING);
  EXPECT_EQ(CaseIn(outcome, pb::CASE_GRADE_CONFLICT)->state(), pb::CASE_OPEN);
}

TEST_F(Conflict, AfterACancellationAgreeingProposalsDoNotDecideThemselves) {
  world.Enter("xa-1", "a");
  world.Cancel("xa", world.Decide("xa", a, pb::HTTNV, {world.Propose("xa-1", a, pb::HTTNV)}));
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_CANCELLED);
}

TEST_F(Conflict, AnOrderMakesProposalsStaleAndIsAWorkItemUntilThePlaceProposesAgain) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTXSNV, 20191205);
  world.Order("xa", a, 20191217, "XA");
  Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.proposals(0).standing(), pb::PROPOSAL_STALE);
  const pb::CaseRow* item = CaseIn(outcome, pb::CASE_CAP_EXCEEDED);
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->state(), pb::CASE_OPEN);
  EXPECT_EQ(item->owner(), Commune::Unit("xa-1").view());
  EXPECT_EQ(outcome.row.reason(), pb::REASON_OPEN_CASE);

  world.Propose("xa-1", a, pb::HTTNV, 20191218);
  outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_CAP_EXCEEDED)->state(), pb::CASE_CLOSED);
  EXPECT_EQ(outcome.row.reason(), pb::REASON_AWAITING_DECISION);
  EXPECT_EQ(outcome.row.proposed(), pb::HTTNV);
}

// R28 (S004: absent or not yet graded).
TEST_F(Conflict, AnOrderIsDueOnTheDayOfThoseNotYetGradedUntilThePlaceProposesAgain) {
  const auto due = [](Commune& one, pb::CaseType type) {
    const Outcome outcome = one.Of("a");
    const pb::CaseRow* item = CaseIn(outcome, type);
    return item == nullptr ? 1U : item->due();
  };
  for (const auto& [ordered, wanted] :
       {std::pair(20191210U, 20191217U), std::pair(20191217U, 0U), std::pair(20200105U, 0U)}) {
    Commune one;
    one.Enter("xa-1", "a");
    one.Propose("xa-1", a, pb::HTXSNV, 20191205);
    one.Order("xa", a, ordered, "XA");
    EXPECT_EQ(due(one, pb::CASE_CAP_EXCEEDED), 0U) << "no pack sets a day";
    one.Set(parameter::kAbsentDeadline, "12-17");
    EXPECT_EQ(due(one, pb::CASE_CAP_EXCEEDED), wanted) << ordered;
    one.Propose("xa-1", a, pb::HTTNV, 20191218);
    EXPECT_EQ(due(one, pb::CASE_CAP_EXCEEDED), 0U) << "closed";
  }
  // Nobody sets a day by which an authority has to decide.
  EnterLeader();
  world.Set(parameter::kAbsentDeadline, "12-17");
  ProposeThree();
  EXPECT_EQ(due(world, pb::CASE_GRADE_CONFLICT), 0U);
}

TEST_F(Conflict, NoClockSaysWhetherAProposalAnswersAnOrder) {
  for (const CivilDate clock : {20191205U, 19700102U, 20990601U}) {
    Commune one;
    one.Enter("xa-1", "a");
    one.Propose("xa-1", a, pb::HTXSNV, clock);
    one.Order("xa", a, 20191217, "XA");
    EXPECT_EQ(CaseIn(one.Of("a"), pb::CASE_CAP_EXCEEDED)->state(), pb::CASE_OPEN) << clock;
    EXPECT_EQ(one.Of("a").row.reason(), pb::REASON_OPEN_CASE) << clock;
    one.Propose("xa-1", a, pb::HTTNV, clock + 1);
    EXPECT_EQ(CaseIn(one.Of("a"), pb::CASE_CAP_EXCEEDED)->state(), pb::CASE_CLOSED) << clock;
    EXPECT_EQ(one.Of("a").row.proposed(), pb::HTTNV) << clock;
  }
}

TEST_F(Conflict, AnOrderOfSomebodyWhoDoesNotDecideOrdersNothing) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTXSNV);
  world.Order("cq", a, 20191217);
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_AWAITING_DECISION);
}

TEST_F(Conflict, AReturnedProposalIsNotLiveUntilItIsMadeAgain) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTXSNV);
  pb::Record record;
  *record.mutable_return_()->mutable_body()->add_records() = Refer(proposal);
  world.Write("xa", record, 20191210);
  EXPECT_EQ(world.Of("a").row.proposals(0).standing(), pb::PROPOSAL_RETURNED);
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_NO_PROPOSAL);
  world.Propose("xa-1", a, pb::HTTNV, 20191211);
  EXPECT_EQ(world.Of("a").row.proposed(), pb::HTTNV);
}

TEST_F(Conflict, TwoLaptopsOfOnePlaceThatDifferAreAConflictToo) {
  world.Enter("xa-1", "a");
  const Fact first = world.Propose("xa-1", a, pb::HTXSNV);
  pb::Record other = *first.record;
  other.mutable_proposal()->set_grade(pb::HTTNV);
  world.Write("xa-1", other, 20191205, "2");
  EXPECT_NE(CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT), nullptr);
  // Unless the one names the other as what it replaces.
  *other.mutable_proposal()->add_supersedes() = Refer(first);
  world.Write("xa-1", other, 20191206, "2");
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT), nullptr);
  EXPECT_EQ(world.Of("a").row.proposed(), pb::HTTNV);
}

// Nothing is settled by which word came later.
TEST_F(Conflict, TwoLevelsOfOnePlaceAreACaseUntilOneIsTakenBack) {
  world.Enter("xa-1", "a");
  const Fact first = world.Propose("xa-1", a, pb::HTXSNV);
  const Fact second = world.Propose("xa-1", a, pb::HTTNV, 20191206);
  const Outcome outcome = world.Of("a");
  const pb::CaseRow* conflict = CaseIn(outcome, pb::CASE_GRADE_CONFLICT);
  ASSERT_NE(conflict, nullptr);
  EXPECT_EQ(conflict->proposals_size(), 2);
  EXPECT_EQ(outcome.row.proposed(), pb::GRADE_NONE);
  EXPECT_EQ(outcome.row.reason(), pb::REASON_OPEN_CASE);
  pb::Record third = *second.record;
  third.mutable_proposal()->set_grade(pb::HTNV);
  *third.mutable_proposal()->add_supersedes() = Refer(first);
  *third.mutable_proposal()->add_supersedes() = Refer(second);
  world.Write("xa-1", third, 20191207);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT), nullptr);
  EXPECT_EQ(world.Of("a").row.proposed(), pb::HTNV);
}

TEST_F(Conflict, TheSameLevelTwiceIsNoCase) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTTNV);
  world.Propose("xa-1", a, pb::HTTNV, 20191206);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_GRADE_CONFLICT), nullptr);
  EXPECT_EQ(world.Of("a").row.proposed(), pb::HTTNV);
}

TEST_F(Conflict, NobodyTakesBackWhatAnotherPlaceProposed) {
  world.Enter("xa-1", "a");
  const Fact first = world.Propose("xa-1", a, pb::HTXSNV);
  // Another cell, in the place's name and in its own.
  for (const char* place : {"xa-1", "xa-2"}) {
    pb::Record other = *first.record;
    other.mutable_proposal()->set_place(Bytes(Commune::Unit(place).view()));
    other.mutable_proposal()->set_grade(pb::HTNV);
    *other.mutable_proposal()->add_supersedes() = Refer(first);
    world.Write("xa-2", other, 20191206);
    EXPECT_EQ(world.Of("a").row.proposed(), pb::HTXSNV) << place;
  }
}

TEST_F(Conflict, ANewHeadAboveTheCommitteeNeedsASignedWaiver) {
  world.Enter("xa-1", "a");
  world.Post("district", "a", "xa", "district", true, 20190401);
  world.Review("xa", Commune::Committee("xa"));
  world.Decide("district", Commune::Committee("xa"), pb::HTNV,
               {world.Propose("xa", Commune::Committee("xa"), pb::HTNV)});
  world.Propose("xa-1", a, pb::HTTNV);
  const auto row = world.Of("a");
  const pb::FindingRow* above = FindingIn(row, "finding_head_above_committee");
  ASSERT_NE(above, nullptr);
  EXPECT_EQ(above->severity(), static_cast<std::uint32_t>(Severity::kBlock));
  world.Waive("xa", "R51", a);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_head_above_committee"), nullptr)
      << "a waiver of somebody who does not decide";
  world.Waive("district", "R51", a);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_head_above_committee"), nullptr);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_new_head_waived"), nullptr);
}

TEST_F(Conflict, AHeadAppointedLessThanSixMonthsAgoIsNotGradedInThatPost) {
  world.Enter("xa-1", "a");
  world.Post("district", "a", "xa-ubnd", "district", true, 20190901);
  world.Propose("xa-ubnd", a, pb::HTNV, 20191206, "xa");
  world.Propose("xa-1", a, pb::HTTNV);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_GRADE_CONFLICT), nullptr);
  EXPECT_EQ(outcome.row.proposed(), pb::HTTNV);
  EXPECT_NE(FindingIn(outcome, "finding_post_too_new"), nullptr);
}

TEST_F(Conflict, TheRowsDoNotDependOnTheOrderOfTheFacts) {
  EnterLeader();
  const auto proposals = ProposeThree();
  const Fact decision = world.Decide("district", a, pb::HTNV, {proposals[0], proposals[1]});
  world.Confirm("district", decision, a, {proposals[2]});
  world.Enter("xa-2", "b");
  world.Propose("xa-2", Commune::Member("b"), pb::HTXSNV);
  world.Order("xa", Commune::Member("b"), 20191217, "XA");
  world.Propose("xa-2", Commune::Member("b"), pb::HTTNV, 20191219);
  const std::string expected = world.All().Text();
  std::vector<Fact> facts = world.facts();
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(facts.begin(), facts.end(), random);
    ASSERT_EQ(RowsOf(facts).Text(), expected);
  }
}

}  // namespace
}  // namespace chibo

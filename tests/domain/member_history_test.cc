// Where somebody is counted and which places may propose: stories 2, 3 and 8, exemptions, new
// members.
#include <gtest/gtest.h>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

pb::Record Transferred(const std::string& person, const std::string& from, const std::string& to,
                       CivilDate effective) {
  pb::Record record;
  pb::Transfer& transfer = *record.mutable_transfer();
  transfer.set_person(Bytes(Commune::Person(person).view()));
  transfer.set_kind(pb::PERMANENT);
  transfer.set_from(Bytes(Commune::Unit(from).view()));
  if (!to.empty()) {
    transfer.set_to(Bytes(Commune::Unit(to).view()));
  }
  transfer.set_effective(effective);
  return record;
}

pb::Record Stay(const std::string& person, const std::string& unit, CivilDate from, CivilDate to) {
  pb::Record record;
  pb::Membership& membership = *record.mutable_membership();
  membership.set_person(Bytes(Commune::Person(person).view()));
  membership.set_unit(Bytes(Commune::Unit(unit).view()));
  membership.set_kind(pb::TEMPORARY);
  membership.set_from(from);
  membership.set_to(to);
  return record;
}

pb::Record Ended(const std::string& unit, const std::vector<std::string>& into, CivilDate day) {
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(pb::DISSOLVE);
  body.add_from(Bytes(Commune::Unit(unit).view()));
  for (const std::string& code : into) {
    body.add_into(Bytes(Commune::Unit(code).view()));
  }
  body.set_effective(day);
  return record;
}

pb::Record OpinionOn(const std::string& person, pb::OpinionFrom from, const std::string& unit) {
  pb::Record record;
  pb::Opinion& opinion = *record.mutable_opinion();
  *opinion.mutable_about() = Commune::Member(person).ToMessage();
  opinion.set_period(Commune::kPeriod);
  opinion.set_from(from);
  if (!unit.empty()) {
    opinion.set_from_unit(Bytes(Commune::Unit(unit).view()));
  }
  return record;
}

TEST(MemberHistory, AMoverIsGradedWhereHeIsOnTheGradingDate) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("district", Transferred("a", "xa-1", "cq-1", 20190810));
  const Fact old_vote = world.Propose("xa-1", Commune::Member("a"), pb::HTXSNV);
  world.Propose("cq-1", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.unit(), Commune::Unit("cq-1").view());
  EXPECT_EQ(outcome.row.authority(), Commune::Unit("cq").view());
  EXPECT_EQ(CaseIn(outcome, pb::CASE_GRADE_CONFLICT), nullptr);
  EXPECT_EQ(outcome.row.proposed(), pb::HTTNV);
  for (const pb::ProposalState& proposal : outcome.row.proposals()) {
    EXPECT_EQ(proposal.standing(), NameOf(proposal.record()) == old_vote.name
                                       ? pb::PROPOSAL_NOT_COMPETENT
                                       : pb::PROPOSAL_LIVE);
  }
}

TEST(MemberHistory, SevenMonthsAtTheOldPlaceNeedItsOpinionFiveDoNot) {
  for (const auto& [day, needed] : {std::pair(20190810u, true), std::pair(20190520u, false)}) {
    Commune world;
    world.Enter("xa-1", "a");
    world.Write("district", Transferred("a", "xa-1", "cq-1", day));
    world.Propose("cq-1", Commune::Member("a"), pb::HTTNV);
    EXPECT_EQ(FindingIn(world.Of("a"), "finding_old_place_opinion_missing") != nullptr, needed);
    world.Write("xa-1", OpinionOn("a", pb::OLD_PLACE, "xa-1"));
    EXPECT_EQ(FindingIn(world.Of("a"), "finding_old_place_opinion_missing"), nullptr);
  }
}

TEST(MemberHistory, AnOpinionOfSomebodyElseIsNotTheOldPlaces) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("district", Transferred("a", "xa-1", "cq-1", 20190810));
  world.Propose("cq-1", Commune::Member("a"), pb::HTTNV);
  world.Write("dn", OpinionOn("a", pb::OLD_PLACE, "xa-1"));
  EXPECT_NE(FindingIn(world.Of("a"), "finding_old_place_opinion_missing"), nullptr);
  world.Write("cq-1", OpinionOn("a", pb::OLD_PLACE, "xa-1"));
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_old_place_opinion_missing"), nullptr)
      << "came in on paper";
}

TEST(MemberHistory, OfACellThatIsNoMoreTheOpinionIsMissedButNobodyWaitsForIt) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("xa", Ended("xa-1", {"xa-2"}, 20190901));
  world.Propose("xa-2", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* missing = FindingIn(outcome, "finding_old_place_opinion_missing");
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->severity(), static_cast<std::uint32_t>(Severity::kWarn));
}

TEST(MemberHistory, AHomeIsFollowedThroughEveryChangeOfItsUnit) {
  Commune world;
  world.Establish("xa-3", pb::CELL, "xa");
  world.Enter("xa-1", "a");
  world.Write("xa", Ended("xa-1", {"xa-2"}, 20190201));
  world.Write("xa", Ended("xa-2", {"xa-3"}, 20190901));
  world.Propose("xa-3", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.unit(), Commune::Unit("xa-3").view());
  const pb::FindingRow* missing = FindingIn(outcome, "finding_old_place_opinion_missing");
  ASSERT_NE(missing, nullptr) << "seven months in the cell between";
  EXPECT_EQ(missing->values(0), "unit:" + Commune::Unit("xa-2").hex());
}

TEST(MemberHistory, ASplitTakesThoseItNamesAlongThoughTheCellGoesOn) {
  Commune world;
  world.Establish("xa-3", pb::CELL, "xa");
  world.Enter("xa-1", "a");
  world.Enter("xa-1", "b");
  pb::Record change = Ended("xa-1", {"xa-1", "xa-3"}, 20190401);
  change.mutable_unit_change()->mutable_body()->set_kind(pb::SPLIT);
  pb::Allocation& gone = *change.mutable_unit_change()->mutable_body()->add_members();
  gone.set_unit(Bytes(Commune::Unit("xa-3").view()));
  gone.add_persons(Bytes(Commune::Person("a").view()));
  world.Write("xa", change);
  EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit("xa-3").view());
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_homes"), nullptr);
  EXPECT_EQ(world.Of("b").row.unit(), Commune::Unit("xa-1").view());
  // Who came back since is not moved by it again.
  world.Write("xa", Transferred("a", "xa-3", "xa-1", 20190701));
  EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit("xa-1").view());
}

TEST(MemberHistory, OnePersonInTwoRegistersWithoutALetterIsTold) {
  Commune world;
  world.Enter("xa-1", "a");
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_homes"), nullptr);
  world.Enter("cq-1", "a");
  EXPECT_NE(FindingIn(world.Of("a"), "finding_two_homes"), nullptr);
  world.Write("xa-1", Transferred("a", "xa-1", "cq-1", 20180810));
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_homes"), nullptr);
}

TEST(MemberHistory, TheHostsEntryOfAGuestMakesHimNoMemberThere) {
  for (const auto& [home, host] : {std::pair("xa-1", "cq-1"), std::pair("cq-1", "xa-1")}) {
    Commune world;
    world.Enter(home, "a");
    world.Enter(host, "a");
    world.Write(host, Stay("a", host, 20190701, 20200531));
    EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit(home).view());
    EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_homes"), nullptr);
  }
}

TEST(MemberHistory, OfJoinedEntriesTheOneThatGoesOnSaysWhereTheHomeIs) {
  for (const auto& [goes_on, other] : {std::pair("a", "b"), std::pair("b", "a")}) {
    Commune world;
    world.Enter("xa-1", "a");
    world.Enter("cq-1", "b");
    pb::Record choice;
    choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person(goes_on).view()));
    choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person(other).view()));
    world.Write("district", choice);
    const Outcome outcome = world.Of(goes_on);
    EXPECT_EQ(outcome.row.unit(), Commune::Unit(*goes_on == 'a' ? "xa-1" : "cq-1").view());
    EXPECT_EQ(FindingIn(outcome, "finding_two_homes"), nullptr);
  }
}

TEST(MemberHistory, AStayOutsideTheNetworkNeedsItsOpinionToo) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  pb::Record letter = Transferred("a", "xa-1", "", 20190301);
  letter.mutable_transfer()->set_kind(pb::TEMPORARY_STAY);
  letter.mutable_transfer()->set_outside("Chi bộ sinh viên K61");
  world.Write("xa-1", letter);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.unit(), Commune::Unit("xa-1").view()) << "graded at home all the same";
  const pb::FindingRow* missing = FindingIn(outcome, "finding_temporary_place_opinion_missing");
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->values(0), "Chi bộ sinh viên K61");
  world.Write("xa-1", OpinionOn("a", pb::TEMPORARY_PLACE, ""));
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_temporary_place_opinion_missing"), nullptr);
}

TEST(MemberHistory, WithinTheYearIsAParameter) {
  Commune world;
  world.Set(parameter::kOldPlaceWithinYear, "false", false);
  world.Enter("xa-1", "a");
  world.Write("district", Transferred("a", "xa-1", "cq-1", 20190520));
  world.Propose("cq-1", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* missing = FindingIn(outcome, "finding_old_place_opinion_missing");
  ASSERT_NE(missing, nullptr);
  EXPECT_FALSE(missing->verified());
}

TEST(MemberHistory, WhoLeftTheNetworkInTheYearIsGradedElsewhereWhoLeftBeforeIsGone) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("xa-1", Transferred("a", "xa-1", "", 20190315));
  EXPECT_EQ(world.Of("a").row.state(), pb::NOT_GRADED);
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_GRADED_ELSEWHERE);
  EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit("xa-1").view());
  world.Enter("xa-1", "b");
  world.Write("xa-1", Transferred("b", "xa-1", "", 20181115));
  EXPECT_EQ(world.Of("b").row.state(), pb::OFF_REGISTER);
}

TEST(MemberHistory, ATransferNeitherUnitWroteMovesNobody) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("dn", Transferred("a", "xa-1", "cq-1", 20190810));
  EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit("xa-1").view());
}

TEST(MemberHistory, TemporaryMembersAreGradedAtHomeAndTheOtherCellsLevelIsAnOpinion) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Write("cq-1", Stay("a", "cq-1", 20190701, 20200531));
  world.Propose("cq-1", Commune::Member("a"), pb::HTXSNV);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.unit(), Commune::Unit("xa-1").view());
  EXPECT_EQ(outcome.row.proposed(), pb::HTTNV);
  EXPECT_NE(FindingIn(outcome, "finding_temporary_place_opinion_missing"), nullptr);
  world.Write("cq-1", OpinionOn("a", pb::TEMPORARY_PLACE, "cq-1"));
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_temporary_place_opinion_missing"), nullptr);
}

TEST(MemberHistory, ACellThatEndedProposesNothingUnlessItMayFinish) {
  for (const bool may_finish : {false, true}) {
    Commune world;
    world.Enter("xa-1", "a");
    pb::Record change = Ended("xa-1", {"xa-2"}, 20191001);
    change.mutable_unit_change()->mutable_body()->set_may_finish(may_finish);
    world.Write("xa", change, 20191001);
    world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
    const Outcome outcome = world.Of("a");
    EXPECT_EQ(outcome.row.unit(), Commune::Unit("xa-2").view());
    ASSERT_EQ(outcome.row.proposals_size(), 1);
    EXPECT_EQ(outcome.row.proposals(0).standing(),
              may_finish ? pb::PROPOSAL_LIVE : pb::PROPOSAL_AUTHOR_ORG_ENDED);
    EXPECT_EQ(outcome.row.reason(),
              may_finish ? pb::REASON_AWAITING_DECISION : pb::REASON_NO_PROPOSAL);
  }
}

TEST(MemberHistory, StatusOnTheGradingDateGivesTheReason) {
  const std::map<pb::MemberStatus, pb::Reason> reasons = {
      {pb::EXEMPT, pb::REASON_EXEMPT},
      {pb::SUSPENDED, pb::REASON_SUSPENDED},
      {pb::UNDER_INQUIRY, pb::REASON_UNDER_INQUIRY},
      {pb::ABSENT, pb::REASON_PENDING_ABSENT}};
  for (const auto& [status, reason] : reasons) {
    Commune world;
    pb::Member member = Commune::Entry("a");
    member.set_status(status);
    member.set_status_from(20190601);
    world.Enter("xa-1", Commune::Entry("a"));
    world.Enter("xa-1", member);
    EXPECT_EQ(world.Of("a").row.state(), pb::NOT_GRADED);
    EXPECT_EQ(world.Of("a").row.reason(), reason);
    // What begins after the grading date says nothing of it.
    member.set_status_from(20200101);
    world.Enter("xa-1", member);
    const auto later = Evaluate(world.context(), Commune::Member("a"), "2018");
    EXPECT_EQ(later->row.state(), pb::PENDING);
  }
}

TEST(MemberHistory, ALaterEntryThatBeginsNextYearLeavesThisYearAsItWas) {
  Commune world;
  world.Enter("xa-1", Commune::Entry("a"));
  pb::Member member = Commune::Entry("a");
  member.set_status(pb::EXEMPT);
  member.set_status_from(20200201);
  world.Enter("xa-1", member);
  EXPECT_EQ(world.Of("a").row.state(), pb::PENDING);
}

TEST(MemberHistory, SixMonthsAfterAdmissionToTheDay) {
  for (const auto& [admitted, too_new] :
       {std::pair(20190630u, false), std::pair(20190701u, true)}) {
    Commune world;
    pb::Member member = Commune::Entry("a");
    member.set_admitted(admitted);
    member.set_status(pb::PROBATIONARY);
    world.Enter("xa-1", member);
    EXPECT_EQ(world.Of("a").row.reason() == pb::REASON_TOO_NEW, too_new) << admitted;
  }
}

TEST(MemberHistory, AnAbsentMemberWhoIsReviewedAfterAllWaitsLikeOthers) {
  Commune world;
  pb::Member member = Commune::Entry("a");
  member.set_status(pb::ABSENT);
  world.Enter("xa-1", member);
  world.Set(parameter::kAbsentDeadline, "12-17");
  EXPECT_EQ(world.Of("a").row.due(), 20191217u);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_AWAITING_DECISION);
}

TEST(MemberHistory, WhatAnObserverMayNotHoldIsNotHeldAgainstAnybody) {
  Commune world;
  pb::Record member;
  *member.mutable_member() = Commune::Entry("a");
  world.Write("xa-1", member);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  const auto found = [&](const char* observer) {
    Context context = world.context();
    context.observer = Commune::Unit(observer);
    const auto outcome = Evaluate(context, Commune::Member("a"), "2019");
    return FindingIn(*outcome, "finding_review_missing") != nullptr;
  };
  EXPECT_TRUE(found("xa-1"));
  EXPECT_TRUE(found("xa"));
  EXPECT_FALSE(found("district"));
}

TEST(MemberHistory, OnePersonInTwoRegistersIsAQuestionAndJoinedOnlyByRecord) {
  Commune world;
  pb::Member first = Commune::Entry("a");
  first.set_citizen_id("038012345678");
  pb::Member second = Commune::Entry("b");
  second.set_citizen_id("038012345678");
  world.Enter("xa-1", first);
  world.Enter("cq-1", second);
  Outcome outcome = world.Of("a");
  const pb::CaseRow* twice = CaseIn(outcome, pb::CASE_PERSON_ENTERED_TWICE);
  ASSERT_NE(twice, nullptr);
  EXPECT_EQ(twice->owner(), Commune::Unit("district").view());
  EXPECT_EQ(CaseIn(world.Of("b"), pb::CASE_PERSON_ENTERED_TWICE), nullptr) << "it stands once";

  pb::Record choice;
  choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("a").view()));
  choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("b").view()));
  world.Write("xa", choice);
  EXPECT_NE(CaseIn(world.Of("a"), pb::CASE_PERSON_ENTERED_TWICE), nullptr)
      << "not by somebody who is not above both";
  const Fact joined = world.Write("district", choice);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  world.Propose("cq-1", Commune::Member("b"), pb::HTNV);
  outcome = world.Of("a");
  EXPECT_EQ(CaseIn(outcome, pb::CASE_PERSON_ENTERED_TWICE), nullptr);
  EXPECT_EQ(outcome.row.proposals_size(), 2);
  const Outcome other = world.Of("b");
  EXPECT_EQ(other.row.state(), pb::OFF_REGISTER);
  EXPECT_EQ(other.row.reason(), pb::REASON_JOINED);
  EXPECT_EQ(other.joined_into, Commune::Member("a"));

  // Reversible.
  *choice.mutable_duplicate_choice()->add_supersedes() = Refer(joined);
  choice.mutable_duplicate_choice()->set_undone(true);
  world.Write("district", choice);
  EXPECT_NE(world.Of("b").row.state(), pb::OFF_REGISTER);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_PERSON_ENTERED_TWICE)->state(), pb::CASE_CLOSED)
      << "told apart";
}

}  // namespace
}  // namespace chibo

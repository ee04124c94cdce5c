// R1, R12, R13, R21, R28, R30, R44, R50, R53: what each rule rests on, and where it ends.
#include <gtest/gtest.h>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

class RuleEdge : public testing::Test {
 protected:
  void EnterCivilServant() {
    pb::Member member = Commune::Entry("a");
    member.set_civil_servant(true);
    world.Enter("xa-1", member);
  }
  void WriteCivilGrade(const std::string& writer, pb::Grade grade) {
    pb::Record record;
    record.mutable_civil_servant_grade()->set_person(Bytes(Commune::Person("a").view()));
    record.mutable_civil_servant_grade()->set_period("2019");
    record.mutable_civil_servant_grade()->set_grade(grade);
    world.Write(writer, record);
  }
  std::vector<DecisionFinding> Check(const std::string& authority, const Choice& choice) {
    DecisionRequest request;
    request.authority = Commune::Unit(authority);
    request.period = "2019";
    request.choices = {choice};
    const Rows rows = world.All();
    const auto parts = DraftDecision(world.context(), rows, request);
    CHECK(parts.has_value());
    return *CheckDecision(world.context(), rows, *parts);
  }

  Commune world;
  const SubjectId a = Commune::Member("a");
};

// R1 (pack in force at the time of the decision).
TEST_F(RuleEdge, WhatWasDecidedIsJudgedByThePackItWasDecidedUnder) {
  EnterCivilServant();
  world.Set(parameter::kCivilServantFirst, "none");
  world.Decide("xa", a, pb::HTTNV, {world.Propose("xa-1", a, pb::HTTNV)});
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_civil_grade_missing"), nullptr);
  pb::Record later;
  later.mutable_rule_pack()->mutable_body()->set_id("P2019-2");
  later.mutable_rule_pack()->mutable_body()->add_periods("2019");
  pb::Parameter& first = *later.mutable_rule_pack()->mutable_body()->add_parameters();
  first.set_name(std::string(parameter::kCivilServantFirst));
  first.set_value("block");
  world.Write("xa", later, 20200201, "packs");
  const Outcome outcome = world.Of("a");
  EXPECT_NE(FindingIn(outcome, "finding_pack_mismatch"), nullptr);
  EXPECT_EQ(FindingIn(outcome, "finding_civil_grade_missing"), nullptr);
  pb::Member servant = Commune::Entry("b");
  servant.set_civil_servant(true);
  world.Enter("xa-1", servant);
  world.Propose("xa-1", Commune::Member("b"), pb::HTTNV);
  EXPECT_NE(FindingIn(world.Of("b"), "finding_civil_grade_missing"), nullptr)
      << "who is not decided is judged by the newer one";
}

// R12 (HD 21-HD/BTCTW 2019): reviewed where one belongs, not wherever somebody writes it.
TEST_F(RuleEdge, AReviewReportOfAnotherUnitIsNoReview) {
  pb::Record member;
  *member.mutable_member() = Commune::Entry("a");
  world.Write("xa-1", member);
  world.Propose("xa-1", a, pb::HTTNV);
  world.Review("dn", a);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_review_missing"), nullptr);
  world.Review("xa", a);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_review_missing"), nullptr);
}

TEST_F(RuleEdge, WhoWasReviewedBeforeTheCellEndedWasReviewed) {
  world.Enter("xa-1", "a");
  pb::Record change;
  pb::UnitChangeBody& body = *change.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MERGE);
  body.add_from(Bytes(Commune::Unit("xa-1").view()));
  body.add_into(Bytes(Commune::Unit("xa-2").view()));
  body.set_effective(20191215);
  world.Write("xa", change, 20191215);
  world.Propose("xa-2", a, pb::HTTNV, 20191220);
  EXPECT_EQ(world.Of("a").row.unit(), Commune::Unit("xa-2").view());
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_review_missing"), nullptr);
}

TEST_F(RuleEdge, TheSuperiorOfWhoKeepsACollectivesPapersSeesWhetherItWasReviewed) {
  const auto leadership = SubjectId::Of(pb::LEADERSHIP, Commune::Unit("xa-ubnd"));
  world.Propose("xa-ubnd", leadership, pb::HTTNV, 20191205, "xa");
  for (const auto& [observer, sees] :
       {std::pair("xa", true), std::pair("district", true), std::pair("province", false)}) {
    Context context = world.context();
    context.observer = Commune::Unit(observer);
    const auto outcome = Evaluate(context, leadership, "2019");
    EXPECT_EQ(FindingIn(*outcome, "finding_review_missing") != nullptr, sees) << observer;
  }
}

// R13, R53.
TEST_F(RuleEdge, ACivilServantGradeIsHeardFromWhereSomebodyIsOrWasInTheYear) {
  EnterCivilServant();
  world.Propose("xa-1", a, pb::HTTNV);
  WriteCivilGrade("dn", pb::KHTNV);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_civil_grade_missing"), nullptr);
  WriteCivilGrade("xa-1", pb::HTTNV);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_civil_grade_missing"), nullptr);
  pb::Record letter;
  letter.mutable_transfer()->set_person(Bytes(Commune::Person("a").view()));
  letter.mutable_transfer()->set_kind(pb::PERMANENT);
  letter.mutable_transfer()->set_from(Bytes(Commune::Unit("xa-1").view()));
  letter.mutable_transfer()->set_to(Bytes(Commune::Unit("cq-1").view()));
  letter.mutable_transfer()->set_effective(20191210);
  world.Write("district", letter);
  world.Propose("cq-1", a, pb::HTTNV);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_civil_grade_missing"), nullptr);
}

TEST_F(RuleEdge, TheHighestLevelNeedsACivilServantGradeAlsoWhereThePartysNeedNotWait) {
  EnterCivilServant();
  world.Set(parameter::kCivilServantFirst, "warn");
  world.Propose("xa-1", a, pb::HTXSNV);
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* finding = FindingIn(outcome, "finding_excellent_without_civil_grade");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->rule(), "R53");
  EXPECT_EQ(finding->severity(), static_cast<std::uint32_t>(Severity::kBlock));
  WriteCivilGrade("xa-1", pb::HTXSNV);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_excellent_without_civil_grade"), nullptr);
}

// R21 (HD 21-HD/BTCTW 2019: reviews, is not graded).
TEST_F(RuleEdge, ANewMemberIsReviewedThoughNotGradedUnlessThePackSaysOtherwise) {
  pb::Record record;
  *record.mutable_member() = Commune::Entry("a");
  record.mutable_member()->set_admitted(20190901);
  world.Write("xa-1", record);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_new_member_not_reviewed"), nullptr);
  world.Set(parameter::kNewMemberReviewed, "false");
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_new_member_not_reviewed"), nullptr);
  world.Set(parameter::kNewMemberReviewed, "true");
  world.Review("xa-1", a);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_new_member_not_reviewed"), nullptr);
}

TEST_F(RuleEdge, NoReasonMakesANewMemberGradable) {
  pb::Member member = Commune::Entry("a");
  member.set_admitted(20190901);
  world.Enter("xa-1", member);
  EXPECT_TRUE(Blocks(Check("xa", {a, pb::HTTNV, "an exception", {"R21"}})));
}

// R28 (S004: absent or not yet graded).
TEST_F(RuleEdge, WhoIsOverlookedHasTheDayOfTheAbsentUntilALevelIsProposed) {
  world.Enter("xa-1", "a");
  EXPECT_EQ(world.Of("a").row.due(), 0u) << "no pack sets a day";
  world.Set(parameter::kAbsentDeadline, "12-17");
  Outcome outcome = world.Of("a");
  EXPECT_EQ(outcome.row.due(), 20191217u);
  EXPECT_NE(FindingIn(outcome, "finding_not_yet_graded_deadline"), nullptr);
  world.Propose("xa-1", a, pb::HTTNV);
  outcome = world.Of("a");
  EXPECT_EQ(outcome.row.due(), 0u);
  EXPECT_EQ(FindingIn(outcome, "finding_not_yet_graded_deadline"), nullptr);
}

// R30.
TEST_F(RuleEdge, WhatOnePlaceOfTwoSaysIsNoAgreement) {
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false);
  world.Propose("xa-1", a, pb::HTTNV);
  DecisionRequest request;
  request.authority = Commune::Unit("xa");
  request.period = "2019";
  request.all_agreed = true;
  EXPECT_EQ(DraftDecision(world.context(), world.All(), request).error().code, Code::kNotFound);
  world.Propose("xa-ubnd", a, pb::HTTNV, 20191206, "xa");
  EXPECT_TRUE(DraftDecision(world.context(), world.All(), request).has_value());
}

// R24 (HD 21-HD/BTCTW 2019; by the result of the work from 2023 on); story 9.
TEST_F(RuleEdge, SickForThreeMonthsIsNotGradedGoodWhereThePackSaysSo) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  const auto leave = [&](CivilDate from, CivilDate to, pb::LeaveKind kind, const char* writer) {
    pb::Record record;
    record.mutable_leave()->set_person(Bytes(Commune::Person("a").view()));
    record.mutable_leave()->set_kind(kind);
    record.mutable_leave()->set_from(from);
    record.mutable_leave()->set_to(to);
    world.Write(writer, record);
  };
  const auto capped = [&] {
    return FindingIn(world.Of("a"), "finding_sick_leave_ceiling") != nullptr;
  };
  leave(20190101, 20190331, pb::MATERNITY, "xa-1");
  leave(20190101, 20190331, pb::SICK, "dn");
  leave(20180901, 20190228, pb::SICK, "xa-1");  // 59 days of this year
  leave(20190201, 20190310, pb::SICK, "xa-1");  // 10 more
  EXPECT_FALSE(capped());
  leave(20190601, 20190621, pb::SICK, "xa-1");  // 21 more: 90
  EXPECT_TRUE(capped());
  world.Set(parameter::kSickLeave, "by_actual_result");
  EXPECT_FALSE(capped());
  world.Set(parameter::kSickLeave, "cap_completed");
  EXPECT_TRUE(capped());
  world.ProposeInstead(proposal, pb::HTNV, 20191210);
  EXPECT_FALSE(capped());
}

// Whoever moved was sick where it was then.
TEST_F(RuleEdge, ALeaveThatTheOldCellWroteDownGoesAlong) {
  world.Enter("xa-1", "a");
  pb::Record leave;
  leave.mutable_leave()->set_person(Bytes(Commune::Person("a").view()));
  leave.mutable_leave()->set_kind(pb::SICK);
  leave.mutable_leave()->set_from(20190101);
  leave.mutable_leave()->set_to(20190430);
  world.Write("xa-1", leave);
  pb::Record transfer;
  transfer.mutable_transfer()->set_person(Bytes(Commune::Person("a").view()));
  transfer.mutable_transfer()->set_kind(pb::PERMANENT);
  transfer.mutable_transfer()->set_from(Bytes(Commune::Unit("xa-1").view()));
  transfer.mutable_transfer()->set_to(Bytes(Commune::Unit("xa-2").view()));
  transfer.mutable_transfer()->set_effective(20190601);
  world.Write("xa-1", transfer);
  world.Propose("xa-2", a, pb::HTTNV);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_sick_leave_ceiling"), nullptr);
}

TEST_F(RuleEdge, ThreeMonthsInOneAreThreeMonthsWhateverTheirDays) {
  world.Enter("xa-1", "a");
  world.Propose("xa-1", a, pb::HTTNV);
  pb::Record record;
  record.mutable_leave()->set_person(Bytes(Commune::Person("a").view()));
  record.mutable_leave()->set_kind(pb::SICK);
  record.mutable_leave()->set_from(20190201);
  record.mutable_leave()->set_to(20190430);  // 89 days
  world.Write("xa-1", record);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_sick_leave_ceiling"), nullptr);
}

// R30: what was sent back is not said yet.
TEST_F(RuleEdge, APlaceWhoseProposalWasReturnedHasNotProposed) {
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false);
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  world.Propose("xa-ubnd", a, pb::HTTNV, 20191206, "xa");
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_place_has_not_proposed"), nullptr);
  pb::Record record;
  *record.mutable_return_()->mutable_body()->add_records() = Refer(proposal);
  world.Write("xa", record, 20191210);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_place_has_not_proposed"), nullptr);
}

// R40: nobody puts another's organisations into a group of his own making in the owner's name.
TEST_F(RuleEdge, APeerGroupIsItsOwnersAlone) {
  pb::Record group;
  pb::PeerGroupBody& body = *group.mutable_peer_group()->mutable_body();
  body.set_id("X1");
  body.set_period("2019");
  body.set_owner(Bytes(Commune::Unit("district").view()));
  *body.add_subjects() = Commune::Org("xa").ToMessage();
  world.Write("cq", group);
  world.Propose("xa", Commune::Org("xa"), pb::HTTNV);
  EXPECT_TRUE(world.Of(Commune::Org("xa")).row.cap_group().empty());
  world.Write("district", group);
  EXPECT_FALSE(world.Of(Commune::Org("xa")).row.cap_group().empty());
}

// R44.
TEST_F(RuleEdge, WhatTheAuthorityHadNotSeenIsNotSetAsideByItsOrder) {
  world.Enter("xa-1", "a");
  const Fact seen = world.Propose("xa-1", a, pb::HTXSNV, 20191210);
  const Fact order = world.Order("xa", a, 20191217);
  ASSERT_EQ(order.record->regrade_order().body().proposals_size(), 1);
  EXPECT_EQ(NameOf(order.record->regrade_order().body().proposals(0)), seen.name);
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_OPEN_CASE);
  // Written before anybody there knew of the order, on another laptop.
  pb::Record late = *seen.record;
  late.mutable_proposal()->set_grade(pb::HTTNV);
  world.Write("xa-1", late, 20191216, "2");
  EXPECT_EQ(world.Of("a").row.proposed(), pb::HTTNV);
}

// R44.
TEST_F(RuleEdge, AnOrderAfterADecisionIsAnsweredByTheNextDecision) {
  world.Enter("xa-1", "a");
  const Fact proposal = world.Propose("xa-1", a, pb::HTXSNV);
  world.Decide("xa", a, pb::HTXSNV, {proposal}, 20991220);
  const Fact order = world.Order("xa", a, 20191221);
  EXPECT_EQ(order.record->regrade_order().body().decisions_size(), 1);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_REGRADE)->state(), pb::CASE_OPEN);
  world.Decide("xa", a, pb::HTXSNV, {}, 20191220);
  EXPECT_EQ(CaseIn(world.Of("a"), pb::CASE_REGRADE)->state(), pb::CASE_CLOSED);
}

// R50.
TEST_F(RuleEdge, NoReasonLiftsACommitteeAboveItsOrganisation) {
  world.Set(parameter::kOrgCapScope, "tccsd");
  for (const SubjectId& subject : {Commune::Org("xa"), Commune::Committee("xa")}) {
    world.Review("xa", subject);
  }
  world.Decide("district", Commune::Org("xa"), pb::HTNV);
  world.Propose("xa", Commune::Committee("xa"), pb::HTTNV);
  EXPECT_TRUE(Blocks(Check("district", {Commune::Committee("xa"), pb::HTTNV, "-", {"R50"}})));
}

}  // namespace
}  // namespace chibo

// R13 provisional, R22, R30, R33, R46, R95: rules that only tell.
#include <gtest/gtest.h>

#include "domain/rule_deadline.h"
#include "tests/domain/commune.h"

namespace chibo {
namespace {

EffectivePack PackOf(Commune& world) {
  return world.context().packs.For(Commune::Unit("xa"), "2019");
}

TEST(Rules, LatenessIsToldWithBothTimesAndJudgedByNobodyHere) {
  Commune world;
  const Timestamp recorded{Duration(1'573'600'000'000)};
  EXPECT_FALSE(CheckReported(PackOf(world), Commune::Unit("xa-1"), recorded, std::nullopt))
      << "no pack sets an hour";
  world.Set(parameter::kReportDeadline, "2019-11-13T15:00");
  const auto deadline = ReportDeadline(PackOf(world));
  ASSERT_TRUE(deadline);
  EXPECT_EQ(deadline->time_since_epoch().count(), 1'573'632'000'000);  // 8:00 UTC
  EXPECT_FALSE(CheckReported(PackOf(world), Commune::Unit("xa-1"), recorded, *deadline));
  const auto late =
      CheckReported(PackOf(world), Commune::Unit("xa-1"), recorded, *deadline + Duration(1));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->severity, Severity::kInform);
  EXPECT_EQ(late->values,
            (std::vector<std::string>{"unit:" + Commune::Unit("xa-1").hex(), "time:1573632000000",
                                      "time:1573600000000", "time:1573632000001"}));
  EXPECT_EQ(CheckReported(PackOf(world), Commune::Unit("xa-1"), recorded, std::nullopt)->message,
            "finding_not_received");
}

// By the register of a superior, not by the writer's clock.
TEST(Rules, ADecisionIsToldWhichPapersCameAfterTheHour) {
  Commune world;
  world.Set(parameter::kReportDeadline, "2019-11-13T15:00");
  world.Enter("xa-1", "a");
  world.Enter("xa-2", "b");
  const Fact first = world.Propose("xa-1", Commune::Member("a"), pb::HTTNV, 20191110);
  const Fact second = world.Propose("xa-2", Commune::Member("b"), pb::HTTNV, 20191110);
  const auto receive = [&](const Fact& fact, const std::string& by, std::uint64_t size,
                           std::int64_t time_ms) {
    pb::Record record;
    pb::Point& point = *record.mutable_register_()->add_received();
    point.set_stream(Bytes(fact.name.stream.view()));
    point.set_size(size);
    record.mutable_register_()->set_time_ms(time_ms);
    world.Write(by, record);
  };
  const auto told = [&] {
    DecisionRequest request;
    request.authority = Commune::Unit("xa");
    request.period = "2019";
    request.all_agreed = true;
    const Rows rows = world.All();
    const auto parts = DraftDecision(world.context(), rows, request);
    const auto findings = CheckDecision(world.context(), rows, *parts);
    std::vector<std::string> lines;
    for (const DecisionFinding& one : *findings) {
      if (one.finding.rule == "R95") {
        EXPECT_EQ(one.finding.severity, Severity::kInform);
        lines.push_back(one.finding.message + " " + one.finding.values[0]);
      }
    }
    return lines;
  };
  const std::string xa1 = " unit:" + Commune::Unit("xa-1").hex();
  const std::string xa2 = " unit:" + Commune::Unit("xa-2").hex();
  EXPECT_EQ(told(), (std::vector{"finding_not_received" + xa1, "finding_not_received" + xa2}));
  receive(first, "xa", first.name.index, 1'573'000'000'000);  // not yet this one
  receive(first, "xa", first.name.index + 1, 1'573'631'000'000);
  receive(first, "xa", first.name.index + 9, 1'573'700'000'000);
  receive(second, "cq", second.name.index + 1, 1'573'631'000'000);  // no superior of it
  receive(second, "district", second.name.index + 1, 1'573'632'000'001);
  EXPECT_EQ(told(), std::vector{"finding_received_after_deadline" + xa2});
}

TEST(Rules, AProvisionalProposalWaitsForTheCivilServantGrade) {
  Commune world;
  pb::Member member = Commune::Entry("a");
  member.set_civil_servant(true);
  world.Enter("xa-1", member);
  const Fact first = world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  pb::Record record = *first.record;
  EXPECT_NE(FindingIn(world.Of("a"), "finding_civil_grade_missing"), nullptr);
  record.mutable_proposal()->set_provisional(true);
  *record.mutable_proposal()->add_supersedes() = Refer(first);
  world.Write("xa-1", record, 20191206);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_provisional_until_civil_grade"), nullptr);
  world.Set(parameter::kCivilServantFirst, "none");
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_provisional_until_civil_grade"), nullptr);
}

TEST(Rules, APlaceThatReviewsAndHasNotProposedIsMissedUnlessWaived) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* missing = FindingIn(outcome, "finding_place_has_not_proposed");
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->values(0), "unit:" + Commune::Unit("xa-ubnd").hex());
  world.Waive("xa", "R30", Commune::Member("a"));
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_place_has_not_proposed"), nullptr);
}

TEST(Rules, ANewPostCanKeepAMemberFromBeingGradedWhereThePackSaysSo) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Post("xa", "a", "xa-ubnd", "", false, 20190901);
  EXPECT_EQ(world.Of("a").row.state(), pb::PENDING);
  world.Set(parameter::kNewPostGradedAsMember, "false");
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_TOO_NEW);
}

TEST(Rules, AGradedOrganisationWithoutAPeerGroupIsTold) {
  Commune world;
  world.Propose("xa", Commune::Org("xa"), pb::HTTNV);
  EXPECT_NE(FindingIn(world.Of(Commune::Org("xa")), "finding_no_peer_group"), nullptr);
  world.Set(parameter::kOrgCapScope, "tccsd");
  EXPECT_EQ(FindingIn(world.Of(Commune::Org("xa")), "finding_no_peer_group"), nullptr);
}

// R40: leaders by peer group, ordinary members by grass-roots organisation, in one year.
TEST(Rules, WhoStandsInAPeerGroupIsCappedAmongLeaders) {
  Commune world;
  for (const char* person : {"a", "b"}) {
    world.Enter("xa-1", person);
    world.Propose("xa-1", Commune::Member(person), pb::HTXSNV);
  }
  pb::Record record;
  pb::PeerGroupBody& body = *record.mutable_peer_group()->mutable_body();
  body.set_id("bi-thu");
  body.set_period(Commune::kPeriod);
  body.set_owner(Bytes(Commune::Unit("district").view()));
  *body.add_subjects() = Commune::Member("a").ToMessage();
  world.Write("district", record);
  const std::string place = "unit:" + Commune::Unit("xa").hex();
  EXPECT_EQ(world.Of("a").row.cap_group(), "peer:" + Commune::Unit("district").hex() + ":bi-thu");
  EXPECT_EQ(world.Of("b").row.cap_group(), place);
  world.Set(parameter::kLeaderCapScope, "tccsd");
  EXPECT_EQ(world.Of("a").row.cap_group(), place);
  world.Set(parameter::kMemberCapScope, "peer_group");
  EXPECT_EQ(world.Of("a").row.cap_group(), "peer:" + Commune::Unit("district").hex() + ":bi-thu");
  EXPECT_EQ(world.Of("b").row.cap_group(), "") << "in no group";
}

TEST(Rules, WhoIsSuspendedOrExemptIsNotGraded) {
  Commune world;
  for (const auto& [name, status, message] :
       {std::tuple("s", pb::SUSPENDED, "finding_graded_though_suspended"),
        std::tuple("e", pb::EXEMPT, "finding_graded_though_exempt")}) {
    pb::Member member = Commune::Entry(name);
    member.set_status(status);
    world.Enter("xa-1", member);
    EXPECT_EQ(FindingIn(world.Of(name), message), nullptr);
    world.Propose("xa-1", Commune::Member(name), pb::HTTNV);
    const Outcome outcome = world.Of(name);
    const pb::FindingRow* finding = FindingIn(outcome, message);
    ASSERT_NE(finding, nullptr) << name;
    EXPECT_EQ(finding->severity(), static_cast<std::uint32_t>(Severity::kBlock));
  }
}

// R33: which of several posts decides was not read in any document.
TEST(Rules, WhoDecidesAboutManyPostsIsAParameterNobodyHasVerified) {
  Commune world;
  world.Enter("xa-1", "a");
  world.Post("province", "a", "xa", "province", false);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("province").view());
  world.Decide("xa", Commune::Member("a"), pb::HTTNV);
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* finding = FindingIn(outcome, "finding_decided_by_another");
  ASSERT_NE(finding, nullptr);
  EXPECT_FALSE(finding->verified());
  world.Set(parameter::kManyPostsDecider, "common_superior");
  EXPECT_EQ(world.Of("a").row.authority(), Commune::Unit("xa").view());
}

TEST(Rules, AUnitNobodyIsAboveHasNoAuthorityHere) {
  Commune world;
  world.Propose("province", Commune::Org("province"), pb::HTTNV);
  const Outcome outcome = world.Of(Commune::Org("province"));
  EXPECT_TRUE(outcome.row.authority().empty());
  EXPECT_NE(FindingIn(outcome, "finding_authority_unknown"), nullptr);
}

TEST(Rules, APackThatWasNotCheckedAgainstItsTextIsToldWithEveryFindingItGives) {
  Commune world;
  pb::Member member = Commune::Entry("a");
  member.set_civil_servant(true);
  world.Enter("xa-1", member);
  world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  for (const bool verified : {true, false}) {
    world.Set(parameter::kCivilServantFirst, "warn", verified);
    const Outcome outcome = world.Of("a");
    const pb::FindingRow* finding = FindingIn(outcome, "finding_civil_grade_missing");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->verified(), verified);
    EXPECT_EQ(finding->severity(), static_cast<std::uint32_t>(Severity::kWarn));
  }
}

TEST(Rules, CaseIdsAreShortStableAndTheirOwn) {
  const std::string id = CaseId(pb::CASE_GRADE_CONFLICT, Commune::Member("a"), "2019");
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id, CaseId(pb::CASE_GRADE_CONFLICT, Commune::Member("a"), "2019"));
  EXPECT_NE(id, CaseId(pb::CASE_GRADE_CONFLICT, Commune::Member("a"), "2020"));
  EXPECT_NE(id, CaseId(pb::CASE_GRADE_CONFLICT, Commune::Member("b"), "2019"));
  EXPECT_NE(id, CaseId(pb::CASE_TWO_DECISIONS, Commune::Member("a"), "2019"));
  EXPECT_NE(id, CaseId(pb::CASE_GRADE_CONFLICT, Commune::Member("a"), "2019", "x"));
}

}  // namespace
}  // namespace chibo

// R22, R26, R29: a level given to somebody who is outside the grading is found, and stops the
// signing.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

class NotGraded : public testing::Test {
 protected:
  // The finding that the level meets in the row, and whether it keeps the authority from signing.
  void ExpectBlocked(const std::string& rule, const std::string& message, pb::Reason reason) {
    const Outcome outcome = world.Of("a");
    EXPECT_EQ(outcome.row.state(), pb::NOT_GRADED);
    EXPECT_EQ(outcome.row.reason(), reason);
    const pb::FindingRow* finding = FindingIn(outcome, message);
    ASSERT_NE(finding, nullptr) << outcome.row.DebugString();
    EXPECT_EQ(finding->rule(), rule);
    EXPECT_TRUE(SigningIsBlockedBy(message));
  }

  void ExpectSilent(const std::string& message) {
    EXPECT_EQ(FindingIn(world.Of("a"), message), nullptr);
    EXPECT_FALSE(SigningIsBlockedBy(message));
  }

  bool SigningIsBlockedBy(const std::string& message) {
    DecisionRequest request;
    request.authority = Commune::Unit("xa");
    request.period = Commune::kPeriod;
    request.number = "1";
    request.date = 20191220;
    request.choices = {{Commune::Member("a"), pb::HTTNV, "", {}}};
    const Rows rows = world.All();
    const auto parts = DraftDecision(world.context(), rows, request);
    CHECK(parts.has_value());
    const auto findings = CheckDecision(world.context(), rows, *parts);
    CHECK(findings.has_value());
    return std::any_of(findings->begin(), findings->end(), [&](const DecisionFinding& one) {
      return one.finding.message == message && one.finding.severity == Severity::kBlock;
    });
  }

  void Enter(pb::MemberStatus status) {
    pb::Member member = Commune::Entry("a");
    member.set_status(status);
    world.Enter("xa-1", member);
    world.Propose("xa-1", Commune::Member("a"), pb::HTTNV);
  }

  Commune world;
};

TEST_F(NotGraded, WhoseInquiryIsNotConcluded) {
  Enter(pb::UNDER_INQUIRY);
  ExpectBlocked("R29", "finding_graded_under_inquiry", pb::REASON_UNDER_INQUIRY);
}

TEST_F(NotGraded, WhoIsOnlyOfficialIsGraded) {
  Enter(pb::OFFICIAL);
  ExpectSilent("finding_graded_under_inquiry");
}

TEST_F(NotGraded, WhoMovedAwayIsGradedWhereHeWentTo) {
  Enter(pb::OFFICIAL);
  ExpectSilent("finding_graded_though_moved_away");
  pb::Record letter;
  pb::Transfer& transfer = *letter.mutable_transfer();
  transfer.set_person(Bytes(Commune::Person("a").view()));
  transfer.set_kind(pb::PERMANENT);
  transfer.set_from(Bytes(Commune::Unit("xa-1").view()));
  transfer.set_outside("Hà Nội");
  transfer.set_effective(20190901);
  world.Write("xa-1", letter, 20190825);
  // What the place left behind proposes gives no level any more: only a decision could.
  EXPECT_EQ(world.Of("a").row.reason(), pb::REASON_GRADED_ELSEWHERE);
  EXPECT_TRUE(SigningIsBlockedBy("finding_graded_though_moved_away"));
}

TEST_F(NotGraded, WhoIsNewInThePostWhereThePackSaysSo) {
  Enter(pb::OFFICIAL);
  world.Post("xa", "a", "xa-ubnd", "", false, 20190901);
  ExpectSilent("finding_graded_in_new_post");
  world.Set(parameter::kNewPostGradedAsMember, "false");
  ExpectBlocked("R22", "finding_graded_in_new_post", pb::REASON_TOO_NEW);
}

}  // namespace
}  // namespace chibo

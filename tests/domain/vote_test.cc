// R64–R68: vote bases, tallies, thresholds; stories 5 and 8.
#include "domain/vote.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "domain/decision.h"
#include "tests/domain/commune.h"

namespace chibo {
namespace {

pb::VoteBase Base(std::uint32_t official, std::uint32_t left_out, std::uint32_t present) {
  pb::VoteBase base;
  base.set_official(official);
  base.set_excused_absent(left_out);
  base.set_eligible(official - left_out);
  base.set_present(present);
  return base;
}

pb::TallyRow Row(std::vector<std::uint32_t> votes, std::uint32_t invalid = 0) {
  pb::TallyRow row;
  std::uint32_t valid = 0;
  for (const std::uint32_t count : votes) {
    row.add_votes(count);
    valid += count;
  }
  row.set_valid(valid);
  row.set_invalid(invalid);
  row.set_returned(valid + invalid);
  row.set_issued(valid + invalid);
  return row;
}

VoteRule Rule() {
  VoteRule rule;
  rule.thresholds[pb::HTXSNV] = {2, 3, false};
  rule.thresholds[pb::HTTNV] = {1, 2, true};
  rule.thresholds[pb::HTNV] = {1, 2, true};
  rule.thresholds[pb::KHTNV] = {1, 2, true};
  return rule;
}

TEST(Vote, TheBaseIsTheSumItsFormShows) {
  pb::VoteBase base;
  base.set_official(30);
  base.set_away(1);
  base.set_exempt_absent(2);
  base.set_suspended(1);
  base.set_excused_absent(3);
  base.set_eligible(23);
  base.set_present(22);  // one absent without excuse stays in the base
  EXPECT_TRUE(CheckVoteBase(base).empty());
  base.set_eligible(22);
  ASSERT_EQ(CheckVoteBase(base).size(), 1u);
  EXPECT_EQ(CheckVoteBase(base)[0].rule, "R65");
  base.set_official(3);
  EXPECT_FALSE(CheckVoteBase(base).empty()) << "more left out than there are";
  base = Base(20, 0, 20);
  base.set_present(21);
  ASSERT_EQ(CheckVoteBase(base).size(), 1u);
  EXPECT_EQ(CheckVoteBase(base)[0].message, "finding_more_present_than_members");
}

TEST(Vote, TheTallysNumbersFitTogether) {
  const pb::VoteBase base = Base(20, 0, 18);
  EXPECT_TRUE(CheckTallyRow(Row({10, 5, 2, 0}, 1), base).empty());
  pb::TallyRow row = Row({10, 5, 2, 0});
  row.set_returned(18);
  EXPECT_EQ(CheckTallyRow(row, base).size(), 2u)
      << "more returned than issued; not valid + invalid";
  row = Row({10, 5, 2, 0});
  row.set_votes(0, 9);
  EXPECT_EQ(CheckTallyRow(row, base).size(), 1u);
  EXPECT_EQ(CheckTallyRow(Row({19, 0, 0, 0}), base).size(), 1u) << "more ballots than present";
  EXPECT_EQ(CheckTallyRow(Row({18, 0, 0, 0}), Base(20, 3, 18))[0].rule, "R65");
}

TEST(Vote, ThresholdsAreOfTheBaseNotOfTheBallots) {
  // 14 of 21 is two thirds; 13 is not, though it is of 19 ballots.
  EXPECT_EQ(ResultOf(Row({14, 5, 0, 0}), Base(21, 0, 19), Rule()), pb::HTXSNV);
  EXPECT_EQ(ResultOf(Row({13, 6, 0, 0}), Base(21, 0, 19), Rule()), pb::GRADE_NONE);
  VoteRule of_ballots = Rule();
  of_ballots.base = VotesOf::kValidBallots;
  EXPECT_EQ(ResultOf(Row({13, 6, 0, 0}), Base(21, 0, 19), of_ballots), pb::HTXSNV);
  // Half is not more than half.
  EXPECT_EQ(ResultOf(Row({0, 10, 10, 0}), Base(20, 0, 20), Rule()), pb::GRADE_NONE);
  EXPECT_EQ(ResultOf(Row({0, 11, 9, 0}), Base(20, 0, 20), Rule()), pb::HTTNV);
}

TEST(Vote, WithoutAMajorityOnlyALocalPracticeAddsVotesDownwards) {
  const pb::TallyRow row = Row({8, 7, 5, 0});
  EXPECT_EQ(ResultOf(row, Base(20, 0, 20), Rule()), pb::GRADE_NONE);
  VoteRule cumulate = Rule();
  cumulate.no_majority = NoMajority::kCumulateDown;
  EXPECT_EQ(ResultOf(row, Base(20, 0, 20), cumulate), pb::HTTNV);
}

// A cell of three with a meeting, a session, a tally and a proposal, and a guest who is there for a
// while.
class VoteSession : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"}) {
      world.Enter("xa-1", name);
    }
    world.Enter("cq-1", "guest");
    pb::Record stay;
    stay.mutable_membership()->set_person(Bytes(Commune::Person("guest").view()));
    stay.mutable_membership()->set_unit(Bytes(Commune::Unit("xa-1").view()));
    stay.mutable_membership()->set_kind(pb::TEMPORARY);
    stay.mutable_membership()->set_from(20190701);
    stay.mutable_membership()->set_to(20200531);
    world.Write("xa-1", stay);
  }

  pb::Record MeetingOf(std::vector<std::string> present) {
    pb::Record record;
    pb::Meeting& meeting = *record.mutable_meeting();
    meeting.add_kinds(pb::REVIEW);
    meeting.set_period("2019");
    meeting.set_start_ms(1'575'507'600'000);  // 5 December 2019, 8:00
    for (const std::string& name : present) {
      meeting.add_present(Bytes(Commune::Person(name).view()));
    }
    return record;
  }

  Fact Vote(const Fact& meeting, const pb::VoteBase& base, const pb::TallyRow& row,
            const std::string& device = "") {
    pb::Record session;
    *session.mutable_vote_session()->mutable_meeting() = Refer(meeting);
    session.mutable_vote_session()->set_period("2019");
    session.mutable_vote_session()->set_method(method);
    for (const std::string& name : tellers) {
      session.mutable_vote_session()->add_tellers(Bytes(Commune::Person(name).view()));
    }
    session.mutable_vote_session()->set_chair(Bytes(Commune::Person("c").view()));
    *session.mutable_vote_session()->add_subjects() = a.ToMessage();
    *session.mutable_vote_session()->mutable_base() = base;
    session_fact = world.Write("xa-1", session, 20191205, device);
    pb::Record tally;
    *tally.mutable_tally()->mutable_session() = Refer(session_fact);
    pb::TallyRow& added = *tally.mutable_tally()->add_rows();
    added = row;
    *added.mutable_subject() = a.ToMessage();
    return world.Write("xa-1", tally, 20191205, device);
  }

  Fact Correct(const Fact& tally, const pb::VoteBase& base) {
    pb::Record correction;
    *correction.mutable_tally_correction()->mutable_tally() = Refer(tally);
    *correction.mutable_tally_correction()->mutable_base() = base;
    return world.Write("xa-1", correction, 20191211);
  }

  std::vector<std::string> MessagesOf() {
    const auto findings = CheckVoteSession(world.context(), session_fact);
    std::vector<std::string> messages;
    for (const Finding& finding : *findings) {
      messages.push_back(finding.message);
    }
    return messages;
  }

  Commune world;
  const SubjectId a = Commune::Member("a");
  Fact session_fact;
  pb::VoteMethod method = pb::SECRET_BALLOT;
  std::vector<std::string> tellers = {"a", "b"};
};

TEST_F(VoteSession, AGuestInTheBaseIsFoundAndACorrectionPutsItRight) {
  const Fact meeting = world.Write("xa-1", MeetingOf({"a", "b", "c", "guest"}));
  // 2 of 4 is no majority for good; of the true 3 it is.
  const Fact tally = Vote(meeting, Base(4, 0, 4), Row({0, 2, 1, 0}));
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(MessagesOf(), (std::vector<std::string>{"finding_present_differs_from_attendance",
                                                    "finding_vote_base_differs_from_register",
                                                    "finding_guest_in_vote_base"}));
  EXPECT_NE(FindingIn(world.Of("a"), "finding_no_majority_refer_up"), nullptr);
  Correct(tally, Base(3, 0, 3));
  EXPECT_TRUE(MessagesOf().empty());
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_no_majority_refer_up"), nullptr);
}

// R67, R68: how the vote was held.
TEST_F(VoteSession, HandsRaisedWhereThePackSaysBallotsAreTold) {
  const Fact meeting = world.Write("xa-1", MeetingOf({"a", "b", "c"}));
  method = pb::SHOW_OF_HANDS;
  Vote(meeting, Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_vote_not_secret"});
  world.Set(parameter::kVoteMethod, "either");
  EXPECT_TRUE(MessagesOf().empty());
  world.Set(parameter::kVoteMethod, "open");
  EXPECT_TRUE(MessagesOf().empty());
  method = pb::SECRET_BALLOT;
  Vote(meeting, Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_vote_not_open"});
}

TEST_F(VoteSession, OneTellerIsTooFewAndTheChairIsNone) {
  const Fact meeting = world.Write("xa-1", MeetingOf({"a", "b", "c"}));
  tellers = {"a"};
  Vote(meeting, Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_too_few_tellers"});
  tellers = {"a", "c"};
  Vote(meeting, Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_chair_is_teller"});
}

TEST_F(VoteSession, WhoMayNotVoteIsNotAmongThePresentOfTheForm) {
  pb::Member member = Commune::Entry("new");
  member.set_status(pb::PROBATIONARY);
  world.Enter("xa-1", member);
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "new"})), Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_present_differs_from_attendance"});
}

// R64: only official members vote. A roster need not say since when somebody is one.
TEST_F(VoteSession, WithoutAnOfficialDateNobodyVotesBeforeAYearHasPassed) {
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c", "new"})), Base(3, 0, 3), Row({0, 3, 0, 0}));
  pb::Member member = Commune::Entry("new");
  member.clear_official();
  for (const auto& [admitted, votes] :
       {std::pair{20191101U, false}, {20181206U, false}, {20181205U, true}, {0U, false}}) {
    member.set_admitted(admitted);
    const Fact line = world.Enter("xa-1", member);
    const auto told = MessagesOf();
    EXPECT_EQ(std::count(told.begin(), told.end(), "finding_vote_base_differs_from_register"),
              votes ? 1 : 0)
        << admitted;
    *member.add_supersedes() = Refer(line);
  }
}

// R66: what the pack says of a vote in which no level has enough.
TEST_F(VoteSession, WithoutAMajorityTheAuthorityOrAnotherVoteDecides) {
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), Base(3, 0, 3), Row({1, 1, 1, 0}));
  world.Propose("xa-1", a, pb::HTTNV);
  const Outcome referred = world.Of("a");
  EXPECT_NE(FindingIn(referred, "finding_no_majority_refer_up"), nullptr);
  EXPECT_EQ(FindingIn(referred, "finding_no_majority_revote"), nullptr);
  world.Set(parameter::kNoMajority, "revote");
  const Outcome again = world.Of("a");
  ASSERT_NE(FindingIn(again, "finding_no_majority_revote"), nullptr);
  EXPECT_EQ(FindingIn(again, "finding_no_majority_revote")->rule(), "R66");
  EXPECT_EQ(FindingIn(again, "finding_no_majority_refer_up"), nullptr);
}

TEST_F(VoteSession, WhoIsAwayByALetterIsNotInTheBaseInsideOrOutsideTheNetwork) {
  for (const char* to : {"cq-1", ""}) {
    const std::string name = std::string("away") + to;
    world.Enter("xa-1", name);
    pb::Record letter;
    pb::Transfer& transfer = *letter.mutable_transfer();
    transfer.set_person(Bytes(Commune::Person(name).view()));
    transfer.set_kind(pb::TEMPORARY_STAY);
    transfer.set_from(Bytes(Commune::Unit("xa-1").view()));
    *to != 0 ? transfer.set_to(Bytes(Commune::Unit(to).view())) : transfer.set_outside("Hà Nội");
    transfer.set_effective(20190901);
    world.Write("xa-1", letter, 20190825);
  }
  pb::VoteBase base = Base(5, 0, 3);
  base.set_away(2);
  base.set_eligible(3);
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), base, Row({0, 3, 0, 0}));
  EXPECT_TRUE(MessagesOf().empty());
}

// R64, R65: who is suspended does not vote though he sits there; who is exempt does, if he comes.
TEST_F(VoteSession, EachOfThoseWhoDoNotVoteIsTakenOffTheBaseOnce) {
  for (const auto& [name, status] :
       {std::pair("suspended", pb::SUSPENDED), std::pair("exempt-here", pb::EXEMPT),
        std::pair("exempt", pb::EXEMPT), std::pair("excused", pb::OFFICIAL),
        std::pair("missing", pb::OFFICIAL)}) {
    pb::Member member = Commune::Entry(name);
    member.set_status(status);
    world.Enter("xa-1", member);
  }
  pb::Record meeting = MeetingOf({"a", "b", "c", "suspended", "exempt-here"});
  meeting.mutable_meeting()->add_excused()->set_person(Bytes(Commune::Person("excused").view()));
  pb::VoteBase base;
  base.set_official(8);
  base.set_suspended(1);
  base.set_exempt_absent(1);
  base.set_excused_absent(1);
  base.set_eligible(5);
  base.set_present(4);
  const Fact held = world.Write("xa-1", meeting);
  Vote(held, base, Row({0, 4, 0, 0}));
  EXPECT_EQ(MessagesOf(), std::vector<std::string>{});
  // Of whoever is taken off another way, the register says otherwise.
  using Set = void (pb::VoteBase::*)(std::uint32_t);
  for (const Set set : {&pb::VoteBase::set_suspended, &pb::VoteBase::set_exempt_absent,
                        &pb::VoteBase::set_excused_absent}) {
    pb::VoteBase other = base;
    (other.*set)(0);
    other.set_eligible(6);
    Vote(held, other, Row({0, 4, 0, 0}));
    EXPECT_EQ(MessagesOf(), std::vector<std::string>{"finding_vote_base_differs_from_register"});
  }
}

TEST_F(VoteSession, ThoseWhoCameWithAMergedCellVoteInTheirNewOne) {
  world.Enter("xa-2", "d");
  pb::Record change;
  pb::UnitChangeBody& body = *change.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MERGE);
  body.add_from(Bytes(Commune::Unit("xa-2").view()));
  body.add_into(Bytes(Commune::Unit("xa-1").view()));
  body.set_effective(20190401);
  world.Write("xa", change, 20190401);
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), Base(4, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_TRUE(MessagesOf().empty());
}

TEST_F(VoteSession, SomebodyEnteredTwiceVotesOnce) {
  world.Enter("xa-1", "a-again");
  pb::Record choice;
  choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("a").view()));
  choice.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("a-again").view()));
  world.Write("xa", choice);
  Vote(world.Write("xa-1", MeetingOf({"a-again", "b", "c"})), Base(3, 0, 3), Row({0, 3, 0, 0}));
  EXPECT_TRUE(MessagesOf().empty());
}

TEST_F(VoteSession, AVoteInTheNameOfAnothersCollectiveIsNoVoteOfIt) {
  world.Post("district", "a", "cq-hoi", "district", true);
  world.Propose("cq-hoi", a, pb::HTTNV, 20191206, "cq");
  pb::Record session;
  *session.mutable_vote_session()->mutable_meeting() =
      Refer(world.Write("xa-1", MeetingOf({"a", "b", "c"})));
  session.mutable_vote_session()->set_period("2019");
  session.mutable_vote_session()->set_unit(Bytes(Commune::Unit("cq-hoi").view()));
  *session.mutable_vote_session()->mutable_base() = Base(3, 0, 3);
  for (const auto& [writer, heard] : {std::pair("xa", false), std::pair("cq", true)}) {
    pb::Record tally;
    *tally.mutable_tally()->mutable_session() = Refer(world.Write(writer, session, 20191205));
    *tally.mutable_tally()->add_rows() = Row({3, 0, 0, 0});
    *tally.mutable_tally()->mutable_rows(0)->mutable_subject() = a.ToMessage();
    world.Write(writer, tally, 20191205);
    EXPECT_EQ(FindingIn(world.Of("a"), "finding_proposal_differs_from_vote") != nullptr, heard);
  }
}

TEST_F(VoteSession, TwoChoicesThatGiveEachOthersMeetingUpChooseNothing) {
  const Fact first = world.Write("xa-1", MeetingOf({"a", "b", "c"}));
  const Fact second = world.Write("xa-1", MeetingOf({"a", "b"}), 20191205, "2");
  Vote(first, Base(3, 0, 3), Row({0, 3, 0, 0}));
  Vote(second, Base(3, 0, 3), Row({3, 0, 0, 0}), "2");
  world.Propose("xa-1", a, pb::HTTNV);
  const auto choose = [&](const Fact& canonical, const Fact& other, const std::string& device) {
    pb::Record choice;
    *choice.mutable_duplicate_choice()->mutable_canonical() = Refer(canonical);
    *choice.mutable_duplicate_choice()->add_duplicates() = Refer(other);
    return world.Write("xa-1", choice, 20191210, device);
  };
  const auto state = [&] {
    return CaseIn(world.Of(Commune::Org("xa-1")), pb::CASE_DUPLICATE_MEETING)->state();
  };
  choose(first, second, "");
  EXPECT_EQ(state(), pb::CASE_CLOSED);
  const Fact other = choose(second, first, "2");
  EXPECT_EQ(state(), pb::CASE_OPEN);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_two_tallies_differ"), nullptr)
      << "no vote is lost meanwhile";
  pb::Record undone = *other.record;
  *undone.mutable_duplicate_choice()->add_supersedes() = Refer(other);
  undone.mutable_duplicate_choice()->set_undone(true);
  world.Write("xa-1", undone, 20191211);
  EXPECT_EQ(state(), pb::CASE_CLOSED);
}

TEST_F(VoteSession, MoreBallotsThanTheCorrectedBaseMakeTheTallyVoid) {
  const Fact meeting = world.Write("xa-1", MeetingOf({"a", "b", "c", "guest"}));
  const Fact tally = Vote(meeting, Base(4, 0, 4), Row({0, 4, 0, 0}));
  world.Propose("xa-1", a, pb::HTTNV);
  Correct(tally, Base(3, 0, 3));
  const Outcome outcome = world.Of("a");
  const pb::FindingRow* void_tally = FindingIn(outcome, "finding_more_valid_than_eligible");
  ASSERT_NE(void_tally, nullptr);
  EXPECT_EQ(void_tally->severity(), static_cast<std::uint32_t>(Severity::kBlock));
}

// R65, story 8: against the register, whatever base the form claims for itself.
TEST_F(VoteSession, MoreBallotsThanRegisterAndAttendanceGiveAVoteBlockTheRow) {
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), Base(9, 0, 9), Row({0, 9, 0, 0}));
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(MessagesOf().front(), "finding_more_valid_than_register");
  pb::DecisionBody body;
  body.set_authority(Bytes(Commune::Unit("xa").view()));
  body.set_period("2019");
  *body.add_rows()->mutable_subject() = a.ToMessage();
  body.mutable_rows(0)->set_grade(pb::HTTNV);
  const auto blocking = [&] {
    const Rows rows = world.All();
    const auto findings = CheckDecision(world.context(), rows, {&body, 1});
    return std::count_if(findings->begin(), findings->end(), [](const DecisionFinding& one) {
      return one.finding.message == "finding_more_valid_than_register" && !one.overridden &&
             one.finding.severity == Severity::kBlock;
    });
  };
  EXPECT_EQ(blocking(), 1);
  body.mutable_rows(0)->add_overrides("R65");
  body.mutable_rows(0)->set_reason("Sổ đảng viên ở đây chưa đủ");
  EXPECT_EQ(blocking(), 0) << "the register here may be behind";
}

TEST_F(VoteSession, AProposalThatIsNotTheVotesResultIsTold) {
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), Base(3, 0, 3), Row({0, 3, 0, 0}));
  world.Propose("xa-1", a, pb::HTXSNV);
  EXPECT_NE(FindingIn(world.Of("a"), "finding_proposal_differs_from_vote"), nullptr);
}

TEST_F(VoteSession, ALaterVoteOfTheSameBoardReplacesTheEarlierTwoBoardsBlock) {
  const Fact meeting = world.Write("xa-1", MeetingOf({"a", "b", "c"}));
  Vote(meeting, Base(3, 0, 3), Row({3, 0, 0, 0}));
  Vote(meeting, Base(3, 0, 3), Row({0, 3, 0, 0}));
  world.Propose("xa-1", a, pb::HTTNV);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_tallies_differ"), nullptr);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_proposal_differs_from_vote"), nullptr);
  Vote(meeting, Base(3, 0, 3), Row({3, 0, 0, 0}), "2");
  EXPECT_NE(FindingIn(world.Of("a"), "finding_two_tallies_differ"), nullptr);
}

TEST_F(VoteSession, ALateTallyAloneOpensTheDecisionsBasis) {
  world.Decide("xa", a, pb::HTTNV);
  Vote(world.Write("xa-1", MeetingOf({"a", "b", "c"})), Base(3, 0, 3), Row({0, 0, 3, 0}));
  EXPECT_NE(CaseIn(world.Of("a"), pb::CASE_DECISION_BASIS_CHANGED), nullptr);
}

TEST_F(VoteSession, TwoRecordsOfOneMeetingAreACaseUntilOneIsChosenAndTheOthersVotesGo) {
  const Fact first = world.Write("xa-1", MeetingOf({"a", "b", "c"}));
  EXPECT_EQ(world.Of(Commune::Org("xa-1")).cases.size(), 0u);
  const Fact second = world.Write("xa-1", MeetingOf({"a", "b"}), 20191205, "2");
  Vote(first, Base(3, 0, 3), Row({0, 3, 0, 0}));
  Vote(second, Base(3, 0, 3), Row({3, 0, 0, 0}), "2");
  world.Propose("xa-1", a, pb::HTTNV);
  Outcome outcome = world.Of(Commune::Org("xa-1"));
  const pb::CaseRow* twice = CaseIn(outcome, pb::CASE_DUPLICATE_MEETING);
  ASSERT_NE(twice, nullptr);
  EXPECT_EQ(twice->state(), pb::CASE_OPEN);
  EXPECT_EQ(twice->owner(), Commune::Unit("xa-1").view());
  EXPECT_NE(FindingIn(world.Of("a"), "finding_two_tallies_differ"), nullptr);

  pb::Record choice;
  *choice.mutable_duplicate_choice()->mutable_canonical() = Refer(first);
  *choice.mutable_duplicate_choice()->add_duplicates() = Refer(second);
  world.Write("cq", choice);
  EXPECT_EQ(CaseIn(world.Of(Commune::Org("xa-1")), pb::CASE_DUPLICATE_MEETING)->state(),
            pb::CASE_OPEN)
      << "not for others to choose";
  world.Write("xa-1", choice);
  EXPECT_EQ(CaseIn(world.Of(Commune::Org("xa-1")), pb::CASE_DUPLICATE_MEETING)->state(),
            pb::CASE_CLOSED);
  EXPECT_EQ(FindingIn(world.Of("a"), "finding_two_tallies_differ"), nullptr);
}

TEST_F(VoteSession, MeetingsOfOneDayWithoutAnybodyInCommonAreTwo) {
  world.Write("xa-1", MeetingOf({"a"}));
  world.Write("xa-1", MeetingOf({"b", "c"}), 20191205, "2");
  EXPECT_EQ(world.Of(Commune::Org("xa-1")).cases.size(), 0u);
}

}  // namespace
}  // namespace chibo

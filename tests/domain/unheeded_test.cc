// Every word that somebody signed is taken up or has its reason: each kind of record, rightly and
// wrongly written.
#include "domain/unheeded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "domain/finding_value.h"
#include "proto/record.h"
#include "proto/signed_object.h"
#include "tests/domain/commune.h"

namespace chibo {
namespace {

Bytes Id(const std::string& person) { return Bytes(Commune::Person(person).view()); }
Bytes UnitBytes(const std::string& code) { return Bytes(Commune::Unit(code).view()); }

// A commune in which everything is as it should be: "a" of xa-1, "b" of xa-2, "head" of xa-1 who
// leads the people's committee.
class Unheard : public testing::Test {
 protected:
  Unheard() {
    world.Enter("xa-1", "a");
    world.Enter("xa-2", "b");
    world.Enter("xa-1", "head");
    world.Post("xa", "head", "xa-ubnd", "xa", true);
  }

  std::vector<UnheededPart> PartsOf(const Fact& fact, const std::string& observer = "") {
    Context context = world.context();
    if (!observer.empty()) {
      context.observer.emplace(Commune::Unit(observer));
    }
    return *UnheededReader(context).PartsOf(fact);
  }
  // Names of the reasons, for reading.
  std::vector<std::string> WhyNot(const Fact& fact, const std::string& observer = "") {
    std::vector<std::string> names;
    for (const UnheededPart& part : PartsOf(fact, observer)) {
      names.emplace_back(Name(part.why));
    }
    return names;
  }

  Fact Meet(const std::string& unit, const std::string& kept_for = "") {
    pb::Record record;
    pb::Meeting& meeting = *record.mutable_meeting();
    meeting.add_kinds(pb::REVIEW);
    meeting.set_period("2019");
    meeting.set_start_ms(1'575'507'600'000 + day_++ * 86'400'000);
    meeting.set_chair(Id("head"));
    meeting.set_minute_taker(Id("a"));
    if (!kept_for.empty()) {
      meeting.set_unit(UnitBytes(kept_for));
    }
    return world.Write(unit, record);
  }
  Fact Minute(const std::string& unit, const Fact& meeting) {
    pb::Record record;
    *record.mutable_minutes()->mutable_meeting() = Refer(meeting);
    return world.Write(unit, record);
  }
  Fact VoteAt(const std::string& unit, const Fact& meeting, const SubjectId& subject,
              const std::string& kept_for = "") {
    pb::Record record;
    pb::VoteSession& session = *record.mutable_vote_session();
    *session.mutable_meeting() = Refer(meeting);
    session.set_period("2019");
    *session.add_subjects() = subject.ToMessage();
    session.set_chair(Id("head"));
    session.add_tellers(Id("a"));
    if (!kept_for.empty()) {
      session.set_unit(UnitBytes(kept_for));
    }
    return world.Write(unit, record);
  }
  static pb::TallyRow RowOf(const SubjectId& subject, std::uint32_t good = 3) {
    pb::TallyRow row;
    *row.mutable_subject() = subject.ToMessage();
    row.set_issued(good);
    row.set_returned(good);
    row.set_valid(good);
    for (const std::uint32_t votes : {0U, good, 0U, 0U}) {
      row.add_votes(votes);
    }
    return row;
  }
  Fact Count(const std::string& unit, const Fact& session, const pb::TallyRow& row) {
    pb::Record record;
    *record.mutable_tally()->mutable_session() = Refer(session);
    *record.mutable_tally()->add_rows() = row;
    return world.Write(unit, record);
  }
  Fact Choose(const std::string& unit, const Fact& canonical, const Fact& duplicate) {
    pb::Record record;
    *record.mutable_duplicate_choice()->mutable_canonical() = Refer(canonical);
    *record.mutable_duplicate_choice()->add_duplicates() = Refer(duplicate);
    return world.Write(unit, record);
  }
  Fact Return(const std::string& unit, const Fact& what) {
    pb::Record record;
    *record.mutable_return_()->mutable_body()->add_records() = Refer(what);
    return world.Write(unit, record);
  }
  Fact Attest(const std::string& unit, const Hash& content, const std::string& person,
              pb::Act act) {
    pb::Record record;
    record.mutable_attestation()->add_contents(Bytes(content.view()));
    pb::Attestor& attestor = *record.mutable_attestation()->add_attestors();
    attestor.set_person(Id(person));
    attestor.set_act(act);
    return world.Write(unit, record);
  }
  Fact Hold(const std::string& unit, const std::string& person, const std::string& where,
            pb::MembershipKind kind) {
    pb::Record record;
    record.mutable_membership()->set_person(Id(person));
    record.mutable_membership()->set_unit(UnitBytes(where));
    record.mutable_membership()->set_kind(kind);
    record.mutable_membership()->set_from(20190801);
    return world.Write(unit, record);
  }
  Fact Transfer(const std::string& writer, const std::string& person, const std::string& from,
                const std::string& to) {
    pb::Record record;
    record.mutable_transfer()->set_person(Id(person));
    record.mutable_transfer()->set_kind(pb::PERMANENT);
    record.mutable_transfer()->set_from(UnitBytes(from));
    record.mutable_transfer()->set_to(UnitBytes(to));
    record.mutable_transfer()->set_effective(20190901);
    return world.Write(writer, record);
  }
  Fact Leave(const std::string& unit, const std::string& person) {
    pb::Record record;
    record.mutable_leave()->set_person(Id(person));
    record.mutable_leave()->set_kind(pb::SICK);
    record.mutable_leave()->set_from(20190201);
    record.mutable_leave()->set_to(20190601);
    return world.Write(unit, record);
  }
  Fact CivilGrade(const std::string& unit, const std::string& person, pb::Grade grade) {
    pb::Record record;
    record.mutable_civil_servant_grade()->set_person(Id(person));
    record.mutable_civil_servant_grade()->set_period("2019");
    record.mutable_civil_servant_grade()->set_grade(grade);
    return world.Write(unit, record);
  }
  Fact Report(const std::string& unit, const SubjectId& subject) {
    pb::Record record;
    *record.mutable_review_report()->mutable_subject() = subject.ToMessage();
    record.mutable_review_report()->set_period("2019");
    return world.Write(unit, record);
  }
  Fact Opine(const std::string& unit, const SubjectId& subject, pb::OpinionFrom from) {
    pb::Record record;
    *record.mutable_opinion()->mutable_about() = subject.ToMessage();
    record.mutable_opinion()->set_period("2019");
    record.mutable_opinion()->set_from(from);
    return world.Write(unit, record);
  }
  Fact Change(const std::string& unit, pb::ChangeKind kind, const std::string& from,
              CivilDate effective, const Bytes& previous = {}) {
    pb::Record record;
    pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
    body.set_kind(kind);
    body.add_from(UnitBytes(from));
    body.set_name(kind == pb::RENAME ? from + " mới" : "");
    body.set_effective(effective);
    if (!previous.empty()) {
      body.add_previous(previous);
    }
    return world.Write(unit, record);
  }
  Fact Group(const std::string& unit, const std::string& owner, const std::string& id,
             const std::vector<SubjectId>& subjects, const std::string& device = "") {
    pb::Record record;
    pb::PeerGroupBody& body = *record.mutable_peer_group()->mutable_body();
    body.set_id(id);
    body.set_name(id);
    body.set_period("2019");
    body.set_owner(UnitBytes(owner));
    for (const SubjectId& subject : subjects) {
      *body.add_subjects() = subject.ToMessage();
    }
    return world.Write(unit, record, 20191101, device);
  }
  Fact Pack(const std::string& unit, const std::string& name, const std::string& value,
            const Bytes& base = {}, const std::string& period = "2019") {
    pb::Record record;
    pb::RulePackBody& body = *record.mutable_rule_pack()->mutable_body();
    body.set_id(name);
    body.set_base(base);
    if (!period.empty()) {
      body.add_periods(period);
    }
    pb::Parameter& parameter = *body.add_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
    return world.Write(unit, record, 20191101, "own packs");
  }

  Commune world;
  const SubjectId a = Commune::Member("a");
  const SubjectId b = Commune::Member("b");
  const SubjectId stranger = Commune::Member("stranger");
  std::int64_t day_ = 0;
};

using Reasons = std::vector<std::string>;

TEST_F(Unheard, NothingIsSaidOfAYearInWhichEverythingIsInOrder) {
  const Fact meeting = Meet("xa-1");
  const Fact session = VoteAt("xa-1", meeting, a);
  const Fact tally = Count("xa-1", session, RowOf(a));
  pb::Record correction;
  *correction.mutable_tally_correction()->mutable_tally() = Refer(tally);
  *correction.mutable_tally_correction()->add_rows() = RowOf(a, 2);
  world.Write("xa-1", correction);
  Attest("xa-1", tally.content, "a", pb::TALLY_TELLER);
  Attest("xa-1", tally.content, "head", pb::TALLY_CHAIR);
  const Fact minutes = Minute("xa-1", meeting);
  Attest("xa-1", minutes.content, "head", pb::MINUTES_CHAIR);
  Attest("xa-1", minutes.content, "a", pb::MINUTES_TAKER);
  Hold("xa-2", "a", "xa-2", pb::TEMPORARY);
  Opine("xa-2", a, pb::TEMPORARY_PLACE);
  Opine("cq-1", stranger, pb::RESIDENCE);
  Leave("xa-1", "a");
  CivilGrade("xa-1", "a", pb::HTTNV);
  pb::Record mover;
  *mover.mutable_member() = Commune::Entry("mover");
  world.Write("xa-2", mover);
  Transfer("xa-2", "mover", "xa-2", "xa-1");
  Leave("xa-2", "mover");  // where it was until September
  const Fact one = world.Propose("xa-1", a, pb::HTTNV);
  pb::Record again;
  *again.mutable_proposal() = one.record->proposal();
  again.mutable_proposal()->set_grade(pb::HTNV);
  *again.mutable_proposal()->add_supersedes() = Refer(one);
  const Fact second = world.Write("xa-1", again);
  const Fact of_head = world.Propose("xa-ubnd", Commune::Member("head"), pb::HTTNV, 20191205, "xa");
  Return("xa", of_head);
  Report("xa", Commune::Member("head"));
  const Fact vote = VoteAt("xa", Meet("xa", "xa-ubnd"), Commune::Member("head"), "xa-ubnd");
  Count("xa", vote, RowOf(Commune::Member("head")));
  world.Waive("xa", "R27", a);
  const Fact decision = world.Decide("xa", a, pb::HTNV, {second});
  world.Confirm("xa", decision, a, {second});
  world.Cancel("district", decision, {a});
  world.Order("xa", a, 20200120);
  const Fact twice = Meet("xa-1");
  Choose("xa-1", meeting, twice);
  Group("xa", "xa", "G", {a, b});
  Change("xa", pb::RENAME, "xa-2", 20190301);
  const UnheededRecords unheeded = UnheededIn(world.facts());
  // A meeting that was named a duplicate is one.
  ASSERT_EQ(unheeded.size(), 1U);
  EXPECT_EQ(unheeded.begin()->first, twice.name);
  EXPECT_EQ(unheeded.begin()->second.front().why, Unheeded::kOfDuplicateMeeting);
}

TEST_F(Unheard, AProposalIsForOnesOwnPeopleAndPlaces) {
  const Fact of_other = world.Propose("xa-2", a, pb::HTTNV);
  EXPECT_EQ(WhyNot(of_other), Reasons{"not_place"});
  EXPECT_EQ(PartsOf(of_other).front().subject, a);
  EXPECT_EQ(PartsOf(of_other).front().values, Reasons{ValueOf(Commune::Unit("xa-2"))});
  EXPECT_EQ(WhyNot(world.Propose("xa-2", Commune::Org("xa-1"), pb::HTTNV)), Reasons{"not_place"});
  EXPECT_EQ(WhyNot(world.Propose("xa-1", a, pb::HTTNV, 20191205, "xa-2")), Reasons{"not_place"})
      << "in another's name";
  EXPECT_EQ(WhyNot(world.Propose("xa-1", stranger, pb::HTTNV)), Reasons{"subject_unknown"});
  EXPECT_EQ(WhyNot(world.Propose("xa-1", a, pb::GRADE_NONE)), Reasons{"no_level"});
  pb::Member dead = Commune::Entry("dead");
  dead.set_status(pb::DECEASED);
  world.Enter("xa-1", dead);
  EXPECT_EQ(WhyNot(world.Propose("xa-1", Commune::Member("dead"), pb::HTNV)),
            Reasons{"off_register"});
  world.Post("xa", "b", "xa-ubnd", "", false, 20190901);
  EXPECT_EQ(WhyNot(world.Propose("xa-ubnd", b, pb::HTTNV, 20191205, "xa")),
            Reasons{"post_too_new"});
}

TEST_F(Unheard, OneProposalOfSeveralRowsIsListedForThePartThatDoesNotCount) {
  pb::Record record;
  pb::Proposal& proposal = *record.mutable_proposal();
  proposal.set_period("2019");
  *proposal.mutable_subject() = a.ToMessage();
  proposal.set_grade(pb::HTTNV);
  *proposal.add_rows()->mutable_subject() = b.ToMessage();
  proposal.mutable_rows(0)->set_grade(pb::HTNV);
  const auto parts = PartsOf(world.Write("xa-1", record));
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts.front().subject, b);
}

TEST_F(Unheard, WhatReplacesNothingIsTold) {
  const Fact of_xa2 = world.Propose("xa-2", b, pb::HTNV);
  pb::Record record;
  *record.mutable_proposal() = world.Propose("xa-1", a, pb::HTNV).record->proposal();
  *record.mutable_proposal()->add_supersedes() = Refer(of_xa2);
  EXPECT_EQ(WhyNot(world.Write("xa-1", record)), Reasons{"supersedes_nothing"});
  pb::Member member = Commune::Entry("a");
  *member.add_supersedes() = Refer(of_xa2);
  pb::Record entry;
  *entry.mutable_member() = member;
  EXPECT_EQ(WhyNot(world.Write("xa-1", entry)), Reasons{"supersedes_nothing"});
}

// What an office that may not says is recorded, and listed with whose word it would take.
TEST_F(Unheard, WordsOfAUnitThatIsNotCompetentAreListed) {
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  const Fact decision = world.Decide("xa", a, pb::HTTNV, {proposal});
  const Reasons not_competent{"not_competent"};
  const Reasons another{"anothers_to_decide"};
  EXPECT_EQ(WhyNot(world.Decide("cq", a, pb::HTNV)), another);
  EXPECT_EQ(PartsOf(world.Decide("cq", a, pb::KHTNV)).front().values,
            Reasons{ValueOf(Commune::Unit("xa"))});
  EXPECT_EQ(WhyNot(world.Cancel("cq", decision)), another);
  EXPECT_EQ(WhyNot(world.Cancel("cq", decision, {a})), another);
  EXPECT_EQ(WhyNot(world.Confirm("cq", decision, a, {})), another);
  EXPECT_EQ(WhyNot(world.Waive("cq", "R51", a)), another);
  EXPECT_EQ(WhyNot(world.Order("cq", a, 20200101)), another);
  EXPECT_EQ(WhyNot(Return("cq", proposal)), not_competent);
  EXPECT_EQ(WhyNot(Transfer("cq-1", "a", "xa-1", "xa-2")), not_competent);
  EXPECT_EQ(WhyNot(Hold("cq-1", "a", "xa-2", pb::HOME)), not_competent);
  EXPECT_EQ(WhyNot(world.Post("cq-1", "a", "xa-ubnd", "", true)), not_competent);
  EXPECT_EQ(WhyNot(world.Post("xa", "b", "xa-ubnd", "district", false)),
            Reasons{"manager_not_the_writers"});
}

TEST_F(Unheard, WhatIsSaidOfADecisionSpeaksOfOneThatIsThereAndOfItsSubjects) {
  const Fact decision = world.Decide("xa", a, pb::HTTNV);
  pb::Record elsewhere;
  *elsewhere.mutable_decision() = decision.record->decision();
  elsewhere.mutable_decision()->mutable_body()->set_number("never written");
  Fact never = decision;
  never.record = std::make_shared<const pb::Record>(elsewhere);
  EXPECT_EQ(WhyNot(world.Cancel("xa", never)), Reasons{"refers_to_nothing"});
  EXPECT_EQ(WhyNot(world.Confirm("xa", never, a, {})), Reasons{"refers_to_nothing"});
  EXPECT_EQ(WhyNot(world.Cancel("xa", decision, {b})), Reasons{"not_about"});
  EXPECT_EQ(WhyNot(world.Confirm("xa", decision, b, {})), Reasons{"not_about"});
  EXPECT_EQ(WhyNot(world.Waive("xa", "R40", a)), Reasons{"rule_takes_no_waiver"});
  EXPECT_EQ(WhyNot(Return("xa", Minute("xa-1", Meet("xa-1")))), Reasons{"refers_to_nothing"});
}

TEST_F(Unheard, PapersOfAnotherUnitOrOfNobodyAreListed) {
  const Reasons not_place{"not_place"};
  EXPECT_EQ(WhyNot(Report("cq-1", a)), not_place);
  EXPECT_EQ(WhyNot(Report("xa-1", stranger)), Reasons{"subject_unknown"});
  EXPECT_EQ(WhyNot(Opine("cq-1", a, pb::OLD_PLACE)), not_place) << "never was there";
  EXPECT_EQ(WhyNot(Leave("cq-1", "a")), not_place);
  EXPECT_EQ(WhyNot(Leave("xa-1", "stranger")), Reasons{"subject_unknown"});
  EXPECT_EQ(WhyNot(CivilGrade("cq-1", "a", pb::HTTNV)), not_place);
  const Fact better = CivilGrade("xa-1", "a", pb::HTXSNV);
  EXPECT_EQ(WhyNot(better), Reasons{});
  CivilGrade("xa", "a", pb::HTNV);
  EXPECT_EQ(WhyNot(better), Reasons{"contradicted"}) << "the lower of two holds, and that is told";
  EXPECT_EQ(WhyNot(Meet("xa-1", "xa-2")), Reasons{"not_for_unit"});
  const Fact meeting = Meet("xa-1");
  EXPECT_EQ(WhyNot(Minute("xa-2", meeting)), Reasons{"not_for_unit"});
  EXPECT_EQ(WhyNot(VoteAt("xa-1", meeting, b)), not_place);
  EXPECT_EQ(WhyNot(VoteAt("xa-1", meeting, stranger)), Reasons{"subject_unknown"});
  EXPECT_EQ(WhyNot(VoteAt("cq-1", Meet("cq-1"), Commune::Org("xa-1"))), not_place);
}

TEST_F(Unheard, ATallyIsOfOnesOwnSessionAndPeople) {
  const Fact session = VoteAt("xa-1", Meet("xa-1"), a);
  EXPECT_EQ(WhyNot(Count("xa-1", session, RowOf(b))), Reasons{"not_place"});
  EXPECT_EQ(WhyNot(Count("xa-2", session, RowOf(b))), Reasons{"not_for_unit"});
  const Fact tally = Count("xa-1", session, RowOf(a));
  EXPECT_EQ(WhyNot(tally), Reasons{});
  pb::Record correction;
  *correction.mutable_tally_correction()->mutable_tally() = Refer(tally);
  *correction.mutable_tally_correction()->add_rows() = RowOf(b);
  EXPECT_EQ(WhyNot(world.Write("xa-1", correction)), Reasons{"refers_to_nothing"});
  EXPECT_EQ(WhyNot(world.Write("xa-2", correction)), Reasons{"not_for_unit"});
  Count("xa-1", VoteAt("xa-1", Meet("xa-1"), a), RowOf(a));
  EXPECT_EQ(WhyNot(tally), Reasons{}) << "the same numbers again";
  const Fact last = Count("xa-1", VoteAt("xa-1", Meet("xa-1"), a), RowOf(a, 2));
  EXPECT_EQ(WhyNot(tally), Reasons{"later_vote"});
  // Unless a proposal says by which it goes.
  pb::Record by_last = *world.Propose("xa-1", a, pb::HTTNV).record;
  *by_last.mutable_proposal()->add_basis() = Refer(last);
  world.Write("xa-1", by_last);
  EXPECT_EQ(WhyNot(tally), Reasons{});
  Fact aside = session;
  aside.standing = SetAside::kRevoked;
  world.Replace(aside);
  EXPECT_EQ(WhyNot(tally), Reasons{"refers_to_set_aside"});
}

TEST_F(Unheard, ASignatureIsAskedOfThoseWhoHaveToSign) {
  const Fact tally = Count("xa-1", VoteAt("xa-1", Meet("xa-1"), a), RowOf(a));
  EXPECT_EQ(WhyNot(Attest("xa-1", tally.content, "b", pb::TALLY_TELLER)),
            Reasons{"signature_not_asked"});
  EXPECT_EQ(WhyNot(Attest("xa-1", tally.content, "a", pb::TALLY_CHAIR)),
            Reasons{"signature_not_asked"});
  EXPECT_EQ(WhyNot(Attest("xa-1", Hash(), "a", pb::TALLY_TELLER)), Reasons{"refers_to_nothing"});
  EXPECT_EQ(WhyNot(Attest("xa-2", tally.content, "a", pb::TALLY_TELLER)),
            Reasons{"refers_to_nothing"})
      << "in another unit's stream";
  pb::Record beside;
  beside.mutable_attestation()->add_positions(3);
  beside.mutable_attestation()->add_attestors()->set_person(Id("a"));
  EXPECT_EQ(WhyNot(world.Write("xa-1", beside)), Reasons{"refers_to_nothing"});
}

TEST_F(Unheard, ChoicesNameWhatIsTheirsToChoose) {
  const Fact first = Meet("xa-1");
  const Fact second = Meet("xa-1");
  EXPECT_EQ(WhyNot(Choose("xa-2", first, second)), Reasons{"not_competent"});
  EXPECT_EQ(WhyNot(Choose("xa-1", first, first)), Reasons{"refers_to_nothing"});
  EXPECT_EQ(WhyNot(Choose("xa-1", first, world.Propose("xa-1", a, pb::HTNV))),
            Reasons{"refers_to_nothing"});
  const Fact one = Choose("xa-1", first, second);
  EXPECT_EQ(WhyNot(one), Reasons{});
  const Fact minutes = Minute("xa-1", second);
  const Fact tally = Count("xa-1", VoteAt("xa-1", second, a), RowOf(a));
  EXPECT_EQ(WhyNot(minutes), Reasons{"of_duplicate_meeting"});
  EXPECT_EQ(WhyNot(tally), Reasons{"of_duplicate_meeting"});
  const Fact other = Choose("xa-1", second, first);
  EXPECT_EQ(WhyNot(one), Reasons{"contradicted_choice"});
  EXPECT_EQ(WhyNot(other), Reasons{"contradicted_choice"});
  pb::Record undone = *one.record;
  undone.mutable_duplicate_choice()->set_undone(true);
  *undone.mutable_duplicate_choice()->add_supersedes() = Refer(one);
  EXPECT_EQ(WhyNot(world.Write("xa-1", undone)), Reasons{});
  EXPECT_EQ(WhyNot(one), Reasons{}) << "taken back by name";
  EXPECT_EQ(WhyNot(other), Reasons{});
  pb::Record nothing;
  *nothing.mutable_duplicate_choice() = undone.duplicate_choice();
  *nothing.mutable_duplicate_choice()->mutable_supersedes(0) = Refer(first);
  EXPECT_EQ(WhyNot(world.Write("xa-1", nothing)), Reasons{"supersedes_nothing"});
}

TEST_F(Unheard, EntriesAreJoinedByWhoeverIsAboveThem) {
  pb::Record record;
  record.mutable_duplicate_choice()->add_persons(Id("a"));
  record.mutable_duplicate_choice()->add_persons(Id("b"));
  EXPECT_EQ(WhyNot(world.Write("xa-1", record)), Reasons{"not_competent"});
  EXPECT_EQ(WhyNot(world.Write("xa", record)), Reasons{});
  record.mutable_duplicate_choice()->set_persons(1, Id("stranger"));
  EXPECT_EQ(WhyNot(world.Write("xa", record)), Reasons{"subject_unknown"});
}

TEST_F(Unheard, WhatTheMachineWouldSettleAboutTheOrganisationIsTold) {
  pb::Record again;
  pb::UnitBody& body = *again.mutable_unit()->mutable_body();
  body.set_unit(UnitBytes("xa-1"));
  body.set_code("xa-one");
  body.set_kind(pb::CELL);
  body.set_parent(UnitBytes("xa"));
  body.set_effective(20200101);
  EXPECT_EQ(WhyNot(world.Write("xa", again)), Reasons{"contradicted"});
  body.set_unit(UnitBytes("new"));
  body.set_code("xa-2");
  EXPECT_EQ(WhyNot(world.Write("xa", again)), Reasons{"code_taken"});
  EXPECT_EQ(WhyNot(Change("xa", pb::RENAME, "nowhere", 20200101)), Reasons{"subject_unknown"});
  const Bytes previous(32, 'p');
  const Fact left = Change("xa", pb::RENAME, "xa-1", 20200201, previous);
  EXPECT_EQ(WhyNot(left), Reasons{});
  EXPECT_EQ(WhyNot(Change("district", pb::RENAME, "xa-1", 20200301, previous)),
            Reasons{"contested_change"});
  EXPECT_EQ(WhyNot(left), Reasons{"contested_change"});
  EXPECT_EQ(WhyNot(Change("xa", pb::DISSOLVE, "xa-2", 20200101)), Reasons{});
  EXPECT_EQ(WhyNot(Change("xa", pb::RENAME, "xa-2", 20200601, Bytes(32, 'q'))),
            Reasons{"unit_ended"});
}

TEST_F(Unheard, RulesAndGroupsThatDoNotHoldAreTold) {
  EXPECT_EQ(WhyNot(Pack("xa", "no_such_number", "7")), Reasons{"parameter_unknown"});
  EXPECT_EQ(PartsOf(Pack("cq", "no_such_number", "7")).front().values,
            (Reasons{"no_such_number", "7"}));
  EXPECT_EQ(WhyNot(Pack("dn", std::string(parameter::kCapPercent), "many")),
            Reasons{"parameter_unreadable"});
  EXPECT_EQ(WhyNot(Pack("province", std::string(parameter::kCapPercent), "20", Bytes(32, 'x'))),
            Reasons{"pack_base_missing"});
  EXPECT_EQ(WhyNot(Pack("cq-1", std::string(parameter::kCapPercent), "20", {}, "")),
            Reasons{"pack_speaks_for_nothing"});
  const Fact one = Pack("xa-1", std::string(parameter::kCapPercent), "10");
  const Fact other = Pack("xa-1", std::string(parameter::kCapPercent), "15");
  EXPECT_EQ(WhyNot(one).size() + WhyNot(other).size(), 1U) << "one of two rivals gives way";
  EXPECT_EQ(WhyNot(Group("xa", "cq", "G", {a})), Reasons{"not_for_unit"});
  const Fact group = Group("xa", "xa", "G", {a});
  EXPECT_EQ(WhyNot(group), Reasons{});
  EXPECT_EQ(WhyNot(Group("xa", "xa", "H", {a, b})), Reasons{"contradicted"}) << "a is in G";
  world.Set(parameter::kLeaderCapScope, "tccsd");
  EXPECT_EQ(WhyNot(group), Reasons{"not_capped_by_peers"});
  world.Set(parameter::kLeaderCapScope, "peer_group");
  Group("xa", "xa", "G", {b}, "restored");
  EXPECT_EQ(WhyNot(group), Reasons{"contradicted"});
}

// A node does not take what it does not hold for what is not there.
TEST_F(Unheard, ANodeJudgesWhatItCanSee) {
  const Fact of_stranger = world.Order("district", stranger, 20200101);
  EXPECT_EQ(WhyNot(of_stranger, "district"), Reasons{"subject_unknown"});
  EXPECT_EQ(WhyNot(of_stranger, "xa-1"), Reasons{}) << "of another cell, for all it knows";
  const Fact wrong = world.Order("cq", a, 20200101);
  EXPECT_EQ(WhyNot(wrong, "xa-1"), Reasons{"anothers_to_decide"})
      << "of its own people it can tell";
  EXPECT_EQ(WhyNot(wrong, "xa-2"), Reasons{});
  const Fact minutes = Minute("xa-2", Meet("xa-1"));
  EXPECT_EQ(WhyNot(minutes, "xa"), Reasons{"not_for_unit"});
  EXPECT_EQ(WhyNot(minutes, "district"), Reasons{}) << "minutes stay with the direct superior";
}

TEST_F(Unheard, WhatDoesNotCountHasItsStandingForAReason) {
  Fact proposal = world.Propose("xa-2", a, pb::HTTNV);
  proposal.standing = SetAside::kRevoked;
  EXPECT_EQ(WhyNot(proposal), Reasons{});
}

// Every kind there is: its standing says all, or one that nothing takes up is listed.
TEST_F(Unheard, EveryKindOfRecordHasItsAnswer) {
  const Fact meeting = Meet("xa-1");
  const Fact session = VoteAt("xa-1", meeting, a);
  const Fact tally = Count("xa-1", session, RowOf(a));
  const Fact proposal = world.Propose("xa-1", a, pb::HTTNV);
  const Fact decision = world.Decide("xa", a, pb::HTTNV);
  pb::Member entry = Commune::Entry("a");
  *entry.add_supersedes() = Refer(meeting);
  pb::Record member;
  *member.mutable_member() = entry;
  pb::Record unit;
  unit.mutable_unit()->mutable_body()->set_unit(UnitBytes("xa-1"));
  unit.mutable_unit()->mutable_body()->set_code("xa-one");
  pb::Record correction;
  *correction.mutable_tally_correction()->mutable_tally() = Refer(tally);
  *correction.mutable_tally_correction()->add_rows() = RowOf(b);
  const std::vector<Fact> ignored = {
      world.Write("xa", unit),
      Change("xa", pb::RENAME, "nowhere", 20200101),
      world.Write("xa-1", member),
      Hold("cq-1", "a", "xa-2", pb::HOME),
      Transfer("cq-1", "a", "xa-1", "xa-2"),
      world.Post("cq-1", "a", "xa-ubnd", "", true),
      Leave("cq-1", "a"),
      CivilGrade("cq-1", "a", pb::HTTNV),
      Meet("xa-1", "xa-2"),
      Minute("xa-2", meeting),
      Report("cq-1", a),
      Opine("cq-1", a, pb::OLD_PLACE),
      VoteAt("xa-1", meeting, b),
      Count("xa-2", session, RowOf(b)),
      world.Write("xa-1", correction),
      world.Propose("xa-2", a, pb::HTTNV),
      world.Decide("cq", a, pb::HTNV),
      world.Confirm("cq", decision, a, {}),
      world.Cancel("cq", decision),
      world.Order("cq", a, 20200101),
      Choose("xa-2", meeting, Meet("xa-1")),
      Return("cq", proposal),
      world.Waive("xa", "R40", a),
      Attest("xa-1", Hash(), "a", pb::TALLY_TELLER),
      Pack("xa", "no_such_number", "7"),
      Group("xa", "cq", "G", {a}),
  };
  std::set<Kind> listed;
  for (const Fact& fact : ignored) {
    EXPECT_FALSE(WhyNot(fact).empty()) << fact.record->ShortDebugString();
    listed.insert(fact.record->body_case());
  }
  const auto* record = pb::Record::descriptor();
  for (int i = 0; i < record->field_count(); ++i) {
    const auto kind = static_cast<Kind>(record->field(i)->number());
    EXPECT_NE(StandingSaysAll(kind), listed.contains(kind)) << record->field(i)->name();
  }
}

}  // namespace
}  // namespace chibo

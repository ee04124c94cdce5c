// Evaluating only what a fact touches gives the same rows as evaluating everything, in any order of
// arrival.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/domain/commune.h"

namespace chibo {
namespace {

// A store that evaluates as facts come in, one at a time.
class Incremental {
 public:
  void Arrive(const Fact& fact) {
    facts_.push_back(fact);
    index_.Add(fact);
    const Organisation before = organisation_;
    if (TouchesOrganisation(fact) || TouchesEverything(fact)) {
      organisation_ = Organisation(facts_);
      packs_ = RulePacks(facts_, organisation_);
      groups_ = PeerGroups(facts_);
    }
    for (const SubjectId& subject : TouchedBy(fact, before)) {
      ++evaluated;
      Put(subject);
    }
  }

  Rows rows;
  std::size_t evaluated = 0;

 private:
  Context context() const { return {index_, organisation_, packs_, groups_, std::nullopt}; }

  std::set<SubjectId> TouchedBy(const Fact& fact, const Organisation& before) {
    std::set<SubjectId> touched;
    if (TouchesEverything(fact)) {
      for (const Fact& one : facts_) {
        const auto named = SubjectsNamedBy(one);
        touched.insert(named.begin(), named.end());
      }
      return touched;
    }
    Result<std::vector<SubjectId>> subjects;
    if (TouchesOrganisation(fact)) {
      subjects = SubjectsTouchedByUnits(context(), organisation_.ChangedSince(before));
    } else {
      subjects = SubjectsTouchedBy(context(), fact);
    }
    CHECK(subjects.has_value());
    return {subjects->begin(), subjects->end()};
  }

  void Put(const SubjectId& subject) {
    const auto outcome = Evaluate(context(), subject, Commune::kPeriod);
    ASSERT_TRUE(outcome.has_value());
    const Bytes key = OutcomeKey(subject, Commune::kPeriod);
    rows.rows.erase(key);
    for (auto at = rows.cases.lower_bound(key);
         at != rows.cases.end() && at->first.starts_with(key);) {
      at = rows.cases.erase(at);
    }
    rows.Put(*outcome);
    if (outcome->joined_into) {
      Put(*outcome->joined_into);
    }
  }

  std::vector<Fact> facts_;
  IndexedFacts index_;
  Organisation organisation_;
  RulePacks packs_;
  PeerGroups groups_;
};

pb::Record MeetingAt(std::int64_t start_ms, const std::string& person) {
  pb::Record record;
  record.mutable_meeting()->add_kinds(pb::REVIEW);
  record.mutable_meeting()->set_period("2019");
  record.mutable_meeting()->set_start_ms(start_ms);
  record.mutable_meeting()->add_present(Bytes(Commune::Person(person).view()));
  return record;
}

void ProposalsAndDecisions(Commune& world) {
  const SubjectId a = Commune::Member("a");
  pb::Member first = Commune::Entry("a");
  first.set_card_no("1234");
  pb::Member second = Commune::Entry("b");
  second.set_card_no("1234");
  world.Enter("xa-1", first);
  world.Enter("cq-1", second);
  world.Enter("xa-2", "c");
  world.Post("district", "c", "xa", "district", true, 20190101);
  const Fact p1 = world.Propose("xa-1", a, pb::HTXSNV);
  const Fact p2 = world.Propose("cq-1", Commune::Member("b"), pb::HTNV);
  world.Propose("xa-2", Commune::Member("c"), pb::HTTNV);
  pb::Record back;
  *back.mutable_return_()->mutable_body()->add_records() = Refer(p2);
  world.Write("cq", back);
  const Fact committee = world.Decide("district", Commune::Committee("xa"), pb::HTNV);
  world.Decide("district", Commune::Committee("xa"), pb::HTTNV, {}, 20191222);
  world.Cancel("district", committee);
  const Fact decision = world.Decide("xa", a, pb::HTTNV, {p1});
  world.Cancel("xa", decision);
}

void MeetingsAndVotes(Commune& world) {
  const Fact m1 = world.Write("xa-1", MeetingAt(1'575'507'600'000, "a"));
  const Fact m2 = world.Write("xa-1", MeetingAt(1'575'507'660'000, "a"), 20191205, "2");
  pb::Record session;
  *session.mutable_vote_session()->mutable_meeting() = Refer(m2);
  session.mutable_vote_session()->set_period("2019");
  const Fact s = world.Write("xa-1", session);
  pb::Record tally;
  *tally.mutable_tally()->mutable_session() = Refer(s);
  pb::TallyRow& row = *tally.mutable_tally()->add_rows();
  *row.mutable_subject() = Commune::Member("a").ToMessage();
  row.set_issued(3);
  const Fact t = world.Write("xa-1", tally);
  pb::Record correction;
  *correction.mutable_tally_correction()->mutable_tally() = Refer(t);
  correction.mutable_tally_correction()->mutable_base()->set_official(3);
  correction.mutable_tally_correction()->mutable_base()->set_eligible(3);
  world.Write("xa-1", correction);
  pb::Record choice;
  *choice.mutable_duplicate_choice()->mutable_canonical() = Refer(m1);
  *choice.mutable_duplicate_choice()->add_duplicates() = Refer(m2);
  world.Write("xa-1", choice);
}

// Two entries of one person, joined; a third, joined to the second by one who is not above the
// first; numbers that are put right; at last the two are taken apart again.
void EntriesJoined(Commune& world) {
  pb::Record join;
  join.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("a").view()));
  join.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("b").view()));
  const Fact joined = world.Write("district", join);
  pb::Member third = Commune::Entry("d");
  third.set_citizen_id("38");
  world.Enter("cq-1", third);
  world.Propose("cq-1", Commune::Member("d"), pb::HTTNV);
  pb::Record join_more;
  join_more.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("b").view()));
  join_more.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("d").view()));
  const Fact joined_more = world.Write("cq", join_more);
  pb::Member fourth = Commune::Entry("e");
  fourth.set_citizen_id("38");
  world.Enter("xa-2", fourth);
  pb::Record moved;
  moved.mutable_transfer()->set_person(Bytes(Commune::Person("e").view()));
  moved.mutable_transfer()->set_kind(pb::PERMANENT);
  moved.mutable_transfer()->set_from(Bytes(Commune::Unit("xa-2").view()));
  moved.mutable_transfer()->set_to(Bytes(Commune::Unit("xa-1").view()));
  moved.mutable_transfer()->set_effective(20190301);
  world.Write("xa", moved);
  pb::Member fifth = Commune::Entry("f");
  fifth.set_citizen_id("99");
  world.Enter("xa-2", fifth);
  fifth.set_citizen_id("38");
  world.Enter("xa-2", fifth);
  fifth.set_citizen_id("100");
  world.Enter("xa-2", fifth);
  pb::Record apart = join;
  *apart.mutable_duplicate_choice()->add_supersedes() = Refer(joined);
  apart.mutable_duplicate_choice()->set_undone(true);
  world.Write("district", apart);
  // Takes a choice back that named somebody whom this one does not name.
  pb::Record instead;
  instead.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("e").view()));
  instead.mutable_duplicate_choice()->add_persons(Bytes(Commune::Person("d").view()));
  *instead.mutable_duplicate_choice()->add_supersedes() = Refer(joined_more);
  world.Write("district", instead);
}

void AfterDecisions(Commune& world) {
  world.Enter("xa-1", "g");
  const SubjectId g = Commune::Member("g");
  const Fact early = world.Decide("xa", g, pb::HTTNV);
  const Fact late = world.Propose("xa-1", g, pb::HTNV);
  world.Confirm("xa", early, g, {late});
  pb::Record leave;
  leave.mutable_leave()->set_person(Bytes(Commune::Person("g").view()));
  leave.mutable_leave()->set_kind(pb::SICK);
  leave.mutable_leave()->set_from(20190301);
  world.Write("xa-1", leave);
  world.Order("xa", Commune::Member("c"), 20191217, "XA");
  world.Waive("district", "R51", Commune::Member("c"));
}

pb::Record ChangeOf(pb::ChangeKind kind, const std::vector<std::string>& from,
                    CivilDate effective) {
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(kind);
  body.set_effective(effective);
  for (const std::string& code : from) {
    body.add_from(Bytes(Commune::Unit(code).view()));
  }
  return record;
}

// Units that come late, move, merge and split, with people in them who have papers in other units
// too.
void UnitsChanged(Commune& world) {
  world.Establish("cq-2", pb::CELL, "cq");
  world.Enter("cq-2", "h");
  world.Enter("cq-2", "i");
  world.Post("district", "h", "cq-hoi", "district", false);
  const Fact proposed = world.Propose("cq-2", Commune::Member("h"), pb::HTTNV);
  world.Propose("cq-hoi", Commune::Member("h"), pb::HTNV, 20191206, "cq");
  world.Decide("cq", Commune::Member("i"), pb::HTTNV);
  world.Decide("cq", Commune::Member("h"), pb::HTTNV, {proposed});
  pb::Record moved = ChangeOf(pb::MOVE, {"cq-2"}, 20191208);
  moved.mutable_unit_change()->mutable_body()->set_parent(Bytes(Commune::Unit("xa").view()));
  world.Write("district", moved);
  pb::Record merged = ChangeOf(pb::MERGE, {"xa-2"}, 20191003);
  merged.mutable_unit_change()->mutable_body()->add_into(Bytes(Commune::Unit("xa-1").view()));
  world.Write("xa", merged);
  pb::Record split = ChangeOf(pb::SPLIT, {"cq-1"}, 20191101);
  pb::UnitChangeBody& body = *split.mutable_unit_change()->mutable_body();
  body.add_into(Bytes(Commune::Unit("cq-1").view()));
  body.add_into(Bytes(Commune::Unit("dn").view()));
  pb::Allocation& allocation = *body.add_members();
  allocation.set_unit(Bytes(Commune::Unit("dn").view()));
  allocation.add_persons(Bytes(Commune::Person("d").view()));
  world.Write("district", split);
  world.Write("district", ChangeOf(pb::DISSOLVE, {"xa"}, 20191215));
}

// Something of everything that reaches beyond the subject a record names.
std::vector<Fact> Story() {
  Commune world;
  ProposalsAndDecisions(world);
  MeetingsAndVotes(world);
  EntriesJoined(world);
  AfterDecisions(world);
  UnitsChanged(world);
  return world.facts();
}

TEST(Touched, OneFactAtATimeGivesTheRowsOfAllAtOnce) {
  std::vector<Fact> facts = Story();
  const std::string expected = RowsOf(facts).Text();
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    std::shuffle(facts.begin(), facts.end(), random);
    Incremental store;
    for (const Fact& fact : facts) {
      store.Arrive(fact);
    }
    ASSERT_EQ(store.rows.Text(), expected) << "round " << round;
  }
}

TEST(Touched, EveryPrefixOfTheFactsIsRightToo) {
  const std::vector<Fact> facts = Story();
  Incremental store;
  std::vector<Fact> held;
  for (const Fact& fact : facts) {
    store.Arrive(fact);
    held.push_back(fact);
    ASSERT_EQ(store.rows.Text(), RowsOf(held).Text());
  }
}

TEST(Touched, OneUnitMoreIsNotTheEvaluationOfEverybody) {
  Commune world;
  Incremental store;
  for (int i = 0; i < 30; ++i) {
    world.Enter("xa-1", "m" + std::to_string(i));
  }
  world.Enter("cq-1", "a");
  world.Establish("xa-3", pb::CELL, "xa");
  world.Establish("cq-2", pb::CELL, "cq");
  pb::Record moved = ChangeOf(pb::MOVE, {"cq-1"}, 20191208);
  moved.mutable_unit_change()->mutable_body()->set_parent(Bytes(Commune::Unit("xa").view()));
  world.Write("district", moved);
  for (const Fact& fact : world.facts()) {
    store.evaluated = 0;
    store.Arrive(fact);
    if (TouchesOrganisation(fact)) {
      EXPECT_LT(store.evaluated, 10U);
    }
  }
  EXPECT_GT(store.evaluated, 0U) << "whose cell has moved";
  EXPECT_EQ(store.rows.Text(), RowsOf(world.facts()).Text());
}

TEST(Touched, PeriodsAreThoseOfTheFactsAndThoseThePacksOpen) {
  Commune world;
  world.Enter("xa-1", "a");
  pb::Record record;
  *record.mutable_proposal()->mutable_subject() = Commune::Member("a").ToMessage();
  record.mutable_proposal()->set_period("2021-Q2");
  record.mutable_proposal()->set_grade(pb::HTTNV);
  world.Write("xa-1", record);
  EXPECT_EQ(*PeriodsFor(world.context(), Commune::Member("a")),
            (std::vector<std::string>{"2019", "2021-Q2"}));
}

}  // namespace
}  // namespace chibo

// Whatever happens in a year: tables close, nobody who is disputed counts in a level, what agrees
// may be signed, and nothing depends on the order in which records arrive.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "domain/decision.h"
#include "proto/signed_object.h"
#include "tests/domain/commune.h"

namespace chibo {
namespace {

constexpr int kMembers = 14;
constexpr int kEvents = 70;

class RandomYear {
 public:
  explicit RandomYear(std::uint32_t seed) : random_(seed) {
    world.Set(parameter::kNewPostGradedAsMember, OneIn(3) ? "false" : "true");
    world.Set(parameter::kAbsentDeadline, OneIn(2) ? "none" : "12-17");
    for (int i = 0; i < kMembers; ++i) {
      pb::Member member = Commune::Entry(Name(i));
      member.set_civil_servant(OneIn(4));
      member.set_admitted(OneIn(6) ? 20190815 : 20050101);
      member.set_card_no(OneIn(5) ? "77" : "");
      OneIn(5) ? void(world.Write(Cell(), RecordOf(member))) : void(world.Enter(Cell(), member));
    }
    for (int i = 0; i < kEvents; ++i) {
      Happen();
    }
  }

  Commune world;

 private:
  static std::string Name(int i) { return "m" + std::to_string(i); }
  static pb::Record RecordOf(const pb::Member& member) {
    pb::Record record;
    *record.mutable_member() = member;
    return record;
  }
  std::size_t Below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  bool OneIn(std::size_t n) { return Below(n) == 0; }
  template <typename Values>
  auto Any(const Values& values) {
    return *(std::begin(values) + static_cast<std::ptrdiff_t>(Below(std::size(values))));
  }
  std::string Cell() { return Any(std::array{"xa-1", "xa-2", "cq-1", "dn"}); }
  std::string Committee() { return Any(std::array{"xa", "xa", "cq", "district", "province"}); }
  std::string Who() { return Name(static_cast<int>(Below(kMembers))); }
  CivilDate Day() { return static_cast<CivilDate>(20190101 + Below(12) * 100 + Below(28)); }
  pb::Grade Level() {
    return Any(std::array{pb::HTXSNV, pb::HTTNV, pb::HTTNV, pb::HTNV, pb::KHTNV});
  }
  Bytes Id(const std::string& who) { return Bytes(Commune::Person(who).view()); }
  Bytes UnitBytes(const std::string& code) { return Bytes(Commune::Unit(code).view()); }

  void Happen() {
    switch (Below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        proposals_.push_back(
            world.Propose(Cell(), Commune::Member(Who()), Level(), 20191201 + Day() % 28));
        return;
      case 4: {
        const std::string keeper = OneIn(2) ? "xa" : "cq";
        world.Post(OneIn(2) ? "district" : keeper, Who(), keeper == "xa" ? "xa-ubnd" : "cq-hoi",
                   OneIn(2) ? "district" : "", OneIn(3), Day());
        proposals_.push_back(world.Propose(keeper == "xa" ? "xa-ubnd" : "cq-hoi",
                                           Commune::Member(Who()), Level(), 20191206, keeper));
        return;
      }
      case 5:
      case 6:
        return Decide();
      case 7:
        return AfterDecision();
      case 8:
        return Move();
      case 9:
        return ChangeEntry();
      case 10:
        return Join();
      case 11:
        return WritePaper();
      case 12:
        return SendBack();
      case 13:
        return Vote();
      case 14:
        return ChangeUnit();
      default:
        world.Waive(Committee(), Any(std::array{"R26", "R30", "R51"}), Commune::Member(Who()));
    }
  }

  void Decide() {
    const auto subject = OneIn(6) ? Commune::Committee("xa") : Commune::Member(Who());
    std::vector<Fact> weighed;
    std::copy_if(proposals_.begin(), proposals_.end(), std::back_inserter(weighed), [&](auto& one) {
      return SubjectId::From(one.record->proposal().subject()) == subject && !OneIn(4);
    });
    decisions_.push_back(
        world.Decide(Committee(), subject, Level(), weighed, 20191220 + Day() % 9));
    subjects_.push_back(subject);
  }

  void AfterDecision() {
    if (decisions_.empty()) {
      return;
    }
    const std::size_t at = Below(decisions_.size());
    if (OneIn(2)) {
      world.Cancel(Committee(), decisions_[at]);
    } else {
      world.Confirm(Committee(), decisions_[at], subjects_[at], proposals_);
    }
  }

  void Move() {
    pb::Record record;
    pb::Transfer& transfer = *record.mutable_transfer();
    const std::string from = Cell();
    const std::string to = Cell();
    transfer.set_person(Id(Who()));
    transfer.set_kind(OneIn(3) ? pb::TEMPORARY_STAY : pb::PERMANENT);
    transfer.set_from(UnitBytes(from));
    from == to || OneIn(5) ? transfer.set_outside("elsewhere") : transfer.set_to(UnitBytes(to));
    transfer.set_effective(Day());
    world.Write(OneIn(2) ? from : "district", record);
  }

  void ChangeEntry() {
    pb::Member member = Commune::Entry(Who());
    member.set_status(Any(std::array{pb::OFFICIAL, pb::EXEMPT, pb::SUSPENDED, pb::ABSENT,
                                     pb::UNDER_INQUIRY, pb::LEFT, pb::PROBATIONARY}));
    member.set_status_from(OneIn(4) ? 20200301 : Day());
    world.Write(Cell(), RecordOf(member), Day(), OneIn(3) ? "2" : "");
  }

  void Join() {
    pb::Record record;
    record.mutable_duplicate_choice()->add_persons(Id(Who()));
    record.mutable_duplicate_choice()->add_persons(Id(Who()));
    if (record.duplicate_choice().persons(0) != record.duplicate_choice().persons(1)) {
      record.mutable_duplicate_choice()->set_undone(OneIn(3));
      world.Write(Committee(), record);
    }
  }

  void WritePaper() {
    pb::Record record;
    const std::string who = Who();
    if (OneIn(2)) {
      record.mutable_civil_servant_grade()->set_person(Id(who));
      record.mutable_civil_servant_grade()->set_period("2019");
      record.mutable_civil_servant_grade()->set_grade(Level());
    } else {
      *record.mutable_opinion()->mutable_about() = Commune::Member(who).ToMessage();
      record.mutable_opinion()->set_period("2019");
      record.mutable_opinion()->set_from(OneIn(2) ? pb::OLD_PLACE : pb::TEMPORARY_PLACE);
    }
    world.Write(Cell(), record);
  }

  void SendBack() {
    if (OneIn(2) || proposals_.empty()) {
      world.Order(Committee(), Commune::Member(Who()), 20191201 + Day() % 28, OneIn(2) ? "G" : "");
      return;
    }
    pb::Record record;
    *record.mutable_return_()->mutable_body()->add_records() = Refer(Any(proposals_));
    world.Write(Committee(), record);
  }

  void Vote() {
    const std::string cell = Cell();
    const std::string who = Who();
    pb::Record meeting;
    meeting.mutable_meeting()->add_kinds(pb::REVIEW);
    meeting.mutable_meeting()->set_period("2019");
    meeting.mutable_meeting()->set_start_ms(1'575'507'600'000);
    meeting.mutable_meeting()->add_present(Id(who));
    pb::Record session;
    *session.mutable_vote_session()->mutable_meeting() = Refer(world.Write(cell, meeting));
    session.mutable_vote_session()->set_period("2019");
    session.mutable_vote_session()->mutable_base()->set_official(3);
    session.mutable_vote_session()->mutable_base()->set_eligible(3);
    session.mutable_vote_session()->mutable_base()->set_present(3);
    pb::Record tally;
    *tally.mutable_tally()->mutable_session() = Refer(world.Write(cell, session));
    pb::TallyRow& row = *tally.mutable_tally()->add_rows();
    *row.mutable_subject() = Commune::Member(who).ToMessage();
    for (const std::size_t votes : {Below(2), Below(4), Below(2), Below(2)}) {
      row.add_votes(static_cast<std::uint32_t>(votes));
      row.set_valid(row.valid() + static_cast<std::uint32_t>(votes));
    }
    row.set_issued(row.valid());
    row.set_returned(row.valid());
    world.Write(cell, tally, 20191205, OneIn(3) ? "2" : "");
  }

  void ChangeUnit() {
    if (changed_ || !OneIn(3)) {
      return;
    }
    changed_ = true;
    pb::Record record;
    pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
    const bool splits = OneIn(2);
    body.set_kind(splits ? pb::SPLIT : pb::DISSOLVE);
    body.add_from(UnitBytes("xa-2"));
    body.add_into(UnitBytes("xa-1"));
    if (splits) {
      body.add_into(UnitBytes("xa-2"));
      body.add_members()->set_unit(UnitBytes("xa-1"));
      body.mutable_members(0)->add_persons(Id(Who()));
    }
    body.set_effective(Day());
    body.set_may_finish(OneIn(2));
    world.Write("xa", record);
  }

  std::mt19937 random_;
  std::vector<Fact> proposals_;
  std::vector<Fact> decisions_;
  std::vector<SubjectId> subjects_;
  bool changed_ = false;
};

class RandomYears : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomYears, AreTheSameInAnyOrder) {
  RandomYear year(GetParam());
  const std::string expected = year.world.All().Text();
  std::vector<Fact> facts = year.world.facts();
  const UnheededRecords unheeded = UnheededIn(facts);
  std::mt19937 random(GetParam());
  for (int round = 0; round < 4; ++round) {
    std::shuffle(facts.begin(), facts.end(), random);
    ASSERT_EQ(RowsOf(facts).Text(), expected);
    ASSERT_TRUE(UnheededIn(facts) == unheeded);
  }
}

// A proposal stands in somebody's row as a word that is weighed, or that another word took the
// place of; a decision gives somebody a level, disputes one or was cancelled; or it is listed.
TEST_P(RandomYears, LeaveNoWordUnanswered) {
  RandomYear year(GetParam());
  const UnheededRecords unheeded = UnheededIn(year.world.facts());
  std::set<RecordName> answered;
  std::set<Bytes> decided;
  std::map<SubjectId, pb::Grade> levels;
  std::set<Bytes> joined;  // has no row of its own, perhaps
  for (const auto& [key, row] : year.world.All().rows) {
    levels[*SubjectId::From(row.subject())] = row.grade();
    for (const pb::ProposalState& proposal : row.proposals()) {
      if (proposal.standing() != pb::PROPOSAL_NOT_COMPETENT &&
          proposal.standing() != pb::PROPOSAL_AUTHOR_ORG_ENDED &&
          proposal.standing() != pb::PROPOSAL_POST_TOO_NEW) {
        answered.insert(*NameOf(proposal.record()));
      }
    }
    decided.insert(row.decision());
  }
  for (const auto& [key, one] : year.world.All().cases) {
    decided.insert(one.decisions().begin(), one.decisions().end());
  }
  for (const Fact& fact : year.world.facts()) {
    if (fact.record->has_duplicate_choice()) {
      const auto& persons = fact.record->duplicate_choice().persons();
      joined.insert(persons.begin(), persons.end());
    }
  }
  for (const Fact& fact : year.world.facts()) {
    const bool listed = unheeded.contains(fact.name);
    if (fact.record->has_proposal()) {
      ASSERT_NE(answered.contains(fact.name), listed) << fact.record->ShortDebugString();
    } else if (fact.record->has_decision() && !listed) {
      const Bytes digest(BodyDigest(*fact.record).view());
      const bool cancelled =
          std::any_of(year.world.facts().begin(), year.world.facts().end(), [&](const Fact& other) {
            return other.record->has_cancellation() && !unheeded.contains(other.name) &&
                   other.record->cancellation().body().decision() == digest;
          });
      const pb::DecisionRow& row = fact.record->decision().body().rows(0);
      const bool same = levels[*SubjectId::From(row.subject())] == row.grade();
      ASSERT_TRUE(cancelled || decided.contains(digest) || same ||
                  joined.contains(row.subject().id()))
          << fact.record->ShortDebugString();
    }
  }
}

// I17.
TEST_P(RandomYears, AreTheSameWhateverTheClocksSaid) {
  RandomYear year(GetParam());
  const std::string expected = year.world.All().Text();
  std::vector<Fact> facts = year.world.facts();
  std::mt19937 random(GetParam());
  for (int round = 0; round < 4; ++round) {
    for (Fact& fact : facts) {
      fact.claimed += std::chrono::hours(24) * (static_cast<int>(random() % 60'000) - 30'000);
    }
    ASSERT_EQ(RowsOf(facts).Text(), expected);
  }
}

TEST_P(RandomYears, CloseTheirTables) {
  RandomYear year(GetParam());
  const Rows rows = year.world.All();
  const auto table_of = [&](const char* unit) {
    Cut cut;
    cut.unit = Commune::Unit(unit);
    return *MembersByLevel(year.world.context(), rows, "2019", cut);
  };
  const LevelTable whole = *MembersByLevel(year.world.context(), rows, "2019", {});
  EXPECT_TRUE(whole.AddsUp());
  EXPECT_LE(whole.register_total, static_cast<std::uint64_t>(kMembers));
  LevelTable sum;
  for (const char* unit : {"xa", "cq", "dn"}) {
    const LevelTable part = table_of(unit);
    EXPECT_TRUE(part.AddsUp());
    sum.register_total += part.register_total;
    sum.graded += part.graded;
    sum.not_graded += part.not_graded;
    sum.pending += part.pending;
    for (std::size_t level = 0; level < sum.levels.size(); ++level) {
      sum.levels[level] += part.levels[level];
    }
  }
  EXPECT_EQ(sum.register_total, whole.register_total);
  EXPECT_EQ(sum.levels, whole.levels);
  EXPECT_EQ(sum.not_graded, whole.not_graded);
  EXPECT_EQ(sum.pending, whole.pending);
}

TEST_P(RandomYears, GiveALevelOnlyByOneUndisputedDecision) {
  RandomYear year(GetParam());
  const Rows rows = year.world.All();
  for (const auto& [key, row] : rows.rows) {
    const bool graded = row.state() == pb::GRADED;
    ASSERT_EQ(graded, row.grade() != pb::GRADE_NONE);
    ASSERT_EQ(graded, !row.decision().empty());
    ASSERT_EQ(graded, row.reason() == pb::REASON_NONE);
  }
  for (const auto& [key, one] : rows.cases) {
    const auto row = *rows.Find(*SubjectId::From(one.subject()), "2019");
    const bool disputed =
        one.type() == pb::CASE_GRADE_CONFLICT || one.type() == pb::CASE_TWO_DECISIONS;
    if (disputed && one.state() == pb::CASE_OPEN) {
      ASSERT_TRUE(row);
      ASSERT_NE(row->state(), pb::GRADED);
    }
  }
}

TEST_P(RandomYears, HaveNothingAgainstWhatIsAgreedButTheCap) {
  RandomYear year(GetParam());
  const Rows rows = year.world.All();
  DecisionRequest request;
  request.authority = Commune::Unit("xa");
  request.period = "2019";
  request.all_agreed = true;
  request.kinds = {pb::MEMBER};
  const auto parts = DraftDecision(year.world.context(), rows, request);
  if (!parts) {
    ASSERT_EQ(parts.error().reason, "decision_nothing_to_decide");
    return;
  }
  const auto findings = CheckDecision(year.world.context(), rows, *parts);
  ASSERT_TRUE(findings.has_value());
  for (const DecisionFinding& one : *findings) {
    if (one.finding.severity == Severity::kBlock) {
      ASSERT_EQ(one.finding.rule, "R40");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomYears, testing::Range(0u, 40u));

}  // namespace
}  // namespace chibo

#include "tests/sim/workloads/papers.h"

#include "domain/subject.h"

namespace chibo::sim {
namespace {

Bytes Id(const PersonId& person) { return Bytes(person.view()); }

void SetSubject(const PersonId& person, pb::Subject& subject) {
  subject.set_kind(pb::MEMBER);
  subject.set_id(Id(person));
}

}  // namespace

pb::Action RosterOf(const std::vector<PersonId>& persons, const UnitId& cell) {
  pb::Action action;
  for (const PersonId& person : persons) {
    pb::Member& member = *action.add_records()->mutable_member();
    member.set_person(Id(person));
    member.set_name("Đảng viên " + person.hex().substr(0, 6));
    member.set_birth(19800201);
    member.set_admitted(20050301);
    member.set_official(20060301);
    pb::Membership& membership = *action.add_records()->mutable_membership();
    membership.set_person(Id(person));
    membership.set_unit(Bytes(cell.view()));
    membership.set_kind(pb::HOME);
    membership.set_from(20050301);
  }
  return action;
}

pb::Action MeetingOf(const std::vector<PersonId>& persons, std::uint64_t number) {
  pb::Action action;
  pb::Meeting& meeting = *action.add_records()->mutable_meeting();
  meeting.add_kinds(pb::REVIEW);
  meeting.add_topics("Kiểm điểm năm 2019");
  meeting.set_period(kPeriod);
  meeting.set_start_ms(1'575'200'000'000 + static_cast<std::int64_t>(number) * 86'400'000);
  meeting.set_end_ms(meeting.start_ms() + 7'200'000);
  meeting.set_chair(Id(persons.front()));
  meeting.set_minute_taker(Id(persons.back()));
  for (const PersonId& person : persons) {
    meeting.add_present(Id(person));
  }
  pb::Minutes& minutes = *action.add_records()->mutable_minutes();
  minutes.mutable_meeting()->set_position(0);
  minutes.set_text("Chi bộ kiểm điểm, lần " + std::to_string(number));
  return action;
}

pb::Action VoteOn(const std::vector<PersonId>& persons, std::uint64_t number, Random& dice,
                  Ballots& ballots) {
  pb::Action action = MeetingOf(persons, number);
  pb::VoteSession& session = *action.add_records()->mutable_vote_session();
  session.mutable_meeting()->set_position(0);
  session.set_method(pb::SECRET_BALLOT);
  session.set_period(kPeriod);
  const auto count = static_cast<std::uint32_t>(persons.size());
  session.mutable_base()->set_official(count);
  session.mutable_base()->set_eligible(count);
  session.mutable_base()->set_present(count);
  session.add_tellers(Id(persons.front()));
  session.set_chair(Id(persons.back()));
  pb::Tally& tally = *action.add_records()->mutable_tally();
  tally.mutable_session()->set_position(2);
  for (const PersonId& person : persons) {
    SetSubject(person, *session.add_subjects());
    pb::TallyRow& row = *tally.add_rows();
    SetSubject(person, *row.mutable_subject());
    row.set_issued(count);
    row.set_returned(count);
    row.set_valid(count);
    const auto excellent = static_cast<std::uint32_t>(dice.Below(count + 1));
    row.add_votes(excellent);
    row.add_votes(count - excellent);
    row.add_votes(0);
    row.add_votes(0);
    ballots.Announce(person.view(), {count, count, count, excellent, count - excellent, 0, 0});
  }
  return action;
}

pb::Action ProposalFor(const PersonId& person, pb::Grade grade) {
  pb::Action action;
  pb::Proposal& proposal = *action.add_records()->mutable_proposal();
  SetSubject(person, *proposal.mutable_subject());
  proposal.set_period(kPeriod);
  proposal.set_grade(grade);
  return action;
}

Status TakeBackEarlier(const Replica& replica, pb::Action& proposal) {
  pb::Proposal& newer = *proposal.mutable_records(0)->mutable_proposal();
  const auto person = PersonId::FromChecked(newer.subject().id());
  CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOf(person)));
  for (const Fact& fact : facts) {
    if (fact.counts() && fact.record->has_proposal() && fact.unit == replica.settings().unit) {
      *newer.add_supersedes() = RefTo(fact.name);
    }
  }
  return {};
}

pb::Action ReviewOf(const PersonId& person, std::uint64_t number) {
  pb::Action action;
  pb::ReviewReport& review = *action.add_records()->mutable_review_report();
  SetSubject(person, *review.mutable_subject());
  review.set_period(kPeriod);
  review.set_form("2A");
  review.set_text("Bản tự kiểm điểm số " + std::to_string(number));
  review.set_signed_(20191128);
  return action;
}

pb::Action PostingOf(const PersonId& person, const UnitId& place, const UnitId& home,
                     const UnitId& manager) {
  pb::Action action;
  pb::Posting& posting = *action.add_records()->mutable_posting();
  posting.set_person(Id(person));
  posting.set_place(Bytes(place.view()));
  posting.set_title("Cấp ủy viên");
  posting.set_leadership(true);
  posting.set_from(20190101);
  posting.set_managed_by(Bytes(manager.view()));
  posting.set_name("Đảng viên " + person.hex().substr(0, 6));
  posting.set_birth(19800201);
  posting.set_home(Bytes(home.view()));
  posting.set_reviewed_there(true);
  return action;
}

pb::Action TransferOf(const PersonId& person, const UnitId& from, const UnitId& to) {
  pb::Action action;
  pb::Transfer& transfer = *action.add_records()->mutable_transfer();
  transfer.set_person(Id(person));
  transfer.set_kind(pb::PERMANENT);
  transfer.set_from(Bytes(from.view()));
  transfer.set_to(Bytes(to.view()));
  transfer.set_effective(20191201);
  transfer.set_name("Đảng viên " + person.hex().substr(0, 6));
  transfer.set_birth(19800201);
  return action;
}

Status Record(Replica& replica, const pb::Action& action, const Signers& signers, Timestamp now,
              std::optional<RecordName>* name) {
  for (const pb::Record& record : action.records()) {
    if (TraitsOf(static_cast<std::uint32_t>(record.body_case())) == nullptr) {
      return Fail(Code::kUnsupported, "record_kind_unknown", std::to_string(record.body_case()));
    }
  }
  Recorded recorded;
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(RecordAction(replica, writer, action, signers, now, recorded));
    return {};
  }));
  if (name != nullptr) {
    *name = recorded.names.front();
  }
  return {};
}

}  // namespace chibo::sim

// What units write into their own books: any record as JSON, and short sentences for the frequent
// ones.
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

Played RecordsJson(Player& player, const Meaning& meaning) {
  return player.RecordJson(meaning, meaning.One("json"));
}

Played Proposes(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::Proposal& proposal = *record.mutable_proposal();
  if (meaning.Has("place")) {
    proposal.set_place(IdOf(player.unit(meaning.One("place"))));
  }
  proposal.set_period(player.period());
  proposal.set_provisional(meaning.Says("provisional"));
  if (meaning.Has("record")) {
    for (const Token& basis : meaning.All("record")) {
      const Player::Written* written = player.FindRecord(basis.text);
      if (written == nullptr) {
        return NotDone(basis.text + " was never written");
      }
      *proposal.add_basis() = RefTo(written->name);
    }
  }
  if (meaning.Has("replaced")) {
    const Player::Written* replaced = player.FindRecord(meaning.One("replaced"));
    if (replaced == nullptr) {
      return NotDone(meaning.One("replaced") + " was never written");
    }
    *proposal.add_supersedes() = RefTo(replaced->name);
  }
  const auto subjects = player.subjects(meaning.All("subject"));
  *proposal.mutable_subject() = subjects.front().ToMessage();
  proposal.set_grade(GradeIn(meaning));
  for (std::size_t i = 1; i < subjects.size(); ++i) {
    pb::ProposalRow& row = *proposal.add_rows();
    *row.mutable_subject() = subjects[i].ToMessage();
    row.set_grade(proposal.grade());
    row.set_provisional(proposal.provisional());
  }
  return player.Record(meaning, std::move(record));
}

Played Reviews(Player& player, const Meaning& meaning) {
  pb::Action action;
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    pb::ReviewReport& report = *action.add_records()->mutable_review_report();
    *report.mutable_subject() = subject.ToMessage();
    report.set_period(player.period());
    report.set_form(subject.is_member() ? "2A" : "01");
    report.set_text("Bản kiểm điểm năm " + player.period());
    report.set_signed_(player.today());
    if (meaning.Has("grade")) {
      report.set_self_grade(GradeIn(meaning));
    }
  }
  return player.Record(meaning, action);
}

Played GivesOpinion(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::Opinion& opinion = *record.mutable_opinion();
  *opinion.mutable_about() = player.subject(meaning.All("subject")).ToMessage();
  opinion.set_period(player.period());
  opinion.set_from(static_cast<pb::OpinionFrom>(*NumberOf("opinion", meaning.One("opinion"))));
  opinion.set_from_unit(IdOf(meaning.Has("from") ? player.unit(meaning.One("from"))
                                                 : player.UnitOf(meaning.One("device"))));
  opinion.set_text(meaning.Has("text") ? meaning.One("text") : "Ý kiến nhận xét");
  if (meaning.Has("grade")) {
    opinion.set_grade(GradeIn(meaning));
  }
  return player.Record(meaning, std::move(record));
}

Played NotesStatus(Player& player, const Meaning& meaning) {
  Person& person = player.member(meaning.One("member"));
  pb::Record record;
  pb::Member& entry = *record.mutable_member();
  entry = person.entry;
  entry.set_status(static_cast<pb::MemberStatus>(*NumberOf("status", meaning.One("status"))));
  entry.set_status_from(DateIn(meaning, "date"));
  entry.clear_supersedes();
  *entry.add_supersedes() = RefTo(person.record);
  return player.Record(meaning, std::move(record));
}

// Any field of the register: the entry whole, in place of the one before.
Played Corrects(Player& player, const Meaning& meaning) {
  Person& person = player.member(meaning.One("member"));
  pb::Member entry = person.entry;
  const Played read = player.ReadMember(meaning.One("json"), entry);
  if (!read.done) {
    return read;
  }
  entry.clear_supersedes();
  *entry.add_supersedes() = RefTo(person.record);
  pb::Record record;
  *record.mutable_member() = entry;
  const Played played = player.Record(meaning, std::move(record));
  if (played.done) {
    person.entry = entry;
  }
  return played;
}

Played NotesLeave(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::Leave& leave = *record.mutable_leave();
  leave.set_person(IdOf(player.person(meaning.One("member"))));
  leave.set_kind(static_cast<pb::LeaveKind>(*NumberOf("leave", meaning.One("leave"))));
  leave.set_from(DateIn(meaning, "from"));
  leave.set_to(DateIn(meaning, "to"));
  return player.Record(meaning, std::move(record));
}

Played NotesStateGrade(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::CivilServantGrade& grade = *record.mutable_civil_servant_grade();
  grade.set_person(IdOf(player.person(meaning.One("member"))));
  grade.set_period(player.period());
  grade.set_grade(GradeIn(meaning));
  return player.Record(meaning, std::move(record));
}

Played Transfers(Player& player, const Meaning& meaning) {
  const Person& person = player.member(meaning.One("member"));
  pb::Record record;
  pb::Transfer& transfer = *record.mutable_transfer();
  transfer.set_person(IdOf(person.id));
  transfer.set_kind(meaning.Says("temporarily") ? pb::TEMPORARY_STAY : pb::PERMANENT);
  transfer.set_from(IdOf(player.unit(meaning.One("from"))));
  if (meaning.Has("to")) {
    transfer.set_to(IdOf(player.unit(meaning.One("to"))));
  } else {
    transfer.set_outside(meaning.One("text"));
  }
  transfer.set_effective(DateIn(meaning, "date"));
  transfer.set_issued(DateIn(meaning, "date"));
  transfer.set_name(person.entry.name());
  transfer.set_birth(person.entry.birth());
  return player.Record(meaning, std::move(record));
}

Played TakesInGuest(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::Membership& membership = *record.mutable_membership();
  membership.set_person(IdOf(player.person(meaning.One("member"))));
  membership.set_unit(IdOf(player.UnitOf(meaning.One("device"))));
  membership.set_kind(pb::TEMPORARY);
  membership.set_from(DateIn(meaning, "from"));
  membership.set_to(DateIn(meaning, "to"));
  return player.Record(meaning, std::move(record));
}

Played Posts(Player& player, const Meaning& meaning) {
  const Person& person = player.member(meaning.One("member"));
  pb::Record record;
  pb::Posting& posting = *record.mutable_posting();
  posting.set_person(IdOf(person.id));
  posting.set_place(IdOf(player.unit(meaning.One("place"))));
  posting.set_title(meaning.Has("text") ? meaning.One("text") : "Ủy viên");
  posting.set_head(meaning.Says("head"));
  posting.set_leadership(true);
  posting.set_reviewed_there(true);
  posting.set_from(meaning.Has("date") ? DateIn(meaning, "date") : 20180101);
  if (meaning.Has("manager")) {
    posting.set_managed_by(IdOf(player.unit(meaning.One("manager"))));
  }
  posting.set_home(IdOf(player.unit(meaning.One("home"))));
  posting.set_name(person.entry.name());
  posting.set_birth(person.entry.birth());
  return player.Record(meaning, std::move(record));
}

}  // namespace

std::vector<Form> RecordForms() {
  return {
      {"<device> records <json> [ as <new-record> ]", RecordsJson},
      {"<device> proposes <grade> for <subject+> { at <unit:place> | provisional | based on "
       "<record+> | instead of <record:replaced> | as <new-record> }",
       Proposes},
      {"<device> files reviews of <subject+> { with own level <grade> | as <new-record> }",
       Reviews},
      {"<device> gives opinion on <subject> as <opinion> { of <unit:from> | with level <grade> | "
       "saying <text> | named <new-record> }",
       GivesOpinion},
      {"<device> notes <member> as <status> since <date> [ as <new-record> ]", NotesStatus},
      {"<device> corrects <member> to <json> [ as <new-record> ]", Corrects},
      {"<device> notes <leave> leave of <member> from <date:from> to <date:to> [ as <new-record> ]",
       NotesLeave},
      {"<device> notes state level <grade> of <member> [ as <new-record> ]", NotesStateGrade},
      {"<device> transfers <member> from <unit:from> to <unit:to> from <date> { temporarily | as "
       "<new-record> }",
       Transfers},
      {"<device> transfers <member> from <unit:from> outside to <text> from <date> { temporarily | "
       "as <new-record> }",
       Transfers},
      {"<device> takes in <member> as guest from <date:from> to <date:to> [ as <new-record> ]",
       TakesInGuest},
      {"<device> posts <member> of <unit:home> to <unit:place> { as head | title <text> | from "
       "<date> | managed by <unit:manager> | named <new-record> }",
       Posts},
  };
}

}  // namespace chibo::scenario

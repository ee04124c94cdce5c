// Meetings, minutes, votes and their tallies, with the signatures of those who stand for them.
#include "node/typed_value.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

constexpr std::int64_t kTwoHoursMs = 7'200'000;

Bytes IdOfMember(Player& player, const Token& token) { return IdOf(player.person(token.text)); }

void AddAttestor(Player& player, const Token& token, pb::Act act, pb::Attestation& attestation) {
  // Who has no key cannot sign here; the record is then set aside, as in life.
  if (player.member(token.text).key) {
    pb::Attestor& attestor = *attestation.add_attestors();
    attestor.set_person(IdOfMember(player, token));
    attestor.set_act(act);
  }
}

Played Meets(Player& player, const Meaning& meaning) {
  pb::Action action;
  pb::Meeting& meeting = *action.add_records()->mutable_meeting();
  meeting.add_kinds(
      static_cast<pb::MeetingKind>(*NumberOf("meeting-kind", meaning.One("meeting-kind"))));
  meeting.add_topics("Sinh hoạt chi bộ");
  meeting.set_period(player.period());
  const std::string time = meaning.Has("time") ? meaning.One("time") : "19:00";
  meeting.set_start_ms(*TimeFrom(meaning.One("date") + " " + time));
  meeting.set_end_ms(meeting.start_ms() + kTwoHoursMs);
  for (const Token& one : meaning.All("present")) {
    meeting.add_present(IdOfMember(player, one));
  }
  if (meaning.Has("excused")) {
    for (const Token& one : meaning.All("excused")) {
      meeting.add_excused()->set_person(IdOfMember(player, one));
    }
  }
  if (meaning.Has("unexcused")) {
    for (const Token& one : meaning.All("unexcused")) {
      meeting.add_unexcused()->set_person(IdOfMember(player, one));
    }
  }
  if (meaning.Has("chair")) {
    meeting.set_chair(IdOfMember(player, meaning.All("chair").front()));
  }
  if (meaning.Has("taker")) {
    const Token& taker = meaning.All("taker").front();
    meeting.set_minute_taker(IdOfMember(player, taker));
    pb::Minutes& minutes = *action.add_records()->mutable_minutes();
    minutes.mutable_meeting()->set_position(0);
    minutes.set_text("Biên bản sinh hoạt chi bộ");
    pb::Attestation attestation;
    attestation.add_positions(1);
    AddAttestor(player, taker, pb::MINUTES_TAKER, attestation);
    if (meaning.Has("chair")) {
      AddAttestor(player, meaning.All("chair").front(), pb::MINUTES_CHAIR, attestation);
    }
    if (!attestation.attestors().empty()) {
      *action.add_records()->mutable_attestation() = attestation;
    }
  }
  return player.Record(meaning, action);
}

// "4 excellent 1 good" about each of the subjects alike.
pb::TallyRow RowOf(const Meaning& meaning, const SubjectId& subject) {
  pb::TallyRow row;
  *row.mutable_subject() = subject.ToMessage();
  std::uint32_t valid = 0;
  for (const char* key : {"excellent", "good", "fulfilled", "not_fulfilled"}) {
    const auto votes =
        meaning.Has(key) ? static_cast<std::uint32_t>(std::stoul(meaning.One(key))) : 0;
    row.add_votes(votes);
    valid += votes;
  }
  const auto invalid =
      meaning.Has("invalid") ? static_cast<std::uint32_t>(std::stoul(meaning.One("invalid"))) : 0;
  row.set_valid(valid);
  row.set_invalid(invalid);
  row.set_issued(valid + invalid);
  row.set_returned(valid + invalid);
  return row;
}

pb::VoteBase BaseOf(const Meaning& meaning) {
  const auto number = [&](const char* key, std::uint32_t otherwise) {
    return meaning.Has(key) ? static_cast<std::uint32_t>(std::stoul(meaning.One(key))) : otherwise;
  };
  pb::VoteBase base;
  base.set_eligible(number("eligible", 0));
  base.set_excused_absent(number("excused", 0));
  base.set_away(number("away", 0));
  base.set_official(base.eligible() + base.excused_absent() + base.away());
  base.set_present(number("present", base.eligible()));
  return base;
}

Played Votes(Player& player, const Meaning& meaning) {
  const Player::Written* meeting = player.FindRecord(meaning.One("record"));
  if (meeting == nullptr) {
    return NotDone(meaning.One("record") + " was never written");
  }
  pb::Action action;
  pb::VoteSession& session = *action.add_records()->mutable_vote_session();
  pb::Tally tally;
  pb::Attestation attestation;
  *session.mutable_meeting() = RefTo(meeting->name);
  session.set_method(pb::SECRET_BALLOT);
  session.set_period(player.period());
  *session.mutable_base() = BaseOf(meaning);
  attestation.add_positions(1);
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    *session.add_subjects() = subject.ToMessage();
    *tally.add_rows() = RowOf(meaning, subject);
  }
  for (const Token& teller : meaning.All("tellers")) {
    session.add_tellers(IdOfMember(player, teller));
    AddAttestor(player, teller, pb::TALLY_TELLER, attestation);
  }
  const Token& chair = meaning.All("chair").front();
  session.set_chair(IdOfMember(player, chair));
  AddAttestor(player, chair, pb::TALLY_CHAIR, attestation);
  tally.mutable_session()->set_position(0);
  *action.add_records()->mutable_tally() = tally;
  if (!meaning.Says("unsigned") && !attestation.attestors().empty()) {
    *action.add_records()->mutable_attestation() = attestation;
  }
  Played played = player.Record(meaning, action);
  // The name is that of the tally.
  if (played.done && meaning.Has("new-record")) {
    Player::Written written = *player.FindRecord(meaning.One("new-record"));
    written.name.position = 1;
    written.also.clear();
    player.NameRecord(meaning.One("new-record"), written);
  }
  return played;
}

Played CorrectsTally(Player& player, const Meaning& meaning) {
  const Player::Written* tally = player.FindRecord(meaning.One("record"));
  if (tally == nullptr) {
    return NotDone(meaning.One("record") + " was never written");
  }
  pb::Action action;
  pb::TallyCorrection& correction = *action.add_records()->mutable_tally_correction();
  *correction.mutable_tally() = RefTo(tally->name);
  *correction.mutable_base() = BaseOf(meaning);
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    *correction.add_rows() = RowOf(meaning, subject);
  }
  correction.set_reason(meaning.One("text"));
  pb::Attestation attestation;
  attestation.add_positions(0);
  for (const Token& teller : meaning.All("tellers")) {
    AddAttestor(player, teller, pb::TALLY_TELLER, attestation);
  }
  AddAttestor(player, meaning.All("chair").front(), pb::TALLY_CHAIR, attestation);
  if (!attestation.attestors().empty()) {
    *action.add_records()->mutable_attestation() = attestation;
  }
  return player.Record(meaning, action);
}

Played ChoosesMeeting(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::DuplicateChoice& choice = *record.mutable_duplicate_choice();
  const Player::Written* canonical = player.FindRecord(meaning.One("chosen"));
  if (canonical == nullptr) {
    return NotDone(meaning.One("chosen") + " was never written");
  }
  *choice.mutable_canonical() = RefTo(canonical->name);
  for (const Token& other : meaning.All("others")) {
    const Player::Written* written = player.FindRecord(other.text);
    if (written == nullptr) {
      return NotDone(other.text + " was never written");
    }
    *choice.add_duplicates() = RefTo(written->name);
  }
  choice.set_reason(meaning.One("text"));
  return player.Record(meaning, std::move(record));
}

Played Joins(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::DuplicateChoice& choice = *record.mutable_duplicate_choice();
  choice.add_persons(IdOf(player.person(meaning.One("kept"))));
  choice.add_persons(IdOf(player.person(meaning.One("other"))));
  choice.set_reason(meaning.One("text"));
  choice.set_undone(meaning.Says("apart"));
  if (meaning.Has("earlier")) {
    const Player::Written* written = player.FindRecord(meaning.One("earlier"));
    if (written == nullptr) {
      return NotDone(meaning.One("earlier") + " was never written");
    }
    *choice.add_supersedes() = RefTo(written->name);
  }
  return player.Record(meaning, std::move(record));
}

}  // namespace

std::vector<Form> MeetingForms() {
  return {
      {"<device> holds <meeting-kind> meeting on <date> [ <time> ] with <member+:present> { "
       "excused "
       "<member+:excused> | unexcused <member+:unexcused> | chair <member:chair> | minutes "
       "<member:taker> | as <new-record> }",
       Meets},
      {"<device> counts votes in <record> on <subject+> { excellent <number:excellent> | good "
       "<number:good> | fulfilled <number:fulfilled> | not_fulfilled <number:not_fulfilled> | "
       "invalid <number:invalid> } of <number:eligible> { excused <number:excused> | away "
       "<number:away> | present <number:present> } tellers <member+:tellers> chair <member:chair> "
       "{ "
       "unsigned | as <new-record> }",
       Votes},
      {"<device> corrects votes <record> on <subject+> { excellent <number:excellent> | good "
       "<number:good> | fulfilled <number:fulfilled> | not_fulfilled <number:not_fulfilled> | "
       "invalid <number:invalid> } of <number:eligible> { excused <number:excused> | away "
       "<number:away> | present <number:present> } tellers <member+:tellers> chair <member:chair> "
       "because <text> [ as <new-record> ]",
       CorrectsTally},
      {"<device> chooses meeting <record:chosen> over <record+:others> because <text> [ as "
       "<new-record> ]",
       ChoosesMeeting},
      {"<device> joins <member:other> with <member:kept> because <text> [ as <new-record> ]",
       Joins},
      {"<device> sets apart <member:other> from <member:kept> because <text> { instead of "
       "<record:earlier> | as <new-record> }",
       Joins},
  };
}

}  // namespace chibo::scenario

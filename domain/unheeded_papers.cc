// What nothing takes up of the papers of meetings, reviews and votes.
#include <algorithm>

#include "domain/attestation.h"
#include "domain/finding_value.h"
#include "domain/unheeded_state.h"

namespace chibo {
namespace {

CivilDate DayOf(const Fact& meeting) {
  const std::int64_t start = meeting.record->meeting().start_ms();
  return start == 0 ? kEndOfTime : DateOf(Timestamp(Duration(start)));
}

UnitId PlaceOf(const Bytes& unit, const Fact& fact) {
  return UnitId::From(unit).value_or(fact.unit);
}

// The act in which the record beside an attestation, or named by it, asks for this person.
Result<bool> Asks(const FactSource& facts, const Fact& attested, const pb::Attestor& attestor) {
  if (attested.record->has_review_report()) {
    const pb::Subject& subject = attested.record->review_report().subject();
    return attestor.act() == pb::OWN_REVIEW &&
           (subject.kind() != pb::MEMBER || subject.id() == attestor.person());
  }
  const auto acts = RequiredActs(facts, {}, attested);
  if (!acts) {
    // Its meeting or session is not here: who has to sign cannot be known.
    return acts.error().code == Code::kBehind ? Result<bool>(true) : tl::unexpected(acts.error());
  }
  return std::any_of(acts->begin(), acts->end(), [&](const RequiredAct& act) {
    return act.person.view() == attestor.person() && act.act == attestor.act();
  });
}

}  // namespace

Status UnheededReader::State::JudgeMeeting(const Fact& fact) {
  const UnitId place = PlaceOf(fact.record->meeting().unit(), fact);
  if (!SeesAll(fact)) {
    return {};
  }
  if (!MaySpeakFor(context.organisation, fact.unit, place, DayOf(fact))) {
    Add(Unheeded::kNotForUnit, {ValueOf(place)});
  }
  return CheckDuplicate(fact.name);
}

Status UnheededReader::State::CheckDuplicate(const RecordName& meeting) {
  CHIBO_TRY_VALUE(const bool duplicate, IsOfDuplicate(context, meeting));
  if (duplicate) {
    Add(Unheeded::kOfDuplicateMeeting);
  }
  return {};
}

Status UnheededReader::State::JudgeMinutes(const Fact& fact) {
  if (!SeesPapers(fact.unit)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto meeting,
                  Named(fact, fact.record->minutes().meeting(), Kind::kMeeting));
  if (meeting && meeting->unit != fact.unit) {
    Add(Unheeded::kNotForUnit, {ValueOf(meeting->unit)});
  }
  return meeting ? CheckDuplicate(meeting->name) : Status();
}

Status UnheededReader::State::JudgeReviewReport(const Fact& fact) {
  const pb::ReviewReport& report = fact.record->review_report();
  CHIBO_TRY_VALUE(const Evaluation* evaluation,
                  AtPlace(fact, report.subject(), report.period(), fact.unit));
  if (evaluation != nullptr && !HeedsReport(*evaluation, fact)) {
    Add(Unheeded::kNotPlace, {ValueOf(fact.unit)}, SubjectId::From(report.subject()));
  }
  return {};
}

Status UnheededReader::State::JudgeOpinion(const Fact& fact) {
  const pb::Opinion& opinion = fact.record->opinion();
  const bool of_a_place = opinion.from() == pb::OLD_PLACE || opinion.from() == pb::TEMPORARY_PLACE;
  if (!of_a_place) {
    return {};  // whoever writes it need not know whose register the member is on
  }
  CHIBO_TRY_VALUE(const Evaluation* evaluation,
                  OnRegister(fact, opinion.about(), opinion.period()));
  if (evaluation != nullptr && !HeedsOpinion(*evaluation, fact)) {
    Add(Unheeded::kNotPlace, {ValueOf(PlaceOf(opinion.from_unit(), fact))},
        SubjectId::From(opinion.about()));
  }
  return {};
}

Status UnheededReader::State::JudgeVoteSession(const Fact& fact) {
  const pb::VoteSession& session = fact.record->vote_session();
  const UnitId place = PlaceOf(session.unit(), fact);
  if (!SeesPapers(fact.unit)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto meeting, Named(fact, session.meeting(), Kind::kMeeting));
  if (meeting) {
    CHIBO_TRY(CheckDuplicate(meeting->name));
  }
  for (const pb::Subject& subject : session.subjects()) {
    CHIBO_TRY(IsVotedOnAt(fact, subject, session.period(), place));
  }
  return {};
}

// Whether a vote at the place is one about the subject.
Result<bool> UnheededReader::State::IsVotedOnAt(const Fact& fact, const pb::Subject& subject,
                                                const std::string& period, const UnitId& place) {
  CHIBO_TRY_VALUE(const Evaluation* evaluation, AtPlace(fact, subject, period, place));
  if (evaluation == nullptr) {
    return false;
  }
  if (!evaluation->IsPlace(place)) {
    Add(Unheeded::kNotPlace, {ValueOf(place)}, SubjectId::From(subject));
    return false;
  }
  if (!MaySpeakFor(context.organisation, fact.unit, place, evaluation->grading_date())) {
    Add(Unheeded::kNotForUnit, {ValueOf(place)}, SubjectId::From(subject));
    return false;
  }
  return true;
}

Status UnheededReader::State::JudgeTally(const Fact& fact) {
  if (!SeesPapers(fact.unit)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto session,
                  Named(fact, fact.record->tally().session(), Kind::kVoteSession));
  if (!session) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto vote, Count(context, fact));
  if (!vote) {
    Add(Unheeded::kNotForUnit, {ValueOf(session->unit)});
    return {};
  }
  CHIBO_TRY_VALUE(const bool duplicate, IsOfDuplicate(context, vote->meeting));
  if (duplicate) {
    Add(Unheeded::kOfDuplicateMeeting);
    return {};
  }
  for (const pb::TallyRow& row : fact.record->tally().rows()) {
    CHIBO_TRY_VALUE(const bool about, IsVotedOnAt(fact, row.subject(), vote->period, vote->place));
    if (!about) {
      continue;
    }
    const auto subject = SubjectId::From(row.subject());
    CHIBO_TRY_VALUE(const Evaluation* evaluation, Look(*subject, vote->period));
    if (!WentWithProposal(*evaluation, *vote) && LaterVote(*evaluation, *vote) != nullptr) {
      Add(Unheeded::kLaterVote, {ValueOf(vote->place)}, subject);
    }
  }
  return {};
}

Status UnheededReader::State::JudgeTallyCorrection(const Fact& fact) {
  const pb::TallyCorrection& correction = fact.record->tally_correction();
  if (!SeesPapers(fact.unit)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto tally, Named(fact, correction.tally(), Kind::kTally));
  if (!tally) {
    return {};
  }
  if (tally->unit != fact.unit) {
    Add(Unheeded::kNotForUnit, {ValueOf(tally->unit)});
    return {};
  }
  const auto& rows = tally->record->tally().rows();
  for (const pb::TallyRow& row : correction.rows()) {
    const auto subject = SubjectId::From(row.subject());
    if (std::none_of(rows.begin(), rows.end(), [&](const pb::TallyRow& corrected) {
          return SubjectId::From(corrected.subject()) == subject;
        })) {
      Add(Unheeded::kRefersToNothing, {}, subject);
    }
  }
  return {};
}

// What an attestation names that is here and can be signed, in its own entry or elsewhere among the
// unit's. What only stands beside may be signed along; what is not there makes the whole void.
Result<std::vector<Fact>> UnheededReader::State::AttestedBy(const Fact& fact) {
  const pb::Attestation& attestation = fact.record->attestation();
  std::vector<Fact> attested;
  const auto take = [&](const Fact& one) {
    if (one.record != nullptr && (NeedsAttestation(one.kind) || one.record->has_review_report())) {
      attested.push_back(one);
    }
  };
  for (const std::uint32_t position : attestation.positions()) {
    const RecordName name{fact.name.stream, fact.name.index, position};
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOf(name)));
    const auto at = std::find_if(facts.begin(), facts.end(), [&](const Fact& one) {
      return one.name == name && one.branch == fact.branch;
    });
    at == facts.end() ? Add(Unheeded::kRefersToNothing) : take(*at);
  }
  for (const Bytes& bytes : attestation.contents()) {
    const Hash content = Hash::FromChecked(bytes);
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOfContent(content)));
    const auto at = std::find_if(facts.begin(), facts.end(), [&](const Fact& one) {
      return one.unit == fact.unit && one.content == content && !one.content.is_zero();
    });
    if (at != facts.end()) {
      take(*at);
    }
  }
  return attested;
}

Status UnheededReader::State::JudgeAttestation(const Fact& fact) {
  if (!SeesPapers(fact.unit)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto attested, AttestedBy(fact));
  if (attested.empty()) {
    Add(Unheeded::kRefersToNothing);
    return {};
  }
  for (const pb::Attestor& attestor : fact.record->attestation().attestors()) {
    bool asked = false;
    for (const Fact& one : attested) {
      CHIBO_TRY_VALUE(const bool asks, Asks(context.facts, one, attestor));
      asked = asked || asks;
    }
    if (!asked) {
      Add(Unheeded::kSignatureNotAsked, {ValueOf(PersonId::FromChecked(attestor.person()))});
    }
  }
  return {};
}

}  // namespace chibo

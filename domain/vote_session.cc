// R64, R65 of a whole vote session, against the register and the attendance, and R67, R68 of how it
// was held. Story 8 is found here.
#include <algorithm>
#include <set>

#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

// How the register of the place sees one person on the day of the vote.
// A member is on probation for twelve months after admission. Where the register does not say when
// somebody became official, it cannot have been before.
constexpr int kProbationMonths = 12;

bool OfficialOn(const pb::Member& entry, CivilDate day) {
  if (entry.official() != 0) {
    return entry.official() <= day;
  }
  return entry.admitted() != 0 && AddMonths(entry.admitted(), kProbationMonths) <= day;
}

struct Voter {
  std::vector<PersonId> persons;  // entries that were joined, sorted
  bool here = false;              // home
  bool guest = false;             // temporarily here: no vote, not counted
  bool away = false;              // home, but temporarily elsewhere
  bool official = false;          // not probationary
  bool exempt = false;
  bool suspended = false;
};

Result<Voter> Look(const Context& context, const PersonId& person, const UnitId& place,
                   CivilDate day) {
  CHIBO_TRY_VALUE(const JoinedPersons joined, JoinedWith(context, person));
  const MemberHistory history(context.organisation, joined.goes_on, joined.facts);
  const Home home = history.HomeOn(day);
  Voter voter;
  voter.persons = joined.persons;
  voter.here = home.where == Home::Where::kUnit && home.unit == place;
  for (const TemporaryStay& stay : history.TemporaryStays()) {
    if (stay.touches(day, day)) {
      voter.guest = voter.guest || (!voter.here && stay.unit == place);
      voter.away = voter.away || (voter.here && stay.unit != place);
    }
  }
  if (const pb::Member* entry = history.RegisterOn(day)) {
    const bool begun = entry->status_from() <= day;
    const pb::MemberStatus status = begun ? entry->status() : pb::OFFICIAL;
    voter.here = voter.here && status != pb::LEFT && status != pb::DECEASED;
    voter.official = status != pb::PROBATIONARY && OfficialOn(*entry, day);
    voter.exempt = status == pb::EXEMPT;
    voter.suspended = status == pb::SUSPENDED;
  }
  return voter;
}

std::set<PersonId> PersonsIn(const std::vector<Fact>& facts) {
  std::set<PersonId> persons;
  for (const Fact& fact : facts) {
    if (!fact.counts()) {
      continue;
    }
    std::optional<PersonId> person;
    if (fact.record->has_member()) {
      person = PersonId::From(fact.record->member().person());
    } else if (fact.record->has_membership()) {
      person = PersonId::From(fact.record->membership().person());
    } else if (fact.record->has_transfer()) {
      person = PersonId::From(fact.record->transfer().person());
    }
    if (person) {
      persons.insert(*person);
    }
  }
  return persons;
}

template <typename Ids>
void AddAll(const Ids& ids, std::set<PersonId>& out) {
  for (const Bytes& id : ids) {
    if (const auto person = PersonId::From(id)) {
      out.insert(*person);
    }
  }
}

// The base as register and attendance give it, and who was at the meeting without a vote.
struct Recount {
  pb::VoteBase base;
  std::vector<PersonId> guests;
  bool attendance = false;  // the meeting says who was there
};

class Recounter {
 public:
  Recounter(const Context& context, const UnitId& place, const pb::Meeting& meeting)
      : context_(context), place_(place), day_(DateOf(Timestamp(Duration(meeting.start_ms())))) {
    AddAll(meeting.present(), present_);
    for (const pb::Absence& absence : meeting.excused()) {
      if (const auto person = PersonId::From(absence.person())) {
        excused_.insert(*person);
      }
    }
  }

  Result<Recount> Run() {
    recount_.attendance = !present_.empty();
    std::set<PersonId> persons = present_;
    // Entries of those who came with another cell stand in that cell's register.
    std::set<UnitId> units = {place_};
    std::vector<UnitId> unread = {place_};
    while (!unread.empty()) {
      const UnitId unit = unread.back();
      unread.pop_back();
      CHIBO_TRY_VALUE(const auto facts, context_.facts.FactsOf(KeyOf(unit)));
      persons.merge(PersonsIn(facts));
      for (const UnitId& before : context_.organisation.CameFrom(unit)) {
        if (units.insert(before).second) {
          unread.push_back(before);
        }
      }
    }
    std::set<PersonId> counted;
    for (const PersonId& person : persons) {
      CHIBO_TRY_VALUE(const Voter voter, Look(context_, person, place_, day_));
      // Somebody entered twice votes once.
      if (counted.insert(voter.persons.front()).second) {
        Count(person, voter);
      }
    }
    pb::VoteBase& base = recount_.base;
    base.set_eligible(base.official() - base.away() - base.exempt_absent() - base.suspended() -
                      base.excused_absent());
    return std::move(recount_);
  }

 private:
  // One person is left out for one reason, in the order in which the form has them.
  void Count(const PersonId& person, const Voter& voter) {
    const auto among = [&](const std::set<PersonId>& list) {
      return std::any_of(voter.persons.begin(), voter.persons.end(),
                         [&](const PersonId& one) { return list.contains(one); });
    };
    const bool present = among(present_);
    if (voter.guest && present) {
      recount_.guests.push_back(person);
    }
    if (!voter.here || !voter.official) {
      return;
    }
    pb::VoteBase& base = recount_.base;
    base.set_official(base.official() + 1);
    if (voter.away) {
      base.set_away(base.away() + 1);
    } else if (voter.suspended) {
      base.set_suspended(base.suspended() + 1);
    } else if (voter.exempt && !present) {
      base.set_exempt_absent(base.exempt_absent() + 1);
    } else if (!present && among(excused_)) {
      base.set_excused_absent(base.excused_absent() + 1);
    } else if (present) {
      base.set_present(base.present() + 1);
    }
  }

  const Context& context_;
  UnitId place_;
  CivilDate day_;
  std::set<PersonId> present_;
  std::set<PersonId> excused_;
  Recount recount_;
};

Finding Warning(std::string rule, std::string message, const Fact& session) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.message = std::move(message);
  finding.evidence = {session.name};
  return finding;
}

struct Written {
  pb::VoteBase base;             // as the session says, or as a correction of its tally has it
  std::uint32_t most_valid = 0;  // ballots, of all rows of its tallies
};

Result<Written> WrittenOf(const Context& context, const Fact& session) {
  Written written;
  written.base = session.record->vote_session().base();
  CHIBO_TRY_VALUE(const auto referring, context.facts.FactsOf(KeyOf(session.name)));
  for (const Fact& fact : referring) {
    if (fact.counts() && fact.record->has_tally()) {
      CHIBO_TRY_VALUE(const auto vote, Count(context, fact));
      if (vote && !vote->corrections.empty()) {
        written.base = vote->base;
      }
      for (const pb::TallyRow& row : vote ? vote->rows : std::vector<pb::TallyRow>()) {
        written.most_valid = std::max(written.most_valid, row.valid());
      }
    }
  }
  return written;
}

// R67, and who may count (R68).
void CheckConduct(const Context& context, const UnitId& place, const Fact& session,
                  std::vector<Finding>& out) {
  const pb::VoteSession& record = session.record->vote_session();
  const EffectivePack pack = context.packs.For(place, record.period());
  const std::string& method = pack.Word(parameter::kVoteMethod);
  const bool open = record.method() == pb::SHOW_OF_HANDS;
  const bool secret = record.method() == pb::SECRET_BALLOT;
  if ((open && method == "secret") || (secret && method == "open")) {
    out.push_back(
        Warning("R67", open ? "finding_vote_not_secret" : "finding_vote_not_open", session));
    out.back().verified = pack.Verified(parameter::kVoteMethod);
  }
  const auto tellers = static_cast<std::uint32_t>(record.tellers_size());
  if (!open && tellers < pack.Number(parameter::kTellersMin)) {
    out.push_back(Warning("R68", "finding_too_few_tellers", session));
    out.back().values = {std::to_string(tellers),
                         std::to_string(pack.Number(parameter::kTellersMin))};
    out.back().verified = pack.Verified(parameter::kTellersMin);
  }
  const auto& board = record.tellers();
  if (!record.chair().empty() &&
      std::find(board.begin(), board.end(), record.chair()) != board.end()) {
    // The forms have them sign apart; no text says it in so many words.
    out.push_back(Warning("R68", "finding_chair_is_teller", session));
    out.back().verified = false;
  }
}

void Compare(const Written& on_paper, const Recount& recount, const Fact& session,
             std::vector<Finding>& out) {
  const pb::VoteBase& written = on_paper.base;
  const pb::VoteBase& counted = recount.base;
  if (on_paper.most_valid > counted.eligible()) {
    // Whatever base the form claims for itself.
    Finding finding = Warning("R65", "finding_more_valid_than_register", session);
    finding.severity = Severity::kBlock;
    finding.values = {std::to_string(on_paper.most_valid), std::to_string(counted.eligible())};
    out.push_back(std::move(finding));
  }
  if (recount.attendance && written.present() != counted.present()) {
    Finding finding = Warning("R64", "finding_present_differs_from_attendance", session);
    finding.values = {std::to_string(written.present()), std::to_string(counted.present())};
    out.push_back(std::move(finding));
  }
  if (written.official() == counted.official() && written.eligible() == counted.eligible()) {
    return;
  }
  Finding finding = Warning("R65", "finding_vote_base_differs_from_register", session);
  finding.values = {std::to_string(written.eligible()), std::to_string(counted.eligible()),
                    std::to_string(written.official()), std::to_string(counted.official())};
  out.push_back(std::move(finding));
  if (written.official() > counted.official() && !recount.guests.empty()) {
    finding = Warning("R64", "finding_guest_in_vote_base", session);
    for (const PersonId& guest : recount.guests) {
      finding.values.push_back(ValueOf(guest));
    }
    out.push_back(std::move(finding));
  }
}

}  // namespace

Result<std::vector<Finding>> CheckVoteSession(const Context& context, const Fact& session) {
  CHECK(session.record != nullptr && session.record->has_vote_session());
  const pb::VoteSession& record = session.record->vote_session();
  CHIBO_TRY_VALUE(const Written written, WrittenOf(context, session));
  std::vector<Finding> findings;
  const RecordName meeting_name = Resolve(record.meeting(), session);
  CHIBO_TRY_VALUE(const auto about_meeting, context.facts.FactsOf(KeyOf(meeting_name)));
  const Fact* meeting = FindFact(about_meeting, meeting_name);
  const UnitId place = UnitId::From(record.unit()).value_or(session.unit);
  CheckConduct(context, place, session, findings);
  const auto unit = context.organisation.At(place);
  const bool has_register = !unit || unit->kind != pb::COLLECTIVE;
  if (meeting == nullptr || !meeting->counts() || !meeting->record->has_meeting() ||
      !has_register) {
    return findings;
  }
  Recounter recounter(context, place, meeting->record->meeting());
  CHIBO_TRY_VALUE(const Recount recount, recounter.Run());
  // A committee votes by its own list; only where the register of the place is of members is there
  // one to compare.
  if (recount.base.official() > 0) {
    Compare(written, recount, session, findings);
  }
  return findings;
}

}  // namespace chibo

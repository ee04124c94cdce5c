// Which subjects and periods a fact bears on.
#include <algorithm>
#include <set>

#include "domain/copy_opening.h"
#include "domain/evaluation.h"
#include "domain/outcome.h"

namespace chibo {
namespace {

using Subjects = std::set<SubjectId>;

void Add(const pb::Subject& subject, Subjects& out) {
  if (const auto id = SubjectId::From(subject)) {
    out.insert(*id);
  }
}

void AddPerson(ByteView id, Subjects& out) {
  if (const auto person = PersonId::From(id)) {
    out.insert(SubjectId::Of(*person));
  }
}

void AddUnit(ByteView id, Subjects& out) {
  if (const auto unit = UnitId::From(id)) {
    out.insert(SubjectId::Of(pb::ORGANISATION, *unit));
  }
}

void AddRoles(const pb::UnitBody& body, Subjects& out) {
  const auto unit = UnitId::From(body.unit());
  if (!unit) {
    return;
  }
  if (body.kind() == pb::COLLECTIVE) {
    out.insert(SubjectId::Of(pb::LEADERSHIP, *unit));
    return;
  }
  out.insert(SubjectId::Of(pb::ORGANISATION, *unit));
  if (body.committee()) {
    out.insert(SubjectId::Of(pb::COMMITTEE, *unit));
  }
}

template <typename Rows>
void AddRows(const Rows& rows, Subjects& out) {
  for (const auto& row : rows) {
    Add(row.subject(), out);
  }
}

void AddMemberRecords(const pb::Record& record, Subjects& out) {
  switch (record.body_case()) {
    case Kind::kMember:
      return AddPerson(record.member().person(), out);
    case Kind::kMembership:
      return AddPerson(record.membership().person(), out);
    case Kind::kTransfer:
      return AddPerson(record.transfer().person(), out);
    case Kind::kPosting:
      return AddPerson(record.posting().person(), out);
    case Kind::kLeave:
      return AddPerson(record.leave().person(), out);
    case Kind::kCivilServantGrade:
      return AddPerson(record.civil_servant_grade().person(), out);
    case Kind::kDuplicateChoice:
      for (const Bytes& person : record.duplicate_choice().persons()) {
        AddPerson(person, out);
      }
      return;
    default:
      return;
  }
}

void AddReviewRecords(const Fact& fact, Subjects& out) {
  const pb::Record& record = *fact.record;
  switch (record.body_case()) {
    case Kind::kUnit:
      return AddRoles(record.unit().body(), out);
    case Kind::kMeeting:
      return AddUnit(
          record.meeting().unit().empty() ? fact.unit.view() : ByteView(record.meeting().unit()),
          out);
    case Kind::kReviewReport:
      return Add(record.review_report().subject(), out);
    case Kind::kOpinion:
      return Add(record.opinion().about(), out);
    case Kind::kVoteSession:
      for (const pb::Subject& subject : record.vote_session().subjects()) {
        Add(subject, out);
      }
      return;
    case Kind::kTally:
      return AddRows(record.tally().rows(), out);
    case Kind::kTallyCorrection:
      return AddRows(record.tally_correction().rows(), out);
    default:
      return;
  }
}

void AddDecisionRecords(const pb::Record& record, Subjects& out) {
  switch (record.body_case()) {
    case Kind::kProposal:
      Add(record.proposal().subject(), out);
      return AddRows(record.proposal().rows(), out);
    case Kind::kDecision:
      return AddRows(record.decision().body().rows(), out);
    case Kind::kConfirmation:
      return Add(record.confirmation().body().subject(), out);
    case Kind::kCancellation:
      for (const pb::Subject& subject : record.cancellation().body().subjects()) {
        Add(subject, out);
      }
      return;
    case Kind::kRegradeOrder:
      for (const pb::Subject& subject : record.regrade_order().body().subjects()) {
        Add(subject, out);
      }
      return;
    case Kind::kWaiver:
      return Add(record.waiver().body().subject(), out);
    default:
      return;
  }
}

// What the record itself says, counted or not: a fact that no longer counts bears on the same
// subjects.
Subjects NamedBy(const Fact& fact) {
  Subjects named;
  if (fact.record != nullptr) {
    AddMemberRecords(*fact.record, named);
    AddReviewRecords(fact, named);
    AddDecisionRecords(*fact.record, named);
  }
  return named;
}

Status AddNamedAround(const Context& context, const FactKey& key, Subjects& out) {
  CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(key));
  for (const Fact& fact : facts) {
    out.merge(NamedBy(fact));
  }
  return {};
}

// A record found through its own name, and everything that refers to it.
Status AddAround(const Context& context, const pb::Ref& ref, const Fact& from, Subjects& out) {
  return AddNamedAround(context, KeyOf(Resolve(ref, from)), out);
}

// A meeting, and the votes taken at it.
Status AddAroundMeeting(const Context& context, const RecordName& name, Subjects& out) {
  CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOf(name)));
  for (const Fact& fact : facts) {
    out.merge(NamedBy(fact));
    if (fact.record != nullptr && fact.record->has_vote_session()) {
      CHIBO_TRY(AddNamedAround(context, KeyOf(fact.name), out));
    }
  }
  return {};
}

// Whose evaluation reads this person's register: those it may be joined with, and those in whose
// register the same number stands.
Status AddPersonsAround(const Context& context, const PersonId& person, Subjects& out) {
  CHIBO_TRY_VALUE(const auto resting, PersonsRestingOn(context, person));
  for (const PersonId& one : resting) {
    out.insert(SubjectId::Of(one));
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOf(one)));
    for (const Fact& fact : facts) {
      if (fact.record == nullptr || !fact.record->has_member()) {
        continue;
      }
      const pb::Member& member = fact.record->member();
      for (const std::string& number : {member.card_no(), member.citizen_id()}) {
        if (!number.empty()) {
          CHIBO_TRY(AddNamedAround(context, KeyOfNumber(number), out));
        }
      }
    }
  }
  return {};
}

// Of every person in `out`.
Status AddPersonsAroundAll(const Context& context, Subjects& out) {
  const Subjects direct = out;
  for (const SubjectId& subject : direct) {
    if (subject.is_member()) {
      CHIBO_TRY(AddPersonsAround(context, subject.person(), out));
    }
  }
  return {};
}

// The choices it takes back name others than it does.
Status AddChoice(const Context& context, const Fact& fact, Subjects& out) {
  const pb::DuplicateChoice& choice = fact.record->duplicate_choice();
  for (const pb::Ref& ref : choice.supersedes()) {
    CHIBO_TRY(AddAround(context, ref, fact, out));
  }
  CHIBO_TRY(AddPersonsAroundAll(context, out));
  CHIBO_TRY(AddAroundMeeting(context, Resolve(choice.canonical(), fact), out));
  for (const pb::Ref& ref : choice.duplicates()) {
    CHIBO_TRY(AddAroundMeeting(context, Resolve(ref, fact), out));
  }
  return {};
}

// R50, R51: a committee's level bounds its head's, an organisation's its committee's.
Status AddDependents(const Context& context, Subjects& out) {
  const Subjects direct = out;
  for (const SubjectId& subject : direct) {
    if (subject.kind != pb::ORGANISATION && subject.kind != pb::COMMITTEE) {
      continue;
    }
    out.insert(SubjectId::Of(pb::ORGANISATION, subject.unit()));
    out.insert(SubjectId::Of(pb::COMMITTEE, subject.unit()));
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(subject.key()));
    for (const Fact& fact : facts) {
      if (fact.record != nullptr && fact.record->has_posting() && fact.record->posting().head() &&
          fact.record->posting().place() == subject.id.view()) {
        AddPerson(fact.record->posting().person(), out);
      }
    }
  }
  return {};
}

Status AddIndirect(const Context& context, const Fact& fact, Subjects& out) {
  const pb::Record& record = *fact.record;
  switch (record.body_case()) {
    case Kind::kMember:
    case Kind::kMembership:
    case Kind::kTransfer:
      return AddPersonsAroundAll(context, out);
    case Kind::kMeeting:
      return AddAroundMeeting(context, fact.name, out);
    case Kind::kVoteSession:
      return AddNamedAround(context, KeyOf(fact.name), out);
    case Kind::kTallyCorrection:
      return AddAround(context, record.tally_correction().tally(), fact, out);
    case Kind::kDuplicateChoice:
      return AddChoice(context, fact, out);
    case Kind::kReturn:
      for (const pb::Ref& ref : record.return_().body().records()) {
        CHIBO_TRY(AddAround(context, ref, fact, out));
      }
      return {};
    case Kind::kCancellation:
      if (const auto digest = Hash::From(record.cancellation().body().decision())) {
        CHIBO_TRY(AddNamedAround(context, KeyOfDigest(*digest), out));
      }
      return AddDependents(context, out);
    case Kind::kDecision:
    case Kind::kPosting:
      return AddDependents(context, out);
    default:
      return {};
  }
}

std::string_view PeriodOf(const pb::Record& record) {
  switch (record.body_case()) {
    case Kind::kCivilServantGrade:
      return record.civil_servant_grade().period();
    case Kind::kMeeting:
      return record.meeting().period();
    case Kind::kReviewReport:
      return record.review_report().period();
    case Kind::kOpinion:
      return record.opinion().period();
    case Kind::kVoteSession:
      return record.vote_session().period();
    case Kind::kProposal:
      return record.proposal().period();
    case Kind::kDecision:
      return record.decision().body().period();
    case Kind::kConfirmation:
      return record.confirmation().body().period();
    case Kind::kRegradeOrder:
      return record.regrade_order().body().period();
    case Kind::kWaiver:
      return record.waiver().body().period();
    default:
      return {};
  }
}

}  // namespace

bool TouchesOrganisation(const Fact& fact) {
  const bool copied = fact.record != nullptr && fact.record->has_copy();
  const std::uint32_t kind = copied ? KindOfOriginal(fact.record->copy()) : fact.kind;
  return kind == Kind::kUnit || kind == Kind::kUnitChange;
}

bool TouchesEverything(const Fact& fact) {
  return fact.kind == Kind::kRulePack || fact.kind == Kind::kPeerGroup;
}

std::vector<SubjectId> SubjectsNamedBy(const Fact& fact) {
  const Subjects named = NamedBy(fact);
  return {named.begin(), named.end()};
}

Result<std::vector<SubjectId>> SubjectsTouchedBy(const Context& context, const Fact& fact) {
  if (fact.record == nullptr || TouchesOrganisation(fact) || TouchesEverything(fact)) {
    return std::vector<SubjectId>();
  }
  Subjects touched = NamedBy(fact);
  CHIBO_TRY(AddIndirect(context, fact, touched));
  return std::vector<SubjectId>(touched.begin(), touched.end());
}

Result<std::vector<SubjectId>> SubjectsTouchedByUnits(const Context& context,
                                                      const std::set<UnitId>& units) {
  Subjects touched;
  for (const UnitId& unit : units) {
    CHIBO_TRY(AddNamedAround(context, KeyOf(unit), touched));
  }
  CHIBO_TRY(AddPersonsAroundAll(context, touched));
  CHIBO_TRY(AddDependents(context, touched));
  return std::vector<SubjectId>(touched.begin(), touched.end());
}

Result<std::vector<std::string>> PeriodsFor(const Context& context, const SubjectId& subject) {
  std::set<std::string> periods;
  for (std::string& period : context.packs.Periods()) {
    periods.insert(std::move(period));
  }
  std::set<SubjectId> subjects = {subject};
  std::vector<Fact> facts;
  if (subject.is_member()) {
    CHIBO_TRY_VALUE(JoinedPersons joined, JoinedWith(context, subject.person()));
    for (const PersonId& person : joined.persons) {
      subjects.insert(SubjectId::Of(person));
    }
    facts = std::move(joined.facts);
  } else {
    CHIBO_TRY_VALUE(facts, context.facts.FactsOf(subject.key()));
  }
  for (const Fact& fact : facts) {
    if (fact.record == nullptr || !DaysOf(PeriodOf(*fact.record))) {
      continue;
    }
    // Papers also name who sat or signed, and the unit they are of; a period they open only for
    // those they are about, for only these are evaluated when they arrive.
    const Subjects named = NamedBy(fact);
    if (std::any_of(named.begin(), named.end(),
                    [&](const SubjectId& one) { return subjects.contains(one); })) {
      periods.insert(std::string(PeriodOf(*fact.record)));
    }
  }
  return std::vector<std::string>(periods.begin(), periods.end());
}

}  // namespace chibo

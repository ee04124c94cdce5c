// What nothing takes up of the register: members, memberships, transfers, posts, leaves, and that
// two entries are one person.
#include <algorithm>

#include "domain/finding_value.h"
#include "domain/unheeded_state.h"

namespace chibo {
namespace {

// Years in which a leave may bear on somebody's level.
std::set<std::string> YearsOf(const pb::Leave& leave) {
  std::set<std::string> years;
  for (const CivilDate day : {leave.from(), leave.to()}) {
    if (day != 0) {
      years.insert(std::to_string(day / 10000));
    }
  }
  return years;
}

SubjectId SubjectOf(const Bytes& person) { return SubjectId::Of(PersonId::FromChecked(person)); }

}  // namespace

// An entry is the register of its own unit. That two units have the same person on theirs is told
// by R32.
Status UnheededReader::State::JudgeMember(const Fact& fact) {
  const pb::Member& member = fact.record->member();
  if (member.supersedes_size() == 0 || !SeesAll(fact)) {
    return {};
  }
  CHIBO_TRY_VALUE(const Life* life, LifeOf(PersonId::FromChecked(member.person())));
  return CheckSupersedes(fact, life->joined.facts, member.supersedes());
}

Status UnheededReader::State::JudgeLife(const Fact& fact, const Bytes& person) {
  CHIBO_TRY_VALUE(const Life* life, LifeOf(PersonId::FromChecked(person)));
  if (!SeesAll(fact) || life->history.superseded().contains(fact.name)) {
    return {};
  }
  const pb::Record& record = *fact.record;
  if (!life->history.Heeds(fact)) {
    Add(Unheeded::kNotCompetent);
    return {};
  }
  if (record.has_posting() && !record.posting().managed_by().empty() &&
      !life->history.MayNameManager(fact)) {
    Add(Unheeded::kManagerNotTheWriters,
        {ValueOf(UnitId::FromChecked(record.posting().managed_by()))});
  }
  return record.has_membership()
             ? CheckSupersedes(fact, life->joined.facts, record.membership().supersedes())
             : Status();
}

Status UnheededReader::State::JudgeLeave(const Fact& fact) {
  const pb::Leave& leave = fact.record->leave();
  const SubjectId subject = SubjectOf(leave.person());
  std::vector<UnheededPart> refused;
  for (const std::string& year : YearsOf(leave)) {
    CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, subject.ToMessage(), year));
    if (evaluation == nullptr ? parts.empty() : evaluation->MayTellOf(fact.unit)) {
      parts.clear();
      return {};
    }
    refused.insert(refused.end(), parts.begin(), parts.end());
    parts.clear();
    if (evaluation != nullptr) {
      refused.push_back({Unheeded::kNotPlace, {ValueOf(fact.unit)}, subject});
    }
  }
  parts = std::move(refused);
  return {};
}

Status UnheededReader::State::JudgeCivilServantGrade(const Fact& fact) {
  const pb::CivilServantGrade& record = fact.record->civil_servant_grade();
  const SubjectId subject = SubjectOf(record.person());
  CHIBO_TRY_VALUE(const Evaluation* evaluation,
                  OnRegister(fact, subject.ToMessage(), record.period()));
  if (evaluation == nullptr) {
    return {};
  }
  if (!evaluation->MayTellOf(fact.unit)) {
    Add(Unheeded::kNotPlace, {ValueOf(fact.unit)}, subject);
  } else if (CivilGradeOf(*evaluation) != record.grade()) {
    Add(Unheeded::kContradicted, {}, subject);
  }
  return {};
}

// Of two records of one meeting, or of entries of one person.
Status UnheededReader::State::JudgeDuplicateChoice(const Fact& fact) {
  const pb::DuplicateChoice& choice = fact.record->duplicate_choice();
  if (!SeesAll(fact)) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto around, context.facts.FactsOf(KeyOf(fact.name)));
  if (SupersededIn(context.organisation, around).contains(fact.name)) {
    return {};
  }
  for (const Bytes& id : choice.persons()) {
    const PersonId person = PersonId::FromChecked(id);
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOf(person)));
    bool entered = false;
    bool may = true;
    for (const Fact& entry : facts) {
      if (entry.counts() && entry.record->has_member() && entry.record->member().person() == id) {
        entered = true;
        may = may && context.organisation.IsAtOrAbove(fact.unit, entry.unit);
      }
    }
    if (!entered || !may) {
      Add(entered ? Unheeded::kNotCompetent : Unheeded::kSubjectUnknown, {}, SubjectId::Of(person));
    }
  }
  for (const pb::Ref& ref : choice.duplicates()) {
    CHIBO_TRY_VALUE(const auto meeting, Named(fact, ref, Kind::kMeeting));
    if (!meeting) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto about, context.facts.FactsOf(KeyOf(meeting->name)));
    if (SupersededIn(context.organisation, about).contains(fact.name)) {
      return {};
    }
    CHIBO_TRY_VALUE(const auto canonical, Named(fact, choice.canonical(), Kind::kMeeting));
    if (canonical && canonical->name == meeting->name) {
      Add(Unheeded::kRefersToNothing);
    } else if (canonical && !context.organisation.IsAtOrAbove(fact.unit, meeting->unit)) {
      Add(Unheeded::kNotCompetent);
    } else if (canonical && !choice.undone() &&
               !DuplicatesAmong(context.organisation, about).contains(meeting->name)) {
      Add(Unheeded::kContradictedChoice);
    }
  }
  for (const pb::Ref& ref : choice.supersedes()) {
    CHIBO_TRY_VALUE(const auto older, ChoiceAt(fact, ref));
    if (!older || !context.organisation.IsAtOrAbove(fact.unit, older->unit)) {
      Add(Unheeded::kSupersedesNothing);
    }
  }
  return {};
}

// The earlier choice that a choice would replace: found under what both speak of.
Result<std::optional<Fact>> UnheededReader::State::ChoiceAt(const Fact& fact, const pb::Ref& ref) {
  const RecordName name = Resolve(ref, fact);
  const pb::DuplicateChoice& choice = fact.record->duplicate_choice();
  std::vector<FactKey> keys;
  for (const Bytes& person : choice.persons()) {
    keys.push_back(KeyOf(PersonId::FromChecked(person)));
  }
  if (choice.has_canonical()) {
    keys.push_back(KeyOf(Resolve(choice.canonical(), fact)));
  }
  for (const FactKey& key : keys) {
    CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(key));
    const Fact* older = FindFact(facts, name);
    if (older != nullptr && older->counts() && older->record->has_duplicate_choice()) {
      return *older;
    }
  }
  return std::nullopt;
}

}  // namespace chibo

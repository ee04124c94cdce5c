// Story 5 (two records of one meeting) and story 12 (one person entered twice). Nothing is merged
// by itself.
#include <algorithm>
#include <map>

#include "domain/evaluation.h"

namespace chibo {
namespace {

UnitId UnitOf(const Fact& meeting) {
  return UnitId::From(meeting.record->meeting().unit()).value_or(meeting.unit);
}

CivilDate DayOf(const pb::Meeting& meeting) {
  return DateOf(Timestamp(Duration(meeting.start_ms())));
}

bool InPeriod(const pb::Meeting& meeting, const Evaluation& evaluation) {
  if (!meeting.period().empty()) {
    return meeting.period() == evaluation.period;
  }
  const CivilDate day = DayOf(meeting);
  return day >= evaluation.days.first && day <= evaluation.days.last;
}

// Same day, a kind in common, somebody who was at both (or nobody named); contents equal in every
// byte are one record written again after a restore, and nothing to choose between.
bool MayBeOne(const Fact& a, const Fact& b) {
  const pb::Meeting& left = a.record->meeting();
  const pb::Meeting& right = b.record->meeting();
  const auto shares = [](const auto& one, const auto& other) {
    return std::any_of(one.begin(), one.end(), [&](const auto& value) {
      return std::find(other.begin(), other.end(), value) != other.end();
    });
  };
  return a.content != b.content && DayOf(left) == DayOf(right) &&
         shares(left.kinds(), right.kinds()) &&
         (shares(left.present(), right.present()) ||
          (left.present().empty() && right.present().empty()));
}

struct Cluster {
  std::vector<const Fact*> meetings;
};

std::vector<Cluster> ClustersOf(const std::vector<const Fact*>& meetings) {
  std::vector<Cluster> clusters;
  for (const Fact* meeting : meetings) {
    Cluster joined{{meeting}};
    std::vector<Cluster> others;
    for (Cluster& cluster : clusters) {
      const bool same = std::any_of(cluster.meetings.begin(), cluster.meetings.end(),
                                    [&](const Fact* other) { return MayBeOne(*meeting, *other); });
      if (same) {
        joined.meetings.insert(joined.meetings.end(), cluster.meetings.begin(),
                               cluster.meetings.end());
      } else {
        others.push_back(std::move(cluster));
      }
    }
    others.push_back(std::move(joined));
    clusters = std::move(others);
  }
  return clusters;
}

const std::string& NumberOf(const pb::Member& member, bool card) {
  return card ? member.card_no() : member.citizen_id();
}

// Where that person is counted, if its register as it now is still has the number.
Result<std::optional<UnitId>> StillHas(const Evaluation& evaluation, const PersonId& person,
                                       bool card, const std::string& number) {
  CHIBO_TRY_VALUE(const JoinedPersons other, JoinedWith(evaluation.context, person));
  const MemberHistory history(evaluation.organisation(), person, other.facts);
  const pb::Member* entry = history.RegisterOn(kEndOfTime);
  if (other.goes_on != person || entry == nullptr || NumberOf(*entry, card) != number) {
    return std::nullopt;
  }
  return history.HomeOn(kEndOfTime).unit;
}

// Somebody who may has said that they are not one: a choice among them, undone.
bool ToldApart(const Evaluation& evaluation, const PersonId& other) {
  return std::any_of(evaluation.facts.begin(), evaluation.facts.end(), [&](const Fact& fact) {
    if (!fact.counts() || !fact.record->has_duplicate_choice() ||
        !fact.record->duplicate_choice().undone()) {
      return false;
    }
    const auto& persons = fact.record->duplicate_choice().persons();
    return std::find(persons.begin(), persons.end(), other.view()) != persons.end() &&
           evaluation.organisation().IsAtOrAbove(fact.unit, *evaluation.counted_in);
  });
}

}  // namespace

std::set<RecordName> DuplicatesAmong(const Organisation& organisation,
                                     const std::vector<Fact>& facts) {
  const auto superseded = SupersededIn(organisation, facts);
  std::set<std::pair<RecordName, RecordName>> choices;  // what goes on, what does not
  for (const Fact& fact : facts) {
    if (!fact.counts() || !fact.record->has_duplicate_choice() ||
        fact.record->duplicate_choice().undone() || superseded.contains(fact.name)) {
      continue;
    }
    const pb::DuplicateChoice& choice = fact.record->duplicate_choice();
    const RecordName canonical = Resolve(choice.canonical(), fact);
    for (const pb::Ref& ref : choice.duplicates()) {
      const RecordName name = Resolve(ref, fact);
      const Fact* at_hand = FindFact(facts, name);
      const Fact* meeting = at_hand != nullptr ? at_hand : FindFact(facts, canonical);
      if (name != canonical && meeting != nullptr &&
          organisation.IsAtOrAbove(fact.unit, meeting->unit)) {
        choices.emplace(canonical, name);
      }
    }
  }
  // Where two choices give each other's meeting up, nothing is chosen yet.
  std::set<RecordName> duplicates;
  for (const auto& [canonical, name] : choices) {
    if (FindFact(facts, name) != nullptr && !choices.contains({name, canonical})) {
      duplicates.insert(name);
    }
  }
  return duplicates;
}

Status AddDuplicateMeetings(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  const UnitId unit = evaluation.subject.unit();
  std::vector<const Fact*> meetings;
  for (const Fact& fact : evaluation.facts) {
    if (fact.counts() && fact.record->has_meeting() && UnitOf(fact) == unit &&
        InPeriod(fact.record->meeting(), evaluation)) {
      meetings.push_back(&fact);
    }
  }
  for (Cluster& cluster : ClustersOf(meetings)) {
    if (cluster.meetings.size() < 2) {
      continue;
    }
    std::sort(cluster.meetings.begin(), cluster.meetings.end(),
              [](const Fact* a, const Fact* b) { return a->name < b->name; });
    const pb::Meeting& first = cluster.meetings.front()->record->meeting();
    Bytes of;
    AppendU32(of, DayOf(first));
    AppendU32(of, static_cast<std::uint32_t>(first.kinds(0)));
    pb::CaseRow row;
    row.set_id(CaseId(pb::CASE_DUPLICATE_MEETING, evaluation.subject, evaluation.period, of));
    row.set_type(pb::CASE_DUPLICATE_MEETING);
    *row.mutable_subject() = evaluation.subject.ToMessage();
    row.set_period(evaluation.period);
    row.set_owner(Bytes(cluster.meetings.front()->unit.view()));
    std::size_t left = 0;
    for (const Fact* meeting : cluster.meetings) {
      *row.add_evidence() = RefTo(meeting->name);
      CHIBO_TRY_VALUE(const auto referring, evaluation.context.facts.FactsOf(KeyOf(meeting->name)));
      left += DuplicatesAmong(evaluation.organisation(), referring).contains(meeting->name) ? 0 : 1;
    }
    row.set_state(left == 1 ? pb::CASE_CLOSED : pb::CASE_OPEN);
    out.push_back(std::move(row));
  }
  return {};
}

Status AddEnteredTwice(const Evaluation& evaluation, std::vector<pb::CaseRow>& out) {
  const pb::Member* entry = evaluation.member->RegisterOn(kEndOfTime);
  if (entry == nullptr || !evaluation.counted_in) {
    return {};
  }
  std::map<PersonId, UnitId> others;
  for (const bool card : {true, false}) {
    const std::string& number = NumberOf(*entry, card);
    if (number.empty()) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto facts, evaluation.context.facts.FactsOf(KeyOfNumber(number)));
    for (const Fact& fact : facts) {
      const auto person = fact.counts() && fact.record->has_member()
                              ? PersonId::From(fact.record->member().person())
                              : std::nullopt;
      // The case stands once, with the smaller id.
      if (!person || *person < evaluation.subject.person() || others.contains(*person) ||
          std::binary_search(evaluation.persons.begin(), evaluation.persons.end(), *person)) {
        continue;
      }
      CHIBO_TRY_VALUE(const auto home, StillHas(evaluation, *person, card, number));
      if (home) {
        others.emplace(*person, *home);
      }
    }
  }
  for (const auto& [other, home] : others) {
    pb::CaseRow row;
    row.set_id(
        CaseId(pb::CASE_PERSON_ENTERED_TWICE, evaluation.subject, evaluation.period, other.view()));
    row.set_type(pb::CASE_PERSON_ENTERED_TWICE);
    row.set_state(ToldApart(evaluation, other) ? pb::CASE_CLOSED : pb::CASE_OPEN);
    *row.mutable_subject() = evaluation.subject.ToMessage();
    row.set_period(evaluation.period);
    const auto owner =
        evaluation.organisation().LowestCommonSuperior({*evaluation.counted_in, home});
    row.set_owner(owner ? Bytes(owner->view()) : Bytes());
    row.add_persons(Bytes(evaluation.subject.id.view()));
    row.add_persons(Bytes(other.view()));
    out.push_back(std::move(row));
  }
  return {};
}

}  // namespace chibo

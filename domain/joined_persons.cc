// Which register entries are one person, and whose evaluation rests on whose.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "domain/evaluation.h"

namespace chibo {
namespace {

// A register says of ten entries at most that they are one person; more is somebody's mistake, and
// none of them is joined: what is joined is the same from whomever one begins.
constexpr std::size_t kJoinedMax = 16;

bool NamesPerson(const pb::DuplicateChoice& choice, const PersonId& person) {
  return std::any_of(choice.persons().begin(), choice.persons().end(),
                     [&](const Bytes& id) { return id == person.view(); });
}

// Choices about persons among the facts, whether they may join them or not.
std::vector<const Fact*> ChoicesIn(const std::vector<Fact>& facts) {
  std::vector<const Fact*> choices;
  for (const Fact& fact : facts) {
    if (fact.record != nullptr && fact.record->has_duplicate_choice()) {
      const int persons = fact.record->duplicate_choice().persons_size();
      if (persons > 1 && persons <= static_cast<int>(kJoinedMax)) {
        choices.push_back(&fact);
      }
    }
  }
  return choices;
}

// Register entries as points, choices as the lines between them. Every line is judged by what is
// known of itself alone, so that the graph is the same from wherever one looks at it.
class PersonGraph {
 public:
  explicit PersonGraph(const Context& context) : context_(context) {}

  // Of the person alone; they live as long as the graph.
  Result<std::vector<Fact>*> FactsOf(const PersonId& person) {
    auto at = facts_.find(person);
    if (at == facts_.end()) {
      CHIBO_TRY_VALUE(auto facts, context_.facts.FactsOf(KeyOf(person)));
      at = facts_.emplace(person, std::move(facts)).first;
    }
    return &at->second;
  }

  // Whether the choice joins those it names: a counted one, by who is above all their registers,
  // and not taken back.
  Result<bool> Joins(const Fact& choice) {
    if (!choice.counts() || choice.record->duplicate_choice().undone()) {
      return false;
    }
    CHIBO_TRY_VALUE(const auto around, context_.facts.FactsOf(KeyOf(choice.name)));
    if (SupersededIn(context_.organisation, around).contains(choice.name)) {
      return false;
    }
    for (const Bytes& id : choice.record->duplicate_choice().persons()) {
      CHIBO_TRY_VALUE(const auto* facts, FactsOf(PersonId::From(id).value_or(PersonId())));
      for (const Fact& fact : *facts) {
        if (fact.counts() && fact.record->has_member() && fact.record->member().person() == id &&
            !context_.organisation.IsAtOrAbove(choice.unit, fact.unit)) {
          return false;
        }
      }
    }
    return true;
  }

  // All that hang together with `person`, over lines that do not name `without`. Ends when they are
  // too many to be joined.
  Result<std::set<PersonId>> Reach(const PersonId& person, const PersonId* without = nullptr) {
    std::set<PersonId> reached = {person};
    std::vector<PersonId> unread = {person};
    while (!unread.empty() && reached.size() <= kJoinedMax) {
      const PersonId one = unread.back();
      unread.pop_back();
      CHIBO_TRY_VALUE(const auto* facts, FactsOf(one));
      for (const Fact* fact : ChoicesIn(*facts)) {
        const pb::DuplicateChoice& choice = fact->record->duplicate_choice();
        if (without != nullptr && NamesPerson(choice, *without)) {
          continue;
        }
        CHIBO_TRY_VALUE(const bool joins, Joins(*fact));
        for (int i = 0; joins && i < choice.persons_size(); ++i) {
          const auto id = PersonId::From(choice.persons(i));
          if (id && reached.insert(*id).second) {
            unread.push_back(*id);
          }
        }
      }
    }
    return reached;
  }

  // Of several: the one that no choice gives up. Where all are given up the smallest id goes on.
  Result<PersonId> GoesOn(const std::set<PersonId>& persons) {
    std::set<PersonId> going_on = persons;
    for (const PersonId& person : persons) {
      CHIBO_TRY_VALUE(const auto* facts, FactsOf(person));
      for (const Fact* fact : ChoicesIn(*facts)) {
        CHIBO_TRY_VALUE(const bool joins, Joins(*fact));
        if (joins && fact->record->duplicate_choice().persons(0) != person.view()) {
          going_on.erase(person);
          break;
        }
      }
    }
    return going_on.empty() ? *persons.begin() : *going_on.begin();
  }

 private:
  const Context& context_;
  std::map<PersonId, std::vector<Fact>> facts_;
};

// By name, once each: a record may be about several of them.
std::vector<Fact> Merged(std::vector<Fact> facts) {
  const auto place = [](const Fact& fact) { return std::tie(fact.name, fact.branch); };
  std::sort(facts.begin(), facts.end(),
            [&](const Fact& a, const Fact& b) { return place(a) < place(b); });
  const auto same = [&](const Fact& a, const Fact& b) { return place(a) == place(b); };
  facts.erase(std::unique(facts.begin(), facts.end(), same), facts.end());
  return facts;
}

}  // namespace

Result<std::set<PersonId>> PersonsRestingOn(const Context& context, const PersonId& person) {
  PersonGraph graph(context);
  std::set<PersonId> resting = {person};
  CHIBO_TRY_VALUE(const auto* facts, graph.FactsOf(person));
  for (const Fact* choice : ChoicesIn(*facts)) {
    // It may join them from now on, or no longer. Whoever hangs on it without being named hangs on
    // somebody it names, over lines that have nothing to do with this person.
    for (const Bytes& id : choice->record->duplicate_choice().persons()) {
      const auto named = PersonId::From(id);
      if (named && *named != person && !resting.contains(*named)) {
        CHIBO_TRY_VALUE(auto reached, graph.Reach(*named, &person));
        resting.merge(reached);
      }
    }
  }
  return resting;
}

Result<JoinedPersons> JoinedWith(const Context& context, const PersonId& person) {
  PersonGraph graph(context);
  CHIBO_TRY_VALUE(std::set<PersonId> persons, graph.Reach(person));
  if (persons.size() > kJoinedMax) {
    persons = {person};
  }
  JoinedPersons joined{{persons.begin(), persons.end()}, person, {}};
  if (persons.size() > 1) {
    CHIBO_TRY_VALUE(joined.goes_on, graph.GoesOn(persons));
  }
  for (const PersonId& one : joined.persons) {
    CHIBO_TRY_VALUE(auto* facts, graph.FactsOf(one));
    std::move(facts->begin(), facts->end(), std::back_inserter(joined.facts));
  }
  if (persons.size() > 1) {
    joined.facts = Merged(std::move(joined.facts));
  }
  return joined;
}

}  // namespace chibo

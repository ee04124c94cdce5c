#include <algorithm>

#include "domain/evaluation.h"

namespace chibo {
namespace {

// A register says of ten entries at most that they are one person; more is somebody's mistake.
constexpr std::size_t kJoinedMax = 16;

void AddFacts(std::vector<Fact> more, std::vector<Fact>& facts) {
  facts.insert(facts.end(), more.begin(), more.end());
  const auto by_place = [](const Fact& a, const Fact& b) {
    return std::tie(a.name, a.branch) < std::tie(b.name, b.branch);
  };
  std::sort(facts.begin(), facts.end(), by_place);
  const auto same_place = [](const Fact& a, const Fact& b) {
    return a.name == b.name && a.branch == b.branch;
  };
  facts.erase(std::unique(facts.begin(), facts.end(), same_place), facts.end());
}

bool NamesPerson(const pb::DuplicateChoice& choice, const PersonId& person) {
  return std::any_of(choice.persons().begin(), choice.persons().end(),
                     [&](const Bytes& id) { return id == person.view(); });
}

// Whoever says that entries of several registers are one person must be above all of them.
bool MayJoin(const Organisation& organisation, const Fact& choice, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    const auto person = fact.counts() && fact.record->has_member()
                            ? PersonId::From(fact.record->member().person())
                            : std::nullopt;
    if (person && NamesPerson(choice.record->duplicate_choice(), *person) &&
        !organisation.IsAtOrAbove(choice.unit, fact.unit)) {
      return false;
    }
  }
  return true;
}

std::vector<const Fact*> ChoicesIn(const Context& context, const std::vector<Fact>& facts) {
  const auto superseded = SupersededIn(context.organisation, facts);
  std::vector<const Fact*> choices;
  for (const Fact& fact : facts) {
    if (fact.counts() && fact.record->has_duplicate_choice() &&
        fact.record->duplicate_choice().persons_size() > 1 &&
        !fact.record->duplicate_choice().undone() && !superseded.contains(fact.name)) {
      choices.push_back(&fact);
    }
  }
  return choices;
}

// Everybody linked with `person` by the choices, and who of them goes on.
JoinedPersons Linked(const PersonId& person, const std::vector<const Fact*>& choices) {
  std::set<PersonId> persons = {person};
  std::set<PersonId> given_up;
  for (std::size_t round = 0; round <= kJoinedMax; ++round) {
    for (const Fact* fact : choices) {
      const pb::DuplicateChoice& choice = fact->record->duplicate_choice();
      const bool linked = std::any_of(persons.begin(), persons.end(), [&](const PersonId& one) {
        return NamesPerson(choice, one);
      });
      for (int i = 0; linked && i < choice.persons_size(); ++i) {
        if (const auto id = PersonId::From(choice.persons(i))) {
          persons.insert(*id);
          if (i > 0) {
            given_up.insert(*id);
          }
        }
      }
    }
  }
  JoinedPersons joined;
  joined.persons.assign(persons.begin(), persons.end());
  const auto goes_on = std::find_if(joined.persons.begin(), joined.persons.end(),
                                    [&](const PersonId& id) { return !given_up.contains(id); });
  // Two records that give each other up: the smaller id goes on, the same everywhere.
  joined.goes_on = goes_on == joined.persons.end() ? joined.persons.front() : *goes_on;
  return joined;
}

}  // namespace

namespace {

// Follows the choices from person to person; the facts of all of them come along.
Result<JoinedPersons> Follow(const Context& context, const PersonId& person) {
  JoinedPersons joined{{person}, person, {}};
  std::vector<Fact> facts;
  std::set<PersonId> read;
  while (read.size() < kJoinedMax) {
    const auto next = std::find_if(joined.persons.begin(), joined.persons.end(),
                                   [&](const PersonId& id) { return !read.contains(id); });
    if (next == joined.persons.end()) {
      break;
    }
    read.insert(*next);
    CHIBO_TRY_VALUE(auto more, context.facts.FactsOf(KeyOf(*next)));
    AddFacts(std::move(more), facts);
    joined = Linked(person, ChoicesIn(context, facts));
  }
  joined.facts = std::move(facts);
  return joined;
}

}  // namespace

Result<std::vector<PersonId>> NamedTogetherWith(const Context& context, const PersonId& person) {
  CHIBO_TRY_VALUE(JoinedPersons joined, Follow(context, person));
  return std::move(joined.persons);
}

Result<JoinedPersons> JoinedWith(const Context& context, const PersonId& person) {
  CHIBO_TRY_VALUE(JoinedPersons joined, Follow(context, person));
  if (joined.persons.size() == 1) {
    return joined;
  }
  std::vector<Fact> facts = std::move(joined.facts);
  std::vector<const Fact*> allowed;
  for (const Fact* choice : ChoicesIn(context, facts)) {
    if (MayJoin(context.organisation, *choice, facts)) {
      allowed.push_back(choice);
    }
  }
  joined = Linked(person, allowed);
  const auto elsewhere = [&](const Fact& fact) {
    const auto keys = KeysOf(fact);
    return std::none_of(joined.persons.begin(), joined.persons.end(), [&](const PersonId& id) {
      return std::binary_search(keys.begin(), keys.end(), KeyOf(id));
    });
  };
  facts.erase(std::remove_if(facts.begin(), facts.end(), elsewhere), facts.end());
  joined.facts = std::move(facts);
  return joined;
}

}  // namespace chibo

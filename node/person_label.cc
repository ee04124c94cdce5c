#include "node/person_label.h"

#include "domain/fact.h"

namespace chibo {

Result<PersonLabel> LabelOf(const Replica& replica, const PersonId& person) {
  CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOf(person)));
  PersonLabel label;
  bool from_register = false;
  for (const Fact& fact : facts) {
    if (!fact.counts()) {
      continue;
    }
    const auto take = [&](const auto& record) {
      if (record.person() == person.view() && !record.name().empty()) {
        label = {record.name(), record.birth()};
      }
    };
    if (fact.record->has_member()) {
      take(fact.record->member());
      from_register = true;
    } else if (!from_register && fact.record->has_posting()) {
      take(fact.record->posting());
    } else if (!from_register && fact.record->has_transfer()) {
      take(fact.record->transfer());
    }
  }
  return label;
}

}  // namespace chibo

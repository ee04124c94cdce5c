#ifndef CHIBO_NODE_PERSON_LABEL_H_
#define CHIBO_NODE_PERSON_LABEL_H_

#include <string>

#include "node/replica.h"

namespace chibo {

// What a person is called here.
struct PersonLabel {
  std::string name;  // "": nothing here says
  std::uint32_t birth = 0;
};

// As the newest counted register line says; a posting or transfer where there is none.
Result<PersonLabel> LabelOf(const Replica& replica, const PersonId& person);

}  // namespace chibo

#endif  // CHIBO_NODE_PERSON_LABEL_H_

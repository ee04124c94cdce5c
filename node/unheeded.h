#ifndef CHIBO_NODE_UNHEEDED_H_
#define CHIBO_NODE_UNHEEDED_H_

#include <functional>
#include <span>
#include <vector>

#include "domain/unheeded.h"
#include "node/replica.h"

namespace chibo {

// A record that counts, of which nothing takes up these parts.
struct UnheededRecord {
  Fact fact;
  std::vector<UnheededPart> parts;  // never empty
};

// All there are here, by name. `visit` returns false to stop.
Status VisitUnheeded(const Replica& replica,
                     const std::function<bool(const UnheededRecord&)>& visit);
// Among the records of entries just written; `first` names the first record of each.
Result<std::vector<UnheededRecord>> UnheededIn(const Replica& replica,
                                               std::span<const RecordName> first);
// Among the same, those that do not count at all, or not yet.
Result<std::vector<Fact>> SetAsideIn(const Replica& replica, std::span<const RecordName> first);

}  // namespace chibo

#endif  // CHIBO_NODE_UNHEEDED_H_

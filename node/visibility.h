#ifndef CHIBO_NODE_VISIBILITY_H_
#define CHIBO_NODE_VISIBILITY_H_

#include <optional>

#include "domain/authority.h"
#include "node/streams.h"

namespace chibo {

// Who may hold which stream and read which reach (architecture: streams, reach). Pure questions to
// the keepers of units; nothing is remembered.
class Visibility {
 public:
  explicit Visibility(const Authority& authority) : authority_(authority) {}

  // `unit` is `above` or lies below it.
  bool IsWithin(const UnitId& unit, const UnitId& above) const;
  // The child of `above` on the way down to `unit`; nothing when `unit` is not strictly below it.
  std::optional<UnitId> ChildTowards(const UnitId& above, const UnitId& unit) const;

  // Whether the node of `holder` may hold the stream:
  //   line      units above its unit, and the unit itself
  //   down      units above, the unit, everyone below
  //   to(V)     units above its unit, the unit, V, and every unit on the way to V
  bool MayHold(const Stream& stream, const UnitId& holder) const;
  // Whether `reader`, who may hold the stream, may read records of that reach: the parties the
  // genesis names, and the unit's superior now if a move has handed older records over.
  bool MayRead(const Stream& stream, pb::Reach reach, const UnitId& reader) const;

 private:
  const Authority& authority_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_VISIBILITY_H_

#ifndef CHIBO_NODE_STREAMS_BY_CHILD_H_
#define CHIBO_NODE_STREAMS_BY_CHILD_H_

#include <map>
#include <optional>
#include <set>

#include "node/projector.h"
#include "node/streams.h"

namespace chibo {

// Which streams may concern which unit directly below, so that a session with one of thousands
// looks at its own few. It narrows: whether a stream really goes up from or down to a unit is asked
// of Visibility. Brings itself up to date when asked: new streams are added, and when keepers may
// be others all is made anew. The streams and the projector must outlive it.
class StreamsByChild {
 public:
  StreamsByChild(const UnitId& unit, const Streams& streams, const Projector& projector)
      : unit_(unit), streams_(streams), projector_(projector) {}

  // A higher number whenever streams held before may be for other children than they were.
  std::uint64_t version();
  // Units directly below whose devices have been enrolled here.
  const std::set<UnitId>& Children();
  // Of units at or below the child: all that may come up from it.
  std::set<StreamNo> Upward(const UnitId& child);
  // All that it may be offered; those it sends itself may be among them.
  std::set<StreamNo> Downward(const UnitId& child);
  // The children that a stream may be offered to.
  std::set<UnitId> MayBeOfferedTo(const Stream& stream);

 private:
  struct Group {
    std::set<StreamNo> below;    // their unit lies there
    std::set<StreamNo> towards;  // they are for a unit there
  };
  void Refresh();
  void Add(const Stream& stream);
  std::optional<UnitId> ChildTowards(const UnitId& unit) const;

  UnitId unit_;
  const Streams& streams_;
  const Projector& projector_;
  std::uint64_t authority_version_ = 0;
  StreamNo newest_ = 0;
  std::uint64_t version_ = 0;
  std::set<UnitId> children_;
  std::map<UnitId, Group> groups_;
  std::set<StreamNo> down_;  // for everyone below: of this unit and those above
};

}  // namespace chibo

#endif  // CHIBO_NODE_STREAMS_BY_CHILD_H_

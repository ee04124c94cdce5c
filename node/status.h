#ifndef CHIBO_NODE_STATUS_H_
#define CHIBO_NODE_STATUS_H_

#include <vector>

#include "node/settings.h"
#include "node/streams.h"

namespace chibo {

// Where one own stream stands with the parent.
struct StreamStatus {
  StreamId id;
  pb::StreamKind kind = pb::STREAM_NONE;
  UnitId other;
  std::uint64_t size = 0;
  std::uint64_t received =
      0;  // entries covered by the parent's newest register entry that fits our log
  std::int64_t received_ms = 0;  // its time, by the parent's clock
  bool regressed = false;        // the parent's register names more than is here, or another root
  bool forked = false;
  bool retired = false;

  bool covered() const { return received == size; }
};

// What can be said about "received" without opening anything sealed: sizes, heads and register
// entries lie plain.
struct NodeStatus {
  std::uint64_t only_here = 0;        // own records not covered by the parent's register
  std::uint64_t received = 0;         // own records covered
  std::uint64_t decided = 0;          // decisions that have come down to this unit
  std::int64_t received_ms = 0;       // newest register entry; 0: none
  bool approved = false;              // its certificate has arrived, and what comes with it
  std::vector<StreamStatus> streams;  // own streams, in the order in which they were begun

  bool covered() const;
};

// `streams` must be loaded. At the top of the network, where there is no parent, everything is only
// here.
Result<NodeStatus> ReadStatus(const Settings& settings, const Streams& streams,
                              const LogStore& log);

}  // namespace chibo

#endif  // CHIBO_NODE_STATUS_H_

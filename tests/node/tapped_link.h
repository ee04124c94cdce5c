#ifndef CHIBO_TESTS_NODE_TAPPED_LINK_H_
#define CHIBO_TESTS_NODE_TAPPED_LINK_H_

#include <functional>
#include <memory>
#include <string_view>

#include "tests/sim/sim_node.h"

namespace chibo {

// What goes over a line, before it is packed and sealed: entries as the sender reads them for this
// peer, secrets it hands over, entries as the receiver unpacks them.
using Tap = std::function<void(bool upward, ByteView bytes)>;

// One session between a child and its parent as SyncOnce runs it, with somebody listening on the
// inside of both ends. Both must be running.
Status SyncTapped(SimNode& child, SimNode& parent, Timestamp now, const Tap& tap);

}  // namespace chibo

#endif  // CHIBO_TESTS_NODE_TAPPED_LINK_H_

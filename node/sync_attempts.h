#ifndef CHIBO_NODE_SYNC_ATTEMPTS_H_
#define CHIBO_NODE_SYNC_ATTEMPTS_H_

#include <array>
#include <cstdint>
#include <optional>

#include "node/sync_engine.h"

namespace chibo {

// How one connection upward ended.
struct AttemptEnd {
  Status status;  // ok only when the session was done
  SessionCounts counts;
  bool opened = false;  // the handshake was done
  std::optional<std::uint32_t> retry_after_s;
};

// How far this node and its parent have come. Bytes that moved are no progress: a parent that
// cannot take or give something moves them each time.
struct SyncReached {
  std::uint64_t registered = 0;  // entries in the parent's register
  std::uint64_t held = 0;        // entries of all streams here
  Bytes lineage;                 // of the parent's outbox
  std::uint64_t cursor = 0;      // in it
  // Of chunks that were cut: bytes kept here, bytes kept there.
  std::array<std::uint64_t, 2> parts{};

  // Becomes `now`; whether that is further than before.
  bool Raise(const SyncReached& now);
};

// What follows after each connection of one run upward, until the parent's register covers
// everything or trying on is no use. No sockets, no clock.
class SyncAttempts {
 public:
  // `fruitless_max`: attempts in a row that got nowhere (SyncReached) before it is given up.
  explicit SyncAttempts(SyncEngine& engine, std::uint32_t fruitless_max = 8)
      : engine_(engine), fruitless_max_(fruitless_max) {}

  // Before the first connection.
  Status Begin();
  // For the next connection: after a cut its first message carries half the news and smaller parts.
  const Pace& pace() const { return pace_; }

  struct Next {
    // How the run ended, and nothing follows: ok when the register covers everything; kNotReceived
    // when sessions ended well but it does not; else the last session's error.
    std::optional<Status> finished;
    Duration wait{};
  };
  // Waits are spread: children cut off together must not come back together.
  Next After(const AttemptEnd& end);

 private:
  Next AfterDone();

  SyncEngine& engine_;
  std::uint32_t fruitless_max_;
  SyncReached reached_;
  std::uint32_t fruitless_ = 0;
  std::uint32_t uncovered_ = 0;
  Pace pace_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_SYNC_ATTEMPTS_H_

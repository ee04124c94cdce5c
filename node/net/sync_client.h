#ifndef CHIBO_NODE_NET_SYNC_CLIENT_H_
#define CHIBO_NODE_NET_SYNC_CLIENT_H_

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <functional>

#include "node/net/connection.h"
#include "node/net/sync_server.h"
#include "node/status.h"

namespace chibo {

struct SyncPlan {
  NetAddress parent;
  // Attempts in a row that got nowhere (SyncReached) before it is given up.
  std::uint32_t fruitless_max = 8;
};

struct SyncReport {
  // Ok only when the parent's register covers everything; kNotReceived when sessions ended well but
  // it does not.
  Status status;
  SessionCounts counts;  // of all attempts together
  std::uint32_t attempts = 0;
  std::uint32_t cuts = 0;  // attempts that began to talk and were cut off
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

// Syncs upward until the parent's register covers everything, over as many connections as it takes:
// after a cut the next first message carries half the news and smaller parts. On the loop's only
// thread; one run at a time.
class SyncClient {
 public:
  using OnAttempt = std::function<void(const SyncReport&, const Status&)>;
  using OnEnd = std::function<void(const SyncReport&)>;

  explicit SyncClient(SyncLoop& loop) : loop_(loop), resolver_(loop.io()), timer_(loop.io()) {}

  bool running() const { return running_; }
  void Start(const SyncPlan& plan, OnAttempt on_attempt, OnEnd on_end);
  // Ends the run with kCut; what was received stays.
  void Stop();

 private:
  void Attempt();
  void Connected(asio::ip::tcp::socket socket);
  void AttemptEnded(const Connection::End& end);
  void RetryIn(Duration wait);
  void Finish(Status status);

  SyncLoop& loop_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  SyncPlan plan_;
  OnAttempt on_attempt_;
  OnEnd on_end_;
  SyncReport report_;
  std::weak_ptr<Connection> connection_;
  SyncReached reached_;
  std::uint32_t fruitless_ = 0;
  std::uint32_t uncovered_ = 0;
  Pace pace_;
  bool running_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYNC_CLIENT_H_

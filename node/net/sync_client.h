#ifndef CHIBO_NODE_NET_SYNC_CLIENT_H_
#define CHIBO_NODE_NET_SYNC_CLIENT_H_

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "node/net/connection.h"
#include "node/net/sync_server.h"

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

// Syncs upward until the parent's register covers everything, over as many connections as it takes
// (SyncAttempts). On the loop's only thread; one run at a time.
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
  void Finish(Status status);

  SyncLoop& loop_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  SyncPlan plan_;
  OnAttempt on_attempt_;
  OnEnd on_end_;
  SyncReport report_;
  std::weak_ptr<asio::ip::tcp::socket> connecting_;
  std::weak_ptr<Connection> connection_;
  std::optional<SyncAttempts> attempts_;
  bool running_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYNC_CLIENT_H_

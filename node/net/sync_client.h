#ifndef CHIBO_NODE_NET_SYNC_CLIENT_H_
#define CHIBO_NODE_NET_SYNC_CLIENT_H_

#include <asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "node/net/address.h"
#include "node/net/connection.h"
#include "node/net/dial.h"

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
  Duration wait{};         // before the next attempt; 0: none follows
};

// As long as a person waits without a word.
inline constexpr Duration kSilenceTold{4000};

// Nothing has come from the parent for a while.
struct SyncSilence {
  std::uint32_t attempt = 0;
  bool connected = false;
  Duration so_far{};
  Duration at_most{};  // then this attempt is given up
};

// Syncs upward until the parent's register covers everything, over as many connections as it takes
// (SyncAttempts). On the loop's only thread; one run at a time.
class SyncClient {
 public:
  using OnAttempt = std::function<void(const SyncReport&, const Status&)>;
  using OnSilence = std::function<void(const SyncSilence&)>;
  using OnEnd = std::function<void(const SyncReport&)>;

  explicit SyncClient(SyncLoop& loop)
      : loop_(loop), dial_(loop.io()), timer_(loop.io()), silence_(loop.io()) {}

  bool running() const { return running_; }
  void Start(const SyncPlan& plan, OnSilence on_silence, OnAttempt on_attempt, OnEnd on_end);
  // Ends the run with kCut; what was received stays.
  void Stop();

 private:
  void Attempt();
  void Connected(asio::ip::tcp::socket socket);
  void AttemptEnded(const Connection::End& end);
  void WatchSilence(Tick heard, std::uint64_t bytes_in);
  void Finish(Status status);

  SyncLoop& loop_;
  Dial dial_;
  asio::steady_timer timer_;
  asio::steady_timer silence_;
  SyncPlan plan_;
  OnSilence on_silence_;
  OnAttempt on_attempt_;
  OnEnd on_end_;
  SyncReport report_;
  std::weak_ptr<Connection> connection_;
  std::optional<SyncAttempts> attempts_;
  bool running_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYNC_CLIENT_H_

#ifndef CHIBO_SYNC_SESSION_H_
#define CHIBO_SYNC_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "sync/exchange.h"
#include "sync/secure_channel.h"

namespace chibo {

struct SessionOptions {
  ChannelOptions channel;
  // Initiator: news put into the first message; the caller halves it after each failed try, down to 0.
  std::size_t handshake_news_bytes = 4096;
  // First chunk part of a session; doubles while nothing is cut. Small after a cut.
  std::size_t part_bytes_first = 4096;
  std::size_t chunk_bytes_aim = 16000;
  // Responder: not 0 = admit nobody now; says so before any disk read.
  std::uint32_t retry_after_s = 0;
  // Responder: the exchange for a peer's Noise key; null with an Error refuses the peer (kNotKnown).
  std::function<Result<Exchange*>(const DhPublicKey&)> admit;
};

struct SessionCounts {
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t entries_in = 0;
  std::uint64_t entries_out = 0;
  std::uint64_t bytes_resumed = 0;  // of chunks that did not have to be sent again
};

// One exchange with one peer (docs/protocol.md, "Session"). No sockets, threads or clock: the owner moves the bytes
// and says what time it is. Not thread-safe. After each Handle* call, drain PollTransmit before the next one; answers
// of NextTimeout, done and PollTransmit change only in Handle* calls.
//
// The initiator is done when the parent's answers cover everything it offered, every outbox item up to the head it
// was told is durably applied, and the digests agree. Nothing else is success; a connection that ends before is kCut.
class Session {
 public:
  // Initiator; `exchange` must outlive the session.
  Session(const SessionOptions& options, Exchange& exchange, Random& random, Tick now);
  // Responder: the exchange comes from options.admit once the peer's key is known.
  Session(const SessionOptions& options, Random& random, Tick now);
  ~Session();

  Status HandleBytes(ByteView bytes, Tick now);  // split anywhere
  Status HandleCommitted(const CommitReport& report, Tick now);
  Status HandleTimeout(Tick now);
  // The connection ended. Ok only when done().
  Status HandleClosed();

  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out);
  std::optional<Tick> NextTimeout() const;
  // Everything was said and done (initiator), or the peer has ended authentically (responder). Drain, then close.
  bool done() const;
  // Set when the peer asked to come back later.
  std::optional<std::uint32_t> retry_after_s() const;
  const std::optional<DhPublicKey> peer() const;
  const SessionCounts& counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SESSION_H_

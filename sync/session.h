#ifndef CHIBO_SYNC_SESSION_H_
#define CHIBO_SYNC_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "proto/limits.h"
#include "sync/exchange.h"
#include "sync/secure_channel.h"

namespace chibo {

class SessionCore;

// A message costs 21 bytes; this one loses less at a cut than a larger one saves in ten kilobytes.
inline constexpr std::size_t kPartBytesDefault = 1024;

// How much is put at stake before the link has shown what it carries.
struct Pace {
  // Initiator: bytes of chunks beside Hello.
  std::size_t handshake_news_bytes = limits::kHandshakeNewsBytesMax;
  // Messages with chunk parts in them, at first; at least 64. They grow to a sixteenth of what the
  // session has sent, so that a cut never costs much more than that. An initiator with less than
  // the default asks the responder for the same.
  std::size_t part_bytes_first = kPartBytesDefault;
};

// For the next try after a session that was cut. `opened`: Welcome had arrived; then the parent
// holds beginnings of chunks, and sending them blindly beside Hello again would be waste. Else half
// of that, down to none.
Pace AfterCut(const Pace& pace, bool opened);

struct SessionOptions {
  ChannelOptions channel;
  Pace pace;
  std::size_t chunk_bytes_aim = limits::kChunkPackedBytesAim;
  // Responder: not 0 = admit nobody now; says so before any disk read.
  std::uint32_t retry_after_s = 0;
  // Responder: what an initiator may have under way; 0 = limits::kWindowBytes.
  std::uint32_t credit_bytes = 0;
  // Responder: the exchange for a peer's Noise key. An Error refuses the peer, who is told the
  // error's code.
  std::function<Result<Exchange*>(const DhPublicKey&)> admit;
};

struct SessionCounts {
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t entries_in = 0;  // stored, or held already
  std::uint64_t entries_out = 0;
  std::uint64_t bytes_resumed = 0;  // of chunks that did not have to be sent again
};

// One exchange with one peer (docs/protocol.md, "Session"). No sockets, threads or clock: the owner
// moves the bytes and says what time it is. Not thread-safe.
//
// After each Handle* call, drain PollTransmit before the next one. PollTransmit reads the log for
// what it gives out; NextTimeout and done change only in Handle* calls. An error is final, every
// later call gives it again; drain PollTransmit then too (it may tell the peer why), and close.
//
// The initiator is done when the parent's answers cover everything it offered, every outbox item up
// to the head it was told is durably applied, and the digests agree. Nothing else is success; a
// connection that ends before is kCut.
//
// Errors: those of SecureChannel; kMalformed, kTooLarge (what no chibo sends); kUnsupported (a
// frame from a newer one); kBusy (retry_after_s is set), kNotKnown, kNotAllowed and others as the
// peer told them; kNotReceived (the parent refused or cannot store something, `where` says what);
// kBehind (something from above could not be stored here); kSilent; kCut; those of the exchange.
class Session {
 public:
  // Initiator; `exchange` must outlive the session.
  Session(const SessionOptions& options, Exchange& exchange, Random& random, Tick now);
  // Responder: the exchange comes from options.admit once the peer's key is known.
  Session(const SessionOptions& options, Random& random, Tick now);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status HandleBytes(ByteView bytes, Tick now);  // split anywhere
  // Reports of one transaction together: they are answered in one message.
  Status HandleCommitted(std::span<const CommitReport> reports, Tick now);
  Status HandleTimeout(Tick now);
  // The connection ended. Ok only when done().
  Status HandleClosed();

  // Moves at most bytes_max bytes to send to the end of `out`; how many. Nothing more to send now:
  // 0.
  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out);
  // Nothing while own commits are waited for: the peer is not to blame.
  std::optional<Tick> NextTimeout() const;
  // Everything was said and done (initiator), or the peer has ended authentically (responder).
  // Drain, then close.
  bool done() const;
  // The handshake is done.
  bool opened() const;
  // Set when the peer asked to come back later.
  std::optional<std::uint32_t> retry_after_s() const;
  std::optional<DhPublicKey> peer() const;
  SessionCounts counts() const;

 private:
  std::unique_ptr<SessionCore> core_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SESSION_H_

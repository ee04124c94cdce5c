#ifndef CHIBO_SYNC_PAIRING_H_
#define CHIBO_SYNC_PAIRING_H_

#include <functional>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "sync/frame.h"
#include "sync/secure_channel.h"

namespace chibo {

// The pattern that an initiator's first bytes ask for, so that a listener can make a Session or a
// Pairing. Nothing before kPrefaceBytes have come, or when they are no preface of ours.
std::optional<NoisePattern> PatternOf(ByteView first_bytes);

// A join request is a few keys; in message 3 it has to fit beside the child's key.
inline constexpr std::size_t kPairRequestBytesMax = 7 * 1024;

struct PairReply {
  bool waiting = false;  // kept; an officer has to approve
  Bytes grant;           // the certificate file's bytes, once approved
};

struct PairingOptions {
  ChannelOptions channel;  // pattern and role are set here
  // Initiator: SHA-256 of the parent's Noise key, as the invite has it, and the join request.
  Hash parent_key;
  Bytes request;
  // Responder: what becomes of a request by who holds this Noise key. An Error's code is told. What
  // it keeps is durable when it returns.
  std::function<Result<PairReply>(ByteView request, const DhPublicKey& peer)> answer;
};

// How a device that has no certificate yet asks its parent for one: Noise XX. The parent shows its
// key first; the child says nothing of itself, not even its key, before that key is the one of the
// invite. No sockets, threads or clock; driven like a Session: drain PollTransmit after each
// Handle* call, errors are final.
//
//  side    state   arrives        answer                               next
//  child   (start) -              message 1, empty                     1
//  parent  1       message 1      message 2, empty                     3
//  child   1       message 2      message 3: PairRequest               answer
//  child   1       another key    -                                    failed (kNotKnown)
//  parent  3       PairRequest    PairAnswer{waiting | grant | code}   end; failed after a code
//  child   answer  PairAnswer     End{0}                               done; failed after a code
//  parent  end     End{0}         -                                    done
//
// Errors: those of SecureChannel; kMalformed, kTooLarge; kNotKnown; the answer's code; kSilent;
// kCut.
class Pairing {
 public:
  // `initiator` in options.channel says which side this is.
  Pairing(const PairingOptions& options, Random& random, Tick now);

  Status HandleBytes(ByteView bytes, Tick now);
  Status HandleTimeout(Tick now);
  Status HandleClosed();
  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out) {
    return channel_.PollTransmit(bytes_max, out);
  }
  std::optional<Tick> NextTimeout() const;
  bool done() const { return done_; }
  // Initiator, once done: what the parent said.
  const std::optional<PairReply>& reply() const { return reply_; }
  std::optional<DhPublicKey> peer() const { return channel_.remote_static(); }

 private:
  Status HandleMessage(ByteView payload);
  Status HandleAsChild(const std::vector<Frame>& frames);
  Status HandleAsParent(const std::vector<Frame>& frames);
  Status SendRequest();
  Status Answer(ByteView request);
  tl::unexpected<Error> FailWith(Error error);

  PairingOptions options_;
  SecureChannel channel_;
  Tick started_;
  int heard_ = 0;  // messages
  bool done_ = false;
  std::optional<Error> error_;
  std::optional<PairReply> reply_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_PAIRING_H_

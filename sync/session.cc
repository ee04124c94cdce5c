// The session, by what arrives. C = initiator, the child; P = responder, its parent. A frame that
// stands in no row of a state ends the session with kMalformed; an odd type that is not known with
// kUnsupported; an even one is skipped.
//
// clang-format off
//  side  state      arrives         answer                                             next
//  ----  ---------  --------------  -------------------------------------------------  ------------
//  C     (start)                    Hello + chunks of news, from the newest receipt    handshake
//                                   on
//  P     handshake  Hello, busy     Welcome{retry_after_s}                             failed
//  P     handshake  Hello, unknown  End{code}                                          failed
//  P     handshake  Hello           submits the chunks beside it; compares what comes  handshake
//                                   down
//  P     handshake  own commits     Welcome + NotForMe + outbox [+ DownDone]; then     open
//                                   silent until a transport message comes
//  C     handshake  End                                                                failed
//  C     handshake  Welcome         chunks from what `held` says; ForkProbe where      open
//                                   copies part; Inventory where digests differ;
//                                   Confirm if nothing else
//  C     open       Inventory       chunks, ForkProbe                                  open
//  P     open       Inventory       on the last page: Inventory of what differs,       open
//                                   chunks, and DownDone when it was about what comes
//                                   down
//  P     open       ForkProbe       ForkProbe; when it is the last: the branches       open
//                                   wanted
//  C     open       ForkProbe       ForkProbe; at the end the last one and chunks of   open
//                                   our branches
//  both  open       Chunk*          submitted when whole; spooled while it is not      open
//  P     open       own commits     Ack{held, head} or NotForMe; then the outbox [+    open
//                                   DownDone]
//  C     open       own commits     Ack{bytes} at times, or NotForMe                   open
//  C     open       DownDone        compares when all before it is committed;          open
//                                   Inventory once, if it differs
//  P     open       NotForMe        sends no more of it; DownDone once all else is     open
//                                   sent
//  C     open       NotForMe        sends no more of it, waits for DownDone            open
//  C     open       (complete)      End{0}, or End{code} when something was refused    done, failed
//  P     open       End{0}                                                             done
//  both  open       End{code}                                                          failed
//  both  any        silence         End{kSilent} when open; never while own commits    failed
//                                   are waited for
// clang-format on
#include "sync/session.h"

#include <algorithm>

#include "sync/session_initiator.h"
#include "sync/session_responder.h"

namespace chibo {

Pace AfterCut(const Pace& pace, bool opened) {
  constexpr std::size_t kPartBytes = 512;
  return {opened ? 0 : pace.handshake_news_bytes / 2, std::min(pace.part_bytes_first, kPartBytes)};
}

Session::Session(const SessionOptions& options, Exchange& exchange, Random& random, Tick now)
    : core_(std::make_unique<InitiatorSession>(options, exchange, random, now)) {}

Session::Session(const SessionOptions& options, Random& random, Tick now)
    : core_(std::make_unique<ResponderSession>(options, random, now)) {}

Session::~Session() = default;

Status Session::HandleBytes(ByteView bytes, Tick now) { return core_->HandleBytes(bytes, now); }

Status Session::HandleCommitted(std::span<const CommitReport> reports, Tick now) {
  return core_->HandleCommitted(reports, now);
}

Status Session::HandleTimeout(Tick now) { return core_->HandleTimeout(now); }

Status Session::HandleClosed() { return core_->HandleClosed(); }

std::size_t Session::PollTransmit(std::size_t bytes_max, Bytes& out) {
  return core_->PollTransmit(bytes_max, out);
}

std::optional<Tick> Session::NextTimeout() const { return core_->NextTimeout(); }

bool Session::done() const { return core_->done(); }

bool Session::opened() const { return core_->opened(); }

std::optional<std::uint32_t> Session::retry_after_s() const { return core_->retry_after_s(); }

std::optional<DhPublicKey> Session::peer() const { return core_->peer(); }

SessionCounts Session::counts() const { return core_->counts(); }

}  // namespace chibo

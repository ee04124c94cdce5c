#ifndef CHIBO_SYNC_SESSION_CORE_H_
#define CHIBO_SYNC_SESSION_CORE_H_

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "proto/message_bytes.h"
#include "sync/chunk_receiver.h"
#include "sync/chunk_sender.h"
#include "sync/frame.h"
#include "sync/session.h"

// Inside of sync/session: what both roles share. The transition table is at the top of session.cc.
namespace chibo {

// Streams listed in Hello; more are told by Inventory.
inline constexpr int kHelloNewsMax = 64;
inline constexpr std::size_t kSpooledMax = 16;

class SessionCore {
 public:
  virtual ~SessionCore() = default;

  Status HandleBytes(ByteView bytes, Tick now);
  Status HandleCommitted(std::span<const CommitReport> reports, Tick now);
  Status HandleTimeout(Tick now);
  Status HandleClosed();
  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out);
  std::optional<Tick> NextTimeout() const;
  bool done() const { return phase_ == Phase::kDone; }
  bool opened() const { return opened_; }
  std::optional<std::uint32_t> retry_after_s() const { return retry_after_s_; }
  std::optional<DhPublicKey> peer() const { return channel_.remote_static(); }
  SessionCounts counts() const;

 protected:
  enum class Phase { kHandshake, kOpen, kDone, kFailed };

  SessionCore(const SessionOptions& options, Random& random, Tick now);

  // ---- the role's part
  // The payload of the peer's one handshake message.
  virtual Status HandleHandshake(const std::vector<Frame>& frames) = 0;
  // A transport message has opened.
  virtual Status HandleTransport() { return {}; }
  // Inventory, ForkProbe, DownDone.
  virtual Status HandleRoleFrame(FrameType type, ByteView body) = 0;
  virtual Status HandleAck(const pb::Ack& ack) = 0;
  // The peer refuses, or cannot send, more of this stream.
  virtual Status HandleNotForMe(ByteView stream, Code code) = 0;
  // This side refuses what came of the stream, or cannot send more of it; the peer is told.
  virtual Status HandleRefusal(ByteView stream, const Error& error) = 0;
  virtual Status HandleStored(const ChunkReceiver::Outcome& outcome) = 0;
  // All reports of a transaction are in.
  virtual Status HandleReported() { return {}; }
  // Called when nothing is left to send, until it queues nothing more: what comes next?
  virtual Status Continue() = 0;
  virtual bool may_transmit() const { return true; }

  // ---- for the roles
  void SetExchange(Exchange& exchange);
  Exchange& exchange() { return *exchange_; }
  ChunkSender& sender() { return *sender_; }
  ChunkReceiver& receiver() { return *receiver_; }
  SecureChannel& channel() { return channel_; }
  const SessionOptions& options() const { return options_; }
  Phase phase() const { return phase_; }
  std::size_t part_bytes() const { return part_bytes_; }
  // A transport message was written.
  bool transmitted() const { return transmitted_; }
  void set_part_bytes(std::size_t bytes);
  void set_retry_after_s(std::uint32_t seconds) { retry_after_s_ = seconds; }

  void Queue(FrameType type, const google::protobuf::Message& message);
  void QueueNotForMe(ByteView stream, Code code);
  void QueueInventory(std::span<const pb::Held> streams, bool upward);
  // Frames that wait go to the end of a handshake payload, as far as they fit.
  void AppendQueued(Bytes& payload);
  // Beginnings of chunks that the peer may go on with: those where what is held ends, or its texts
  // do. The others are of no use any more.
  Result<std::vector<pb::Spooled>> UsefulSpool();
  Status DropUselessSpool();
  Status TakeFrames(std::span<const Frame> frames);
  Status SubmitReady();
  // The handshake is done.
  void Open() {
    phase_ = Phase::kOpen;
    opened_ = true;
  }
  // End{0} goes out, and that is all.
  void Finish();
  // The error, final; the peer is told its code if it can be and `tell` says so.
  tl::unexpected<Error> FailWith(Error error, bool tell);

 private:
  Status HandleMessage(ByteView payload);
  Status HandleFrame(const Frame& frame);
  Status HandleEnd(ByteView body);
  Status HandleReport(const CommitReport& report);
  Result<bool> IsUseful(const pb::Spooled& spooled);
  // Writes messages until `bytes_max` wait to be sent.
  Status Pump(std::size_t bytes_max);
  Result<bool> WriteMessage();
  Result<bool> FillMessage(Bytes& message);
  void TellPeer(Code code);
  // Makes an error of any step final.
  Status Settle(Status status);

  SessionOptions options_;
  SecureChannel channel_;
  Exchange* exchange_ = nullptr;
  std::optional<ChunkSender> sender_;
  std::optional<ChunkReceiver> receiver_;
  Phase phase_ = Phase::kHandshake;
  bool handshake_heard_ = false;
  bool opened_ = false;
  bool finishing_ = false;
  bool transmitted_ = false;
  std::optional<Error> error_;
  Tick heard_;
  std::size_t part_bytes_ = 0;
  std::uint64_t part_bytes_sent_ = 0;  // all messages with parts
  std::deque<Bytes> control_;          // whole frames
  std::optional<std::uint32_t> retry_after_s_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

// The message a frame holds; kMalformed.
template <typename Message>
Result<Message> ParseBody(ByteView body) {
  Message message;
  if (!ParseBounded(body, message)) {
    return Fail(Code::kMalformed, "frame_body_malformed");
  }
  return message;
}

}  // namespace chibo

#endif  // CHIBO_SYNC_SESSION_CORE_H_

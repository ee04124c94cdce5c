#include "sync/session_core.h"

#include <algorithm>
#include <utility>

#include "base/error_code.h"
#include "base/planted.h"

namespace chibo {
namespace {

// Enough to keep a link busy while the owner writes it out; the rest stays in the log.
constexpr std::size_t kTransmitBytesLow = 32 * 1024;
constexpr std::size_t kPaddingRoom = 32;
constexpr std::size_t kMessageBytesMax = kTransportPayloadBytesMax - kPaddingRoom;
// Of what was sent without a cut, the part that may be lost by one.
constexpr std::uint64_t kPartShare = 16;
constexpr std::size_t kPartBytesLeast = 64;
constexpr std::size_t kPartBytesMost = 16 * 1024;

// What the peer's End means on this side: its troubles with itself are not ours.
Error PeerError(std::uint32_t number) {
  const std::optional<Code> code = CodeFromNumber(number);
  switch (code.value_or(Code::kNotReceived)) {
    case Code::kNotKnown:
      return {*code, "not_known_there", {}};
    case Code::kNotAllowed:
    case Code::kWrongNetwork:
    case Code::kUnsupported:
    case Code::kMalformed:
    case Code::kTooLarge:
    case Code::kBusy:
    case Code::kBehind:
    case Code::kSilent:
      return {*code, "peer_ended_session", {}};
    case Code::kDiskFull:
    case Code::kDiskFailing:
      return {Code::kNotReceived, "peer_cannot_write", {}};
    default:
      return {Code::kNotReceived, "peer_cannot_go_on", {}};
  }
}

// The store cannot take anything: not this chunk's fault.
// What is damaged of one stream concerns that stream alone.
bool IsStoreFailure(Code code) { return ExitCode(code) == 6; }

}  // namespace

SessionCore::SessionCore(const SessionOptions& options, Random& random, Tick now)
    : options_(options), channel_(options.channel, random), heard_(now) {
  set_part_bytes(options.pace.part_bytes_first);
}

void SessionCore::SetExchange(Exchange& exchange) {
  exchange_ = &exchange;
  sender_.emplace(exchange, options_.chunk_bytes_aim);
  sender_->set_window(limits::kWindowBytes);
  receiver_.emplace(exchange);
}

void SessionCore::set_part_bytes(std::size_t bytes) {
  part_bytes_ = std::clamp(bytes, kPartBytesLeast, kPartBytesMost);
}

// ---- in

Status SessionCore::HandleBytes(ByteView bytes, Tick now) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  // Somebody who has shown no key yet does not buy time with single bytes.
  if (phase_ == Phase::kOpen) {
    heard_ = now;
  }
  bytes_in_ += bytes.size();
  const Status received = channel_.HandleBytes(bytes);
  while (phase_ == Phase::kHandshake || phase_ == Phase::kOpen) {
    const std::optional<Bytes> payload = channel_.TakeMessage();
    if (!payload) {
      break;
    }
    const Phase before = phase_;
    CHIBO_TRY(Settle(HandleMessage(*payload)));
    if (before == Phase::kHandshake && phase_ == Phase::kOpen) {
      heard_ = now;
    }
  }
  if (!received && !done()) {
    return FailWith(received.error(), false);
  }
  return Settle(Pump(kTransmitBytesLow));
}

Status SessionCore::HandleMessage(ByteView payload) {
  CHIBO_TRY_VALUE(const std::vector<Frame> frames, ParseFrames(payload));
  if (!handshake_heard_) {
    handshake_heard_ = true;
    return HandleHandshake(frames);
  }
  CHIBO_TRY(HandleTransport());
  return TakeFrames(frames);
}

Status SessionCore::TakeFrames(std::span<const Frame> frames) {
  for (const Frame& frame : frames) {
    CHIBO_TRY(HandleFrame(frame));
    if (done()) {
      return {};
    }
  }
  return SubmitReady();
}

Status SessionCore::HandleFrame(const Frame& frame) {
  const auto type = static_cast<FrameType>(frame.type);
  switch (type) {
    case FrameType::kChunkHead: {
      CHIBO_TRY_VALUE(auto head, ParseBody<pb::ChunkHead>(frame.body));
      return receiver_->HandleHead(std::move(head));
    }
    case FrameType::kChunkPart:
      return receiver_->HandlePart(frame.body);
    case FrameType::kAck: {
      CHIBO_TRY_VALUE(const auto ack, ParseBody<pb::Ack>(frame.body));
      return HandleAck(ack);
    }
    case FrameType::kNotForMe: {
      CHIBO_TRY_VALUE(const auto refused, ParseBody<pb::NotForMe>(frame.body));
      return HandleNotForMe(refused.stream(),
                            CodeFromNumber(refused.code()).value_or(Code::kNotAllowed));
    }
    case FrameType::kConfirm:
      return {};  // that it came is all it says
    case FrameType::kInventory:
    case FrameType::kForkProbe:
    case FrameType::kDownDone:
      return HandleRoleFrame(type, frame.body);
    case FrameType::kEnd:
      return HandleEnd(frame.body);
    case FrameType::kHello:
    case FrameType::kWelcome:
    case FrameType::kPairRequest:
    case FrameType::kPairAnswer:
      return Fail(Code::kMalformed, "frame_out_of_place");
    default:
      break;
  }
  if (frame.type % 2 != 0) {
    return Fail(Code::kUnsupported, "frame_type_not_known");
  }
  return {};
}

Status SessionCore::HandleEnd(ByteView body) {
  CHIBO_TRY_VALUE(const auto end, ParseBody<pb::End>(body));
  if (end.code() != 0) {
    return FailWith(PeerError(end.code()), false);
  }
  // Only the initiator knows when everything is said.
  if (options_.channel.initiator || phase_ != Phase::kOpen) {
    return Fail(Code::kMalformed, "frame_out_of_place");
  }
  phase_ = Phase::kDone;
  return {};
}

Status SessionCore::SubmitReady() {
  CHIBO_TRY_VALUE(const auto refused, receiver_->SubmitReady());
  for (const ChunkReceiver::Outcome& outcome : refused) {
    CHIBO_TRY(HandleRefusal(outcome.stream, *outcome.error));
  }
  return {};
}

Status SessionCore::HandleCommitted(std::span<const CommitReport> reports, Tick now) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  if (done()) {
    return {};
  }
  CHECK(receiver_.has_value());
  const Phase before = phase_;
  for (const CommitReport& report : reports) {
    CHIBO_TRY(Settle(HandleReport(report)));
  }
  CHIBO_TRY(Settle(SubmitReady()));
  CHIBO_TRY(Settle(HandleReported()));
  if (phase_ == Phase::kOpen || before != phase_) {
    heard_ = now;
  }
  return Settle(Pump(kTransmitBytesLow));
}

Status SessionCore::HandleReport(const CommitReport& report) {
  const std::optional<ChunkReceiver::Outcome> outcome = receiver_->HandleReport(report);
  CHECK(outcome.has_value());
  if (!outcome->error) {
    return outcome->stream.empty() ? Status() : HandleStored(*outcome);
  }
  if (IsStoreFailure(outcome->error->code) || outcome->stream.empty()) {
    return tl::unexpected(*outcome->error);
  }
  return HandleRefusal(outcome->stream, *outcome->error);
}

// ---- time and end

std::optional<Tick> SessionCore::NextTimeout() const {
  switch (phase_) {
    case Phase::kDone:
      return std::nullopt;
    case Phase::kFailed:
      return heard_;
    case Phase::kHandshake:
    case Phase::kOpen:
      break;
  }
  if (CHIBO_PLANT(kNoTimeout, receiver_ && receiver_->committing(), true)) {
    return std::nullopt;
  }
  const std::int64_t ms =
      phase_ == Phase::kHandshake ? limits::kHandshakeMsMax : limits::kSilenceMsMax;
  return heard_ + Duration(ms);
}

Status SessionCore::HandleTimeout(Tick now) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  const std::optional<Tick> due = NextTimeout();
  if (!due || now < *due) {
    return {};
  }
  return FailWith({Code::kSilent, "peer_is_silent", {}}, phase_ == Phase::kOpen);
}

Status SessionCore::HandleClosed() {
  if (error_) {
    return tl::unexpected(*error_);
  }
  if (done()) {
    return {};
  }
  return FailWith({Code::kCut, "session_cut_off", {}}, false);
}

tl::unexpected<Error> SessionCore::FailWith(Error error, bool tell) {
  if (!error_) {
    if (tell) {
      TellPeer(error.code);
    }
    error_ = std::move(error);
    phase_ = Phase::kFailed;
  }
  return tl::unexpected(*error_);
}

void SessionCore::TellPeer(Code code) {
  pb::End end;
  end.set_code(static_cast<std::uint32_t>(code));
  Bytes message;
  AppendFrame(message, FrameType::kEnd, CanonicalBytes(end));
  // Whether it still goes out makes no difference to what failed.
  if (channel_.finished()) {
    static_cast<void>(channel_.Send(message));
  } else if (!options_.channel.initiator && handshake_heard_ && channel_.remote_static()) {
    static_cast<void>(channel_.WriteHandshake(message));
  }
}

Status SessionCore::Settle(Status status) {
  if (!status && !error_) {
    return FailWith(std::move(status).error(), true);
  }
  return status;
}

void SessionCore::Finish() {
  Queue(FrameType::kEnd, pb::End());
  finishing_ = true;
}

// ---- out

void SessionCore::Queue(FrameType type, const google::protobuf::Message& message) {
  Bytes frame;
  AppendFrame(frame, type, CanonicalBytes(message));
  control_.push_back(std::move(frame));
}

void SessionCore::QueueNotForMe(ByteView stream, Code code) {
  pb::NotForMe refused;
  refused.set_stream(Bytes(stream));
  refused.set_code(static_cast<std::uint32_t>(code));
  Queue(FrameType::kNotForMe, refused);
}

void SessionCore::QueueInventory(std::span<const pb::Held> streams, bool upward) {
  do {
    const std::size_t count = std::min(streams.size(), limits::kInventoryPage);
    pb::Inventory page;
    page.set_upward(upward);
    page.set_last(count == streams.size());
    for (const pb::Held& held : streams.first(count)) {
      *page.add_streams() = held;
    }
    Queue(FrameType::kInventory, page);
    streams = streams.subspan(count);
  } while (!streams.empty());
}

Result<bool> SessionCore::IsUseful(const pb::Spooled& spooled) {
  CHIBO_TRY_VALUE(const auto held, exchange_->Find(spooled.stream()));
  return spooled.from() == (held ? held->size : 0) ||
         (held && held->lacking && spooled.from() == held->lacking->from);
}

Result<std::vector<pb::Spooled>> SessionCore::UsefulSpool() {
  std::vector<pb::Spooled> useful;
  for (auto& [spooled, bytes] : exchange_->Spool()) {
    CHIBO_TRY_VALUE(const bool goes_on, IsUseful(spooled));
    if (goes_on && useful.size() < kSpooledMax) {
      useful.push_back(std::move(spooled));
    }
  }
  return useful;
}

Status SessionCore::DropUselessSpool() {
  for (const auto& [spooled, bytes] : exchange_->Spool()) {
    CHIBO_TRY_VALUE(const bool useful, IsUseful(spooled));
    if (!useful) {
      exchange_->DropSpool(spooled.stream());
    }
  }
  return {};
}

void SessionCore::AppendQueued(Bytes& payload) {
  constexpr std::size_t kBytesMax = kHandshakePayloadBytesMax - kPaddingRoom;
  while (!control_.empty() && payload.size() + control_.front().size() <= kBytesMax) {
    payload += control_.front();
    control_.pop_front();
  }
}

std::size_t SessionCore::PollTransmit(std::size_t bytes_max, Bytes& out) {
  static_cast<void>(Settle(Pump(bytes_max)));
  const std::size_t count = channel_.PollTransmit(bytes_max, out);
  bytes_out_ += count;
  return count;
}

Status SessionCore::Pump(std::size_t bytes_max) {
  while (phase_ == Phase::kOpen && may_transmit() && channel_.transmit_bytes() < bytes_max) {
    CHIBO_TRY_VALUE(const bool wrote, WriteMessage());
    if (!wrote) {
      break;
    }
  }
  return {};
}

Result<bool> SessionCore::WriteMessage() {
  Bytes message;
  CHIBO_TRY_VALUE(const bool news, FillMessage(message));
  if (message.empty()) {
    return false;
  }
  if (news) {
    PadMessage(message);
    part_bytes_sent_ += message.size();
    set_part_bytes(std::max<std::size_t>(part_bytes_, part_bytes_sent_ / kPartShare));
  }
  CHIBO_TRY(channel_.Send(message));
  transmitted_ = true;
  if (finishing_ && control_.empty()) {
    phase_ = Phase::kDone;
  }
  return true;
}

Result<bool> SessionCore::FillMessage(Bytes& message) {
  bool news = false;
  while (true) {
    while (!control_.empty() && message.size() + control_.front().size() <= kMessageBytesMax) {
      message += control_.front();
      control_.pop_front();
    }
    if (!control_.empty() || finishing_) {
      return news;
    }
    news = sender_->Fill(message, part_bytes_, part_bytes_) || news;
    for (const ChunkSender::Failure& failure : sender_->TakeFailures()) {
      CHIBO_TRY(HandleRefusal(failure.stream.view(), failure.error));
    }
    if (!control_.empty()) {
      continue;
    }
    if (!sender_->idle()) {
      return news;
    }
    CHIBO_TRY(Continue());
    if (control_.empty() && sender_->idle()) {
      return news;
    }
  }
}

SessionCounts SessionCore::counts() const {
  SessionCounts counts;
  counts.bytes_in = bytes_in_;
  counts.bytes_out = bytes_out_;
  if (sender_) {
    counts.entries_in = receiver_->entries_received();
    counts.entries_out = sender_->entries_sent();
    counts.bytes_resumed = sender_->bytes_resumed();
  }
  return counts;
}

}  // namespace chibo

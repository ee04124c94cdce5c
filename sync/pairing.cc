#include "sync/pairing.h"

#include <utility>

#include "base/error_code.h"
#include "chibo/sync.pb.h"
#include "proto/crypto.h"
#include "proto/message_bytes.h"

namespace chibo {
namespace {

// People wait for it; what is decided later comes by another pairing or by file.
constexpr Duration kPairingMax{limits::kHandshakeMsMax};

Bytes FrameOf(FrameType type, const google::protobuf::Message& message) {
  Bytes frame;
  AppendFrame(frame, type, CanonicalBytes(message));
  return frame;
}

// The one frame a message of this protocol has, of this type.
template <typename Message>
Result<Message> OnlyFrame(const std::vector<Frame>& frames, FrameType type) {
  Message message;
  if (frames.size() != 1 || frames[0].type != static_cast<std::uint8_t>(type) ||
      !ParseBounded(frames[0].body, message)) {
    return Fail(Code::kMalformed, "frame_out_of_place");
  }
  return message;
}

ChannelOptions Xx(ChannelOptions options) {
  options.pattern = NoisePattern::kXx;
  options.remote_static.reset();
  return options;
}

}  // namespace

std::optional<NoisePattern> PatternOf(ByteView first_bytes) {
  if (first_bytes.size() < kPrefaceBytes || !first_bytes.starts_with("chib")) {
    return std::nullopt;
  }
  const auto pattern = static_cast<NoisePattern>(first_bytes[6]);
  const bool known = pattern == NoisePattern::kIk || pattern == NoisePattern::kXx;
  return known ? std::optional(pattern) : std::nullopt;
}

Pairing::Pairing(const PairingOptions& options, Random& random, Tick now)
    : options_(options), channel_(Xx(options.channel), random), started_(now) {
  CHECK(options_.channel.initiator || options_.answer != nullptr);
  if (options_.channel.initiator) {
    CHECK(options_.request.size() <= kPairRequestBytesMax);
    if (Status written = channel_.WriteHandshake({}); !written) {
      error_ = written.error();
    }
  }
}

Status Pairing::HandleBytes(ByteView bytes, Tick) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  const Status received = channel_.HandleBytes(bytes);
  while (!done_) {
    const std::optional<Bytes> payload = channel_.TakeMessage();
    if (!payload) {
      break;
    }
    if (Status handled = HandleMessage(*payload); !handled) {
      return FailWith(std::move(handled).error());
    }
  }
  return received || done_ ? Status() : FailWith(received.error());
}

Status Pairing::HandleMessage(ByteView payload) {
  CHIBO_TRY_VALUE(const std::vector<Frame> frames, ParseFrames(payload));
  ++heard_;
  return options_.channel.initiator ? HandleAsChild(frames) : HandleAsParent(frames);
}

// ---- child

Status Pairing::HandleAsChild(const std::vector<Frame>& frames) {
  if (heard_ == 1) {
    return SendRequest();
  }
  CHIBO_TRY_VALUE(auto answer, OnlyFrame<pb::PairAnswer>(frames, FrameType::kPairAnswer));
  if (answer.code() != 0) {
    return Fail(CodeFromNumber(answer.code()).value_or(Code::kNotAllowed),
                "parent_refuses_request");
  }
  if (answer.waiting() != answer.grant().empty()) {
    return Fail(Code::kMalformed, "pair_answer_malformed");
  }
  reply_ = PairReply{answer.waiting(), std::move(*answer.mutable_grant())};
  done_ = true;
  return channel_.Send(FrameOf(FrameType::kEnd, pb::End()));
}

Status Pairing::SendRequest() {
  const std::optional<DhPublicKey> parent = channel_.remote_static();
  if (!parent || Sha256(parent->view()) != options_.parent_key) {
    return Fail(Code::kNotKnown, "parent_key_is_not_the_invited");
  }
  pb::PairRequest request;
  request.set_request(options_.request);
  return channel_.WriteHandshake(FrameOf(FrameType::kPairRequest, request));
}

// ---- parent

Status Pairing::HandleAsParent(const std::vector<Frame>& frames) {
  if (heard_ == 1) {
    // A Session's first message would show its sender's key: not what this is for.
    if (channel_.remote_static()) {
      return Fail(Code::kUnsupported, "session_not_expected");
    }
    return channel_.WriteHandshake({});
  }
  if (heard_ == 2) {
    CHIBO_TRY_VALUE(const auto request,
                    OnlyFrame<pb::PairRequest>(frames, FrameType::kPairRequest));
    return Answer(request.request());
  }
  CHIBO_TRY_VALUE(const auto end, OnlyFrame<pb::End>(frames, FrameType::kEnd));
  if (end.code() != 0) {
    return Fail(Code::kCut, "peer_ended_session");
  }
  done_ = true;
  return {};
}

Status Pairing::Answer(ByteView request) {
  pb::PairAnswer answer;
  Result<PairReply> reply = options_.answer(request, *channel_.remote_static());
  if (reply && reply->grant.size() > limits::kFrameBytesMax - 16) {
    reply = Fail(Code::kTooLarge, "grant_too_large");
  }
  if (!reply) {
    answer.set_code(static_cast<std::uint32_t>(reply.error().code));
  } else {
    answer.set_waiting(reply->waiting);
    answer.set_grant(reply->grant);
  }
  CHIBO_TRY(channel_.Send(FrameOf(FrameType::kPairAnswer, answer)));
  return reply ? Status() : tl::unexpected(reply.error());
}

// ---- time and end

std::optional<Tick> Pairing::NextTimeout() const {
  if (done_) {
    return std::nullopt;
  }
  return error_ ? started_ : started_ + kPairingMax;
}

Status Pairing::HandleTimeout(Tick now) {
  if (error_) {
    return tl::unexpected(*error_);
  }
  if (done_ || now < started_ + kPairingMax) {
    return {};
  }
  return FailWith({Code::kSilent, "peer_is_silent", {}});
}

Status Pairing::HandleClosed() {
  if (error_) {
    return tl::unexpected(*error_);
  }
  return done_ ? Status() : FailWith({Code::kCut, "session_cut_off", {}});
}

tl::unexpected<Error> Pairing::FailWith(Error error) {
  error_ = std::move(error);
  return tl::unexpected(*error_);
}

}  // namespace chibo

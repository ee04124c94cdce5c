#include "sync/secure_channel.h"

#include <algorithm>

#include "base/check.h"

namespace chibo {
namespace {

constexpr ByteView kMagic = "chib";
constexpr ByteView kPrologue = "chibo/sync/v0\n";
constexpr std::size_t kTagBytes = 16;
// The static key sealed, the ephemeral key, and the tag of the payload: the most a message adds.
constexpr std::size_t kHandshakeOverheadMax = 32 + (32 + kTagBytes) + kTagBytes;
static_assert(kHandshakePayloadBytesMax + kHandshakeOverheadMax <= kHandshakeMessageBytesMax);

Bytes Preface(NoisePattern pattern) {
  Bytes preface(kMagic);
  preface.push_back(static_cast<char>(kProtocolVersion));
  preface.push_back(static_cast<char>(kProtocolVersion));
  preface.push_back(static_cast<char>(pattern));
  preface.push_back('\0');
  return preface;
}

// A TLS record's head: type, major version 3, minor version, size. A size of ours that begins this
// way is one of four, and the three bytes after it are random.
bool LooksLikeTls(ByteView start) {
  constexpr std::size_t kRecordBytesMax = 0x4800;
  return start.size() >= 5 && start[0] >= 0x14 && start[0] <= 0x17 && start[1] == 3 &&
         start[2] >= 0 && start[2] <= 4 && ReadU16(start.substr(3)) <= kRecordBytesMax;
}

}  // namespace

SecureChannel::SecureChannel(const ChannelOptions& options, Random& random)
    : options_(options), ephemeral_(SecretKey::Draw(random)) {
  CHECK(options_.static_key.has_value());
  if (options_.initiator) {
    StartHandshake(Preface(options_.pattern));
  }
}

void SecureChannel::StartHandshake(ByteView preface) {
  NoiseOptions noise;
  noise.pattern = options_.pattern;
  noise.initiator = options_.initiator;
  noise.prologue = kPrologue;
  noise.prologue += preface;
  noise.prologue += options_.network.view();
  noise.static_key = options_.static_key;
  noise.remote_static = options_.remote_static;
  noise.ephemeral = ephemeral_;
  handshake_.emplace(noise);
  ephemeral_ = SecretKey();
}

Status SecureChannel::WriteHandshake(ByteView payload) {
  if (failed_) {
    return tl::unexpected(*failed_);
  }
  CHECK(handshake_.has_value() && handshake_->my_turn());
  if (payload.size() > kHandshakePayloadBytesMax) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  if (options_.initiator && !heard_) {
    outgoing_ += Preface(options_.pattern);
  }
  const Result<Bytes> message = handshake_->WriteMessage(payload);
  if (!message) {
    failed_ = HandshakeFailure();
    return tl::unexpected(*failed_);
  }
  Queue(*message);
  FinishIfDone();
  return {};
}

Status SecureChannel::Send(ByteView plain) {
  CHECK(finished());
  if (failed_) {
    return tl::unexpected(*failed_);
  }
  CHIBO_TRY_VALUE(const Bytes message, sender_->Encrypt({}, plain));
  Queue(message);
  return {};
}

void SecureChannel::Queue(ByteView message) {
  AppendU16(outgoing_, static_cast<std::uint16_t>(message.size()));
  outgoing_ += message;
}

std::size_t SecureChannel::PollTransmit(std::size_t bytes_max, Bytes& out) {
  const std::size_t count = std::min(bytes_max, transmit_bytes());
  out.append(outgoing_, transmitted_, count);
  transmitted_ += count;
  // Moving the rest to the front for every few bytes taken would cost its square.
  if (transmitted_ == outgoing_.size() || transmitted_ > limits::kNoiseMessageBytesMax) {
    outgoing_.erase(0, transmitted_);
    transmitted_ = 0;
  }
  return count;
}

std::optional<Bytes> SecureChannel::TakeMessage() {
  if (messages_.empty()) {
    return std::nullopt;
  }
  Bytes message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::optional<DhPublicKey> SecureChannel::remote_static() const {
  return handshake_ ? handshake_->remote_static() : std::nullopt;
}

Status SecureChannel::HandleBytes(ByteView bytes) {
  if (failed_) {
    return tl::unexpected(*failed_);
  }
  Status received = Receive(bytes);
  if (!received) {
    failed_ = received.error();
    incoming_.clear();
  }
  return received;
}

Status SecureChannel::Receive(ByteView bytes) {
  incoming_ += bytes;
  std::size_t taken = 0;
  while (true) {
    const ByteView rest = ByteView(incoming_).substr(taken);
    CHIBO_TRY_VALUE(const std::size_t whole, TakeWhole(rest));
    if (whole == 0) {
      break;
    }
    taken += whole;
  }
  incoming_.erase(0, taken);
  return {};
}

Result<std::size_t> SecureChannel::TakeWhole(ByteView start) {
  if (!handshake_) {
    CHIBO_TRY(CheckMagic(start));
    if (start.size() < kPrefaceBytes) {
      return 0;
    }
    CHIBO_TRY(HandlePreface(start.substr(0, kPrefaceBytes)));
    return kPrefaceBytes;
  }
  CHIBO_TRY(CheckStart(start));
  if (start.size() < kMessageSizeBytes) {
    return 0;
  }
  const std::size_t size = ReadU16(start);
  if (start.size() - kMessageSizeBytes < size) {
    return 0;
  }
  CHIBO_TRY(HandleMessage(start.substr(kMessageSizeBytes, size)));
  return kMessageSizeBytes + size;
}

Status SecureChannel::CheckMagic(ByteView start) const {
  const std::size_t known = std::min(start.size(), kMagic.size());
  if (start.substr(0, known) != kMagic.substr(0, known)) {
    return Fail(Code::kNotChibo, "peer_is_not_chibo");
  }
  return {};
}

Status SecureChannel::HandlePreface(ByteView preface) {
  const auto wanted = static_cast<std::uint8_t>(preface[4]);
  const auto lowest = static_cast<std::uint8_t>(preface[5]);
  const auto pattern = static_cast<NoisePattern>(preface[6]);
  if (lowest > wanted) {
    return Fail(Code::kMalformed, "preface_malformed");
  }
  if (lowest > kProtocolVersion || preface[7] != 0 ||
      (pattern != NoisePattern::kIk && pattern != NoisePattern::kXx)) {
    return Fail(Code::kUnsupported, "peer_speaks_newer_protocol");
  }
  options_.pattern = pattern;
  StartHandshake(preface);
  return {};
}

// Told from a message's first bytes, so that nobody waits for the rest of it.
Status SecureChannel::CheckStart(ByteView start) const {
  if (start.empty()) {
    return {};
  }
  const bool answer = options_.initiator && !heard_;
  if (handshake_->my_turn()) {
    return Fail(answer ? Code::kNotChibo : Code::kMalformed,
                answer ? "peer_is_not_chibo" : "noise_message_out_of_turn");
  }
  if (answer && (static_cast<unsigned char>(start[0]) > kHandshakeMessageBytesMax >> 8 ||
                 LooksLikeTls(start))) {
    return Fail(Code::kNotChibo, "peer_is_not_chibo");
  }
  if (start.size() < kMessageSizeBytes) {
    return {};
  }
  const std::size_t size = ReadU16(start);
  if (!finished() && size > kHandshakeMessageBytesMax) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  if (size < kTagBytes) {
    return Fail(answer ? Code::kNotChibo : Code::kMalformed,
                answer ? "peer_is_not_chibo" : "noise_message_too_short");
  }
  return {};
}

Status SecureChannel::HandleMessage(ByteView message) {
  if (finished()) {
    CHIBO_TRY_VALUE(Bytes plain, receiver_->Decrypt({}, message));
    messages_.push_back(std::move(plain));
    return {};
  }
  Result<Bytes> payload = handshake_->ReadMessage(message);
  if (!payload) {
    if (!options_.initiator) {
      return Fail(Code::kNotKnown, "peer_key_or_network_not_known");
    }
    // In IK whoever answers has opened the first message, so the network is ours; in XX it may not
    // be.
    return options_.pattern == NoisePattern::kIk
               ? Fail(Code::kNotChibo, "peer_is_not_chibo")
               : Fail(Code::kWrongNetwork, "peer_is_of_another_network");
  }
  heard_ = true;
  messages_.push_back(*std::move(payload));
  FinishIfDone();
  return {};
}

Error SecureChannel::HandshakeFailure() const {
  if (!options_.initiator) {
    return {Code::kNotKnown, "peer_key_or_network_not_known", {}};
  }
  // In IK a chibo that answers has opened the first message, so its network is ours; in XX it may
  // not be.
  return options_.pattern == NoisePattern::kIk
             ? Error{Code::kNotChibo, "peer_is_not_chibo", {}}
             : Error{Code::kWrongNetwork, "peer_is_of_another_network", {}};
}

void SecureChannel::FinishIfDone() {
  if (handshake_->finished()) {
    const auto [sending, receiving] = handshake_->Split();
    sender_ = sending;
    receiver_ = receiving;
  }
}

}  // namespace chibo

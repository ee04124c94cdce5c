#ifndef CHIBO_SYNC_SECURE_CHANNEL_H_
#define CHIBO_SYNC_SECURE_CHANNEL_H_

#include <deque>
#include <optional>

#include "base/random.h"
#include "proto/ids.h"
#include "proto/limits.h"
#include "sync/noise.h"

namespace chibo {

inline constexpr std::uint8_t kProtocolVersion = 0;

// The 8 plain bytes an initiator sends first: "chib", wanted version, lowest version, handshake
// pattern, flags (0).
inline constexpr std::size_t kPrefaceBytes = 8;
// In front of every Noise message: its size, big-endian.
inline constexpr std::size_t kMessageSizeBytes = 2;

// Before the peer has shown a key it gets no more room than this. It also keeps the first byte of
// every handshake message's size below printable text, so that a server of words is known by its
// first byte.
inline constexpr std::size_t kHandshakeMessageBytesMax = 0x1fff;
// What always fits a handshake message, whichever it is.
inline constexpr std::size_t kHandshakePayloadBytesMax = 8000;
inline constexpr std::size_t kTransportPayloadBytesMax = limits::kNoiseMessageBytesMax - 16;

struct ChannelOptions {
  bool initiator = false;
  NoisePattern pattern = NoisePattern::kIk;  // the responder learns it from the preface
  NetworkId network;
  std::optional<DhKey> static_key;           // always set
  std::optional<DhPublicKey> remote_static;  // IK initiator
};

// Preface, Noise handshake and transport messages over a byte stream; each Noise message is
// preceded by its size, u16 big-endian. No sockets: bytes in by HandleBytes (split anywhere), bytes
// out by PollTransmit. Everything said before the handshake goes into the prologue:
// "chibo/sync/v0\n" ‖ preface ‖ network id.
//
// Errors end the channel, which then only gives what had opened before:
//   kNotChibo      no preface of ours; what answers is not chibo
//   kUnsupported   the responder speaks no version, pattern or flag that was asked for
//   kNotKnown      responder: the handshake does not open (another key or another network; these
//   are
//                  not to be told apart)
//   kWrongNetwork  XX initiator: the answer does not open: another network, or not chibo
//   kBadSignature  a transport message that does not open
//   kMalformed, kTooLarge
class SecureChannel {
 public:
  SecureChannel(const ChannelOptions& options, Random& random);

  // Handshake messages are written by the owner, who puts payloads into them: the initiator calls
  // WriteHandshake first, then each side after it has taken the other's message, until finished().
  // CHECKs that it is this side's turn; kTooLarge over kHandshakePayloadBytesMax.
  Status WriteHandshake(ByteView payload);
  // One plain transport message; kTooLarge over kTransportPayloadBytesMax. CHECKs finished().
  Status Send(ByteView plain);

  Status HandleBytes(ByteView bytes);
  // The next payload (handshake or transport, in order), if a whole message has arrived and opened.
  std::optional<Bytes> TakeMessage();
  // Moves at most bytes_max bytes to send to the end of `out`; how many.
  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out);
  std::size_t transmit_bytes() const { return outgoing_.size() - transmitted_; }

  bool finished() const { return sender_.has_value(); }
  // Set once the peer's static key is known (IK responder: after message 1).
  std::optional<DhPublicKey> remote_static() const;

 private:
  Status Receive(ByteView bytes);
  // Takes the preface or message that `start` begins with, when it is whole; how many bytes.
  Result<std::size_t> TakeWhole(ByteView start);
  Status CheckMagic(ByteView start) const;
  Status HandlePreface(ByteView preface);
  Status CheckStart(ByteView start) const;
  Status HandleMessage(ByteView message);
  Error HandshakeFailure() const;
  void StartHandshake(ByteView preface);
  void FinishIfDone();
  void Queue(ByteView message);

  ChannelOptions options_;
  SecretKey ephemeral_;
  std::optional<NoiseHandshake> handshake_;
  std::optional<NoiseCipher> sender_;
  std::optional<NoiseCipher> receiver_;
  std::optional<Error> failed_;
  bool heard_ = false;  // a whole message has opened
  Bytes incoming_;      // less than one message, between calls
  Bytes outgoing_;
  std::size_t transmitted_ = 0;  // of outgoing_
  std::deque<Bytes> messages_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SECURE_CHANNEL_H_

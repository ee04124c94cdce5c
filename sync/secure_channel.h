#ifndef CHIBO_SYNC_SECURE_CHANNEL_H_
#define CHIBO_SYNC_SECURE_CHANNEL_H_

#include <deque>
#include <optional>

#include "base/random.h"
#include "proto/ids.h"
#include "sync/noise.h"

namespace chibo {

inline constexpr std::uint8_t kProtocolVersion = 0;

// The 8 plain bytes an initiator sends first: "chib", wanted version, lowest version, handshake pattern, flags (0).
inline constexpr std::size_t kPrefaceBytes = 8;

struct ChannelOptions {
  bool initiator = false;
  NoisePattern pattern = NoisePattern::kIk;  // the responder learns it from the preface
  NetworkId network;
  DhKey static_key;
  std::optional<DhPublicKey> remote_static;  // IK initiator
};

// Preface, Noise handshake and transport messages over a byte stream; each Noise message is preceded by its size, u16
// big-endian. No sockets: bytes in by HandleBytes (split anywhere), bytes out by PollTransmit. Everything said before
// the handshake goes into the prologue: "chibo/sync/v0\n" ‖ preface ‖ network id.
//
// Errors end the channel: kNotChibo (no preface of ours; a responder that is not chibo), kUnsupported (version),
// kWrongNetwork is not to be told apart from a wrong key: both are kNotKnown on the responder's side.
class SecureChannel {
 public:
  SecureChannel(const ChannelOptions& options, Random& random);

  // Handshake messages are written by the owner, who puts payloads into them: the initiator calls WriteHandshake
  // first, then each side after it has taken the other's message, until finished().
  Status WriteHandshake(ByteView payload);
  // One plain transport message, at most NoiseMessage size less 16. CHECKs finished().
  Status Send(ByteView plain);

  Status HandleBytes(ByteView bytes);
  // The next payload (handshake or transport, in order), if a whole message has arrived and opened.
  std::optional<Bytes> TakeMessage();
  // Moves at most bytes_max bytes to send to the end of `out`; how many.
  std::size_t PollTransmit(std::size_t bytes_max, Bytes& out);
  std::size_t transmit_bytes() const { return outgoing_.size(); }

  bool finished() const { return sender_.has_value(); }
  // Set once the peer's static key is known (IK responder: after message 1).
  std::optional<DhPublicKey> remote_static() const;

 private:
  Status StartHandshake(ByteView preface);
  Status HandleMessage(ByteView message);
  void Queue(ByteView message);

  ChannelOptions options_;
  SecretKey ephemeral_;
  std::optional<NoiseHandshake> handshake_;
  std::optional<NoiseCipher> sender_;
  std::optional<NoiseCipher> receiver_;
  Bytes incoming_;
  Bytes outgoing_;
  std::deque<Bytes> messages_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SECURE_CHANNEL_H_

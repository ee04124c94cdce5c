#ifndef CHIBO_SYNC_NOISE_H_
#define CHIBO_SYNC_NOISE_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "proto/crypto.h"

// noiseprotocol.org revision 34: Noise_IK_25519_ChaChaPoly_SHA256 and
// Noise_XX_25519_ChaChaPoly_SHA256. No other suite, no negotiation.
namespace chibo {

// One direction of a finished handshake. A message that does not open leaves the counter as it was;
// counter 2^64-1 is refused, and a sealed message over limits::kNoiseMessageBytesMax (both
// kTooLarge).
class NoiseCipher {
 public:
  explicit NoiseCipher(const SecretKey& key) : key_(key) {}
  Result<Bytes> Encrypt(ByteView ad, ByteView plain);
  // kBadSignature "noise_message_does_not_open".
  Result<Bytes> Decrypt(ByteView ad, ByteView sealed);
  std::uint64_t counter() const { return counter_; }
  void set_counter(std::uint64_t counter) { counter_ = counter; }

 private:
  SecretKey key_;
  std::uint64_t counter_ = 0;
};

enum class NoisePattern : std::uint8_t { kIk = 1, kXx = 2 };

struct NoiseOptions {
  NoisePattern pattern = NoisePattern::kIk;
  bool initiator = false;
  Bytes prologue;
  std::optional<DhKey> static_key;           // always set
  std::optional<DhPublicKey> remote_static;  // IK initiator: the responder's key
  SecretKey ephemeral;                       // drawn by the caller, used once
};

// Messages alternate, initiator first: IK has two, XX three. A failed read or write ends the
// handshake for good: every later read fails.
class NoiseHandshake {
 public:
  explicit NoiseHandshake(const NoiseOptions& options);
  // CHECKs that it is this side's turn. kTooLarge; kBadSignature when the peer's key agrees on
  // nothing.
  Result<Bytes> WriteMessage(ByteView payload);
  // The payload. kMalformed (too short, or not the peer's turn), kTooLarge, kBadSignature.
  Result<Bytes> ReadMessage(ByteView message);
  bool finished() const;
  // Whether the next message is this side's to write.
  bool my_turn() const;
  // The peer's static key, once read (or given).
  const std::optional<DhPublicKey>& remote_static() const { return remote_static_; }
  const Hash& handshake_hash() const { return h_; }
  // For a finished handshake, once: {sending, receiving} of this side.
  std::pair<NoiseCipher, NoiseCipher> Split();

 private:
  enum class Token : std::uint8_t;
  struct Step;

  const Step& step() const;
  void MixHash(ByteView bytes);
  void MixKey(ByteView input);
  Result<Bytes> EncryptAndHash(ByteView plain);
  Result<Bytes> DecryptAndHash(ByteView sealed);
  Status MixDh(Token token);
  Result<Bytes> Write(ByteView payload);
  Result<Bytes> Read(ByteView message);
  Status ReadKey(Token token, ByteView& message);

  NoisePattern pattern_;
  bool initiator_;
  DhKey static_;
  DhKey ephemeral_;
  std::optional<DhPublicKey> remote_static_;
  std::optional<DhPublicKey> remote_ephemeral_;
  // Symmetric state (Noise §5.2).
  Hash h_;
  SecretKey chaining_key_;
  std::optional<NoiseCipher> cipher_;
  std::size_t done_ = 0;  // messages written or read
  bool failed_ = false;
  bool split_ = false;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_NOISE_H_

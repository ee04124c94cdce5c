#ifndef CHIBO_SYNC_NOISE_H_
#define CHIBO_SYNC_NOISE_H_

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "proto/crypto.h"

// noiseprotocol.org revision 34: Noise_IK_25519_ChaChaPoly_SHA256 and Noise_XX_25519_ChaChaPoly_SHA256. No other
// suite, no negotiation.
namespace chibo {

// One direction of a finished handshake. A message that does not open leaves the counter as it was; counter 2^64-1
// is refused.
class NoiseCipher {
 public:
  explicit NoiseCipher(const SecretKey& key) : key_(key) {}
  Result<Bytes> Encrypt(ByteView ad, ByteView plain);
  Result<Bytes> Decrypt(ByteView ad, ByteView sealed);  // kBadSignature "noise_message_does_not_open"
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
  DhKey static_key;
  std::optional<DhPublicKey> remote_static;  // IK initiator: the responder's key
  SecretKey ephemeral;                       // drawn by the caller, used once
};

// Messages alternate, initiator first: IK has two, XX three. A failed read ends the handshake for good.
class NoiseHandshake {
 public:
  explicit NoiseHandshake(const NoiseOptions& options);
  Result<Bytes> WriteMessage(ByteView payload);
  // The payload. kMalformed, kBadSignature.
  Result<Bytes> ReadMessage(ByteView message);
  bool finished() const;
  // The peer's static key, once read (or given).
  const std::optional<DhPublicKey>& remote_static() const;
  const Hash& handshake_hash() const;
  // For a finished handshake, once: {sending, receiving} of this side.
  std::pair<NoiseCipher, NoiseCipher> Split();

 private:
  Result<void> MixKeyDh(const DhKey& ours, const DhPublicKey& theirs);

  NoiseOptions options_;
  // Symmetric state (Noise §5.2).
  Hash h_;
  SecretKey chaining_key_;
  std::optional<NoiseCipher> cipher_;
  DhKey ephemeral_;
  std::optional<DhPublicKey> remote_ephemeral_;
  int step_ = 0;
  bool failed_ = false;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_NOISE_H_

#ifndef CHIBO_PROTO_CRYPTO_H_
#define CHIBO_PROTO_CRYPTO_H_

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "proto/ids.h"

// The only file of the product that includes <sodium.h> (chibo-verify has its own). Nothing here
// draws randomness.
namespace chibo {

// Call once before any other function here and before any thread. CHECKs on a library too old.
void InitCrypto();

// 32 secret bytes, wiped when destroyed. Copyable: the copies are wiped too.
class SecretKey {
 public:
  SecretKey() = default;
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();
  static SecretKey Draw(Random& random) { return SecretKey(random.DrawFixed<Value>()); }
  static std::optional<SecretKey> From(ByteView bytes);
  ByteView view() const { return value_.view(); }
  const unsigned char* data() const { return value_.data(); }

 private:
  using Value = FixedBytes<struct SecretKeyTag, 32>;
  explicit SecretKey(const Value& value) : value_(value) {}
  Value value_;
};

// Overwrites with zeros in a way the compiler keeps.
void Wipe(Bytes& bytes);
// Compares in time that does not depend on the contents. False when sizes differ.
bool EqualInConstantTime(ByteView a, ByteView b);

Hash Sha256(ByteView bytes);
// Of the concatenation.
Hash Sha256(std::initializer_list<ByteView> parts);
Hash HmacSha256(ByteView key, std::initializer_list<ByteView> parts);

// Ed25519. The seed is the secret; signing is deterministic.
class SigningKey {
 public:
  explicit SigningKey(const SecretKey& seed);
  const SignPublicKey& public_key() const { return public_; }
  const SecretKey& seed() const { return seed_; }
  Signature Sign(ByteView message) const;

 private:
  SecretKey seed_;
  SignPublicKey public_;
};

// RFC 8032 without cofactor, S < L, A and R canonical and not of small order.
bool Verify(const SignPublicKey& key, ByteView message, const Signature& signature);
// First 8 bytes of SHA-256(public key): how a Sig names its key, and a sealed box the one it is
// for.
Bytes KeyId(const SignPublicKey& key);
Bytes KeyId(const DhPublicKey& key);

// X25519.
class DhKey {
 public:
  explicit DhKey(const SecretKey& secret);
  const DhPublicKey& public_key() const { return public_; }
  const SecretKey& secret() const { return secret_; }
  // Nothing when the result would be all zero.
  std::optional<SecretKey> Agree(const DhPublicKey& peer) const;

 private:
  SecretKey secret_;
  DhPublicKey public_;
};

// ChaCha20-Poly1305 as Noise wants it: nonce = 4 zero bytes ‖ counter little-endian. Output is 16
// bytes longer.
Bytes NoiseEncrypt(const SecretKey& key, std::uint64_t counter, ByteView ad, ByteView plain);
std::optional<Bytes> NoiseDecrypt(const SecretKey& key, std::uint64_t counter, ByteView ad,
                                  ByteView sealed);

// XChaCha20-Poly1305 for what lies at rest: 24-byte nonce ‖ ciphertext ‖ tag, `kSealOverhead` bytes
// longer.
inline constexpr std::size_t kSealOverhead = 40;
Bytes Seal(const SecretKey& key, ByteView nonce24, ByteView ad, ByteView plain);
std::optional<Bytes> Open(const SecretKey& key, ByteView ad, ByteView sealed);

// libsodium's sealed box, made with a key pair for this one message: whoever holds the secret half
// of `to` opens it, nobody sees who made it. `kBoxOverhead` bytes longer. Nothing when `to` is a
// key of small order.
inline constexpr std::size_t kBoxOverhead = 48;
std::optional<Bytes> BoxTo(const DhPublicKey& to, const DhKey& ephemeral, ByteView plain);
std::optional<Bytes> OpenBox(const DhKey& key, ByteView box);

// Argon2id, 1.3.
struct PassphraseCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;
};
inline constexpr PassphraseCost kPassphraseCostLeast{1, 8};
// kOutOfMemory when the memory is not to be had; kTooLarge above 1 GiB or 64 passes, kMalformed
// below kPassphraseCostLeast or with a salt of another size (a key file may lie).
Result<SecretKey> KeyFromPassphrase(ByteView passphrase, ByteView salt16,
                                    const PassphraseCost& cost);

}  // namespace chibo

#endif  // CHIBO_PROTO_CRYPTO_H_

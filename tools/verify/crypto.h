#ifndef CHIBO_TOOLS_VERIFY_CRYPTO_H_
#define CHIBO_TOOLS_VERIFY_CRYPTO_H_

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo::verify {

// Anything that is 32 bytes here: hashes, ids of streams, networks and certificates, public keys.
using Digest = FixedBytes<struct DigestTag, 32>;

// Before anything else here.
void StartCrypto();

Digest Sha256(std::initializer_list<ByteView> parts);
Digest HmacSha256(ByteView key32, ByteView message);
// Ed25519; false also for a signature that is not 64 bytes.
bool SignatureHolds(const Digest& key, ByteView message, ByteView signature);
// The Ed25519 public key of a seed; nothing when it is not 32 bytes.
std::optional<Digest> PublicKeyOf(ByteView seed);

// XChaCha20-Poly1305: 24-byte nonce ‖ ciphertext ‖ tag, bound to `place`.
inline constexpr std::size_t kSealedOverhead = 40;
std::optional<Bytes> OpenSealed(ByteView key32, ByteView place, ByteView sealed);
// Argon2id 1.3. kMalformed when the costs or the salt cannot be, kOutOfMemory.
Result<Bytes> KeyFromPassphrase(ByteView passphrase, ByteView salt, std::uint32_t passes,
                                std::uint32_t memory_kib);
void Wipe(Bytes& bytes);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_CRYPTO_H_

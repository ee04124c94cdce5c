#include "tools/verify/crypto.h"

#include <sodium.h>

#include <array>

namespace chibo::verify {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kSealedOverhead == kNonceBytes + kTagBytes);

// A key file may say anything: beyond these a machine would hang instead of answering.
constexpr std::uint32_t kPassesMax = 64;
constexpr std::uint32_t kMemoryKibMax = 1024 * 1024;

}  // namespace

void StartCrypto() { CHECK(sodium_init() >= 0); }

Digest Sha256(std::initializer_list<ByteView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const ByteView part : parts) {
    crypto_hash_sha256_update(&state, Data(part), part.size());
  }
  Digest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return digest;
}

Digest HmacSha256(ByteView key32, ByteView message) {
  CHECK(key32.size() == crypto_auth_hmacsha256_KEYBYTES);
  Digest digest;
  crypto_auth_hmacsha256(digest.data(), Data(message), message.size(), Data(key32));
  return digest;
}

bool SignatureHolds(const Digest& key, ByteView message, ByteView signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(Data(signature), Data(message), message.size(), key.data()) ==
             0;
}

std::optional<Digest> PublicKeyOf(ByteView seed) {
  if (seed.size() != crypto_sign_SEEDBYTES) {
    return std::nullopt;
  }
  Digest key;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  crypto_sign_seed_keypair(key.data(), secret.data(), Data(seed));
  sodium_memzero(secret.data(), secret.size());
  return key;
}

std::optional<Bytes> OpenSealed(ByteView key32, ByteView place, ByteView sealed) {
  if (key32.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES ||
      sealed.size() < kSealedOverhead) {
    return std::nullopt;
  }
  const ByteView nonce = *Take(sealed, kNonceBytes);
  Bytes plain(sealed.size() - kTagBytes, '\0');
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      Data(plain), nullptr, nullptr, Data(sealed), sealed.size(), Data(place), place.size(),
      Data(nonce), Data(key32));
  return opened == 0 ? std::optional(std::move(plain)) : std::nullopt;
}

Result<Bytes> KeyFromPassphrase(ByteView passphrase, ByteView salt, std::uint32_t passes,
                                std::uint32_t memory_kib) {
  if (salt.size() != crypto_pwhash_SALTBYTES || passes < 1 || passes > kPassesMax ||
      memory_kib < 8 || memory_kib > kMemoryKibMax) {
    return Fail(Code::kMalformed, "key_file_unreadable");
  }
  Bytes key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
  if (crypto_pwhash(Data(key), key.size(), passphrase.data(), passphrase.size(), Data(salt), passes,
                    std::size_t{memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Fail(Code::kOutOfMemory, "out_of_memory");
  }
  return key;
}

void Wipe(Bytes& bytes) {
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace chibo::verify

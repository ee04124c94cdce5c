#include "proto/crypto.h"

#include <sodium.h>

#include <array>
#include <limits>

namespace chibo {
namespace {

static_assert(crypto_hash_sha256_BYTES == Hash::kSize);
static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_PUBLICKEYBYTES == SignPublicKey::kSize);
static_assert(crypto_sign_BYTES == Signature::kSize);
static_assert(crypto_scalarmult_BYTES == 32 && crypto_scalarmult_SCALARBYTES == 32);
static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == 12);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);

constexpr std::size_t kTagBytes = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSealNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(kBoxOverhead == crypto_box_SEALBYTES);
static_assert(crypto_box_PUBLICKEYBYTES == DhPublicKey::kSize);
static_assert(kSealOverhead == kSealNonceBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES);

// A file may name any cost: beyond these a laptop would swap or hang instead of answering.
constexpr std::uint32_t kPassphraseMemoryKibMax = 1024 * 1024;
constexpr std::uint32_t kPassphrasePassesMax = 64;

using NoiseNonce = std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

NoiseNonce NonceOf(std::uint64_t counter) {
  NoiseNonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[4 + i] = static_cast<unsigned char>(counter >> 8 * i);
  }
  return nonce;
}

}  // namespace

void InitCrypto() {
  CHECK(sodium_init() >= 0);
  CHECK(sodium_library_version_major() >= 10);
}

SecretKey::~SecretKey() { sodium_memzero(value_.data(), Value::kSize); }

std::optional<SecretKey> SecretKey::From(ByteView bytes) {
  const auto value = Value::From(bytes);
  if (!value) {
    return std::nullopt;
  }
  return SecretKey(*value);
}

void Wipe(Bytes& bytes) {
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

bool EqualInConstantTime(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Hash Sha256(ByteView bytes) {
  Hash hash;
  crypto_hash_sha256(hash.data(), Data(bytes), bytes.size());
  return hash;
}

Hash Sha256(std::initializer_list<ByteView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const ByteView part : parts) {
    crypto_hash_sha256_update(&state, Data(part), part.size());
  }
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

Hash HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Data(key), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, Data(part), part.size());
  }
  Hash hash;
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

SigningKey::SigningKey(const SecretKey& seed) : seed_(seed) {
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(public_.data(), expanded.data(), seed_.data());
  sodium_memzero(expanded.data(), expanded.size());
}

Signature SigningKey::Sign(ByteView message) const {
  // The library's long form of a secret key is the seed followed by the public key.
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> expanded;
  std::memcpy(expanded.data(), seed_.data(), crypto_sign_SEEDBYTES);
  std::memcpy(expanded.data() + crypto_sign_SEEDBYTES, public_.data(), SignPublicKey::kSize);
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, Data(message), message.size(), expanded.data());
  sodium_memzero(expanded.data(), expanded.size());
  return signature;
}

// The library refuses S >= L, a key that is not canonical, and a key or an R of small order. It
// compares R's bytes with the canonical form of what it computed, which refuses every other writing
// of R. The tests hold it to this.
bool Verify(const SignPublicKey& key, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), Data(message), message.size(), key.data()) ==
         0;
}

Bytes KeyId(const SignPublicKey& key) { return Bytes(Sha256(key.view()).view().substr(0, 8)); }
Bytes KeyId(const DhPublicKey& key) { return Bytes(Sha256(key.view()).view().substr(0, 8)); }

DhKey::DhKey(const SecretKey& secret) : secret_(secret) {
  crypto_scalarmult_base(public_.data(), secret_.data());
}

std::optional<SecretKey> DhKey::Agree(const DhPublicKey& peer) const {
  std::array<unsigned char, crypto_scalarmult_BYTES> shared;
  const bool agreed = crypto_scalarmult(shared.data(), secret_.data(), peer.data()) == 0;
  auto key = agreed ? SecretKey::From({reinterpret_cast<const char*>(shared.data()), shared.size()})
                    : std::nullopt;
  sodium_memzero(shared.data(), shared.size());
  return key;
}

Bytes NoiseEncrypt(const SecretKey& key, std::uint64_t counter, ByteView ad, ByteView plain) {
  const NoiseNonce nonce = NonceOf(counter);
  Bytes sealed(plain.size() + kTagBytes, '\0');
  crypto_aead_chacha20poly1305_ietf_encrypt(Data(sealed), nullptr, Data(plain), plain.size(),
                                            Data(ad), ad.size(), nullptr, nonce.data(), key.data());
  return sealed;
}

std::optional<Bytes> NoiseDecrypt(const SecretKey& key, std::uint64_t counter, ByteView ad,
                                  ByteView sealed) {
  if (sealed.size() < kTagBytes) {
    return std::nullopt;
  }
  const NoiseNonce nonce = NonceOf(counter);
  Bytes plain(sealed.size() - kTagBytes, '\0');
  if (crypto_aead_chacha20poly1305_ietf_decrypt(Data(plain), nullptr, nullptr, Data(sealed),
                                                sealed.size(), Data(ad), ad.size(), nonce.data(),
                                                key.data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

Bytes Seal(const SecretKey& key, ByteView nonce24, ByteView ad, ByteView plain) {
  CHECK(nonce24.size() == kSealNonceBytes);
  Bytes sealed(plain.size() + kSealOverhead, '\0');
  std::memcpy(sealed.data(), nonce24.data(), kSealNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Data(sealed) + kSealNonceBytes, nullptr, Data(plain),
                                             plain.size(), Data(ad), ad.size(), nullptr,
                                             Data(nonce24), key.data());
  return sealed;
}

std::optional<Bytes> Open(const SecretKey& key, ByteView ad, ByteView sealed) {
  if (sealed.size() < kSealOverhead) {
    return std::nullopt;
  }
  Bytes plain(sealed.size() - kSealOverhead, '\0');
  const ByteView nonce = sealed.substr(0, kSealNonceBytes);
  sealed.remove_prefix(kSealNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Data(plain), nullptr, nullptr, Data(sealed),
                                                 sealed.size(), Data(ad), ad.size(), Data(nonce),
                                                 key.data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::optional<Bytes> BoxTo(const DhPublicKey& to, const DhKey& ephemeral, ByteView plain) {
  Bytes box(ephemeral.public_key().view());
  box.resize(plain.size() + kBoxOverhead);
  // crypto_box_seal itself would draw the key pair; the nonce is the one it takes.
  std::array<unsigned char, crypto_box_NONCEBYTES> nonce;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, ephemeral.public_key().data(), DhPublicKey::kSize);
  crypto_generichash_update(&state, to.data(), DhPublicKey::kSize);
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  if (crypto_box_easy(Data(box) + DhPublicKey::kSize, Data(plain), plain.size(), nonce.data(),
                      to.data(), ephemeral.secret().data()) != 0) {
    return std::nullopt;
  }
  return box;
}

std::optional<Bytes> OpenBox(const DhKey& key, ByteView box) {
  if (box.size() < kBoxOverhead) {
    return std::nullopt;
  }
  Bytes plain(box.size() - kBoxOverhead, '\0');
  if (crypto_box_seal_open(Data(plain), Data(box), box.size(), key.public_key().data(),
                           key.secret().data()) != 0) {
    return std::nullopt;
  }
  return plain;
}

Result<SecretKey> KeyFromPassphrase(ByteView passphrase, ByteView salt16,
                                    const PassphraseCost& cost) {
  if (salt16.size() != crypto_pwhash_SALTBYTES || cost.passes < kPassphraseCostLeast.passes ||
      cost.memory_kib < kPassphraseCostLeast.memory_kib) {
    return Fail(Code::kMalformed, "passphrase_cost_malformed");
  }
  if (cost.passes > kPassphrasePassesMax || cost.memory_kib > kPassphraseMemoryKibMax) {
    return Fail(Code::kTooLarge, "passphrase_cost_too_large");
  }
  std::array<unsigned char, 32> raw;
  const int made =
      crypto_pwhash(raw.data(), raw.size(), passphrase.data(), passphrase.size(), Data(salt16),
                    cost.passes, std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (made != 0) {
    return Fail(Code::kOutOfMemory, "passphrase_memory_not_to_be_had");
  }
  const auto key = SecretKey::From({reinterpret_cast<const char*>(raw.data()), raw.size()});
  sodium_memzero(raw.data(), raw.size());
  return *key;
}

}  // namespace chibo

#include "sync/noise.h"

#include <array>
#include <limits>
#include <span>

#include "base/check.h"
#include "proto/limits.h"

namespace chibo {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyBytes = DhPublicKey::kSize;

// Noise keeps this one for rekeying and it must never seal a message.
constexpr std::uint64_t kCounterEnd = std::numeric_limits<std::uint64_t>::max();

constexpr ByteView kIkName = "Noise_IK_25519_ChaChaPoly_SHA256";
constexpr ByteView kXxName = "Noise_XX_25519_ChaChaPoly_SHA256";
// Names of exactly the hash's size are taken as they are, not hashed.
static_assert(kIkName.size() == Hash::kSize && kXxName.size() == Hash::kSize);

SecretKey KeyOf(const Hash& hash) { return *SecretKey::From(hash.view()); }

// HKDF as Noise defines it, two outputs.
std::pair<SecretKey, SecretKey> Hkdf2(const SecretKey& chaining_key, ByteView input) {
  const SecretKey temporary = KeyOf(HmacSha256(chaining_key.view(), {input}));
  const SecretKey first = KeyOf(HmacSha256(temporary.view(), {ByteView("\x01", 1)}));
  const SecretKey second = KeyOf(HmacSha256(temporary.view(), {first.view(), ByteView("\x02", 1)}));
  return {first, second};
}

}  // namespace

Result<Bytes> NoiseCipher::Encrypt(ByteView ad, ByteView plain) {
  if (counter_ == kCounterEnd) {
    return Fail(Code::kTooLarge, "noise_counter_used_up");
  }
  if (plain.size() > limits::kNoiseMessageBytesMax - kTagBytes) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  Bytes sealed = NoiseEncrypt(key_, counter_, ad, plain);
  ++counter_;
  return sealed;
}

Result<Bytes> NoiseCipher::Decrypt(ByteView ad, ByteView sealed) {
  if (counter_ == kCounterEnd) {
    return Fail(Code::kTooLarge, "noise_counter_used_up");
  }
  if (sealed.size() > limits::kNoiseMessageBytesMax) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  std::optional<Bytes> plain = NoiseDecrypt(key_, counter_, ad, sealed);
  if (!plain) {
    return Fail(Code::kBadSignature, "noise_message_does_not_open");
  }
  ++counter_;
  return *std::move(plain);
}

enum class NoiseHandshake::Token : std::uint8_t { kE, kS, kEe, kEs, kSe, kSs };

struct NoiseHandshake::Step {
  std::array<Token, 4> tokens;
  std::size_t count;

  std::span<const Token> list() const { return {tokens.data(), count}; }
};

const NoiseHandshake::Step& NoiseHandshake::step() const {
  using enum Token;
  static constexpr std::array<Step, 2> kIk = {
      Step{{kE, kEs, kS, kSs}, 4},
      Step{{kE, kEe, kSe}, 3},
  };
  static constexpr std::array<Step, 3> kXx = {
      Step{{kE}, 1},
      Step{{kE, kEe, kS, kEs}, 4},
      Step{{kS, kSe}, 2},
  };
  return pattern_ == NoisePattern::kIk ? kIk.at(done_) : kXx.at(done_);
}

NoiseHandshake::NoiseHandshake(const NoiseOptions& options)
    : pattern_(options.pattern),
      initiator_(options.initiator),
      static_(options.static_key.value()),
      ephemeral_(options.ephemeral),
      h_(Hash::FromChecked(options.pattern == NoisePattern::kIk ? kIkName : kXxName)),
      chaining_key_(KeyOf(h_)) {
  MixHash(options.prologue);
  if (pattern_ == NoisePattern::kXx) {
    return;
  }
  // IK: the responder's static key is known beforehand to both.
  if (initiator_) {
    CHECK(options.remote_static.has_value());
    remote_static_ = options.remote_static;
    MixHash(remote_static_->view());
  } else {
    MixHash(static_.public_key().view());
  }
}

bool NoiseHandshake::finished() const {
  return !failed_ && done_ == (pattern_ == NoisePattern::kIk ? 2U : 3U);
}

bool NoiseHandshake::my_turn() const {
  return !failed_ && !finished() && (done_ % 2 == 0) == initiator_;
}

Result<Bytes> NoiseHandshake::WriteMessage(ByteView payload) {
  CHECK(my_turn());
  Result<Bytes> message = Write(payload);
  failed_ = !message.has_value();
  ++done_;
  return message;
}

Result<Bytes> NoiseHandshake::ReadMessage(ByteView message) {
  if (failed_ || finished() || my_turn()) {
    failed_ = true;
    return Fail(Code::kMalformed, "noise_message_out_of_turn");
  }
  Result<Bytes> payload = Read(message);
  failed_ = !payload.has_value();
  ++done_;
  return payload;
}

Result<Bytes> NoiseHandshake::Write(ByteView payload) {
  Bytes message;
  for (const Token token : step().list()) {
    if (token == Token::kE) {
      message += ephemeral_.public_key().view();
      MixHash(ephemeral_.public_key().view());
    } else if (token == Token::kS) {
      CHIBO_TRY_VALUE(const Bytes sealed, EncryptAndHash(static_.public_key().view()));
      message += sealed;
    } else {
      CHIBO_TRY(MixDh(token));
    }
  }
  CHIBO_TRY_VALUE(const Bytes sealed, EncryptAndHash(payload));
  message += sealed;
  if (message.size() > limits::kNoiseMessageBytesMax) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  return message;
}

Result<Bytes> NoiseHandshake::Read(ByteView message) {
  if (message.size() > limits::kNoiseMessageBytesMax) {
    return Fail(Code::kTooLarge, "noise_message_too_large");
  }
  for (const Token token : step().list()) {
    if (token == Token::kE || token == Token::kS) {
      CHIBO_TRY(ReadKey(token, message));
    } else {
      CHIBO_TRY(MixDh(token));
    }
  }
  return DecryptAndHash(message);
}

Status NoiseHandshake::ReadKey(Token token, ByteView& message) {
  const bool sealed = token == Token::kS && cipher_.has_value();
  const std::optional<ByteView> taken = Take(message, kKeyBytes + (sealed ? kTagBytes : 0));
  if (!taken) {
    return Fail(Code::kMalformed, "noise_message_too_short");
  }
  if (token == Token::kE) {
    remote_ephemeral_ = DhPublicKey::FromChecked(*taken);
    MixHash(*taken);
    return {};
  }
  CHIBO_TRY_VALUE(const Bytes key, DecryptAndHash(*taken));
  remote_static_ = DhPublicKey::FromChecked(key);
  return {};
}

// The first letter of es and se is the initiator's key, the second the responder's.
Status NoiseHandshake::MixDh(Token token) {
  const bool ours_ephemeral =
      token == Token::kEe || token == (initiator_ ? Token::kEs : Token::kSe);
  const bool theirs_ephemeral =
      token == Token::kEe || token == (initiator_ ? Token::kSe : Token::kEs);
  const std::optional<DhPublicKey>& theirs = theirs_ephemeral ? remote_ephemeral_ : remote_static_;
  CHECK(theirs.has_value());
  const std::optional<SecretKey> agreed = (ours_ephemeral ? ephemeral_ : static_).Agree(*theirs);
  if (!agreed) {
    return Fail(Code::kBadSignature, "noise_key_agrees_on_nothing");
  }
  MixKey(agreed->view());
  return {};
}

void NoiseHandshake::MixHash(ByteView bytes) { h_ = Sha256({h_.view(), bytes}); }

void NoiseHandshake::MixKey(ByteView input) {
  const auto [chaining_key, key] = Hkdf2(chaining_key_, input);
  chaining_key_ = chaining_key;
  cipher_.emplace(key);
}

Result<Bytes> NoiseHandshake::EncryptAndHash(ByteView plain) {
  Bytes out(plain);
  if (cipher_) {
    CHIBO_TRY_VALUE(out, cipher_->Encrypt(h_.view(), plain));
  }
  MixHash(out);
  return out;
}

Result<Bytes> NoiseHandshake::DecryptAndHash(ByteView sealed) {
  Bytes out(sealed);
  if (cipher_) {
    CHIBO_TRY_VALUE(out, cipher_->Decrypt(h_.view(), sealed));
  }
  MixHash(sealed);
  return out;
}

std::pair<NoiseCipher, NoiseCipher> NoiseHandshake::Split() {
  CHECK(finished() && !split_);
  split_ = true;
  const auto [first, second] = Hkdf2(chaining_key_, {});
  chaining_key_ = SecretKey();
  cipher_.reset();
  return initiator_ ? std::pair(NoiseCipher(first), NoiseCipher(second))
                    : std::pair(NoiseCipher(second), NoiseCipher(first));
}

}  // namespace chibo

#include "node/identity.h"

#include <utility>

namespace chibo {
namespace {

constexpr std::uint32_t kKeyFileVersion = 0;
constexpr std::uint32_t kEd25519 = 1;
constexpr std::uint32_t kX25519 = 2;

Bytes Place(const pb::KeyFile& file) { return "chibo/key/v0/" + file.purpose(); }

Bytes SerializeSecrets(const UnlockedKey& key) {
  pb::KeySecrets secrets;
  secrets.set_sign(Bytes(key.sign.seed().view()));
  if (key.noise) {
    secrets.set_noise(Bytes(key.noise->secret().view()));
  }
  if (key.seal) {
    secrets.set_seal(Bytes(key.seal->secret().view()));
  }
  if (key.data) {
    secrets.set_data(Bytes(key.data->view()));
  }
  secrets.set_label(key.label);
  Bytes bytes = secrets.SerializeAsString();
  Wipe(*secrets.mutable_sign());
  Wipe(*secrets.mutable_noise());
  Wipe(*secrets.mutable_seal());
  Wipe(*secrets.mutable_data());
  return bytes;
}

Result<UnlockedKey> ParseSecrets(ByteView bytes) {
  pb::KeySecrets secrets;
  if (!secrets.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Code::kMalformed, "key_file_unreadable");
  }
  const auto seed = SecretKey::From(secrets.sign());
  if (!seed) {
    return Fail(Code::kMalformed, "key_file_unreadable");
  }
  UnlockedKey key{SigningKey(*seed), std::nullopt, std::nullopt, std::nullopt, secrets.label()};
  if (const auto noise = SecretKey::From(secrets.noise())) {
    key.noise.emplace(*noise);
  }
  if (const auto seal = SecretKey::From(secrets.seal())) {
    key.seal.emplace(*seal);
  }
  key.data = SecretKey::From(secrets.data());
  Wipe(*secrets.mutable_sign());
  Wipe(*secrets.mutable_noise());
  Wipe(*secrets.mutable_seal());
  Wipe(*secrets.mutable_data());
  return key;
}

Status SealInto(pb::KeyFile& file, Bytes secrets, ByteView passphrase, const PassphraseCost& cost,
                Random& random) {
  file.set_salt(random.Draw(16));
  file.set_passes(cost.passes);
  file.set_memory_kib(cost.memory_kib);
  auto key = KeyFromPassphrase(passphrase, file.salt(), cost);
  if (!key) {
    Wipe(secrets);
    return tl::unexpected(key.error());
  }
  file.set_secrets(Seal(*key, random.Draw(24), Place(file), secrets));
  Wipe(secrets);
  return {};
}

void AddPublicKey(pb::KeyFile& file, pb::KeyUsage usage, std::uint32_t algorithm, ByteView bytes) {
  pb::Key& key = *file.add_keys();
  key.set_usage(usage);
  key.set_algorithm(algorithm);
  key.set_key(Bytes(bytes));
}

template <typename Public>
std::optional<Public> PublicKeyOf(const pb::KeyFile& file, pb::KeyUsage usage) {
  for (const pb::Key& key : file.keys()) {
    if (key.usage() == usage) {
      return Public::From(key.key());
    }
  }
  return std::nullopt;
}

}  // namespace

Result<NewKey> MakeKey(const NewKeyOptions& options, Random& random) {
  UnlockedKey key{SigningKey(SecretKey::Draw(random)), std::nullopt, std::nullopt, std::nullopt,
                  options.label};
  pb::KeyFile file;
  file.set_version(kKeyFileVersion);
  file.set_purpose(options.purpose);
  file.set_owner(options.owner);
  AddPublicKey(file, pb::SIGN, kEd25519, key.sign.public_key().view());
  if (options.device) {
    key.noise.emplace(SecretKey::Draw(random));
    AddPublicKey(file, pb::NOISE, kX25519, key.noise->public_key().view());
    key.seal.emplace(SecretKey::Draw(random));
    AddPublicKey(file, pb::SEAL, kX25519, key.seal->public_key().view());
  }
  if (options.data) {
    key.data = SecretKey::Draw(random);
  }
  if (options.passphrase) {
    CHIBO_TRY(SealInto(file, SerializeSecrets(key), *options.passphrase, options.cost, random));
  } else {
    file.set_secrets(SerializeSecrets(key));
  }
  return NewKey{std::move(file), std::move(key)};
}

bool IsSealed(const pb::KeyFile& file) { return !file.salt().empty(); }

Result<pb::KeyFile> ParseKeyFile(ByteView bytes) {
  pb::KeyFile file;
  if (bytes.size() > 64 * 1024 ||
      !file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || file.keys().empty()) {
    return Fail(Code::kMalformed, "key_file_unreadable");
  }
  if (file.version() > kKeyFileVersion) {
    return Fail(Code::kUnsupported, "key_file_newer");
  }
  return file;
}

Result<UnlockedKey> UnlockKey(const pb::KeyFile& file, std::optional<ByteView> passphrase) {
  Result<UnlockedKey> key = Fail(Code::kWrongPassphrase, "passphrase_needed");
  if (!IsSealed(file)) {
    key = ParseSecrets(file.secrets());
  } else if (passphrase) {
    CHIBO_TRY_VALUE(
        const SecretKey wrapping,
        KeyFromPassphrase(*passphrase, file.salt(), {file.passes(), file.memory_kib()}));
    std::optional<Bytes> secrets = Open(wrapping, Place(file), file.secrets());
    if (!secrets) {
      return Fail(Code::kWrongPassphrase, "passphrase_wrong");
    }
    key = ParseSecrets(*secrets);
    Wipe(*secrets);
  }
  if (key && key->sign.public_key() != SignKeyOf(file)) {
    return Fail(Code::kMalformed, "key_file_unreadable");
  }
  if (key && key->label.empty()) {
    key->label = file.label();
  }
  return key;
}

Result<pb::KeyFile> ResealKey(const pb::KeyFile& file, const UnlockedKey& key, ByteView passphrase,
                              const PassphraseCost& cost, Random& random) {
  pb::KeyFile resealed = file;
  resealed.clear_label();
  CHIBO_TRY(SealInto(resealed, SerializeSecrets(key), passphrase, cost, random));
  return resealed;
}

std::optional<SignPublicKey> SignKeyOf(const pb::KeyFile& file) {
  return PublicKeyOf<SignPublicKey>(file, pb::SIGN);
}

std::optional<DhPublicKey> NoiseKeyOf(const pb::KeyFile& file) {
  return PublicKeyOf<DhPublicKey>(file, pb::NOISE);
}

}  // namespace chibo

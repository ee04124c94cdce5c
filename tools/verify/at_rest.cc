#include "tools/verify/at_rest.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "chibo/enrolment.pb.h"
#include "tools/verify/format.h"

namespace chibo::verify {
namespace {

constexpr std::size_t kKeyFileBytesMax = 64 * 1024;
constexpr std::size_t kDataKeyBytes = 32;

// Nothing when it cannot be read.
std::optional<Bytes> ReadStart(const std::string& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return std::nullopt;
  }
  Bytes bytes(bytes_max, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return in.bad() ? std::nullopt : std::optional(std::move(bytes));
}

std::optional<Digest> SigningKeyIn(const pb::KeyFile& file) {
  for (const pb::Key& key : file.keys()) {
    if (key.usage() == pb::SIGN) {
      return Digest::From(key.key());
    }
  }
  return std::nullopt;
}

Result<Bytes> SecretsIn(const pb::KeyFile& file, const Bytes& passphrase) {
  if (file.salt().empty()) {
    return file.secrets();
  }
  CHIBO_TRY_VALUE(Bytes wrapping,
                  KeyFromPassphrase(passphrase, file.salt(), file.passes(), file.memory_kib()));
  auto secrets = OpenSealed(wrapping, "chibo/key/v0/" + file.purpose(), file.secrets());
  Wipe(wrapping);
  if (!secrets) {
    return Fail(Code::kWrongPassphrase, "passphrase_wrong", "device");
  }
  return *std::move(secrets);
}

}  // namespace

Result<AtRest> AtRest::Load(const std::string& directory, const std::optional<Bytes>& passphrase) {
  AtRest at_rest;
  const std::string path = directory + "/keys/device.key";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return at_rest;
  }
  at_rest.has_key_file_ = true;
  const auto bytes = ReadStart(path, kKeyFileBytesMax);
  pb::KeyFile file;
  if (!bytes || !Parse(*bytes, file) || !SigningKeyIn(file)) {
    return Fail(Code::kMalformed, "key_file_unreadable", path);
  }
  if (file.version() > 0) {
    return Fail(Code::kNewerFormat, "key_file_newer", path);
  }
  at_rest.device_ = SigningKeyIn(file);
  if (!file.salt().empty() && !passphrase) {
    at_rest.mode_ = Mode::kLocked;
    return at_rest;
  }
  CHIBO_TRY_VALUE(Bytes opened, SecretsIn(file, passphrase.value_or(Bytes())));
  pb::KeySecrets secrets;
  const bool parsed = Parse(opened, secrets);
  Wipe(opened);
  const bool fits = parsed && PublicKeyOf(secrets.sign()) == SigningKeyIn(file) &&
                    (secrets.data().empty() || secrets.data().size() == kDataKeyBytes);
  at_rest.key_ = secrets.data();
  Wipe(*secrets.mutable_sign());
  Wipe(*secrets.mutable_noise());
  Wipe(*secrets.mutable_seal());
  Wipe(*secrets.mutable_data());
  if (!fits) {
    return Fail(Code::kMalformed, "key_file_unreadable", path);
  }
  at_rest.mode_ = at_rest.key_.empty() ? Mode::kPlain : Mode::kOpen;
  return at_rest;
}

bool AtRest::IsLocked(const std::string& directory) {
  const auto loaded = Load(directory, std::nullopt);
  return loaded && loaded->locked();
}

AtRest::~AtRest() { Wipe(key_); }

std::optional<Bytes> AtRest::Reveal(ByteView place, ByteView stored) const {
  CHECK(mode_ != Mode::kLocked);
  return mode_ == Mode::kPlain ? std::optional(Bytes(stored)) : OpenSealed(key_, place, stored);
}

}  // namespace chibo::verify

#ifndef CHIBO_TOOLS_VERIFY_AT_REST_H_
#define CHIBO_TOOLS_VERIFY_AT_REST_H_

#include <optional>
#include <string>

#include "tools/verify/crypto.h"

namespace chibo::verify {

// How payloads, secrets and values named "secret/…" lie in the store: plain on a server; sealed on
// a cell under a key in keys/device.key, which a pass-phrase opens.
class AtRest {
 public:
  static AtRest Plain() { return {}; }
  // Without a key file everything is taken to be plain. kWrongPassphrase, kNewerFormat,
  // kMalformed "key_file_unreadable".
  static Result<AtRest> Load(const std::string& directory, const std::optional<Bytes>& passphrase);
  // Whether it takes a pass-phrase to check what lies in this directory.
  static bool IsLocked(const std::string& directory);
  ~AtRest();
  AtRest(AtRest&&) = default;
  AtRest& operator=(AtRest&&) = default;

  // Sealed, and no pass-phrase to open it.
  bool locked() const { return mode_ == Mode::kLocked; }
  void Lock() { mode_ = Mode::kLocked; }
  bool has_key_file() const { return has_key_file_; }
  // Whose key file it is: the device's signing key. Nothing without a key file.
  const std::optional<Digest>& device() const { return device_; }
  // Bytes by which a stored value is longer than what it holds.
  std::size_t overhead() const { return mode_ == Mode::kPlain ? 0 : kSealedOverhead; }

  // Nothing when it does not open. Not to be asked while locked.
  std::optional<Bytes> Reveal(ByteView place, ByteView stored) const;

 private:
  enum class Mode { kPlain, kOpen, kLocked };
  AtRest() = default;

  Mode mode_ = Mode::kPlain;
  bool has_key_file_ = false;
  std::optional<Digest> device_;
  Bytes key_;
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_AT_REST_H_

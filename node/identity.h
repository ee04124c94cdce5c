#ifndef CHIBO_NODE_IDENTITY_H_
#define CHIBO_NODE_IDENTITY_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chibo/enrolment.pb.h"
#include "proto/crypto.h"
#include "proto/ids.h"

namespace chibo {

// The secrets of one key file, unlocked.
struct UnlockedKey {
  SigningKey sign;
  std::optional<DhKey> noise;
  std::optional<DhKey> seal;
  std::optional<SecretKey> data;
  std::string label = {};  // whose key it is, as people say it
};

// Key files are bytes here; reading and writing them is the command line's work.

// New secrets: Ed25519 always; of a device X25519 for sessions and for sealed boxes; a data key
// when asked. The label lies with the secrets.
struct NewKeyOptions {
  std::string purpose;  // "device", "authority", "person", "root"
  bool device = false;
  bool data = false;
  Bytes owner;
  std::string label;
  // Absent: plain (a server's device key).
  std::optional<Bytes> passphrase;
  PassphraseCost cost;
};
struct NewKey {
  pb::KeyFile file;
  UnlockedKey key;
};
Result<NewKey> MakeKey(const NewKeyOptions& options, Random& random);

// kWrongPassphrase when it does not open; kMalformed; kUnsupported (newer version). A sealed file
// without a pass-phrase: kWrongPassphrase "passphrase_needed".
Result<UnlockedKey> UnlockKey(const pb::KeyFile& file, std::optional<ByteView> passphrase);
Result<pb::KeyFile> ParseKeyFile(ByteView bytes);
// Whether it takes a pass-phrase to open.
bool IsSealed(const pb::KeyFile& file);
// The same secrets and label under another pass-phrase; a label that lay in plain does no longer.
Result<pb::KeyFile> ResealKey(const pb::KeyFile& file, const UnlockedKey& key, ByteView passphrase,
                              const PassphraseCost& cost, Random& random);

std::optional<SignPublicKey> SignKeyOf(const pb::KeyFile& file);
std::optional<DhPublicKey> NoiseKeyOf(const pb::KeyFile& file);

}  // namespace chibo

#endif  // CHIBO_NODE_IDENTITY_H_

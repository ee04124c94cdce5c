#ifndef CHIBO_NODE_CLI_KEYS_H_
#define CHIBO_NODE_CLI_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "node/cli/command.h"
#include "node/recorder.h"
#include "node/root_set.h"

// Key files of a data directory, as commands use them. Each is unlocked once a command.
namespace chibo {

// --key-cost: "least" (for demonstrations), "normal" or absent. kUsage "key_cost_unknown".
Result<PassphraseCost> KeyCost(const Arguments& arguments);
OptionSpec KeyCostOption();

// Makes a key and its file; sealed under the pass-phrase for that name unless `plain`.
struct KeyPlan {
  std::string name;
  std::string purpose;
  bool device = false;
  bool data = false;
  bool plain = false;
  Bytes owner = {};
  std::string label = {};
};
Result<NewKey> MakeNamedKey(Call& call, const KeyPlan& plan);
// Asks now for the pass-phrases of keys that are going to be made: who breaks off there has made
// nothing.
Status AskForNew(Call& call, const std::vector<std::string>& names);

Result<UnlockedKey> UnlockNamed(Call& call, const std::string& name);

// Whose keys lie here: the officer, or holders of root keys.
struct Officer {
  std::vector<std::unique_ptr<UnlockedKey>> keys;
  Issuer issuer;  // points to the keys
};
// kNotAllowed "officer_key_missing", "officer_without_certificate"; kWrongPassphrase.
Result<Officer> UnlockOfficer(Call& call);
// As many keys of the present root set as have to sign. kNotAllowed "root_not_here",
// "root_keys_missing".
Result<Officer> UnlockRoot(Call& call);
// The root set where --root is given, else the officer.
Result<Officer> UnlockIssuer(Call& call);
OptionSpec RootOption();

// As many of the key files here that `set` names as have to sign. kNotAllowed "root_keys_missing".
Result<std::vector<std::unique_ptr<UnlockedKey>>> UnlockRootKeys(Call& call,
                                                                 const pb::RootSetBody& set);
// Makes the key files of a root set, "root" for the only key of the first, else "root-VERSION" or
// "root-VERSION-NUMBER", as --root-keys and --root-threshold say. kUsage "root_threshold_unfit".
struct NewRootKeys {
  std::vector<std::string> names;
  std::vector<std::unique_ptr<UnlockedKey>> keys;
  RootKeys set;
};
Result<NewRootKeys> MakeRootKeys(Call& call, std::uint32_t version, const std::string& label);
// What these will be called. kUsage "root_threshold_unfit".
Result<std::vector<std::string>> NewRootKeyNames(const Arguments& arguments, std::uint32_t version);

struct UnlockedPersons {
  std::vector<std::unique_ptr<UnlockedKey>> keys;
  std::vector<PersonSigner> signers;  // point to the keys
};
// `names`: "S1,S2", names of key files or of persons. kNotFound "key_not_found".
Result<UnlockedPersons> UnlockPersons(Call& call, const std::string& names);

// What two screens show for the same key: "3f2a 91c0 …".
std::string Fingerprint(ByteView sign_key);

// "a,b" is {"a", "b"}.
std::vector<std::string> SplitList(const std::string& list);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_KEYS_H_

#include "node/cli/keys.h"

#include <algorithm>
#include <utility>

#include "node/cli/labels.h"
#include "node/names.h"
#include "proto/signed_object.h"

namespace chibo {

Result<PassphraseCost> KeyCost(const Arguments& arguments) {
  const std::string& cost = arguments.One("key-cost");
  if (cost.empty() || cost == "normal") {
    return PassphraseCost();
  }
  if (cost == "least") {
    return kPassphraseCostLeast;
  }
  return Fail(Code::kUsage, "key_cost_unknown", cost);
}

OptionSpec KeyCostOption() { return {"key-cost", OptionSpec::Kind::kValue, false, ""}; }

Result<NewKey> MakeNamedKey(Call& call, const KeyPlan& plan) {
  NewKeyOptions options;
  options.purpose = plan.purpose;
  options.device = plan.device;
  options.data = plan.data;
  options.owner = plan.owner;
  options.label = plan.label;
  CHIBO_TRY_VALUE(options.cost, KeyCost(call.arguments));
  if (!plan.plain) {
    CHIBO_TRY_VALUE(const Secret passphrase, call.passphrases.ForNew(plan.name));
    options.passphrase = Bytes(passphrase.view());
  }
  auto made = MakeKey(options, call.random);
  if (options.passphrase) {
    Wipe(*options.passphrase);
  }
  CHIBO_TRY_VALUE(NewKey key, std::move(made));
  CHIBO_TRY(call.directory.WriteKey(plan.name, key.file));
  return key;
}

Status AskForNew(Call& call, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    CHIBO_TRY(call.passphrases.ForNew(name));
  }
  return {};
}

Result<UnlockedKey> UnlockNamed(Call& call, const std::string& name) {
  CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
  if (!IsSealed(file)) {
    return UnlockKey(file, std::nullopt);
  }
  CHIBO_TRY_VALUE(const Secret passphrase, call.passphrases.For(name));
  auto key = UnlockKey(file, passphrase.view());
  if (!key && key.error().where.empty()) {
    Error error = key.error();
    error.where = name;
    return tl::unexpected(std::move(error));
  }
  return key;
}

Result<Officer> UnlockOfficer(Call& call) {
  auto key = UnlockNamed(call, "authority");
  if (!key && key.error().code == Code::kNotFound) {
    return Fail(Code::kNotAllowed, "officer_key_missing", call.directory.path());
  }
  CHIBO_TRY(key);
  Officer officer;
  officer.keys.push_back(std::make_unique<UnlockedKey>(*std::move(key)));
  CHIBO_TRY_VALUE(officer.issuer, OfficerOf(call.replica(), officer.keys.front()->sign));
  return officer;
}

Result<Officer> UnlockRoot(Call& call) {
  const auto set = call.replica().authority().RootSet();
  if (call.replica().settings().parent || !set) {
    return Fail(Code::kNotAllowed, "root_not_here", call.replica().settings().unit_code);
  }
  Officer root;
  CHIBO_TRY_VALUE(root.keys, UnlockRootKeys(call, *set));
  for (const auto& key : root.keys) {
    root.issuer.keys.push_back(&key->sign);
  }
  return root;
}

Result<Officer> UnlockIssuer(Call& call) {
  return call.arguments.Has("root") ? UnlockRoot(call) : UnlockOfficer(call);
}

OptionSpec RootOption() { return {"root", OptionSpec::Kind::kFlag, false, ""}; }

// ---- Root keys

namespace {

constexpr std::size_t kRootKeysMax = 16;

// --root-keys and --root-threshold; both 1 where they are not given.
Result<std::pair<std::size_t, std::size_t>> RootCounts(const Arguments& arguments) {
  const auto number = [&](const std::string& name) -> std::size_t {
    const std::string& text = arguments.One(name);
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    return text.empty() ? 1 : digits && text.size() < 4 ? std::stoul(text) : 0;
  };
  const std::size_t keys = number("root-keys");
  const std::size_t threshold = number("root-threshold");
  if (keys < 1 || keys > kRootKeysMax || threshold < 1 || threshold > keys) {
    return Fail(Code::kUsage, "root_threshold_unfit",
                arguments.One("root-threshold") + "/" + arguments.One("root-keys"));
  }
  return std::pair{keys, threshold};
}

std::string RootKeyName(std::uint32_t version, std::size_t number, std::size_t count) {
  if (version == 1 && count == 1) {
    return "root";
  }
  return "root-" + std::to_string(version) + (count == 1 ? "" : "-" + std::to_string(number));
}

}  // namespace

Result<std::vector<std::string>> NewRootKeyNames(const Arguments& arguments,
                                                 std::uint32_t version) {
  CHIBO_TRY_VALUE(const auto counts, RootCounts(arguments));
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= counts.first; ++i) {
    names.push_back(RootKeyName(version, i, counts.first));
  }
  return names;
}

Result<NewRootKeys> MakeRootKeys(Call& call, std::uint32_t version, const std::string& label) {
  CHIBO_TRY_VALUE(const auto counts, RootCounts(call.arguments));
  NewRootKeys made;
  made.set.threshold = static_cast<std::uint32_t>(counts.second);
  CHIBO_TRY_VALUE(made.names, NewRootKeyNames(call.arguments, version));
  for (const std::string& name : made.names) {
    CHIBO_TRY_VALUE(NewKey key,
                    MakeNamedKey(call, {.name = name, .purpose = "root", .label = label}));
    made.set.keys.push_back(key.key.sign.public_key());
    made.keys.push_back(std::make_unique<UnlockedKey>(std::move(key.key)));
  }
  return made;
}

Result<std::vector<std::unique_ptr<UnlockedKey>>> UnlockRootKeys(Call& call,
                                                                 const pb::RootSetBody& set) {
  const std::vector<SignPublicKey> named = SignKeysOf(set);
  std::vector<std::unique_ptr<UnlockedKey>> keys;
  for (const std::string& name : call.directory.KeyNames()) {
    CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
    const auto key = SignKeyOf(file);
    if (keys.size() < set.threshold() && file.purpose() == "root" && key &&
        std::find(named.begin(), named.end(), *key) != named.end()) {
      CHIBO_TRY_VALUE(UnlockedKey unlocked, UnlockNamed(call, name));
      keys.push_back(std::make_unique<UnlockedKey>(std::move(unlocked)));
    }
  }
  if (keys.size() < set.threshold()) {
    return Fail(Code::kNotAllowed, "root_keys_missing",
                std::to_string(keys.size()) + "/" + std::to_string(set.threshold()));
  }
  return keys;
}

std::vector<std::string> SplitList(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from < list.size()) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    if (comma > from) {
      parts.push_back(list.substr(from, comma - from));
    }
    from = comma + 1;
  }
  return parts;
}

namespace {

// The key file of that name, or that of the person so called.
Result<std::string> FindKey(const Call& call, const std::string& wanted) {
  const std::vector<std::string> names = call.directory.KeyNames();
  if (std::find(names.begin(), names.end(), wanted) != names.end()) {
    return wanted;
  }
  for (const std::string& name : names) {
    const auto file = call.directory.ReadKey(name);
    const auto person =
        file && file->purpose() == "person" ? PersonId::From(file->owner()) : std::nullopt;
    if (person) {
      CHIBO_TRY_VALUE(const std::string called, NameOf(call.replica(), SubjectId::Of(*person)));
      if (NormalName(called) == NormalName(wanted)) {
        return name;
      }
    }
  }
  return Fail(Code::kNotFound, "key_not_found", wanted);
}

}  // namespace

Result<UnlockedPersons> UnlockPersons(Call& call, const std::string& names) {
  UnlockedPersons persons;
  for (const std::string& wanted : SplitList(names)) {
    CHIBO_TRY_VALUE(const std::string name, FindKey(call, wanted));
    CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
    const auto person = PersonId::From(file.owner());
    if (file.purpose() != "person" || !person) {
      return Fail(Code::kBadInput, "key_not_of_a_person", name);
    }
    CHIBO_TRY_VALUE(UnlockedKey key, UnlockNamed(call, name));
    persons.keys.push_back(std::make_unique<UnlockedKey>(std::move(key)));
    persons.signers.push_back({*person, &persons.keys.back()->sign});
  }
  return persons;
}

std::string Fingerprint(ByteView sign_key) {
  const std::string hex = ToHex(Sha256({"chibo/fingerprint/v0\n", sign_key}).view().substr(0, 10));
  std::string spaced;
  for (std::size_t i = 0; i < hex.size(); i += 4) {
    spaced += (i == 0 ? "" : " ") + hex.substr(i, 4);
  }
  return spaced;
}

}  // namespace chibo

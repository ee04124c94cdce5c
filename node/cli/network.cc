// chibo network create, rotate: the first node of a network, and its root keys.
#include "node/cli/commands.h"
#include "node/cli/fresh_directory.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/unit_words.h"
#include "node/names.h"

namespace chibo {
namespace {

// "Thanh Hóa" is "thanh-hoa".
std::string CodeFrom(const std::string& name) {
  std::string code;
  for (const char letter : FoldedName(name)) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    if (plain) {
      code += letter;
    } else if (!code.empty() && code.back() != '-') {
      code += '-';
    }
  }
  while (!code.empty() && code.back() == '-') {
    code.pop_back();
  }
  return code;
}

std::string Files(const Call& call, const std::vector<std::string>& names) {
  std::string files;
  for (const std::string& name : names) {
    files += (files.empty() ? "" : ", ") + call.directory.key(name);
  }
  return files;
}

Result<Output> CreateNetwork(Call& call) {
  const Arguments& given = call.arguments;
  NetworkPlan plan;
  plan.name = NormalName(given.One("name"));
  plan.unit_name = given.Has("unit-name") ? NormalName(given.One("unit-name")) : plan.name;
  plan.unit_code = given.Has("code") ? given.One("code") : CodeFrom(plan.name);
  if (plan.name.empty()) {
    return Fail(Code::kBadInput, "network_name_empty", "--name");
  }
  if (plan.unit_code.empty() && given.Has("code")) {
    return Fail(Code::kBadInput, "unit_code_unfit", "--code");
  }
  // Of a name in other letters nothing is left.
  if (plan.unit_code.empty()) {
    return Fail(Code::kBadInput, "network_code_missing", plan.name);
  }
  if (given.Has("kind")) {
    CHIBO_TRY_VALUE(plan.unit_kind, UnitKindFrom(given.One("kind")));
  }
  CHIBO_TRY(KeyCost(given));
  for (const std::uint32_t version : {1U, 2U}) {
    CHIBO_TRY_VALUE(const auto names, NewRootKeyNames(given, version));
    CHIBO_TRY(AskForNew(call, names));
  }
  CHIBO_TRY(AskForNew(call, {"authority"}));
  CHIBO_TRY_VALUE(FreshDirectory fresh, FreshDirectory::Make(call.directory));
  CHIBO_TRY_VALUE(const NewRootKeys root, MakeRootKeys(call, 1, plan.name));
  CHIBO_TRY_VALUE(const NewRootKeys next, MakeRootKeys(call, 2, plan.name));
  CHIBO_TRY_VALUE(
      const NewKey authority,
      MakeNamedKey(call, {.name = "authority", .purpose = "authority", .label = plan.unit_name}));
  CHIBO_TRY_VALUE(const NewKey device, MakeNamedKey(call, {.name = "device",
                                                           .purpose = "device",
                                                           .device = true,
                                                           .plain = true,
                                                           .label = plan.unit_name}));
  NetworkKeys keys{{}, root.set.threshold, next.set, &authority.key, &device.key};
  for (const auto& key : root.keys) {
    keys.root.push_back(&key->sign);
  }
  const NetworkStart start = PlanNetwork(plan, keys, call.random);
  CHIBO_TRY_VALUE(const auto node,
                  Node::Create(call.directory, device.key, start.settings, call.random));
  CHIBO_TRY(FoundNetwork(node->replica(), start, plan, keys, call.now()));
  fresh.Keep();
  Output output;
  output.json = Dump(Json{{"network", start.settings.network.hex()},
                          {"name", plan.name},
                          {"unit", start.settings.unit.hex()},
                          {"code", plan.unit_code},
                          {"unit_name", plan.unit_name}});
  output.lines = {start.settings.network.hex()};
  output.notes = {call.Say("network_created", {plan.name, plan.unit_code}),
                  call.Say("network_keep_root", {Files(call, root.names)}),
                  call.Say("network_keep_next", {Files(call, next.names)})};
  return output;
}

Result<Output> RotateRoot(Call& call) {
  CHIBO_TRY(KeyCost(call.arguments));
  CHIBO_TRY(NewRootKeyNames(call.arguments, 1));
  CHIBO_TRY_VALUE(const RootChange change, FindRootChange(call.replica()));
  std::vector<const SigningKey*> signers;
  CHIBO_TRY_VALUE(const auto before, UnlockRootKeys(call, change.current));
  CHIBO_TRY_VALUE(const auto coming, UnlockRootKeys(call, change.promised));
  for (const auto* keys : {&before, &coming}) {
    for (const auto& key : *keys) {
      signers.push_back(&key->sign);
    }
  }
  CHIBO_TRY_VALUE(const NewRootKeys after,
                  MakeRootKeys(call, change.current.version() + 2, change.current.name()));
  CHIBO_TRY_VALUE(const RootChanged changed,
                  ChangeRootSet(call.replica(), signers, after.set, call.now()));
  Output output;
  output.json = Dump(Json{{"version", changed.version},
                          {"signed_again", changed.signed_again},
                          {"next_keys", after.names}});
  output.lines = {call.Say("root_set_changed", {std::to_string(changed.version),
                                                call.texts.Number(changed.signed_again)})};
  output.notes = {call.Say("network_keep_next", {Files(call, after.names)})};
  return output;
}

}  // namespace

void AddNetworkCommands(std::vector<CommandSpec>& all) {
  all.push_back({"network create",
                 Needs::kNothing,
                 {{"name", OptionSpec::Kind::kValue, true, "network_name"},
                  {"code", OptionSpec::Kind::kValue, false, "unit_code"},
                  {"unit-name", OptionSpec::Kind::kValue, false, "unit_name"},
                  {"kind", OptionSpec::Kind::kValue, false, "unit_kind"},
                  {"root-keys", OptionSpec::Kind::kValue, false, ""},
                  {"root-threshold", OptionSpec::Kind::kValue, false, ""},
                  KeyCostOption()},
                 "network create --dir PROV --name \"Thanh Hóa\" --passphrase-file F",
                 CreateNetwork});
  all.push_back({"network rotate",
                 Needs::kWrite,
                 {{"root-keys", OptionSpec::Kind::kValue, false, ""},
                  {"root-threshold", OptionSpec::Kind::kValue, false, ""},
                  KeyCostOption()},
                 "network rotate --dir PROV --passphrase-file F",
                 RotateRoot});
}

}  // namespace chibo

// chibo network create: the first node of a network.
#include "node/cli/commands.h"
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

Result<Output> CreateNetwork(Call& call) {
  const Arguments& given = call.arguments;
  NetworkPlan plan;
  plan.name = NormalName(given.One("name"));
  plan.unit_name = given.Has("unit-name") ? NormalName(given.One("unit-name")) : plan.name;
  plan.unit_code = given.Has("code") ? given.One("code") : CodeFrom(plan.name);
  if (plan.name.empty() || plan.unit_code.empty()) {
    return Fail(Code::kBadInput, "network_name_empty", given.One("name"));
  }
  if (given.Has("kind")) {
    CHIBO_TRY_VALUE(plan.unit_kind, UnitKindFrom(given.One("kind")));
  }
  CHIBO_TRY(KeyCost(given));
  CHIBO_TRY(call.directory.Create());
  CHIBO_TRY_VALUE(const NewKey root,
                  MakeNamedKey(call, {.name = "root", .purpose = "root", .label = plan.name}));
  CHIBO_TRY_VALUE(
      const NewKey authority,
      MakeNamedKey(call, {.name = "authority", .purpose = "authority", .label = plan.unit_name}));
  CHIBO_TRY_VALUE(const NewKey device, MakeNamedKey(call, {.name = "device",
                                                           .purpose = "device",
                                                           .noise = true,
                                                           .plain = true,
                                                           .label = plan.unit_name}));
  const NetworkKeys keys{&root.key, &authority.key, &device.key};
  const NetworkStart start = PlanNetwork(plan, keys, call.random);
  CHIBO_TRY_VALUE(const auto node,
                  Node::Create(call.directory, device.key, start.settings, call.random));
  CHIBO_TRY(FoundNetwork(node->replica(), start, plan, keys, call.now()));
  Output output;
  output.json = Dump(Json{{"network", start.settings.network.hex()},
                          {"name", plan.name},
                          {"unit", start.settings.unit.hex()},
                          {"code", plan.unit_code},
                          {"unit_name", plan.unit_name}});
  output.lines = {start.settings.network.hex()};
  output.notes = {call.Say("network_created", {plan.name, plan.unit_code}),
                  call.Say("network_keep_root", {call.directory.key("root")})};
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
                  KeyCostOption()},
                 "network create --dir PROV --name \"Thanh Hóa\" --passphrase-file F",
                 CreateNetwork});
}

}  // namespace chibo

// chibo invite, chibo join.
#include "node/cli/commands.h"
#include "node/cli/files.h"
#include "node/cli/fresh_directory.h"
#include "node/cli/join_connection.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/cli/sync_words.h"
#include "node/cli/unit_words.h"
#include "node/move.h"

namespace chibo {
namespace {

struct InvitePlan {
  UnitId unit;
  std::string code;
  pb::Role role = pb::ROLE_NONE;
  std::string path;
};

Result<InvitePlan> PlanInvite(Call& call, const std::string& code, const std::string& path) {
  InvitePlan plan;
  plan.code = code;
  plan.path = path;
  CHIBO_TRY_VALUE(plan.unit, UnitByCode(call.replica(), code));
  const auto state = call.replica().projector().organisation().At(plan.unit);
  plan.role = state ? RoleFor(state->kind) : pb::SERVER;
  if (call.arguments.Has("role")) {
    CHIBO_TRY_VALUE(plan.role, RoleFrom(call.arguments.One("role")));
  }
  return plan;
}

// One for --unit; for --units one for each unit of the list that is directly below and keeps papers
// of its own.
Result<std::vector<InvitePlan>> PlanInvites(Call& call) {
  const Arguments& given = call.arguments;
  std::vector<InvitePlan> plans;
  if (!given.Has("units")) {
    if (!given.Has("unit")) {
      return Fail(Code::kUsage, "usage_option_missing", "--unit");
    }
    CHIBO_TRY_VALUE(InvitePlan plan, PlanInvite(call, given.One("unit"), given.One("out")));
    plans.push_back(std::move(plan));
    return plans;
  }
  CHIBO_TRY(given.ExpectWithout("units", {"unit"}));
  const std::string& list = given.One("units");
  const auto units = ReadUnits(call.Input(list));
  if (!units) {
    return InFile(call, list, units.error());
  }
  for (const UnitPlan& unit : *units) {
    const auto id = call.replica().projector().organisation().FindByCode(unit.code);
    if (unit.kind == pb::COLLECTIVE || !id ||
        call.replica().authority().KeeperOf(*id) != call.replica().settings().unit) {
      continue;
    }
    CHIBO_TRY_VALUE(InvitePlan plan,
                    PlanInvite(call, unit.code, given.One("out") + "/" + unit.code + ".txt"));
    plans.push_back(std::move(plan));
  }
  return plans;
}

Result<Output> Invite(Call& call) {
  CHIBO_TRY_VALUE(const std::string address, AddressForInvite(call.arguments));
  CHIBO_TRY_VALUE(const auto plans, PlanInvites(call));
  Output output;
  Json list = Json::array();
  for (const InvitePlan& plan : plans) {
    CHIBO_TRY_VALUE(const std::string invite,
                    MakeInvite(call.replica(), plan.unit, plan.role, address, call.now()));
    output.files.emplace_back(plan.path, invite + "\n");
    list.push_back(Json{{"unit", plan.code}, {"role", RoleName(plan.role)}, {"file", plan.path}});
    output.lines.push_back(call.Say("invite_made", {plan.code, plan.path}));
  }
  output.json = Dump(Json{{"invites", list}});
  output.notes = {call.Say("invite_is_secret")};
  return output;
}

Json JoinJson(const Settings& settings, const SignPublicKey& device) {
  return Json{{"network", settings.network.hex()}, {"network_name", settings.network_name},
              {"unit", settings.unit_code},        {"unit_name", settings.unit_name},
              {"role", RoleName(settings.role)},   {"fingerprint", Fingerprint(device.view())}};
}

// Hands the request over, by file or by connection.
Status HandRequest(Call& call, Node& node, const Bytes& request, Output& output) {
  if (call.arguments.Has("out")) {
    output.files.emplace_back(call.arguments.One("out"), request);
    output.lines.push_back(
        call.Say("request_made", {node.replica().settings().unit_name, call.arguments.One("out")}));
    return {};
  }
  CHIBO_TRY_VALUE(const bool joined, JoinByConnection(call, node, request));
  if (joined) {
    output.lines.push_back(call.Say("joined", {node.replica().settings().unit_name}));
  } else {
    output.failure = Error{Code::kBehind, "approval_waits", node.replica().settings().unit_code};
  }
  return {};
}

Output DescribeNode(const Call& call, const Node& node, const Replica& replica) {
  Output output;
  const SignPublicKey device = node.device().sign.public_key();
  output.json = Dump(JoinJson(replica.settings(), device));
  output.lines = {call.Say("fingerprint_of_device", {Fingerprint(device.view())})};
  return output;
}

// With the keys that the node has already.
Result<Bytes> NewRequest(Call& call, Node& node, const pb::Invite& invite) {
  std::optional<UnlockedKey> authority;
  if (node.replica().settings().is_server()) {
    CHIBO_TRY_VALUE(authority, UnlockNamed(call, "authority"));
  }
  return MakeRequest(
      invite, node.device(), authority ? &*authority : nullptr,
      call.arguments.Has("label") ? call.arguments.One("label") : invite.unit_name());
}

// A unit that was moved asks its new superior in with the same keys, by file; what it does not
// answer changes nothing.
Result<Output> AskNewSuperior(Call& call, Node& node) {
  if (!call.arguments.Has("out")) {
    return Fail(Code::kUsage, "usage_option_missing", "--out");
  }
  CHIBO_TRY_VALUE(const pb::Invite invite, ReadInvite(call.Input(call.arguments.One("invite"))));
  CHIBO_TRY_VALUE(const Bytes request, NewRequest(call, node, invite));
  CHIBO_TRY(PrepareMove(node.replica(), invite, call.now()));
  Output output = DescribeNode(call, node, node.replica());
  output.files.emplace_back(call.arguments.One("out"), request);
  output.lines.push_back(
      call.Say("request_made", {node.replica().settings().unit_name, call.arguments.One("out")}));
  return output;
}

// What this directory hands over again: the request it has made, or with another invite of the same
// superior a new one. A server that was put back to before it knew this device may have forgotten
// the invite of then as well.
Result<Bytes> RequestAgain(Call& call, Node& node, const Bytes& made) {
  if (!call.arguments.Has("invite")) {
    return made;
  }
  CHIBO_TRY_VALUE(const pb::Invite invite, ReadInvite(call.Input(call.arguments.One("invite"))));
  if (IsMadeWith(made, invite)) {
    return made;
  }
  if (invite.role() != node.replica().settings().role) {
    return Fail(Code::kNotAllowed, "invite_for_another_unit", invite.unit_code());
  }
  CHIBO_TRY_VALUE(Bytes request, NewRequest(call, node, invite));
  CHIBO_TRY(node.replica().Transact(call.now(), [&](StreamWriter&) {
    return node.replica().log().PutValue("join-request", request);
  }));
  return request;
}

// A directory that has made its request already hands it over once more; `wanted` from an invite
// that is given again.
Result<Output> RepeatRequest(Call& call, const std::optional<Settings>& wanted) {
  CHIBO_TRY_VALUE(const auto node,
                  Node::Open(call.directory, call.passphrases, call.random, Node::Use::kWrite));
  const Settings& settings = node->replica().settings();
  if (wanted && settings.network == wanted->network && settings.unit == wanted->unit &&
      settings.parent != wanted->parent) {
    return AskNewSuperior(call, *node);
  }
  CHIBO_TRY_VALUE(const auto request, node->replica().log().Value("join-request"));
  if (!request ||
      (wanted && (settings.network != wanted->network || settings.unit != wanted->unit))) {
    return Fail(Code::kBadInput, "directory_taken", call.directory.path());
  }
  CHIBO_TRY_VALUE(const Bytes again, RequestAgain(call, *node, *request));
  Output output = DescribeNode(call, *node, node->replica());
  CHIBO_TRY(HandRequest(call, *node, again, output));
  return output;
}

Result<Output> AskToJoin(Call& call) {
  CHIBO_TRY_VALUE(const pb::Invite invite, ReadInvite(call.Input(call.arguments.One("invite"))));
  Settings settings = SettingsFrom(invite);
  if (call.arguments.Has("parent")) {
    settings.parent_address = call.arguments.One("parent");
  }
  if (!call.arguments.Has("out") && settings.parent_address.empty()) {
    return Fail(Code::kUsage, "usage_option_missing", "--out");
  }
  if (Exists(call.directory.store())) {
    return RepeatRequest(call, settings);
  }
  CHIBO_TRY(KeyCost(call.arguments));
  const std::string label =
      call.arguments.Has("label") ? call.arguments.One("label") : settings.unit_name;
  const bool server = settings.is_server();
  CHIBO_TRY(AskForNew(call, {server ? "authority" : "device"}));
  CHIBO_TRY_VALUE(FreshDirectory fresh, FreshDirectory::Make(call.directory));
  CHIBO_TRY_VALUE(const NewKey device, MakeNamedKey(call, {.name = "device",
                                                           .purpose = "device",
                                                           .device = true,
                                                           .data = !server,
                                                           .plain = server,
                                                           .owner = invite.unit(),
                                                           .label = label}));
  std::optional<NewKey> authority;
  if (server) {
    CHIBO_TRY_VALUE(authority, MakeNamedKey(call, {.name = "authority",
                                                   .purpose = "authority",
                                                   .owner = invite.unit(),
                                                   .label = label}));
  }
  const Bytes request =
      MakeRequest(invite, device.key, authority ? &authority->key : nullptr, label);
  CHIBO_TRY_VALUE(const auto node, Node::Create(call.directory, device.key, settings, call.random));
  CHIBO_TRY(node->replica().Transact(call.now(), [&](StreamWriter&) {
    return node->replica().log().PutValue("join-request", request);
  }));
  fresh.Keep();
  Output output = DescribeNode(call, *node, node->replica());
  CHIBO_TRY(HandRequest(call, *node, request, output));
  return output;
}

Result<Output> TakeCertificate(Call& call) {
  CHIBO_TRY_VALUE(const auto node,
                  Node::Open(call.directory, call.passphrases, call.random, Node::Use::kWrite));
  Replica& replica = node->replica();
  CHIBO_TRY(TakeGrant(replica, call.Input(call.arguments.One("cert")), call.now()));
  CHIBO_TRY(KeepParent(replica, call.arguments.One("parent"), call.now()));
  Output output;
  output.json = Dump(JoinJson(replica.settings(), replica.device_key()));
  output.lines = {call.Say("joined", {replica.settings().unit_name})};
  return output;
}

Result<Output> Join(Call& call) {
  if (call.arguments.Has("cert")) {
    return TakeCertificate(call);
  }
  if (call.arguments.Has("invite")) {
    return AskToJoin(call);
  }
  if (!Exists(call.directory.store())) {
    return Fail(Code::kUsage, "usage_option_missing", "--invite");
  }
  return RepeatRequest(call, std::nullopt);
}

}  // namespace

void AddEnrolmentCommands(std::vector<CommandSpec>& all) {
  all.push_back({"invite",
                 Needs::kWrite,
                 {{"unit", OptionSpec::Kind::kValue, false, "unit"},
                  {"units", OptionSpec::Kind::kInput, false, "units"},
                  {"role", OptionSpec::Kind::kValue, false, "role"},
                  {"address", OptionSpec::Kind::kValue, false, "address"},
                  {"out", OptionSpec::Kind::kNewFiles, true, "invite_out"}},
                 "invite --dir XA01 --unit xa01-cb03 --role secretary --out invite.txt",
                 Invite});
  all.push_back({"join",
                 Needs::kNothing,
                 {{"invite", OptionSpec::Kind::kInput, false, "invite"},
                  {"out", OptionSpec::Kind::kOutput, false, "request_out"},
                  {"cert", OptionSpec::Kind::kInput, false, "cert"},
                  {"parent", OptionSpec::Kind::kValue, false, "parent_address"},
                  {"wait", OptionSpec::Kind::kValue, false, ""},
                  {"label", OptionSpec::Kind::kValue, false, "device_label"},
                  KeyCostOption()},
                 "join --dir CELL --invite invite.txt --out request.bin\n"
                 "  chibo join --dir CELL --cert cert.bin\n"
                 "  chibo join --dir CELL --invite invite.txt --wait 600",
                 Join});
}

}  // namespace chibo

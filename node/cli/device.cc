// chibo device pending, approve, refuse, list, revoke, replace.
#include <algorithm>
#include <charconv>

#include "node/cli/commands.h"
#include "node/cli/files.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/cli/sync_words.h"
#include "node/cli/unit_words.h"
#include "node/revoke.h"
#include "proto/message_bytes.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

std::string RequestFingerprint(const pb::JoinRequest& request) {
  return request.body().device_size() > 0 ? Fingerprint(request.body().device(0).key()) : "";
}

// A request to join, and what a person calls it.
struct Asked {
  pb::JoinRequest request;
  Bytes bytes;
  std::string name;  // its file, or its unit's code
};

// Those in files, and with --pending, or where no file is named, those that wait here.
Result<std::vector<Asked>> Candidates(Call& call) {
  std::vector<Asked> candidates;
  for (const std::string& path : call.arguments.All("REQUEST")) {
    Asked asked{{}, call.Input(path), path};
    if (!ParseBounded(asked.bytes, asked.request)) {
      return Fail(Code::kMalformed, "request_unreadable", path);
    }
    candidates.push_back(std::move(asked));
  }
  if (candidates.empty() || call.arguments.Has("pending")) {
    CHIBO_TRY_VALUE(auto pending, PendingRequests(call.replica()));
    for (pb::JoinRequest& request : pending) {
      Bytes bytes = request.SerializeAsString();
      std::string name = CodeOf(call.replica(), request.body().unit());
      candidates.push_back({std::move(request), std::move(bytes), std::move(name)});
    }
  }
  return candidates;
}

// Without the spaces that it is shown with.
std::string Squeezed(std::string fingerprint) {
  std::erase(fingerprint, ' ');
  return fingerprint;
}

// What an officer has chosen: files, everything that waits (--pending), and of these only the
// fingerprints named; one group of a fingerprint is enough where it leaves one request.
Result<std::vector<Asked>> Chosen(Call& call) {
  const auto& fingerprints = call.arguments.All("fingerprint");
  if (!call.arguments.Has("REQUEST") && !call.arguments.Has("pending") && fingerprints.empty()) {
    return Fail(Code::kUsage, "usage_option_missing", "--fingerprint");
  }
  CHIBO_TRY_VALUE(auto candidates, Candidates(call));
  if (fingerprints.empty()) {
    return candidates;
  }
  std::vector<Asked> chosen;
  for (const std::string& typed : fingerprints) {
    constexpr std::size_t kGroup = 4;
    const std::string wanted = Squeezed(typed);
    const auto fits = [&](const Asked& asked) {
      return wanted.size() >= kGroup &&
             Squeezed(RequestFingerprint(asked.request)).starts_with(wanted);
    };
    const auto found = std::find_if(candidates.begin(), candidates.end(), fits);
    if (found == candidates.end()) {
      return Fail(Code::kNotFound, "request_not_waiting", typed);
    }
    if (std::find_if(found + 1, candidates.end(), fits) != candidates.end()) {
      return Fail(Code::kAmbiguous, "request_ambiguous", typed);
    }
    chosen.push_back(std::move(*found));
    candidates.erase(found);
  }
  return chosen;
}

std::vector<Bytes> BytesOf(const std::vector<Asked>& requests) {
  std::vector<Bytes> bytes;
  bytes.reserve(requests.size());
  for (const Asked& asked : requests) {
    bytes.push_back(asked.bytes);
  }
  return bytes;
}

// "#3 …" is the third of those chosen: a person knows it by its name.
tl::unexpected<Error> ByName(Error error, const std::vector<Asked>& requests) {
  std::size_t number = 0;
  if (error.where.starts_with('#')) {
    std::from_chars(error.where.data() + 1, error.where.data() + error.where.size(), number);
  }
  if (number >= 1 && number <= requests.size()) {
    error.where = requests[number - 1].name;
  }
  return tl::unexpected(std::move(error));
}

Json RequestJson(const Call& call, const pb::JoinRequest& request) {
  return Json{{"unit", CodeOf(call.replica(), request.body().unit())},
              {"role", RoleName(request.body().role())},
              {"label", request.body().label()},
              {"fingerprint", RequestFingerprint(request)}};
}

std::string RequestLine(const Call& call, const pb::JoinRequest& request) {
  return CodeOf(call.replica(), request.body().unit()) + "\t" + RequestFingerprint(request) + "\t" +
         request.body().label();
}

std::string CertificatePath(const Call& call, const std::string& request_name) {
  if (call.arguments.Has("out")) {
    return call.arguments.One("out");
  }
  return call.arguments.One("out-dir") + "/" + StemOf(request_name) + ".cert";
}

Result<Output> ApproveDevices(Call& call) {
  CHIBO_TRY_VALUE(const auto requests, Chosen(call));
  const bool files = call.arguments.Has("out") || call.arguments.Has("out-dir");
  if (call.arguments.Has("out") && requests.size() > 1) {
    return Fail(Code::kUsage, "usage_option_missing", "--out-dir");
  }
  if (!files && call.arguments.Has("REQUEST")) {
    return Fail(Code::kUsage, "usage_option_missing", "--out");
  }
  Output output;
  Json list = Json::array();
  if (requests.empty()) {
    output.lines = {call.Say("no_request_waits")};
    output.json = Dump(Json{{"approved", list}});
    return output;
  }
  // Shown before the officer's pass-phrase is asked for: the last moment to compare them.
  for (const Asked& asked : requests) {
    call.progress(RequestLine(call, asked.request));
  }
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  auto grants = Approve(call.replica(), officer.issuer, BytesOf(requests), call.now());
  if (!grants) {
    return ByName(grants.error(), requests);
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const pb::JoinRequest& request = requests[i].request;
    Json item = RequestJson(call, request);
    if (files) {
      const std::string path = CertificatePath(call, requests[i].name);
      output.files.emplace_back(path, (*grants)[i]);
      item["file"] = path;
    }
    list.push_back(std::move(item));
    output.lines.push_back(
        call.Say("device_approved",
                 {CodeOf(call.replica(), request.body().unit()), RequestFingerprint(request)}));
  }
  output.json = Dump(Json{{"approved", list}});
  return output;
}

Result<Output> RefuseDevices(Call& call) {
  CHIBO_TRY_VALUE(const auto requests, Chosen(call));
  if (const Status refused = Refuse(call.replica(), BytesOf(requests), call.now()); !refused) {
    return ByName(refused.error(), requests);
  }
  Output output;
  Json list = Json::array();
  for (const Asked& asked : requests) {
    list.push_back(RequestJson(call, asked.request));
    output.lines.push_back(call.Say(
        "device_refused",
        {CodeOf(call.replica(), asked.request.body().unit()), RequestFingerprint(asked.request)}));
  }
  if (requests.empty()) {
    output.lines = {call.Say("no_request_waits")};
  }
  output.json = Dump(Json{{"refused", list}});
  return output;
}

Result<Output> ListRequests(Call& call) {
  CHIBO_TRY_VALUE(const auto requests, Candidates(call));
  Output output;
  Json list = Json::array();
  for (const Asked& asked : requests) {
    list.push_back(RequestJson(call, asked.request));
    output.lines.push_back(RequestLine(call, asked.request));
  }
  if (requests.empty()) {
    output.lines = {call.Say("no_request_waits")};
  }
  output.json = Dump(list);
  return output;
}

struct Device {
  CertificateId id;
  pb::CertificateBody body;
  bool revoked = false;
};

// Devices whose certificates this node knows, by unit code and id; of persons' keys and officers
// none.
Result<std::vector<Device>> DevicesKnown(const Replica& replica) {
  CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOfKind(pb::Record::kCertificate)));
  std::map<std::pair<std::string, CertificateId>, Device> devices;
  for (const Fact& fact : facts) {
    if (!fact.counts()) {
      continue;
    }
    const pb::CertificateBody& body = fact.record->certificate().body();
    if (body.role() == pb::PERSON) {
      continue;
    }
    const auto id = CertificateId::FromChecked(BodyDigest(*fact.record).view());
    if (replica.authority().Find(id)) {
      devices[{CodeOf(replica, body.unit()), id}] = {id, body, replica.authority().IsRevoked(id)};
    }
  }
  std::vector<Device> list;
  list.reserve(devices.size());
  for (auto& [key, device] : devices) {
    list.push_back(std::move(device));
  }
  return list;
}

std::string SayRole(const Call& call, pb::Role role) {
  switch (role) {
    case pb::SERVER:
      return call.Say("role_server");
    case pb::AUTHORITY:
      return call.Say("role_authority");
    case pb::SECRETARY:
      return call.Say("role_secretary");
    case pb::DEPUTY:
      return call.Say("role_deputy");
    default:
      return RoleName(role);
  }
}

Result<Output> ListDevices(Call& call) {
  CHIBO_TRY_VALUE(const auto devices, DevicesKnown(call.replica()));
  Output output;
  Json list = Json::array();
  for (const Device& device : devices) {
    const std::string code = CodeOf(call.replica(), device.body.unit());
    if (call.arguments.Has("unit") && code != call.arguments.One("unit")) {
      continue;
    }
    const auto sign = SignKeyOf(device.body);
    const std::string fingerprint = sign ? Fingerprint(sign->view()) : "";
    list.push_back(Json{{"certificate", device.id.hex()},
                        {"unit", code},
                        {"role", RoleName(device.body.role())},
                        {"label", device.body.label()},
                        {"fingerprint", fingerprint},
                        {"revoked", device.revoked}});
    output.lines.push_back(device.id.hex().substr(0, 16) + "\t" + code + "\t" +
                           SayRole(call, device.body.role()) + "\t" + fingerprint + "\t" +
                           device.body.label() +
                           (device.revoked ? "\t" + call.Say("device_is_revoked") : std::string()));
  }
  output.json = Dump(list);
  return output;
}

// By the beginning of its certificate's id, or by unit and role where that leaves one.
Result<Device> FindDevice(Call& call) {
  const Arguments& given = call.arguments;
  CHIBO_TRY_VALUE(const auto devices, DevicesKnown(call.replica()));
  std::vector<Device> fitting;
  bool revoked_before = false;
  for (const Device& device : devices) {
    const bool by_id =
        given.Has("certificate") && device.id.hex().starts_with(given.One("certificate"));
    const bool by_unit = !given.Has("certificate") &&
                         CodeOf(call.replica(), device.body.unit()) == given.One("unit") &&
                         (given.Has("role") ? RoleName(device.body.role()) == given.One("role")
                                            : device.body.role() != pb::AUTHORITY);
    revoked_before = revoked_before || (by_unit && device.revoked);
    if (by_id || (by_unit && !device.revoked)) {
      fitting.push_back(device);
    }
  }
  const std::string where = given.Has("certificate") ? given.One("certificate") : given.One("unit");
  if (fitting.empty() && revoked_before) {
    return Fail(Code::kNotFound, "device_revoked_before", where);
  }
  if (fitting.empty()) {
    return Fail(Code::kNotFound, "device_unknown", where);
  }
  if (fitting.size() > 1) {
    return Fail(Code::kAmbiguous, "device_ambiguous", where);
  }
  return fitting.front();
}

// Who revokes which device, before anything is done.
struct Revoking {
  Device device;
  Officer officer;
};
Result<Revoking> PlanRevoking(Call& call) {
  const std::string& keep = call.arguments.One("keep");
  if (!keep.empty() && keep != "held" && keep != "none") {
    return Fail(Code::kUsage, "keep_unknown", keep);
  }
  CHIBO_TRY_VALUE(Device device, FindDevice(call));
  CHIBO_TRY_VALUE(Officer officer, UnlockIssuer(call));
  return Revoking{std::move(device), std::move(officer)};
}

Result<Output> Revoke(Call& call, const Revoking& plan) {
  const Device& device = plan.device;
  CHIBO_TRY_VALUE(
      const RevokedAt revoked,
      RevokeDevice(call.replica(), plan.officer.issuer, device.id,
                   call.arguments.One("keep") != "none", call.arguments.One("reason"), call.now()));
  Json kept = Json::array();
  for (const Position& point : revoked.kept) {
    kept.push_back(Json{{"stream", point.stream.hex()}, {"size", point.size}});
  }
  Output output;
  output.json = Dump(Json{{"certificate", device.id.hex()},
                          {"unit", CodeOf(call.replica(), device.body.unit())},
                          {"record", ToString(revoked.record)},
                          {"kept", kept}});
  output.lines = {
      call.Say("device_revoked", {device.body.label(), CodeOf(call.replica(), device.body.unit()),
                                  std::to_string(revoked.kept.size())})};
  return output;
}

Result<Output> RevokeOne(Call& call) {
  CHIBO_TRY_VALUE(const Revoking plan, PlanRevoking(call));
  return Revoke(call, plan);
}

Result<Output> ReplaceOne(Call& call) {
  CHIBO_TRY_VALUE(const std::string address, AddressForInvite(call.arguments));
  CHIBO_TRY_VALUE(const Revoking plan, PlanRevoking(call));
  const pb::CertificateBody& body = plan.device.body;
  const UnitId unit = UnitId::From(body.unit()).value_or(UnitId());
  // First, because it may be refused: a unit without any device would be worse than an invite that
  // nobody was given.
  CHIBO_TRY_VALUE(const std::string invite,
                  MakeInvite(call.replica(), unit, body.role(), address, call.now()));
  CHIBO_TRY_VALUE(Output output, Revoke(call, plan));
  output.files.emplace_back(call.arguments.One("out"), invite + "\n");
  output.lines.push_back(
      call.Say("invite_made", {CodeOf(call.replica(), unit), call.arguments.One("out")}));
  return output;
}

std::vector<OptionSpec> WhichDevice(std::vector<OptionSpec> more) {
  std::vector<OptionSpec> options = {{"certificate", OptionSpec::Kind::kValue, false, ""},
                                     {"unit", OptionSpec::Kind::kValue, false, ""},
                                     {"role", OptionSpec::Kind::kValue, false, ""},
                                     {"reason", OptionSpec::Kind::kValue, true, ""},
                                     {"keep", OptionSpec::Kind::kValue, false, ""}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace

void AddDeviceCommands(std::vector<CommandSpec>& all) {
  const OptionSpec request = {"REQUEST", OptionSpec::Kind::kInputs, false, "request"};
  const OptionSpec pending = {"pending", OptionSpec::Kind::kFlag, false, ""};
  const OptionSpec fingerprint = {"fingerprint", OptionSpec::Kind::kMany, false, ""};
  all.push_back(
      {"device pending", Needs::kRead, {request}, "device pending --dir XA01", ListRequests});
  all.push_back({"device approve",
                 Needs::kWrite,
                 {request,
                  fingerprint,
                  pending,
                  {"out", OptionSpec::Kind::kOutput, false, "cert_out"},
                  {"out-dir", OptionSpec::Kind::kOutput, false, "cert_out_dir"}},
                 "device approve --dir XA01 --fingerprint \"6320 af92 90ce f391 2d10\"\n"
                 "  chibo device approve --dir XA01 request.bin --out cert.bin",
                 ApproveDevices});
  all.push_back({"device refuse",
                 Needs::kWrite,
                 {request, fingerprint, pending},
                 "device refuse --dir XA01 --fingerprint \"6320 af92 90ce f391 2d10\"",
                 RefuseDevices});
  all.push_back({"device list",
                 Needs::kRead,
                 {{"unit", OptionSpec::Kind::kValue, false, ""}},
                 "device list --dir XA01 --unit xa01-cb03",
                 ListDevices});
  all.push_back({"device revoke", Needs::kWrite, WhichDevice({RootOption()}),
                 "device revoke --dir XA01 --unit xa01-cb03 --reason \"Mất máy\" "
                 "--passphrase-file F",
                 RevokeOne});
  all.push_back({"device replace", Needs::kWrite,
                 WhichDevice({{"address", OptionSpec::Kind::kValue, false, ""},
                              {"out", OptionSpec::Kind::kNewFile, true, "invite_out"}}),
                 "device replace --dir XA01 --unit xa01-cb03 --reason \"Đổi máy\" --out invite.txt "
                 "--passphrase-file F",
                 ReplaceOne});
}

}  // namespace chibo

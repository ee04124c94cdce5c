#include "node/enrolment.h"

#include <utility>

#include "node/entry_packer.h"
#include "node/grant.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::string_view kInvitePrefix = "chibo-invite-";
constexpr std::string_view kJoinDomain = "chibo/join/v0\n";
constexpr std::string_view kPersonKeyDomain = "chibo/person-key/v0\n";

std::string InviteKey(ByteView id) { return "secret/invite/" + ToHex(id); }
// Holds the key of the device whose request the invite was used for; kRefused after an officer's
// no.
std::string InviteUseKey(ByteView id) { return "invite-used/" + ToHex(id); }
constexpr std::string_view kRefused = "refused";
std::string RequestKey(const SignPublicKey& device) { return "request/" + device.hex(); }
Bytes InviteId(ByteView secret) { return Bytes(Sha256(secret).view().substr(0, 8)); }

pb::Key PublicKey(pb::KeyUsage usage, ByteView bytes) {
  pb::Key key;
  key.set_usage(usage);
  key.set_algorithm(usage == pb::SIGN ? 1 : 2);
  key.set_key(Bytes(bytes));
  return key;
}

void SetIssuer(const Issuer& issuer, std::string* field) {
  if (issuer.certificate) {
    *field = Bytes(issuer.certificate->view());
  }
}

pb::Record MakeUnit(const NetworkId& network, const Issuer& issuer, const UnitId& id,
                    const UnitPlan& plan, const std::optional<UnitId>& parent) {
  pb::Record record;
  pb::UnitBody& body = *record.mutable_unit()->mutable_body();
  body.set_unit(Bytes(id.view()));
  body.set_code(plan.code);
  body.set_name(plan.name);
  body.set_kind(plan.kind);
  body.set_type(plan.type);
  body.set_committee(plan.committee);
  body.set_effective(plan.effective);
  if (parent) {
    body.set_parent(Bytes(parent->view()));
  }
  SetIssuer(issuer, body.mutable_issuer());
  SignAs(issuer, network, record);
  return record;
}

pb::CertificateBody DeviceBody(const UnitId& unit, pb::Role role, const UnlockedKey& key,
                               std::string label) {
  pb::CertificateBody body;
  body.set_unit(Bytes(unit.view()));
  body.set_role(role);
  *body.add_keys() = PublicKey(pb::SIGN, key.sign.public_key().view());
  if (key.noise) {
    *body.add_keys() = PublicKey(pb::NOISE, key.noise->public_key().view());
  }
  if (key.seal) {
    *body.add_keys() = PublicKey(pb::SEAL, key.seal->public_key().view());
  }
  body.set_label(std::move(label));
  return body;
}

// The three of a device, in this order.
bool HasDeviceKeys(const pb::JoinBody& body) {
  return body.device_size() == 3 && body.device(0).usage() == pb::SIGN &&
         body.device(1).usage() == pb::NOISE && DhPublicKey::From(body.device(1).key()) &&
         body.device(2).usage() == pb::SEAL && DhPublicKey::From(body.device(2).key());
}

bool SignaturesHold(const pb::JoinRequest& request) {
  const Bytes message =
      Bytes(kJoinDomain) + request.body().network() + CanonicalBytes(request.body());
  int next = 0;
  for (const auto& keys : {request.body().device(), request.body().authority()}) {
    for (const pb::Key& key : keys) {
      if (key.usage() != pb::SIGN) {
        continue;
      }
      const auto public_key = SignPublicKey::From(key.key());
      const auto signature = next < request.signatures_size()
                                 ? Signature::From(request.signatures(next))
                                 : std::nullopt;
      if (!public_key || !signature || !Verify(*public_key, message, *signature)) {
        return false;
      }
      ++next;
    }
  }
  return next > 0 && next == request.signatures_size();
}

}  // namespace

void SignAs(const Issuer& issuer, const NetworkId& network, pb::Record& record) {
  for (const SigningKey* key : issuer.keys) {
    AddSignature(network, *key, record);
  }
}

pb::Record MakeCertificate(const NetworkId& network, const Issuer& issuer,
                           pb::CertificateBody body) {
  pb::Record record;
  SetIssuer(issuer, body.mutable_issuer());
  body.set_depth(issuer.depth + 1);
  *record.mutable_certificate()->mutable_body() = std::move(body);
  SignAs(issuer, network, record);
  return record;
}

Result<Issuer> OfficerOf(const Replica& replica, const SigningKey& authority_key) {
  for (const ValidCertificate& certificate :
       replica.authority().Current(replica.settings().unit, pb::AUTHORITY)) {
    if (certificate.key == authority_key.public_key()) {
      return Issuer{certificate.id, certificate.body.depth(), {&authority_key}};
    }
  }
  return Fail(Code::kNotAllowed, "officer_without_certificate");
}

NetworkStart PlanNetwork(const NetworkPlan& plan, const NetworkKeys& keys, Random& random) {
  NetworkStart start;
  RootKeys first;
  first.threshold = keys.threshold;
  for (const SigningKey* key : keys.root) {
    first.keys.push_back(key->public_key());
  }
  pb::RootSetBody& body = *start.root_set.mutable_root_set()->mutable_body();
  body = MakeRootSet(first, keys.next);
  body.set_version(1);
  body.set_name(plan.name);
  body.set_random(random.Draw(16));
  start.settings.network = NetworkId::FromChecked(BodyDigest(start.root_set).view());
  SignAs(Issuer{std::nullopt, 0, keys.root}, start.settings.network, start.root_set);
  start.settings.network_name = plan.name;
  start.settings.unit = random.DrawFixed<UnitId>();
  start.settings.unit_code = plan.unit_code;
  start.settings.unit_name = plan.unit_name;
  start.settings.role = pb::SERVER;
  return start;
}

Status FoundNetwork(Replica& replica, const NetworkStart& start, const NetworkPlan& plan,
                    const NetworkKeys& keys, Timestamp now) {
  const NetworkId& network = start.settings.network;
  const UnitId& unit = start.settings.unit;
  const Issuer root{std::nullopt, 0, keys.root};
  UnitPlan topmost;
  topmost.code = plan.unit_code;
  topmost.name = plan.unit_name;
  topmost.kind = plan.unit_kind;
  topmost.committee = true;
  const pb::Record server =
      MakeCertificate(network, root, DeviceBody(unit, pb::SERVER, *keys.device, plan.unit_name));
  Draft draft;
  draft.claimed = now;
  draft.Add(start.root_set);
  draft.Add(MakeUnit(network, root, unit, topmost, std::nullopt));
  draft.Add(MakeCertificate(network, root,
                            DeviceBody(unit, pb::AUTHORITY, *keys.authority, plan.unit_name)));
  draft.Add(server);
  return replica.Transact(now, [&](StreamWriter& writer) -> Status {
    writer.UseCertificate(server);
    CHIBO_TRY(KeepPromise(replica.log(), keys.next));
    CHIBO_TRY(writer.Append(pb::DOWN, UnitId(), std::move(draft)));
    return {};
  });
}

Status AddUnits(Replica& replica, const Issuer& officer, const std::vector<UnitPlan>& units,
                Timestamp now) {
  std::map<std::string, UnitId> fresh;
  const Organisation& organisation = replica.projector().organisation();
  std::vector<pb::Record> records;
  for (const UnitPlan& plan : units) {
    if (organisation.FindByCode(plan.code) || fresh.contains(plan.code)) {
      return Fail(Code::kBadInput, "unit_code_taken", plan.code);
    }
    std::optional<UnitId> parent = replica.settings().unit;
    if (!plan.parent_code.empty() && plan.parent_code != replica.settings().unit_code) {
      const auto known = fresh.find(plan.parent_code);
      parent = known != fresh.end() ? known->second : organisation.FindByCode(plan.parent_code);
      if (!parent) {
        return Fail(Code::kNotFound, "unit_unknown", plan.parent_code);
      }
    }
    const auto id = replica.random().DrawFixed<UnitId>();
    fresh[plan.code] = id;
    records.push_back(MakeUnit(replica.settings().network, officer, id, plan, parent));
  }
  return replica.Transact(now, [&](StreamWriter& writer) -> Status {
    EntryPacker packer(writer, pb::DOWN, UnitId(), now);
    for (const pb::Record& record : records) {
      CHIBO_TRY(packer.Add({record}));
    }
    return packer.Close();
  });
}

Result<std::string> MakeInvite(Replica& replica, const UnitId& unit, pb::Role role,
                               std::string address, Timestamp now) {
  const auto state = replica.projector().organisation().At(unit);
  if (!state || replica.authority().KeeperOf(unit) != replica.settings().unit) {
    return Fail(Code::kNotFound, "unit_not_directly_below", state ? state->code : std::string());
  }
  if (role != pb::SERVER && role != pb::SECRETARY && role != pb::DEPUTY) {
    return Fail(Code::kBadInput, "role_not_invited", state->code);
  }
  pb::Invite invite;
  invite.set_network(Bytes(replica.settings().network.view()));
  invite.set_network_name(replica.settings().network_name);
  invite.set_parent(Bytes(replica.settings().unit.view()));
  invite.set_parent_noise(Bytes(replica.noise_key().view()));
  invite.set_unit(Bytes(unit.view()));
  invite.set_unit_code(state->code);
  invite.set_unit_name(state->name);
  invite.set_role(role);
  invite.set_secret(replica.random().Draw(16));
  invite.set_address(std::move(address));
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter&) {
    return replica.log().PutValue(InviteKey(InviteId(invite.secret())), invite.SerializeAsString());
  }));
  return std::string(kInvitePrefix) + ToBase64(invite.SerializeAsString());
}

Result<pb::Invite> ReadInvite(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  pb::Invite invite;
  const auto bytes = text.starts_with(kInvitePrefix) && text.size() < 8192
                         ? FromBase64(text.substr(kInvitePrefix.size()))
                         : std::nullopt;
  if (!bytes || !ParseBounded(*bytes, invite) || !NetworkId::From(invite.network()) ||
      !UnitId::From(invite.unit()) || !UnitId::From(invite.parent()) ||
      !DhPublicKey::From(invite.parent_noise()) || invite.secret().size() != 16) {
    return Fail(Code::kMalformed, "invite_unreadable");
  }
  return invite;
}

Settings SettingsFrom(const pb::Invite& invite) {
  Settings settings;
  settings.network = NetworkId::FromChecked(invite.network());
  settings.network_name = invite.network_name();
  settings.unit = UnitId::FromChecked(invite.unit());
  settings.unit_code = invite.unit_code();
  settings.unit_name = invite.unit_name();
  settings.role = invite.role();
  settings.parent = UnitId::FromChecked(invite.parent());
  settings.parent_noise = DhPublicKey::FromChecked(invite.parent_noise());
  settings.parent_address = invite.address();
  return settings;
}

Bytes MakeRequest(const pb::Invite& invite, const UnlockedKey& device, const UnlockedKey* authority,
                  std::string label) {
  pb::JoinRequest request;
  pb::JoinBody& body = *request.mutable_body();
  body.set_network(invite.network());
  body.set_unit(invite.unit());
  body.set_role(invite.role());
  *body.add_device() = PublicKey(pb::SIGN, device.sign.public_key().view());
  CHECK(device.noise.has_value() && device.seal.has_value());
  *body.add_device() = PublicKey(pb::NOISE, device.noise->public_key().view());
  *body.add_device() = PublicKey(pb::SEAL, device.seal->public_key().view());
  if (authority != nullptr) {
    *body.add_authority() = PublicKey(pb::SIGN, authority->sign.public_key().view());
  }
  body.set_label(std::move(label));
  const Bytes bytes = CanonicalBytes(body);
  const Bytes message = Bytes(kJoinDomain) + invite.network() + bytes;
  request.set_invite(InviteId(invite.secret()));
  request.set_proof(Bytes(HmacSha256(invite.secret(), {bytes}).view()));
  request.add_signatures(Bytes(device.sign.Sign(message).view()));
  if (authority != nullptr) {
    request.add_signatures(Bytes(authority->sign.Sign(message).view()));
  }
  return request.SerializeAsString();
}

bool IsMadeWith(ByteView request, const pb::Invite& invite) {
  pb::JoinRequest made;
  return ParseBounded(request, made) && made.invite() == InviteId(invite.secret());
}

namespace {

struct CheckedRequest {
  pb::JoinRequest request;
  UnitId unit;
  SignPublicKey device;
};

Error UnknownInvite() { return {Code::kNotAllowed, "request_unknown_invite", {}}; }

// An invite serves one device: whoever else holds its secret got it from somewhere.
Status CheckUnused(const Replica& replica, ByteView invite, const SignPublicKey& device) {
  CHIBO_TRY_VALUE(const auto user, replica.log().Value(InviteUseKey(invite)));
  return !user || *user == device.view() ? Status() : tl::unexpected(UnknownInvite());
}

// Inside a transaction, so that two requests approved at once do not share an invite either.
Status UseInvite(Replica& replica, const CheckedRequest& checked) {
  const std::string& invite = checked.request.invite();
  CHIBO_TRY(CheckUnused(replica, invite, checked.device));
  return replica.log().PutValue(InviteUseKey(invite), checked.device.view());
}

// Whether the request is whole, of this network, and made by who holds one of this node's invites
// that no other device has used.
Result<CheckedRequest> CheckRequest(const Replica& replica, ByteView bytes) {
  CheckedRequest checked;
  pb::JoinRequest& request = checked.request;
  if (bytes.size() > limits::kCertificateBytesMax || !ParseBounded(bytes, request) ||
      !HasDeviceKeys(request.body()) || request.body().authority_size() > 1) {
    return Fail(Code::kMalformed, "request_unreadable");
  }
  if (request.body().network() != replica.settings().network.view()) {
    return Fail(Code::kWrongNetwork, "request_of_another_network");
  }
  const auto unit = UnitId::From(request.body().unit());
  const auto device = SignPublicKey::From(request.body().device(0).key());
  if (!unit || !device || !SignaturesHold(request)) {
    return Fail(Code::kBadSignature, "request_signature_wrong");
  }
  checked.unit = *unit;
  checked.device = *device;
  CHIBO_TRY_VALUE(const auto kept, replica.log().Value(InviteKey(request.invite())));
  pb::Invite invite;
  if (!kept || !invite.ParseFromString(*kept) || invite.unit() != request.body().unit() ||
      invite.role() != request.body().role() ||
      !EqualInConstantTime(HmacSha256(invite.secret(), {CanonicalBytes(request.body())}).view(),
                           request.proof())) {
    return tl::unexpected(UnknownInvite());
  }
  CHIBO_TRY(CheckUnused(replica, request.invite(), *device));
  return checked;
}

tl::unexpected<Error> AboutRequest(std::size_t index, Error error) {
  error.where = "#" + std::to_string(index + 1) + " " + error.where;
  return tl::unexpected(std::move(error));
}

Result<std::vector<CheckedRequest>> CheckRequests(const Replica& replica,
                                                  const std::vector<Bytes>& requests) {
  std::vector<CheckedRequest> checked;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto one = CheckRequest(replica, requests[i]);
    if (!one) {
      return AboutRequest(i, std::move(one).error());
    }
    checked.push_back(*std::move(one));
  }
  return checked;
}

bool IsCertified(const Replica& replica, const CheckedRequest& request) {
  for (const ValidCertificate& certificate :
       replica.authority().Current(request.unit, request.request.body().role())) {
    if (certificate.key == request.device) {
      return true;
    }
  }
  return false;
}

Status Certify(const Replica& replica, const Issuer& officer, const CheckedRequest& checked,
               Timestamp now, StreamWriter& writer) {
  const pb::JoinBody& asked = checked.request.body();
  const NetworkId& network = replica.settings().network;
  pb::CertificateBody device;
  device.set_unit(asked.unit());
  device.set_role(asked.role());
  *device.mutable_keys() = asked.device();
  device.set_label(asked.label());
  Draft draft;
  draft.claimed = now;
  draft.Add(MakeCertificate(network, officer, std::move(device)));
  if (asked.authority_size() == 1 && asked.role() == pb::SERVER) {
    pb::CertificateBody authority;
    authority.set_unit(asked.unit());
    authority.set_role(pb::AUTHORITY);
    *authority.mutable_keys() = asked.authority();
    authority.set_label(asked.label());
    draft.Add(MakeCertificate(network, officer, std::move(authority)));
  }
  CHIBO_TRY(writer.Append(pb::TO, checked.unit, std::move(draft)));
  return {};
}

}  // namespace

Status KeepRequest(Replica& replica, ByteView request, Timestamp now) {
  CHIBO_TRY_VALUE(const CheckedRequest checked, CheckRequest(replica, request));
  return replica.Transact(now, [&](StreamWriter&) -> Status {
    CHIBO_TRY(UseInvite(replica, checked));
    return replica.log().PutValue(RequestKey(checked.device), request);
  });
}

Result<std::vector<pb::JoinRequest>> PendingRequests(const Replica& replica) {
  std::vector<pb::JoinRequest> pending;
  CHIBO_TRY_VALUE(const auto keys, replica.log().KeysBelow("request/"));
  for (const std::string& key : keys) {
    CHIBO_TRY_VALUE(const auto bytes, replica.log().Value(key));
    if (auto checked = CheckRequest(replica, bytes.value_or(Bytes()))) {
      pending.push_back(checked->request);
    }
  }
  return pending;
}

Result<std::vector<Bytes>> Approve(Replica& replica, const Issuer& officer,
                                   const std::vector<Bytes>& requests, Timestamp now) {
  CHIBO_TRY_VALUE(const auto checked, CheckRequests(replica, requests));
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    for (std::size_t i = 0; i < checked.size(); ++i) {
      if (const Status used = UseInvite(replica, checked[i]); !used) {
        return AboutRequest(i, used.error());
      }
      if (!IsCertified(replica, checked[i])) {
        CHIBO_TRY(Certify(replica, officer, checked[i], now, writer));
      }
      CHIBO_TRY(replica.log().EraseValue(RequestKey(checked[i].device)));
    }
    return {};
  }));
  std::vector<Bytes> grants;
  for (const CheckedRequest& request : checked) {
    CHIBO_TRY_VALUE(Bytes grant, MakeGrant(replica, request.unit, request.device));
    grants.push_back(std::move(grant));
  }
  return grants;
}

Status Refuse(Replica& replica, const std::vector<Bytes>& requests, Timestamp now) {
  CHIBO_TRY_VALUE(const auto checked, CheckRequests(replica, requests));
  for (std::size_t i = 0; i < checked.size(); ++i) {
    if (IsCertified(replica, checked[i])) {
      return AboutRequest(i, {Code::kNotAllowed, "request_already_approved", {}});
    }
  }
  return replica.Transact(now, [&](StreamWriter&) -> Status {
    for (const CheckedRequest& request : checked) {
      CHIBO_TRY(replica.log().PutValue(InviteUseKey(request.request.invite()), kRefused));
      CHIBO_TRY(replica.log().EraseValue(RequestKey(request.device)));
    }
    return {};
  });
}

Result<std::optional<Bytes>> GrantFor(Replica& replica, ByteView request) {
  CHIBO_TRY_VALUE(const CheckedRequest checked, CheckRequest(replica, request));
  if (!IsCertified(replica, checked)) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(Bytes grant, MakeGrant(replica, checked.unit, checked.device));
  return grant;
}

namespace {

// A key is certified only for who holds it: nobody can enrol somebody else's.
bool ProvesPossession(const NetworkId& network, const pb::PersonKey& enrolled,
                      const SignPublicKey& key) {
  const auto proof = Signature::From(enrolled.proof());
  return proof && Verify(key, PersonKeyMessage(network, enrolled.person(), key), *proof);
}

}  // namespace

Bytes PersonKeyMessage(const NetworkId& network, ByteView person, const SignPublicKey& key) {
  return Bytes(kPersonKeyDomain) + Bytes(network.view()) + Bytes(person) + Bytes(key.view());
}

Result<PairReply> AnswerJoin(Replica& replica, ByteView request, const DhPublicKey& peer,
                             Timestamp now) {
  CHIBO_TRY_VALUE(const CheckedRequest checked, CheckRequest(replica, request));
  if (checked.request.body().device(1).key() != peer.view()) {
    return Fail(Code::kNotAllowed, "request_of_another_device");
  }
  CHIBO_TRY_VALUE(auto grant, GrantFor(replica, request));
  if (grant) {
    return PairReply{false, *std::move(grant)};
  }
  CHIBO_TRY(KeepRequest(replica, request, now));
  return PairReply{true, {}};
}

Result<std::vector<pb::CertificateBody>> ApprovePersonKeys(Replica& replica, const Issuer& issuer,
                                                           Timestamp now) {
  CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOfKind(pb::Record::kPersonKey)));
  const UnitId& own = replica.settings().unit;
  std::map<UnitId, std::vector<pb::Record>> certificates;
  std::set<SignPublicKey> seen;
  std::vector<pb::CertificateBody> approved;
  for (const Fact& fact : facts) {
    const auto keeper = replica.authority().KeeperOf(fact.unit);
    const bool ours = issuer.certificate ? keeper == own : !keeper && fact.unit == own;
    if (!fact.counts() || !ours) {
      continue;
    }
    const pb::PersonKey& enrolled = fact.record->person_key();
    const auto person = PersonId::From(enrolled.person());
    const auto key = SignPublicKey::From(enrolled.key().key());
    if (!person || !key || !ProvesPossession(replica.settings().network, enrolled, *key) ||
        !seen.insert(*key).second) {
      continue;
    }
    const auto certified = replica.authority().PersonKeys(*person);
    if (std::find(certified.begin(), certified.end(), *key) != certified.end()) {
      continue;
    }
    pb::CertificateBody body;
    body.set_unit(Bytes(fact.unit.view()));
    body.set_role(pb::PERSON);
    *body.add_keys() = enrolled.key();
    body.set_person(enrolled.person());
    body.set_label(enrolled.name());
    approved.push_back(body);
    certificates[fact.unit].push_back(
        MakeCertificate(replica.settings().network, issuer, std::move(body)));
  }
  if (!approved.empty()) {
    CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
      for (const auto& [unit, records] : certificates) {
        EntryPacker packer(writer, unit == own ? pb::DOWN : pb::TO, unit, now);
        for (const pb::Record& record : records) {
          CHIBO_TRY(packer.Add({record}));
        }
        CHIBO_TRY(packer.Close());
      }
      return {};
    }));
  }
  return approved;
}

}  // namespace chibo

#ifndef CHIBO_NODE_ENROLMENT_H_
#define CHIBO_NODE_ENROLMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "chibo/enrolment.pb.h"
#include "node/identity.h"
#include "node/replica.h"
#include "node/root_set.h"
#include "sync/pairing.h"

// How units and devices come into a network: invite → request → certificates → grant. No files, no
// sockets: the same bytes pass by file or through a pairing session.
namespace chibo {

// Who signs: the root set (with as many keys as its threshold asks for), or an officer's AUTHORITY
// certificate (with its one).
struct Issuer {
  std::optional<CertificateId> certificate;  // nothing: the root set
  std::uint32_t depth = 0;
  std::vector<const SigningKey*> keys;
};
void SignAs(const Issuer& issuer, const NetworkId& network, pb::Record& record);

// The officer of this node's unit whose key this is. kNotAllowed when no certificate that holds
// names it.
Result<Issuer> OfficerOf(const Replica& replica, const SigningKey& authority_key);

// ---- the first node of a network

struct NetworkPlan {
  std::string name;
  std::string unit_code;
  std::string unit_name;
  pb::UnitKind unit_kind = pb::PROVINCE;
};
struct NetworkKeys {
  std::vector<const SigningKey*> root;  // of the first set
  std::uint32_t threshold = 1;
  RootKeys next;  // promised as the set that will follow; without keys: none
  const UnlockedKey* authority = nullptr;
  const UnlockedKey* device = nullptr;
};
// The root set, and settings of the first node. The caller opens an empty replica with them.
struct NetworkStart {
  pb::Record root_set;
  Settings settings;
};
NetworkStart PlanNetwork(const NetworkPlan& plan, const NetworkKeys& keys, Random& random);
// Writes the first records: root set, topmost unit, its authority and its server.
Status FoundNetwork(Replica& replica, const NetworkStart& start, const NetworkPlan& plan,
                    const NetworkKeys& keys, Timestamp now);

// ---- units

struct UnitPlan {
  std::string code;
  std::string name;
  pb::UnitKind kind = pb::UNIT_KIND_NONE;
  std::string type;
  bool committee = false;
  std::uint32_t effective = 0;
  // Code of a unit below which it hangs, for collectives; empty: this node's unit.
  std::string parent_code;
};
// Establishes units below this node's unit, all or none. kBadInput "unit_code_taken".
Status AddUnits(Replica& replica, const Issuer& officer, const std::vector<UnitPlan>& units,
                Timestamp now);

// ---- invites, requests, grants

// "chibo-invite-…"; the secret is noted here, so only this node can take the request. kNotFound
// "unit_not_directly_below"; kBadInput "role_not_invited": no device has such a role.
Result<std::string> MakeInvite(Replica& replica, const UnitId& unit, pb::Role role,
                               std::string address, Timestamp now);
Result<pb::Invite> ReadInvite(std::string_view text);
Settings SettingsFrom(const pb::Invite& invite);
// `authority`: for committees (role SERVER), the officer's key.
Bytes MakeRequest(const pb::Invite& invite, const UnlockedKey& device, const UnlockedKey* authority,
                  std::string label);
// Whether it was this invite that the request was made with.
bool IsMadeWith(ByteView request, const pb::Invite& invite);
// Keeps a request that came over a connection for an officer to approve. An invite serves one
// device, from the first request that is kept or approved: kNotAllowed "request_unknown_invite" for
// any other, here and wherever a request is looked at; the same device may ask again.
Status KeepRequest(Replica& replica, ByteView request, Timestamp now);
Result<std::vector<pb::JoinRequest>> PendingRequests(const Replica& replica);
// Certifies what the requests ask for and makes a grant for each, in order. Asked again, the same
// certificates. An error about one request begins its where with "#2 ", its number.
Result<std::vector<Bytes>> Approve(Replica& replica, const Issuer& officer,
                                   const std::vector<Bytes>& requests, Timestamp now);
// Forgets the requests and takes their invites out of use. Errors name the request as those of
// Approve do ("#2 "). kNotAllowed "request_already_approved".
Status Refuse(Replica& replica, const std::vector<Bytes>& requests, Timestamp now);
// The grant for a device certified earlier; nothing while it waits.
Result<std::optional<Bytes>> GrantFor(Replica& replica, ByteView request);
// What a device hears that asks over a connection, `peer` being the Noise key it has shown: its
// grant, or that its request is kept for an officer. kNotAllowed "request_of_another_device", and
// as KeepRequest.
Result<PairReply> AnswerJoin(Replica& replica, ByteView request, const DhPublicKey& peer,
                             Timestamp now);
// Takes a grant in: afterwards this device can write. kNotAllowed "grant_not_for_this_device",
// kWrongNetwork.
Status TakeGrant(Replica& replica, ByteView grant, Timestamp now);

// ---- persons

// What a person's key signs when it is enrolled (authority.proto, PersonKey.proof).
Bytes PersonKeyMessage(const NetworkId& network, ByteView person, const SignPublicKey& key);
// Certifies enrolled person keys, whose proof holds, that have no certificate yet; what it
// certified. An officer those of units directly below; the root set those of the topmost unit,
// which has nobody else above it.
Result<std::vector<pb::CertificateBody>> ApprovePersonKeys(Replica& replica, const Issuer& issuer,
                                                           Timestamp now);

pb::Record MakeCertificate(const NetworkId& network, const Issuer& issuer,
                           pb::CertificateBody body);

}  // namespace chibo

#endif  // CHIBO_NODE_ENROLMENT_H_

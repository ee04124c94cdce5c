#ifndef CHIBO_PROTO_SIGNED_OBJECT_H_
#define CHIBO_PROTO_SIGNED_OBJECT_H_

#include <optional>
#include <vector>

#include "base/result.h"
#include "proto/crypto.h"
#include "proto/kind.h"

// The kinds of {body, signatures}: certificates, revocations, decisions, organisation changes, …
// One code for all, by descriptor.
namespace chibo {

// The canonical bytes of the record's body. CHECKs that the kind carries signatures.
Bytes BodyBytes(const pb::Record& record);
// SHA-256 of BodyBytes: a decision's digest, a certificate's id, a pack's hash, a network's id.
Hash BodyDigest(const pb::Record& record);
// "chibo/<object>/v0\n" ‖ network id ‖ body.
Bytes SignedMessage(const NetworkId& network, const pb::Record& record);

void AddSignature(const NetworkId& network, const SigningKey& key, pb::Record& record);
// Whether one of the record's signatures is by this key and holds.
bool HasSignatureBy(const NetworkId& network, const SignPublicKey& key, const pb::Record& record);
// How many different keys of `keys` have signed.
std::size_t CountSignaturesBy(const NetworkId& network, const std::vector<SignPublicKey>& keys,
                              const pb::Record& record);
// The `issuer` field of the body: certificate id of the signer; nothing where the root set signs.
std::optional<CertificateId> IssuerOf(const pb::Record& record);
std::vector<pb::Sig> SignaturesOf(const pb::Record& record);

// What the set before promises in its `next`: only threshold and keys, so that it can be made
// before the name, the random bytes and the set after it are.
Hash NextSetDigest(const pb::RootSetBody& body);
// The signing keys of a root set.
std::vector<SignPublicKey> SignKeysOf(const pb::RootSetBody& body);
// Leaves the body as it is.
void RemoveSignatures(pb::Record& record);

// The Ed25519 key of a certificate (or an X25519 key, for sessions or for sealed boxes), if it has
// exactly one of that usage.
std::optional<SignPublicKey> SignKeyOf(const pb::CertificateBody& body);
std::optional<DhPublicKey> NoiseKeyOf(const pb::CertificateBody& body);
std::optional<DhPublicKey> SealKeyOf(const pb::CertificateBody& body);

// What an attestor signs (record.proto, Attestor).
Bytes AttestationMessage(const NetworkId& network, ByteView unit, pb::Act act,
                         const std::vector<Hash>& contents);

}  // namespace chibo

#endif  // CHIBO_PROTO_SIGNED_OBJECT_H_

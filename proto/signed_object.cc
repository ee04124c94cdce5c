#include "proto/signed_object.h"

#include <google/protobuf/reflection.h>

#include <algorithm>
#include <set>

#include "proto/message_bytes.h"

namespace chibo {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::uint32_t kEd25519 = 1;
constexpr std::uint32_t kX25519 = 2;
constexpr int kBodyField = 1;
constexpr int kSignaturesField = 2;

const KindTraits& SignedTraitsOf(const pb::Record& record) {
  const KindTraits* traits = TraitsOf(static_cast<std::uint32_t>(record.body_case()));
  CHECK(traits != nullptr && !traits->object.empty());
  return *traits;
}

const FieldDescriptor* FieldOf(const Message& message, int number) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByNumber(number);
  CHECK(field != nullptr);
  return field;
}

const Message& SignedBodyOf(const pb::Record& record) {
  SignedTraitsOf(record);
  const Message& object = BodyOf(record);
  return object.GetReflection()->GetMessage(object, FieldOf(object, kBodyField));
}

// The raw public key of the only Key of that usage.
Bytes OnlyKey(const pb::CertificateBody& body, pb::KeyUsage usage, std::uint32_t algorithm) {
  const pb::Key* only = nullptr;
  for (const pb::Key& key : body.keys()) {
    if (key.usage() == usage) {
      if (only != nullptr) {
        return {};
      }
      only = &key;
    }
  }
  return only != nullptr && only->algorithm() == algorithm ? only->key() : Bytes();
}

}  // namespace

Bytes BodyBytes(const pb::Record& record) { return CanonicalBytes(SignedBodyOf(record)); }

Hash BodyDigest(const pb::Record& record) { return Sha256(BodyBytes(record)); }

Bytes SignedMessage(const NetworkId& network, const pb::Record& record) {
  Bytes message("chibo/");
  message.append(SignedTraitsOf(record).object).append("/v0\n").append(network.view());
  message.append(BodyBytes(record));
  return message;
}

void AddSignature(const NetworkId& network, const SigningKey& key, pb::Record& record) {
  pb::Sig sig;
  sig.set_algorithm(kEd25519);
  sig.set_key_id(KeyId(key.public_key()));
  sig.set_signature(Bytes(key.Sign(SignedMessage(network, record)).view()));
  Message& object = MutableBodyOf(static_cast<std::uint32_t>(record.body_case()), record);
  object.GetReflection()->AddMessage(&object, FieldOf(object, kSignaturesField))->CopyFrom(sig);
}

std::vector<pb::Sig> SignaturesOf(const pb::Record& record) {
  SignedTraitsOf(record);
  const Message& object = BodyOf(record);
  const auto sigs = object.GetReflection()->GetRepeatedFieldRef<pb::Sig>(
      object, FieldOf(object, kSignaturesField));
  return {sigs.begin(), sigs.end()};
}

bool HasSignatureBy(const NetworkId& network, const SignPublicKey& key, const pb::Record& record) {
  return CountSignaturesBy(network, {key}, record) == 1;
}

std::size_t CountSignaturesBy(const NetworkId& network, const std::vector<SignPublicKey>& keys,
                              const pb::Record& record) {
  const Bytes message = SignedMessage(network, record);
  const std::vector<pb::Sig> sigs = SignaturesOf(record);
  const std::set<SignPublicKey> different(keys.begin(), keys.end());
  return static_cast<std::size_t>(
      std::count_if(different.begin(), different.end(), [&](const SignPublicKey& key) {
        const Bytes key_id = KeyId(key);
        return std::any_of(sigs.begin(), sigs.end(), [&](const pb::Sig& sig) {
          const auto signature = Signature::From(sig.signature());
          return sig.algorithm() == kEd25519 && sig.key_id() == key_id && signature &&
                 Verify(key, message, *signature);
        });
      }));
}

std::optional<CertificateId> IssuerOf(const pb::Record& record) {
  const Message& body = SignedBodyOf(record);
  const FieldDescriptor* issuer = body.GetDescriptor()->FindFieldByName("issuer");
  if (issuer == nullptr) {
    return std::nullopt;
  }
  return CertificateId::From(body.GetReflection()->GetString(body, issuer));
}

Hash NextSetDigest(const pb::RootSetBody& body) {
  pb::RootSetBody next;
  next.set_threshold(body.threshold());
  *next.mutable_keys() = body.keys();
  return Sha256(CanonicalBytes(next));
}

std::vector<SignPublicKey> SignKeysOf(const pb::RootSetBody& body) {
  std::vector<SignPublicKey> keys;
  for (const pb::Key& key : body.keys()) {
    if (const auto read = SignPublicKey::From(key.key()); read && key.usage() == pb::SIGN) {
      keys.push_back(*read);
    }
  }
  return keys;
}

void RemoveSignatures(pb::Record& record) {
  SignedTraitsOf(record);
  Message& object = MutableBodyOf(static_cast<std::uint32_t>(record.body_case()), record);
  object.GetReflection()->ClearField(&object, FieldOf(object, kSignaturesField));
}

std::optional<SignPublicKey> SignKeyOf(const pb::CertificateBody& body) {
  return SignPublicKey::From(OnlyKey(body, pb::SIGN, kEd25519));
}

std::optional<DhPublicKey> NoiseKeyOf(const pb::CertificateBody& body) {
  return DhPublicKey::From(OnlyKey(body, pb::NOISE, kX25519));
}

std::optional<DhPublicKey> SealKeyOf(const pb::CertificateBody& body) {
  return DhPublicKey::From(OnlyKey(body, pb::SEAL, kX25519));
}

Bytes AttestationMessage(const NetworkId& network, ByteView unit, pb::Act act,
                         const std::vector<Hash>& contents) {
  Bytes digests;
  for (const Hash& content : contents) {
    digests.append(content.view());
  }
  Bytes message("chibo/attestation/v0\n");
  message.append(network.view()).append(unit);
  AppendVarint(message, static_cast<std::uint64_t>(act));
  message.append(Sha256(digests).view());
  return message;
}

}  // namespace chibo

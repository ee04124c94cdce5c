#include "tools/verify/signed_record.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/reflection.h>

#include <algorithm>

namespace chibo::verify {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kKeyIdBytes = 8;

const FieldDescriptor* FieldOf(std::uint32_t kind) {
  return pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(kind));
}

// The object's name in signed messages is the kind's, with hyphens.
std::string ObjectOf(std::uint32_t kind) {
  std::string name = FieldOf(kind)->name();
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

bool IsKnownKind(std::uint32_t kind) {
  return kind <= 0x1fffffff && kind > 0 && FieldOf(kind) != nullptr;
}

bool IsSignedKind(std::uint32_t kind) {
  const auto* type = FieldOf(kind)->message_type();
  return type->field_count() == 2 && type->FindFieldByName("body") != nullptr &&
         type->FindFieldByName("signatures") != nullptr;
}

Bytes Canonical(const Message& message) {
  Bytes bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    CHECK(message.SerializeToCodedStream(&coded));
  }
  return bytes;
}

Result<pb::Record> ReadRecord(std::uint32_t kind, ByteView payload) {
  pb::Record record;
  Message& message = *record.GetReflection()->MutableMessage(&record, FieldOf(kind));
  if (payload.size() > kEntryBytesMax || !Parse(payload, message)) {
    return Fail(Code::kMalformed, "record_malformed", FieldOf(kind)->name());
  }
  if (IsSignedKind(kind)) {
    message.DiscardUnknownFields();
    if (Canonical(message) != payload) {
      return Fail(Code::kMalformed, "record_not_canonical", FieldOf(kind)->name());
    }
  }
  return record;
}

SignedParts TakeApart(const pb::Record& record) {
  SignedParts parts;
  parts.kind = static_cast<std::uint32_t>(record.body_case());
  const Message& object = record.GetReflection()->GetMessage(record, FieldOf(parts.kind));
  const auto* type = object.GetDescriptor();
  const Message& body = object.GetReflection()->GetMessage(object, type->FindFieldByName("body"));
  const auto signatures = object.GetReflection()->GetRepeatedFieldRef<pb::Sig>(
      object, type->FindFieldByName("signatures"));
  parts.body = Canonical(body);
  parts.digest = Sha256({parts.body});
  parts.signatures.assign(signatures.begin(), signatures.end());
  if (const auto* issuer = body.GetDescriptor()->FindFieldByName("issuer")) {
    parts.issuer = body.GetReflection()->GetString(body, issuer);
  }
  return parts;
}

Bytes SignedMessage(const Digest& network, const SignedParts& parts) {
  return Bytes("chibo/") + ObjectOf(parts.kind) + "/v0\n" + Bytes(network.view()) + parts.body;
}

bool IsSignedBy(const Digest& key, ByteView message, const std::vector<pb::Sig>& signatures) {
  const Digest key_digest = Sha256({key.view()});
  return std::any_of(signatures.begin(), signatures.end(), [&](const pb::Sig& sig) {
    return sig.algorithm() == kEd25519 &&
           sig.key_id() == key_digest.view().substr(0, kKeyIdBytes) &&
           SignatureHolds(key, message, sig.signature());
  });
}

}  // namespace chibo::verify

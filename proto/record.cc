#include "proto/record.h"

#include "proto/crypto.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"

namespace chibo {

Bytes PayloadOf(const pb::Record& record) { return CanonicalBytes(BodyOf(record)); }

Result<pb::Record> ParseRecord(std::uint32_t kind, ByteView payload) {
  const KindTraits* traits = TraitsOf(kind);
  if (traits == nullptr) {
    return Fail(Code::kUnsupported, "record_kind_unknown", std::to_string(kind));
  }
  if (payload.size() > limits::kEntryBytesMax) {
    return Fail(Code::kTooLarge, "record_too_large", std::string(traits->name));
  }
  pb::Record record;
  google::protobuf::Message& body = MutableBodyOf(kind, record);
  if (!ParseBounded(payload, body)) {
    return Fail(Code::kMalformed, "record_malformed", std::string(traits->name));
  }
  if (!traits->object.empty()) {
    body.DiscardUnknownFields();
    if (CanonicalBytes(body) != payload) {
      return Fail(Code::kMalformed, "record_not_canonical", std::string(traits->name));
    }
  }
  return record;
}

Hash ContentDigest(std::uint32_t kind, ByteView payload) {
  Bytes number;
  AppendVarint(number, kind);
  return Sha256({number, payload});
}

}  // namespace chibo

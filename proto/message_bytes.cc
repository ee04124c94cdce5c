#include "proto/message_bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include "proto/limits.h"

namespace chibo {
namespace {

// Protobuf writes a line to standard error for every string that is not UTF-8: what peers send must
// not fill a disk. A failed parse is told by its result.
[[maybe_unused]] const auto kLogBefore = google::protobuf::SetLogHandler(nullptr);

}  // namespace

Bytes CanonicalBytes(const google::protobuf::Message& message) {
  Bytes bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    CHECK(message.SerializeToCodedStream(&coded));
  }
  return bytes;
}

bool ParseBounded(ByteView bytes, google::protobuf::Message& message) {
  google::protobuf::io::CodedInputStream in(Data(bytes), static_cast<int>(bytes.size()));
  in.SetRecursionLimit(limits::kNestingMax);
  return message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

const google::protobuf::Message& BodyOf(const pb::Record& record) {
  const auto* field = record.GetReflection()->GetOneofFieldDescriptor(
      record, pb::Record::descriptor()->oneof_decl(0));
  CHECK(field != nullptr);
  return record.GetReflection()->GetMessage(record, field);
}

google::protobuf::Message& MutableBodyOf(std::uint32_t kind, pb::Record& record) {
  const auto* field = pb::Record::descriptor()->FindFieldByNumber(static_cast<int>(kind));
  CHECK(field != nullptr);
  return *record.GetReflection()->MutableMessage(&record, field);
}

}  // namespace chibo

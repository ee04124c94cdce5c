#ifndef CHIBO_PROTO_MESSAGE_BYTES_H_
#define CHIBO_PROTO_MESSAGE_BYTES_H_

#include <google/protobuf/message.h>

#include <cstdint>

#include "base/bytes.h"
#include "proto/kind.h"

// How Protobuf messages become bytes and come out of bytes, in one place for the files of this
// folder and for whoever sends messages.
namespace chibo {

// The one serialisation that is signed and compared: fields in order, no map, unknown fields last.
Bytes CanonicalBytes(const google::protobuf::Message& message);
// Parses the whole of `bytes`, nested at most limits::kNestingMax deep. False when it does not
// parse. The caller has bounded the size.
bool ParseBounded(ByteView bytes, google::protobuf::Message& message);

// The message that is set in the record's oneof. CHECKs that one is.
const google::protobuf::Message& BodyOf(const pb::Record& record);
// Sets the record's oneof to this kind, which must be known.
google::protobuf::Message& MutableBodyOf(std::uint32_t kind, pb::Record& record);

}  // namespace chibo

#endif  // CHIBO_PROTO_MESSAGE_BYTES_H_

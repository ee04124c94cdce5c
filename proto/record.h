#ifndef CHIBO_PROTO_RECORD_H_
#define CHIBO_PROTO_RECORD_H_

#include "base/bytes.h"
#include "base/result.h"
#include "proto/ids.h"
#include "proto/kind.h"

namespace chibo {

// The payload of a record: the deterministic serialisation of its own message. CHECKs that a body
// is set.
Bytes PayloadOf(const pb::Record& record);

// The record with this payload. kTooLarge above an entry's own limit, kUnsupported for a kind this
// program does not know, kMalformed when it does not parse (nesting limit limits::kNestingMax),
// holds fields this program does not know in a signed kind, or is of a signed kind and not its own
// canonical serialisation.
Result<pb::Record> ParseRecord(std::uint32_t kind, ByteView payload);

// Whether the record can be meant at all: ids of 16 bytes, dates that exist, periods that parse,
// enums in range, arithmetic that a form could show (R68 is a rule, not checked here), names
// without control or bidi characters, required fields. kBadInput with the field's path in `where`.
// What breaks a *rule* is not refused here: nothing blocks recording a fact.
Status CheckMeaning(const pb::Record& record);

// SHA-256(varint kind ‖ payload): what attestations sign.
Hash ContentDigest(std::uint32_t kind, ByteView payload);

// A date yyyymmdd that exists, from 1900 to 2199.
bool IsDate(std::uint32_t date);
// "2019", "2019-Q2", "2020-2025".
bool IsPeriod(std::string_view period);

}  // namespace chibo

#endif  // CHIBO_PROTO_RECORD_H_

#ifndef CHIBO_PROTO_ENTRY_H_
#define CHIBO_PROTO_ENTRY_H_

#include <array>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "proto/ids.h"
#include "proto/kind.h"

namespace chibo {

// The secrets of one stream, by reach (index = pb::Reach). Absent: not for us.
using StreamSecrets = std::array<std::optional<StreamSecret>, 2>;

// One record of an entry as held: its payload, or only its commitment where the reader may not have
// it or it was erased.
struct HeldRecord {
  std::optional<Bytes> payload;
  Commitment commitment;  // always set
};

// An entry as held: header bytes as first written, records in order. Immutable; bytes are never
// made anew.
struct Entry {
  Bytes header;
  std::vector<HeldRecord> records;
};

// ---- Bytes --------------------------------------------------------------------------------------

// The body as it travels and is stored, apart from the header: per record varint(0) ‖ commitment
// (withheld), or varint(payload size + 1) ‖ payload.
Bytes EncodeBody(const Entry& entry);
// An entry from its header and body. Commitments of records with payloads are computed, which takes
// the secret of the record's reach: kBehind when it is missing. kMalformed (also a genesis of
// another stream), kTooLarge: what counts against kEntryBytesMax is the header and the payloads
// held, so withholding never makes an entry too large.
Result<Entry> DecodeEntry(const StreamId& stream, std::uint64_t index, ByteView header,
                          ByteView body, const StreamSecrets& secrets);

Bytes RecordSalt(const StreamSecret& secret, std::uint64_t index, std::uint32_t position);
Commitment CommitmentOf(ByteView salt16, std::uint32_t kind, ByteView payload);
Hash SecretCommitment(pb::Reach reach, const StreamSecret& secret);
StreamId StreamIdOf(ByteView genesis_header);
Hash RecordsRoot(const std::vector<HeldRecord>& records);
Bytes LeafInput(const StreamId& stream, std::uint64_t index, const Hash& records_root,
                ByteView header);
// LeafHash(LeafInput(...)) of an entry.
Hash EntryLeaf(const StreamId& stream, std::uint64_t index, const Entry& entry);

// ---- Headers ------------------------------------------------------------------------------------

// The newest EntryHeader.min_reader of which this program interprets the records.
inline constexpr std::uint32_t kReaderVersion = 0;

struct Slot {
  std::uint32_t kind = 0;
  pb::Reach reach = pb::ALL;
};

// A header, parsed and checked for size, slot count, known reaches, and that genesis stands at
// index 0 and only there, with fields of the right sizes and no records. Unknown fields are allowed
// (they stay in the bytes). kMalformed, kTooLarge.
struct Header {
  pb::EntryHeader message;
  std::vector<Slot> slots;
  Timestamp claimed;
};
Result<Header> ParseHeader(ByteView header, std::uint64_t index);

// Seconds since 2020-01-01 UTC, as headers keep it.
std::int64_t ClaimedSeconds(Timestamp time);

// ---- Writing ------------------------------------------------------------------------------------

// Makes an entry of records, each with its reach; salts come from the secrets, which must be there
// for every reach used. kTooLarge (split the action), kBadInput never: check records with
// CheckMeaning first.
Result<Entry> MakeEntry(const StreamId& stream, std::uint64_t index, pb::EntryHeader header,
                        const std::vector<pb::Record>& records,
                        const std::vector<pb::Reach>& reaches, const StreamSecrets& secrets);

}  // namespace chibo

#endif  // CHIBO_PROTO_ENTRY_H_

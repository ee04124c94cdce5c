#ifndef CHIBO_SYNC_COLUMNS_H_
#define CHIBO_SYNC_COLUMNS_H_

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sync/chunk.h"

// How entries lie inside a compressed chunk: like things beside each other. Text, what is random,
// and the structure that says where they belong compress apart better than mixed: a tenth of a
// cell's year.
//
// The structure is, per entry: varint count of records, the header as a message, the records.
//
//   record   0                          withheld: its commitment is the next 32 bytes of blobs
//            1 fields                   its payload
//            2 value                    its payload, which does not read as Protobuf fields
//   header   1 fields | 2 value
//   fields   (varint tag, content)… 0   in the order they stand; content by the tag's wire type:
//                                       varint; 8 or 4 bytes; or a value
//   value    varint, of which the lowest two bits say
//            0  text: so many bytes, folded in texts (sync/text_fold.h)
//            1  so many bytes follow here
//            2  so many bytes are next in blobs; from 8 to 32 they get the next number, from 0
//            3  0: a message, fields follow; n: the bytes with number n - 1 again
//
// Nothing here knows kinds: a record of a kind not invented yet is laid out as well as any.
namespace chibo {

struct Columns {
  Bytes texts;
  Bytes blobs;
  Bytes structure;

  std::size_t size() const { return texts.size() + blobs.size() + structure.size(); }
};

// Deterministic. Nothing when some entry's body is not what EncodeBody gives.
std::optional<Columns> LayOut(std::span<const EntryBytes> entries);

// The entries that were laid out, all columns used up. kMalformed; kTooLarge when they would come
// to more than `raw_bytes` (as PlainBytes counts).
Result<std::vector<EntryBytes>> PutTogether(ByteView texts, ByteView blobs, ByteView structure,
                                            std::uint32_t count, std::size_t raw_bytes);

// What an entry takes in a chunk that is not compressed: varint size ‖ header ‖ varint size ‖ body.
std::size_t PlainBytes(const EntryBytes& entry);

}  // namespace chibo

#endif  // CHIBO_SYNC_COLUMNS_H_

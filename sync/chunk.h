#ifndef CHIBO_SYNC_CHUNK_H_
#define CHIBO_SYNC_CHUNK_H_

#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

// An entry as it travels: header as first written, body as the receiver may have it (proto/entry.h
// EncodeBody).
struct EntryBytes {
  Bytes header;
  Bytes body;

  friend bool operator==(const EntryBytes& a, const EntryBytes& b) = default;
};

// The entries one after the other: varint size ‖ header ‖ varint size ‖ body.
inline constexpr std::uint32_t kCodecRaw = 0;
// In columns (sync/columns.h), zstd.
inline constexpr std::uint32_t kCodecZstd = 1;
// The newest dictionary shipped with this program (sync/dictionary/).
inline constexpr std::uint32_t kDictionaryNewest = 1;
// The least entry is some bytes on the wire and a hundred in memory.
inline constexpr std::size_t kChunkEntriesMax = 16384;

struct PackedChunk {
  std::uint32_t count = 0;  // entries taken from the front of the input
  std::uint32_t codec = kCodecRaw;
  std::uint32_t dictionary = 0;
  std::uint32_t raw_bytes = 0;  // what the entries come to with kCodecRaw
  Bytes packed;
};

// Packs entries from the front, at least one (CHECKs that there is one): at most `packed_bytes_aim`
// of them unless the first alone is more, and mostly not much less than it. Deterministic: `packed`
// depends on the entries taken, the aim and the dictionary alone, not on entries that follow, so
// that a cut chunk can be resumed inside. Uses dictionaries up to `dictionary_max` (0 = none). zstd
// level 19; packs at most a few chunks' worth to find the count.
PackedChunk PackChunk(const std::vector<EntryBytes>& entries, std::size_t packed_bytes_aim,
                      std::uint32_t dictionary_max);

// kTooLarge (over a limit, or more than it declares), kUnsupported (codec or dictionary),
// kMalformed. Memory is bounded by the declared raw size, checked first.
Result<std::vector<EntryBytes>> UnpackChunk(std::uint32_t count, std::uint32_t codec,
                                            std::uint32_t dictionary, std::uint32_t raw_bytes,
                                            ByteView packed);

}  // namespace chibo

#endif  // CHIBO_SYNC_CHUNK_H_

#include "sync/chunk.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>
#include <span>

#include "base/check.h"
#include "proto/limits.h"
#include "sync/columns.h"
#include "sync/dictionary.h"

namespace chibo {
namespace {

constexpr int kLevel = 19;

// Text of ours packs four to five times smaller: where to look first for the number of entries that
// fit.
constexpr std::size_t kRatioGuess = 4;
// A chunk filled to 15/16 is full enough: each further try costs as much as packing it.
constexpr std::size_t kFullEnough = 15;
constexpr std::size_t kFullEnoughOf = 16;
constexpr int kTriesMax = 5;

// Below this a column does not pay for a block of its own.
constexpr std::size_t kBlockBytesMin = 512;

struct FreeDigested {
  void operator()(ZSTD_CDict* digested) const { ZSTD_freeCDict(digested); }
  void operator()(ZSTD_DDict* digested) const { ZSTD_freeDDict(digested); }
};

// A dictionary as the compressor or decompressor takes it: digested once, for it costs as much as
// (un)packing a small chunk does, and at level 19 many times that. Never changes. Null for none.
template <typename Digest, typename Make>
const Digest* Digested(std::uint32_t number, const Make& make) {
  static const std::vector<std::unique_ptr<Digest, FreeDigested>> kDigested = [&] {
    std::vector<std::unique_ptr<Digest, FreeDigested>> made;
    for (std::uint32_t i = 1; i <= kDictionaryNewest; ++i) {
      made.emplace_back(make(DictionaryBytes(i).value()));
      CHECK(made.back() != nullptr);
    }
    return made;
  }();
  return number == 0 ? nullptr : kDigested.at(number - 1).get();
}

const ZSTD_CDict* ForPacking(std::uint32_t number) {
  return Digested<ZSTD_CDict>(
      number, [](ByteView bytes) { return ZSTD_createCDict(bytes.data(), bytes.size(), kLevel); });
}

const ZSTD_DDict* ForUnpacking(std::uint32_t number) {
  return Digested<ZSTD_DDict>(
      number, [](ByteView bytes) { return ZSTD_createDDict(bytes.data(), bytes.size()); });
}

class Compressor {
 public:
  // The thread's own: making one costs more than packing a small chunk does. Of what it packed
  // before nothing remains.
  static Compressor& OfThread(std::uint32_t dictionary) {
    thread_local Compressor compressor;
    Ok(ZSTD_CCtx_reset(compressor.context_.get(), ZSTD_reset_session_only));
    Ok(ZSTD_CCtx_refCDict(compressor.context_.get(), ForPacking(dictionary)));
    return compressor;
  }

  // varint sizes of texts, blobs and structure ‖ one zstd frame of the three.
  Bytes Pack(const Columns& columns) {
    Bytes packed;
    AppendVarint(packed, columns.texts.size());
    AppendVarint(packed, columns.blobs.size());
    AppendVarint(packed, columns.structure.size());
    const std::size_t start = packed.size();
    packed.resize(start + ZSTD_compressBound(columns.size()) + 64);
    ZSTD_outBuffer out{packed.data() + start, packed.size() - start, 0};
    Ok(ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only));
    Ok(ZSTD_CCtx_setPledgedSrcSize(context_.get(), columns.size()));
    // Bytes of a kind are coded with their own statistics when a block ends where a column does.
    Feed(columns.texts, BlockEnd(columns.texts), out);
    Feed(columns.blobs, BlockEnd(columns.blobs), out);
    Feed(columns.structure, ZSTD_e_end, out);
    packed.resize(start + out.pos);
    return packed;
  }

 private:
  Compressor() : context_(ZSTD_createCCtx()) {
    CHECK(context_ != nullptr);
    Set(ZSTD_c_compressionLevel, kLevel);
    // The chunk's head says all three already.
    Set(ZSTD_c_contentSizeFlag, 0);
    Set(ZSTD_c_checksumFlag, 0);
    Set(ZSTD_c_dictIDFlag, 0);
  }

  static std::size_t Ok(std::size_t result) {
    CHECK(ZSTD_isError(result) == 0);
    return result;
  }
  static ZSTD_EndDirective BlockEnd(const Bytes& column) {
    return column.size() >= kBlockBytesMin ? ZSTD_e_flush : ZSTD_e_continue;
  }
  void Set(ZSTD_cParameter parameter, int value) {
    Ok(ZSTD_CCtx_setParameter(context_.get(), parameter, value));
  }
  void Feed(const Bytes& column, ZSTD_EndDirective end, ZSTD_outBuffer& out) {
    ZSTD_inBuffer in{column.data(), column.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size || (left != 0 && end != ZSTD_e_continue)) {
      left = Ok(ZSTD_compressStream2(context_.get(), &out, &in, end));
    }
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

Bytes PackPlain(std::span<const EntryBytes> entries) {
  Bytes packed;
  for (const EntryBytes& entry : entries) {
    AppendVarint(packed, entry.header.size());
    packed += entry.header;
    AppendVarint(packed, entry.body.size());
    packed += entry.body;
  }
  return packed;
}

PackedChunk Pack(std::span<const EntryBytes> entries, std::size_t raw_bytes,
                 std::uint32_t dictionary, Compressor& compressor) {
  PackedChunk chunk;
  chunk.count = static_cast<std::uint32_t>(entries.size());
  chunk.raw_bytes = static_cast<std::uint32_t>(raw_bytes);
  if (const auto columns = LayOut(entries); columns && columns->size() <= raw_bytes) {
    chunk.packed = compressor.Pack(*columns);
    chunk.codec = kCodecZstd;
    chunk.dictionary = dictionary;
  }
  if (chunk.codec == kCodecRaw || chunk.packed.size() >= raw_bytes) {
    chunk.packed = PackPlain(entries);
    chunk.codec = kCodecRaw;
    chunk.dictionary = 0;
  }
  return chunk;
}

// Of the entries from the front, as many as one chunk may hold: their sizes, added up.
std::vector<std::size_t> RawSizes(const std::vector<EntryBytes>& entries) {
  std::vector<std::size_t> sizes = {0};
  for (const EntryBytes& entry : entries) {
    const std::size_t size = sizes.back() + PlainBytes(entry);
    if (sizes.size() > 1 && (size > limits::kChunkRawBytesMax || sizes.size() > kChunkEntriesMax)) {
      break;
    }
    sizes.push_back(size);
  }
  return sizes;
}

Result<std::vector<EntryBytes>> UnpackPlain(std::uint32_t count, ByteView plain) {
  std::vector<EntryBytes> entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto header_size = TakeVarint(plain);
    const auto header = header_size ? Take(plain, *header_size) : std::nullopt;
    const auto body_size = header ? TakeVarint(plain) : std::nullopt;
    const auto body = body_size ? Take(plain, *body_size) : std::nullopt;
    if (!body) {
      return Fail(Code::kMalformed, "chunk_entries_malformed");
    }
    entries.push_back({Bytes(*header), Bytes(*body)});
  }
  if (!plain.empty()) {
    return Fail(Code::kMalformed, "chunk_entries_malformed");
  }
  return entries;
}

// One frame that comes to exactly `size` bytes. It is unpacked straight into those, in one go: no
// window is allocated, whatever the frame asks for, and a frame that holds more stops where they
// end.
Result<Bytes> Decompress(ByteView frame, std::uint32_t dictionary, std::size_t size) {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  // As with packing. Each frame begins anew in it, also after one that did not unpack.
  thread_local std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  Bytes out(size, '\0');
  const std::size_t made = ZSTD_decompress_usingDDict(
      context.get(), out.data(), out.size(), frame.data(), frame.size(), ForUnpacking(dictionary));
  if (ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall) {
    return Fail(Code::kTooLarge, "chunk_larger_than_declared");
  }
  if (ZSTD_isError(made) != 0 || made != size ||
      ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return Fail(Code::kMalformed, "chunk_does_not_unpack");
  }
  return out;
}

Result<std::vector<EntryBytes>> UnpackZstd(std::uint32_t count, std::uint32_t dictionary,
                                           std::size_t raw_bytes, ByteView packed) {
  const auto texts = TakeVarint(packed);
  const auto blobs = texts ? TakeVarint(packed) : std::nullopt;
  const auto structure = blobs ? TakeVarint(packed) : std::nullopt;
  if (!structure) {
    return Fail(Code::kMalformed, "chunk_does_not_unpack");
  }
  std::size_t left = raw_bytes;
  for (const std::uint64_t size : {*texts, *blobs, *structure}) {
    if (size > left) {
      return Fail(Code::kTooLarge, "chunk_larger_than_declared");
    }
    left -= size;
  }
  CHIBO_TRY_VALUE(const Bytes columns, Decompress(packed, dictionary, raw_bytes - left));
  const ByteView all = columns;
  return PutTogether(all.substr(0, *texts), all.substr(*texts, *blobs), all.substr(*texts + *blobs),
                     count, raw_bytes);
}

}  // namespace

PackedChunk PackChunk(const std::vector<EntryBytes>& entries, std::size_t packed_bytes_aim,
                      std::uint32_t dictionary_max) {
  CHECK(!entries.empty());
  const std::size_t aim =
      std::clamp<std::size_t>(packed_bytes_aim, 1, limits::kChunkPackedBytesMax);
  const std::uint32_t dictionary = std::min(dictionary_max, kDictionaryNewest);
  const std::vector<std::size_t> raw = RawSizes(entries);
  const auto count_within = [&](std::size_t raw_bytes, std::size_t low, std::size_t high) {
    const auto above = std::upper_bound(raw.begin(), raw.end(), raw_bytes);
    return std::clamp<std::size_t>(static_cast<std::size_t>(above - raw.begin()) - 1, low, high);
  };

  Compressor& compressor = Compressor::OfThread(dictionary);
  PackedChunk best;
  std::size_t fits = 0;           // entries of `best`
  std::size_t over = raw.size();  // so many do not fit
  std::size_t count = count_within(aim * kRatioGuess, 1, raw.size() - 1);
  // Every try depends on nothing but the entries it packs, so a chunk comes out the same whether or
  // not more entries have been written behind it since.
  for (int tries = 1;; ++tries) {
    PackedChunk chunk = Pack(std::span(entries).first(count), raw[count], dictionary, compressor);
    const std::size_t size = chunk.packed.size();
    if (size <= aim || count == 1) {
      fits = count;
      best = std::move(chunk);
    } else {
      over = count;
    }
    const bool full = fits == count && size * kFullEnoughOf >= aim * kFullEnough;
    if (fits + 1 == over || full || (fits != 0 && tries >= kTriesMax)) {
      return best;
    }
    // A little under the mark that the ratio so far gives; after too many misses, by halves.
    const std::size_t mark = raw[count] / size * aim + raw[count] % size * aim / size;
    count = tries < kTriesMax ? count_within(mark - mark / 50, fits + 1, over - 1)
                              : std::max<std::size_t>(over / 2, 1);
  }
}

Result<std::vector<EntryBytes>> UnpackChunk(std::uint32_t count, std::uint32_t codec,
                                            std::uint32_t dictionary, std::uint32_t raw_bytes,
                                            ByteView packed) {
  if (raw_bytes > limits::kChunkRawBytesMax || packed.size() > limits::kChunkPackedBytesMax ||
      count > kChunkEntriesMax) {
    return Fail(Code::kTooLarge, "chunk_too_large");
  }
  if (codec > kCodecZstd || dictionary > kDictionaryNewest) {
    return Fail(Code::kUnsupported, "chunk_codec_not_known");
  }
  if (codec == kCodecRaw && packed.size() > raw_bytes) {
    return Fail(Code::kTooLarge, "chunk_larger_than_declared");
  }
  CHIBO_TRY_VALUE(std::vector<EntryBytes> entries,
                  codec == kCodecRaw ? UnpackPlain(count, packed)
                                     : UnpackZstd(count, dictionary, raw_bytes, packed));
  std::size_t made = 0;
  for (const EntryBytes& entry : entries) {
    made += PlainBytes(entry);
  }
  if (entries.empty() || made != raw_bytes) {
    return Fail(Code::kMalformed, "chunk_not_of_declared_size");
  }
  return entries;
}

}  // namespace chibo

#include "sync/chunk.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zstd.h>

#include "proto/crypto.h"
#include "proto/entry.h"
#include "proto/limits.h"
#include "sync/columns.h"
#include "sync/dictionary.h"

namespace chibo {
namespace {

constexpr std::array<ByteView, 24> kWords = {
    "chi bộ",  "đảng viên",  "kiểm điểm", "năm nay", "còn chậm",   "bà con",
    "vụ mùa",  "hoàn thành", "nhiệm vụ",  "đề nghị", "thống nhất", "đường làng",
    "xóm Bãi", "nước giếng", "cần",       "và",      "của",        "được",
    "không",   "với",        "Hạnh",      "thứ bảy", "trâu bò",    "lớp 5"};

// A cell's sittings: a review and some opinions each.
class Sittings {
 public:
  explicit Sittings(std::uint64_t seed) : random_(seed) {
    secrets_[0] = random_.DrawFixed<StreamSecret>();
    secrets_[1] = random_.DrawFixed<StreamSecret>();
    for (Bytes& person : people_) {
      person = random_.Draw(16);
    }
  }

  std::vector<EntryBytes> Make(std::size_t count) {
    std::vector<EntryBytes> entries;
    for (std::size_t i = 1; i <= count; ++i) {
      entries.push_back(One(i));
    }
    return entries;
  }

 private:
  Bytes Text(std::size_t bytes) {
    Bytes text;
    while (text.size() < bytes) {
      text += kWords[random_.Below(kWords.size())];
      text += random_.Below(9) == 0 ? std::to_string(random_.Below(999)) + ". " : " ";
    }
    return text;
  }

  EntryBytes One(std::uint64_t index) {
    const Bytes& subject = people_[random_.Below(people_.size())];
    std::vector<pb::Record> records(4);
    auto& review = *records[0].mutable_review_report();
    review.mutable_subject()->set_id(subject);
    review.set_period("2019");
    review.set_text(Text(1500));
    for (std::size_t i = 1; i < records.size(); ++i) {
      auto& opinion = *records[i].mutable_opinion();
      opinion.mutable_about()->set_id(subject);
      opinion.set_by(people_[random_.Below(people_.size())]);
      opinion.set_text(Text(200));
    }
    pb::EntryHeader header;
    header.set_claimed_s(static_cast<std::int64_t>(index * 3600));
    Entry entry = *MakeEntry(StreamId(), index, header, records,
                             std::vector<pb::Reach>(records.size(), pb::PARENT), secrets_);
    if (index % 7 == 0) {
      entry.records[1].payload.reset();
    }
    return {entry.header, EncodeBody(entry)};
  }

  SeededRandom random_;
  StreamSecrets secrets_;
  std::array<Bytes, 12> people_;
};

Result<std::vector<EntryBytes>> Unpack(const PackedChunk& chunk) {
  return UnpackChunk(chunk.count, chunk.codec, chunk.dictionary, chunk.raw_bytes, chunk.packed);
}

std::vector<EntryBytes> Front(const std::vector<EntryBytes>& entries, std::size_t count) {
  return {entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count)};
}

TEST(Chunk, EachComesBackAlone) {
  const auto entries = Sittings(1).Make(60);
  std::vector<EntryBytes> rest = entries;
  std::vector<EntryBytes> back;
  int chunks = 0;
  while (!rest.empty()) {
    const PackedChunk chunk = PackChunk(rest, 4000, kDictionaryNewest);
    EXPECT_EQ(chunk.codec, kCodecZstd);
    EXPECT_EQ(chunk.dictionary, kDictionaryNewest);
    const auto unpacked = Unpack(chunk);
    ASSERT_TRUE(unpacked.has_value()) << ToString(unpacked.error());
    back.insert(back.end(), unpacked->begin(), unpacked->end());
    rest.erase(rest.begin(), rest.begin() + chunk.count);
    ++chunks;
  }
  EXPECT_EQ(back, entries);
  EXPECT_GT(chunks, 3);
}

TEST(Chunk, FillsItsAimAndDoesNotPassIt) {
  const auto entries = Sittings(2).Make(120);
  for (const std::size_t aim : {1000U, 4096U, 16000U, 24000U}) {
    const PackedChunk chunk = PackChunk(entries, aim, kDictionaryNewest);
    EXPECT_LE(chunk.packed.size(), aim);
    ASSERT_LT(chunk.count, entries.size());
    const PackedChunk one = PackChunk(Front(entries, 1), aim, kDictionaryNewest);
    EXPECT_GE(chunk.packed.size() + one.packed.size(), aim * 15 / 16);
  }
}

TEST(Chunk, TakesOneEntryHoweverLarge) {
  SeededRandom random(3);
  Bytes body;
  AppendVarint(body, 50001);
  body += random.Draw(50000);
  const PackedChunk chunk = PackChunk({{"\x10\x05", body}, {"\x10\x05", ""}}, 16000, 1);
  EXPECT_EQ(chunk.count, 1U);
  EXPECT_GT(chunk.packed.size(), 50000U);
  EXPECT_TRUE(Unpack(chunk).has_value());
}

TEST(Chunk, ComesOutTheSameWhateverFollows) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto entries = Sittings(seed).Make(50 + 17 * seed);
    const std::size_t aim = 2000 + 2500 * seed;
    const PackedChunk chunk = PackChunk(entries, aim, kDictionaryNewest);
    for (const std::size_t count : {std::size_t{chunk.count}, std::size_t{chunk.count} + 1}) {
      const PackedChunk again = PackChunk(Front(entries, count), aim, kDictionaryNewest);
      EXPECT_EQ(again.count, chunk.count) << seed;
      EXPECT_EQ(again.packed, chunk.packed) << seed;
      EXPECT_EQ(again.raw_bytes, chunk.raw_bytes) << seed;
    }
    // Who knows the count may also ask for all of it.
    EXPECT_EQ(PackChunk(Front(entries, chunk.count), ~std::size_t{0}, 1).packed, chunk.packed);
  }
}

TEST(Chunk, TheDictionaryIsWorthItsPlace) {
  const auto entries = Sittings(4).Make(1);
  const PackedChunk with = PackChunk(entries, 16000, kDictionaryNewest);
  const PackedChunk without = PackChunk(entries, 16000, 0);
  EXPECT_EQ(without.dictionary, 0U);
  EXPECT_EQ(Unpack(without), entries);
  EXPECT_LT(with.packed.size() * 100, without.packed.size() * 95);
}

// What was packed with a dictionary is lost with it.
TEST(Chunk, ShippedDictionariesNeverChange) {
  EXPECT_EQ(Sha256(*DictionaryBytes(1)).hex(),
            "5092fbd21f59f235ff8532a929ead3bcc6f33548e73933447d87a566ea3ea2ab");
  EXPECT_FALSE(DictionaryBytes(0).has_value());
  EXPECT_FALSE(DictionaryBytes(kDictionaryNewest + 1).has_value());
}

TEST(Chunk, WhatDoesNotPackTravelsRaw) {
  SeededRandom random(5);
  Bytes body;
  AppendVarint(body, 3001);
  body += random.Draw(3000);
  const std::vector<EntryBytes> random_entries = {{"\x10\x05", body}};
  const PackedChunk chunk = PackChunk(random_entries, 16000, kDictionaryNewest);
  EXPECT_EQ(chunk.codec, kCodecRaw);
  EXPECT_EQ(chunk.dictionary, 0U);
  EXPECT_EQ(chunk.packed.size(), chunk.raw_bytes);
  EXPECT_EQ(Unpack(chunk), random_entries);

  const std::vector<EntryBytes> broken = {{"header", "not a body: cut off"}};
  const PackedChunk kept = PackChunk(broken, 16000, kDictionaryNewest);
  EXPECT_EQ(kept.codec, kCodecRaw);
  EXPECT_EQ(Unpack(kept), broken);
}

TEST(Chunk, NeverHoldsMoreThanAReceiverTakes) {
  Bytes body;
  AppendVarint(body, 30001);
  body += Bytes(30000, 'a');
  const std::vector<EntryBytes> large(100, {"\x10\x05", body});
  const PackedChunk chunk = PackChunk(large, 16000, kDictionaryNewest);
  EXPECT_LE(chunk.raw_bytes, limits::kChunkRawBytesMax);
  EXPECT_EQ(chunk.count, 34U);
  EXPECT_TRUE(Unpack(chunk).has_value());

  const std::vector<EntryBytes> many(kChunkEntriesMax + 5, {"\x10\x05", ""});
  const PackedChunk small = PackChunk(many, 100000, kDictionaryNewest);
  EXPECT_EQ(small.count, kChunkEntriesMax);
  EXPECT_TRUE(Unpack(small).has_value());
}

TEST(Chunk, RefusesWhatItIsNot) {
  const PackedChunk chunk = PackChunk(Sittings(6).Make(3), 16000, kDictionaryNewest);
  ASSERT_EQ(chunk.count, 3U);
  const auto code = [&](std::uint32_t count, std::uint32_t codec, std::uint32_t dictionary,
                        std::uint32_t raw_bytes, ByteView packed) {
    const auto unpacked = UnpackChunk(count, codec, dictionary, raw_bytes, packed);
    return unpacked ? std::optional<Code>() : unpacked.error().code;
  };
  const ByteView packed = chunk.packed;
  const std::uint32_t raw = chunk.raw_bytes;
  EXPECT_EQ(code(3, 1, 1, raw, packed), std::nullopt);
  EXPECT_EQ(code(3, 2, 1, raw, packed), Code::kUnsupported);
  EXPECT_EQ(code(3, 1, 2, raw, packed), Code::kUnsupported);
  EXPECT_EQ(code(3, 1, 0, raw, packed), Code::kMalformed);
  EXPECT_EQ(code(2, 1, 1, raw, packed), Code::kMalformed);
  EXPECT_EQ(code(4, 1, 1, raw, packed), Code::kMalformed);
  EXPECT_EQ(code(0, 1, 1, raw, packed), Code::kMalformed);
  EXPECT_EQ(code(3, 1, 1, raw + 1, packed), Code::kMalformed);
  EXPECT_EQ(code(3, 1, 1, raw - 1, packed), Code::kMalformed);
  EXPECT_EQ(code(3, 1, 1, raw / 4 * 3, packed), Code::kTooLarge);
  EXPECT_EQ(code(3, 1, 1, 10, packed), Code::kTooLarge);
  EXPECT_EQ(code(3, 1, 1, limits::kChunkRawBytesMax + 1, packed), Code::kTooLarge);
  EXPECT_EQ(code(kChunkEntriesMax + 1, 1, 1, raw, packed), Code::kTooLarge);
  EXPECT_EQ(code(3, 1, 1, raw, Bytes(limits::kChunkPackedBytesMax + 1, 'x')), Code::kTooLarge);
  EXPECT_EQ(code(3, 1, 1, raw, chunk.packed + "x"), Code::kMalformed);
  EXPECT_EQ(code(3, 0, 0, raw, packed), Code::kMalformed);
  EXPECT_EQ(code(3, 0, 0, 10, packed), Code::kTooLarge);
}

TEST(Chunk, CutOrFlippedItIsRefusedOrOfTheDeclaredSize) {
  const PackedChunk chunk = PackChunk(Sittings(7).Make(2), 16000, kDictionaryNewest);
  for (std::size_t size = 0; size < chunk.packed.size(); ++size) {
    PackedChunk cut = chunk;
    cut.packed.resize(size);
    ASSERT_FALSE(Unpack(cut).has_value()) << size;
  }
  for (std::size_t bit = 0; bit < chunk.packed.size() * 8; ++bit) {
    PackedChunk flipped = chunk;
    flipped.packed[bit / 8] = static_cast<char>(flipped.packed[bit / 8] ^ (1 << bit % 8));
    const auto entries = Unpack(flipped);
    if (entries) {
      std::size_t made = 0;
      for (const EntryBytes& entry : *entries) {
        made += PlainBytes(entry);
      }
      ASSERT_EQ(made, chunk.raw_bytes);
    }
  }
}

long PeakKib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// 1 GiB of zeros in 32 kB: the classic bomb. Level 1 makes it quickly.
TEST(Chunk, ABombIsRefusedInBoundedMemory) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  const Bytes zeros(1024 * 1024, '\0');
  Bytes frame(200'000, '\0');
  ZSTD_outBuffer out{frame.data(), frame.size(), 0};
  for (int mib = 0; mib < 1024; ++mib) {
    ZSTD_inBuffer in{zeros.data(), zeros.size(), 0};
    while (in.pos < in.size) {
      ASSERT_FALSE(ZSTD_isError(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_continue)));
    }
  }
  ZSTD_inBuffer none{nullptr, 0, 0};
  ASSERT_EQ(ZSTD_compressStream2(context.get(), &out, &none, ZSTD_e_end), 0U);
  frame.resize(out.pos);
  ASSERT_LT(frame.size(), 100'000U);

  constexpr std::uint32_t kRaw = limits::kChunkRawBytesMax;
  Bytes packed;
  AppendVarint(packed, kRaw);
  AppendVarint(packed, 0);
  AppendVarint(packed, 0);
  packed += frame;
  const long before = PeakKib();
  const auto unpacked = UnpackChunk(1, kCodecZstd, 0, kRaw, packed);
  EXPECT_LT(PeakKib() - before, 8 * 1024);
  ASSERT_FALSE(unpacked.has_value());
  EXPECT_EQ(unpacked.error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace chibo

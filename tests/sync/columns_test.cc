#include "sync/columns.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/limits.h"
#include "sync/text_fold.h"

namespace chibo {
namespace {

Result<std::vector<EntryBytes>> Back(const Columns& columns, std::size_t count,
                                     std::size_t raw_bytes) {
  return PutTogether(columns.texts, columns.blobs, columns.structure,
                     static_cast<std::uint32_t>(count), raw_bytes);
}

std::size_t PlainBytesOf(const std::vector<EntryBytes>& entries) {
  std::size_t size = 0;
  for (const EntryBytes& entry : entries) {
    size += PlainBytes(entry);
  }
  return size;
}

Bytes Record(ByteView payload) {
  Bytes record;
  AppendVarint(record, payload.size() + 1);
  record += payload;
  return record;
}

Bytes SizedField(unsigned number, ByteView content) {
  Bytes field;
  AppendVarint(field, number << 3 | 2);
  AppendVarint(field, content.size());
  field += content;
  return field;
}

const Bytes kId = *FromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");

TEST(Columns, LieAsDocumented) {
  // A header with a varint field; two records: {1: {2: id}, 2: text, 3: id}, and a withheld one.
  EntryBytes entry;
  entry.header = *FromHex("1005");
  const Bytes text = "Đồng chí";
  entry.body = Record(SizedField(1, SizedField(2, kId)) + SizedField(2, text) + SizedField(3, kId));
  entry.body += '\0' + Bytes(32, 'c');
  const auto columns = LayOut(std::vector{entry});
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ(columns->texts, *FoldText(text));
  EXPECT_EQ(columns->blobs, kId + Bytes(32, 'c'));
  EXPECT_EQ(ToHex(columns->structure),
            "02"  // records
            "01"
            "1005"
            "00"  // header: a varint field
            "01"  // fields
            "0a03"
            "1242"
            "00"    // 1: a message {2: blob of 16}
            "1230"  // 2: text of 12
            "1a07"  // 3: number 0 again
            "00"
            "00");  // withheld
  EXPECT_EQ(Back(*columns, 1, PlainBytes(entry)), std::vector{entry});
}

TEST(Columns, KeepBytesThatAreNotProtobuf) {
  std::vector<EntryBytes> entries;
  const std::vector<Bytes> payloads = {
      {},
      *FromHex("00"),
      *FromHex("08"),          // cut off
      *FromHex("088000"),      // a varint that is not the shortest
      *FromHex("0a05616263"),  // longer than what follows
      *FromHex("0b0c"),        // groups
      *FromHex("0700000000"),  // no such wire type
      *FromHex("09010203040506070815aabbccdd"),
      *FromHex("08ffffffffffffffffff01"),
      Bytes(40, '\xff'),
      SizedField(7, {}),
  };
  for (const Bytes& payload : payloads) {
    entries.push_back({payload, Record(payload) + Record(payload)});
  }
  const auto columns = LayOut(entries);
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ(Back(*columns, entries.size(), PlainBytesOf(entries)), entries);
}

TEST(Columns, NestAsDeepAsMessagesMayAndNoDeeper) {
  Bytes payload = SizedField(1, kId);
  for (int depth = 0; depth < 100; ++depth) {
    payload = SizedField(1, payload);
  }
  const std::vector<EntryBytes> entries = {{*FromHex("1005"), Record(payload)}};
  const auto columns = LayOut(entries);
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ(Back(*columns, 1, PlainBytesOf(entries)), entries);

  Columns deep;
  deep.structure = *FromHex("0001");  // no records; the header as fields
  for (int depth = 0; depth < 100; ++depth) {
    deep.structure += *FromHex("0a03");
  }
  deep.structure += Bytes(101, '\0');
  EXPECT_EQ(Back(deep, 1, 10000).error().code, Code::kMalformed);
}

TEST(Columns, RefuseABodyThatIsNotRecords) {
  EXPECT_FALSE(LayOut(std::vector<EntryBytes>{{"",
                                               "\x05"
                                               "ab"}})
                   .has_value());
  EXPECT_FALSE(LayOut(std::vector<EntryBytes>{{"", Bytes(1, '\0') + "short"}}).has_value());
}

TEST(Columns, NeverMakeMoreThanTheyMay) {
  // One id, named again and again by a byte each.
  Columns columns;
  columns.blobs = kId;
  columns.structure = *FromHex("00010a42");
  for (int i = 0; i < 100000; ++i) {
    columns.structure += *FromHex("0a07");
  }
  columns.structure.push_back('\0');
  EXPECT_EQ(Back(columns, 1, 50000).error().code, Code::kTooLarge);
  EXPECT_TRUE(Back(columns, 1, 100001 * 18).has_value());
}

TEST(Columns, MustBeUsedUp) {
  const std::vector<EntryBytes> entries = {{*FromHex("1005"), Record(SizedField(1, kId))}};
  const Columns whole = *LayOut(entries);
  for (Bytes Columns::*column : {&Columns::texts, &Columns::blobs, &Columns::structure}) {
    Columns more = whole;
    more.*column += "x";
    EXPECT_FALSE(Back(more, 1, 1000).has_value());
  }
  EXPECT_FALSE(Back(whole, 2, 1000).has_value());
  EXPECT_TRUE(Back(whole, 1, 1000).has_value());
}

TEST(Columns, RandomMessagesComeBack) {
  SeededRandom random(9);
  for (int round = 0; round < 3000; ++round) {
    std::vector<EntryBytes> entries;
    Bytes message;
    for (std::uint64_t i = random.Below(6); i > 0; --i) {
      const Bytes content = random.Below(2) == 0 ? random.Draw(random.Below(40)) : kId;
      message += SizedField(1 + static_cast<unsigned>(random.Below(20)), content);
      message = random.Below(3) == 0 ? SizedField(4, message) : message;
    }
    entries.push_back({message, Record(message) + Record(random.Draw(random.Below(30)))});
    const auto columns = LayOut(entries);
    ASSERT_TRUE(columns.has_value());
    ASSERT_EQ(Back(*columns, 1, PlainBytesOf(entries)), entries) << ToHex(message);
  }
}

TEST(Columns, GarbageIsAnErrorOrWithinTheLimit) {
  SeededRandom random(10);
  for (int round = 0; round < 100000; ++round) {
    const Bytes texts = random.Draw(random.Below(20));
    const Bytes blobs = random.Draw(random.Below(40));
    Bytes structure = random.Draw(random.Below(40));
    for (char& c : structure) {
      c = static_cast<char>(c & (random.Below(2) == 0 ? 0x0f : 0xff));
    }
    const auto count = static_cast<std::uint32_t>(1 + random.Below(3));
    const auto entries = PutTogether(texts, blobs, structure, count, 100);
    if (entries) {
      std::size_t made = 0;
      for (const EntryBytes& entry : *entries) {
        made += entry.header.size();
      }
      ASSERT_LE(made, 200U);
    }
  }
}

}  // namespace
}  // namespace chibo

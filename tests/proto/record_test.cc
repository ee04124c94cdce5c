#include "proto/record.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "proto/signed_object.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

std::uint32_t Number(const pb::Record& record) {
  return static_cast<std::uint32_t>(record.body_case());
}

// A field of length-delimited type that no schema has: number 500.
Bytes UnknownField(ByteView content) {
  Bytes field;
  AppendVarint(field, 500 << 3 | 2);
  AppendVarint(field, content.size());
  return field + Bytes(content);
}

TEST(Record, PayloadIsTheBytesOfItsOwnMessage) {
  pb::Record record;
  record.mutable_leave()->set_person("p");
  EXPECT_EQ(ToHex(PayloadOf(record)), "0a0170");
  EXPECT_EQ(PayloadOf(*ParseRecord(14, *FromHex("0a0170"))), PayloadOf(record));
}

TEST(Record, OfAnUnknownKindIsForANewerProgram) {
  for (const std::uint32_t kind : {0U, 37U, 9999U, UINT32_MAX}) {
    EXPECT_EQ(ParseRecord(kind, "").error().code, Code::kUnsupported);
  }
}

TEST(Record, ThatIsEmptyParses) {
  for (const KindTraits& traits : AllKinds()) {
    const auto record = ParseRecord(static_cast<std::uint32_t>(traits.kind), "");
    ASSERT_TRUE(record) << traits.name;
    EXPECT_EQ(record->body_case(), traits.kind);
  }
}

TEST(Record, RefusesWhatDoesNotParse) {
  for (const pb::Record& record : sample::Records()) {
    const Bytes payload = PayloadOf(record);
    // A tag of no type, the end of a group that was not begun, a zero.
    for (const ByteView end : {ByteView("\x07"), ByteView("\x0c"), ByteView("\0", 1)}) {
      EXPECT_EQ(ParseRecord(Number(record), payload + Bytes(end)).error().code, Code::kMalformed);
    }
    EXPECT_EQ(ParseRecord(Number(record), payload.substr(0, payload.size() - 1)).error().code,
              Code::kMalformed);
  }
  // A string that is not UTF-8.
  EXPECT_EQ(ParseRecord(10, *FromHex("1202c328")).error().code, Code::kMalformed);
  EXPECT_EQ(ParseRecord(10, Bytes(limits::kEntryBytesMax + 1, '\0')).error().code, Code::kTooLarge);
}

TEST(Record, RefusesDeepNesting) {
  // Unknown groups nest without limit in the bytes.
  Bytes deep;
  for (int i = 0; i < limits::kNestingMax + 1; ++i) {
    AppendVarint(deep, 500 << 3 | 3);
  }
  for (int i = 0; i < limits::kNestingMax + 1; ++i) {
    AppendVarint(deep, 500 << 3 | 4);
  }
  EXPECT_EQ(ParseRecord(14, deep).error().code, Code::kMalformed);
  EXPECT_TRUE(ParseRecord(14, *FromHex("a31fa41f")));
}

TEST(Record, KeepsFieldsOfNewerProgramsUnlessSigned) {
  const Bytes more = UnknownField("later");
  const pb::Record member = sample::RecordOf(Kind::kMember);
  const auto parsed = ParseRecord(Number(member), PayloadOf(member) + more);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(PayloadOf(*parsed), PayloadOf(member) + more);

  for (const pb::Record& record : sample::Records()) {
    if (!TraitsOf(Number(record))->object.empty()) {
      EXPECT_EQ(ParseRecord(Number(record), PayloadOf(record) + more).error().code,
                Code::kMalformed);
    }
  }
}

TEST(Record, RefusesUnknownFieldsDeepInsideSignedKinds) {
  pb::Record record = sample::RecordOf(Kind::kDecision);
  pb::DecisionRow& row = *record.mutable_decision()->mutable_body()->mutable_rows(0);
  row.GetReflection()->MutableUnknownFields(&row)->AddVarint(500, 1);
  EXPECT_EQ(ParseRecord(24, PayloadOf(record)).error().reason, "record_not_canonical");
}

TEST(Record, RefusesOtherWritingsOfASignedKind) {
  // The same waiver: fields in another order, a default written out, a long varint, a field twice.
  pb::Record record;
  record.mutable_waiver()->mutable_body()->set_rule("R51");
  record.mutable_waiver()->mutable_body()->set_date(1);
  ASSERT_EQ(ToHex(PayloadOf(record)), "0a070a035235312801");
  for (const char* other :
       {"0a0728010a03523531", "0a090a0352353128012200", "0a080a03523531288100",
        "0a8700"
        "0a035235312801",
        "0a050a035235310a022801", "0a090a0352353128022801", "0a070a0352353128018a1f00"}) {
    const auto parsed = ParseRecord(29 + 1, *FromHex(other));
    EXPECT_FALSE(parsed) << other;
    EXPECT_EQ(parsed.error().code, Code::kMalformed) << other;
  }
}

TEST(Record, SurvivesRandomDamageWithoutAnythingButARefusal) {
  SeededRandom random(21);
  for (const pb::Record& record : sample::Records()) {
    const Bytes payload = PayloadOf(record);
    for (int round = 0; round < 200; ++round) {
      Bytes damaged = payload;
      for (std::uint64_t hits = 1 + random.Below(4); hits > 0; --hits) {
        damaged[random.Below(damaged.size())] = static_cast<char>(random.Below(256));
      }
      const auto parsed = ParseRecord(Number(record), damaged);
      if (!parsed) {
        continue;
      }
      // Refusing is all CheckMeaning may do.
      const Status meaning = CheckMeaning(*parsed);
      EXPECT_TRUE(meaning || meaning.error().code == Code::kBadInput);
      if (!TraitsOf(Number(record))->object.empty()) {
        EXPECT_EQ(PayloadOf(*parsed), damaged);
      }
    }
  }
}

TEST(ContentDigest, BindsTheKind) {
  EXPECT_EQ(ContentDigest(21, "x"), Sha256("\x15x"));
  EXPECT_EQ(ContentDigest(300, "x"), Sha256("\xac\x02x"));
  EXPECT_NE(ContentDigest(21, "x"), ContentDigest(22, "x"));
}

}  // namespace
}  // namespace chibo

#include "proto/entry.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "proto/crypto.h"
#include "proto/limits.h"
#include "proto/merkle.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

const StreamId kStream = sample::Stream();

Code CodeOf(const Result<Entry>& result) { return result ? Code{} : result.error().code; }
Code CodeOf(const Result<Header>& result) { return result ? Code{} : result.error().code; }

Result<Entry> Decode(ByteView header, ByteView body, std::uint64_t index = 1,
                     const StreamSecrets& secrets = sample::Secrets()) {
  return DecodeEntry(kStream, index, header, body, secrets);
}

pb::Record MinutesOf(std::size_t text_bytes) {
  pb::Record record;
  record.mutable_minutes()->set_text(std::string(text_bytes, 'x'));
  return record;
}

// ---- Round trips --------------------------------------------------------------------------------

TEST(Entry, GoesThereAndBack) {
  const Entry entry = sample::MeetingEntry();
  const auto decoded = Decode(entry.header, EncodeBody(entry));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->header, entry.header);
  ASSERT_EQ(decoded->records.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(decoded->records[i].payload, entry.records[i].payload);
    EXPECT_EQ(decoded->records[i].commitment, entry.records[i].commitment);
  }
  EXPECT_EQ(EntryLeaf(kStream, 1, *decoded), EntryLeaf(kStream, 1, entry));
}

TEST(Entry, SlotsSayKindAndReach) {
  const Entry entry = sample::MeetingEntry();
  const auto header = ParseHeader(entry.header, 1);
  ASSERT_TRUE(header);
  ASSERT_EQ(header->slots.size(), 3U);
  EXPECT_EQ(header->slots[0].kind, 16U);
  EXPECT_EQ(header->slots[0].reach, pb::ALL);
  EXPECT_EQ(header->slots[2].kind, 21U);
  EXPECT_EQ(header->slots[2].reach, pb::PARENT);
}

TEST(Entry, WithoutRecordsIsAnEntry) {
  const auto entry = MakeEntry(kStream, 5, sample::HeaderOf(0), {}, {}, {});
  ASSERT_TRUE(entry);
  EXPECT_EQ(EncodeBody(*entry), "");
  EXPECT_EQ(RecordsRoot(entry->records), Sha256(""));
  EXPECT_TRUE(Decode(entry->header, "", 5));
}

TEST(Entry, WithheldRecordsLeaveTheLeafAsItIs) {
  const Entry entry = sample::MeetingEntry();
  for (unsigned mask = 0; mask < 8; ++mask) {
    Entry part = entry;
    for (std::size_t i = 0; i < 3; ++i) {
      if ((mask >> i & 1) != 0) {
        part.records[i].payload.reset();
      }
    }
    const auto decoded = Decode(part.header, EncodeBody(part));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(EntryLeaf(kStream, 1, *decoded), EntryLeaf(kStream, 1, entry));
    EXPECT_EQ(decoded->records[1].payload.has_value(), (mask & 2) == 0);
  }
}

TEST(Entry, NeedsTheSecretOfAReachOnlyWherePayloadsAreGiven) {
  const Entry entry = sample::MeetingEntry();
  StreamSecrets all_only = sample::Secrets();
  all_only[pb::PARENT].reset();
  EXPECT_EQ(CodeOf(Decode(entry.header, EncodeBody(entry), 1, all_only)), Code::kBehind);
  Entry part = entry;
  part.records[1].payload.reset();
  part.records[2].payload.reset();
  EXPECT_TRUE(Decode(part.header, EncodeBody(part), 1, all_only));
  part.records[0].payload.reset();
  EXPECT_TRUE(Decode(part.header, EncodeBody(part), 1, {}));
}

TEST(Entry, ChangedContentGivesAnotherLeaf) {
  const Entry entry = sample::MeetingEntry();
  const Hash leaf = EntryLeaf(kStream, 1, entry);
  const Bytes body = EncodeBody(entry);
  SeededRandom random(31);
  int decodable = 0;
  for (int round = 0; round < 2000; ++round) {
    Bytes header = entry.header;
    Bytes other = body;
    Bytes& hit = random.Below(4) == 0 ? header : other;
    hit[random.Below(hit.size())] ^= static_cast<char>(1 << random.Below(8));
    const auto decoded = Decode(header, other);
    if (decoded) {
      ++decodable;
      EXPECT_NE(EntryLeaf(kStream, 1, *decoded), leaf);
    }
  }
  EXPECT_GT(decodable, 100);
}

TEST(Entry, StandsInOnePlaceOnly) {
  const Entry entry = sample::MeetingEntry();
  EXPECT_NE(EntryLeaf(kStream, 2, entry), EntryLeaf(kStream, 1, entry));
  EXPECT_NE(EntryLeaf(StreamId(), 1, entry), EntryLeaf(kStream, 1, entry));
  // Salts depend on the index, so the same bytes elsewhere have other commitments.
  const auto moved = Decode(entry.header, EncodeBody(entry), 2);
  ASSERT_TRUE(moved);
  EXPECT_NE(moved->records[0].commitment, entry.records[0].commitment);
}

TEST(Entry, KindsAndFieldsOfNewerProgramsAreKept) {
  pb::EntryHeader header = sample::HeaderOf(5);
  header.add_slots(9999 * 8 + pb::ALL);
  header.add_slots(14 * 8 + pb::PARENT);
  header.GetReflection()->MutableUnknownFields(&header)->AddLengthDelimited(77, "later");
  const Bytes bytes = CanonicalBytes(header);
  Bytes body;
  AppendVarint(body, 6);
  body += "newer";
  AppendVarint(body, 1);
  const auto entry = Decode(bytes, body);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->header, bytes);
  EXPECT_EQ(entry->records[0].payload, "newer");
  EXPECT_EQ(entry->records[1].payload, "");
  EXPECT_EQ(EncodeBody(*entry), body);
  EXPECT_EQ(ParseHeader(bytes, 1)->slots[0].kind, 9999U);
}

// ---- The formats' own words ---------------------------------------------------------------------

TEST(Entry, CommitmentsAndLeavesAreAsTheFormatSays) {
  const StreamSecret secret = *StreamSecret::From(Bytes(32, 'k'));
  const Bytes salt = RecordSalt(secret, 0x0102, 3);
  EXPECT_EQ(salt,
            HmacSha256(secret.view(), {*FromHex("000000000000010200000003")}).view().substr(0, 16));
  EXPECT_EQ(CommitmentOf(salt, 300, "payload").view(),
            Sha256("\x02" + salt + "\xac\x02" + "payload").view());
  EXPECT_EQ(SecretCommitment(pb::PARENT, secret),
            Sha256("chibo/salt/v0\n\x01" + Bytes(secret.view())));
  EXPECT_EQ(SecretCommitment(pb::ALL, secret),
            Sha256(Bytes("chibo/salt/v0\n\0", 15) + Bytes(secret.view())));
  EXPECT_EQ(StreamIdOf("header").view(), Sha256("chibo/stream/v0\nheader").view());

  HeldRecord first;
  first.commitment = *Commitment::From(Bytes(32, 'a'));
  HeldRecord second;
  second.commitment = *Commitment::From(Bytes(32, 'b'));
  const Hash root = NodeHash(LeafHash(Bytes(32, 'a')), LeafHash(Bytes(32, 'b')));
  EXPECT_EQ(RecordsRoot({first, second}), root);
  const Bytes input = LeafInput(kStream, 0x0102, root, "header");
  EXPECT_EQ(input,
            Bytes(kStream.view()) + *FromHex("0000000000000102") + Bytes(root.view()) + "header");
  EXPECT_EQ(EntryLeaf(kStream, 0x0102, {"header", {first, second}}), LeafHash(input));
}

// ---- Refusals of bodies -------------------------------------------------------------------------

TEST(Entry, RefusesBodiesThatDoNotFitTheSlots) {
  const Entry entry = sample::MeetingEntry();
  const Bytes body = EncodeBody(entry);
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    EXPECT_EQ(CodeOf(Decode(entry.header, ByteView(body).substr(0, cut))), Code::kMalformed);
  }
  EXPECT_EQ(CodeOf(Decode(entry.header, body + Bytes(1, '\0'))), Code::kMalformed);
  EXPECT_EQ(CodeOf(Decode(entry.header, body + "\x01")), Code::kMalformed);
  // A length that is not in its shortest form.
  EXPECT_EQ(CodeOf(Decode(entry.header, Bytes("\x80\0", 2) + body)), Code::kMalformed);
  Bytes huge;
  AppendVarint(huge, UINT64_MAX);
  EXPECT_EQ(CodeOf(Decode(entry.header, huge)), Code::kTooLarge);
}

TEST(Entry, MayBeSixtyFourKibibytesAndNotMore) {
  const auto make = [](std::size_t text_bytes) {
    return MakeEntry(kStream, 1, sample::HeaderOf(0), {MinutesOf(text_bytes)}, {pb::PARENT},
                     sample::Secrets());
  };
  const auto small = make(60'000);
  ASSERT_TRUE(small);
  const std::size_t room =
      limits::kEntryBytesMax - small->header.size() - small->records[0].payload->size();
  const auto full = make(60'000 + room);
  ASSERT_TRUE(full);
  EXPECT_TRUE(Decode(full->header, EncodeBody(*full)));
  EXPECT_EQ(CodeOf(make(60'000 + room + 1)), Code::kTooLarge);

  Entry over = *full;
  over.records[0].payload->push_back('x');
  EXPECT_EQ(CodeOf(Decode(over.header, EncodeBody(over))), Code::kTooLarge);
}

TEST(Entry, WithinTheLimitStaysSoWhenRecordsAreWithheld) {
  std::vector<pb::Record> records(255);
  for (pb::Record& record : records) {
    record.mutable_leave();
  }
  const pb::EntryHeader header = sample::HeaderOf(0);
  records.push_back(MinutesOf(64'500));
  Entry entry = *MakeEntry(kStream, 1, header, records,
                           std::vector<pb::Reach>(records.size(), pb::PARENT), sample::Secrets());
  for (std::size_t i = 0; i < 255; ++i) {
    entry.records[i].payload.reset();
  }
  EXPECT_GT(EncodeBody(entry).size(), limits::kEntryBytesMax);
  EXPECT_TRUE(Decode(entry.header, EncodeBody(entry)));
}

TEST(Entry, HasAtMostAsManyRecordsAsAllowed) {
  std::vector<pb::Record> records(limits::kEntryRecordsMax);
  for (pb::Record& record : records) {
    record.mutable_leave();
  }
  const auto make = [&] {
    return MakeEntry(kStream, 1, {}, records, std::vector<pb::Reach>(records.size(), pb::PARENT),
                     sample::Secrets());
  };
  EXPECT_TRUE(make());
  records.push_back(records[0]);
  EXPECT_EQ(CodeOf(make()), Code::kTooLarge);

  pb::EntryHeader header;
  for (std::size_t i = 0; i <= limits::kEntryRecordsMax; ++i) {
    header.add_slots(8);
  }
  EXPECT_EQ(CodeOf(ParseHeader(CanonicalBytes(header), 1)), Code::kTooLarge);
}

// ---- Headers ------------------------------------------------------------------------------------

TEST(Header, RefusesWhatIsNoHeader) {
  EXPECT_EQ(CodeOf(ParseHeader("\x07", 1)), Code::kMalformed);
  EXPECT_EQ(CodeOf(ParseHeader(CanonicalBytes(sample::HeaderOf(0)) + "\x0a", 1)), Code::kMalformed);
  EXPECT_EQ(CodeOf(ParseHeader(Bytes(limits::kHeaderBytesMax + 1, '\0'), 1)), Code::kTooLarge);
  EXPECT_EQ(CodeOf(ParseHeader(Bytes(limits::kGenesisBytesMax + 1, '\0'), 0)), Code::kTooLarge);
  EXPECT_TRUE(ParseHeader("", 1)) << "everything in a header may be left out";
}

TEST(Header, RefusesUnknownReachesAndNoKind) {
  for (const std::uint32_t slot : {0U, 1U, 8U + 2U, 8U + 7U}) {
    pb::EntryHeader header;
    header.add_slots(slot);
    EXPECT_EQ(CodeOf(ParseHeader(CanonicalBytes(header), 1)), Code::kMalformed) << slot;
  }
}

TEST(Header, RefusesFieldsOfOtherSizes) {
  const auto refused = [](auto change) {
    pb::EntryHeader header = sample::HeaderOf(0);
    change(header);
    return CodeOf(ParseHeader(CanonicalBytes(header), 1)) == Code::kMalformed;
  };
  EXPECT_FALSE(refused([](pb::EntryHeader&) {}));
  EXPECT_TRUE(refused([](pb::EntryHeader& h) { h.set_pack("short"); }));
  EXPECT_TRUE(refused([](pb::EntryHeader& h) { h.set_boot("short"); }));
  EXPECT_TRUE(refused([](pb::EntryHeader& h) { h.mutable_register_()->set_stream("short"); }));
  EXPECT_TRUE(refused([](pb::EntryHeader& h) { h.mutable_genesis(); }));
}

TEST(Header, ClaimedTimeGoesThereAndBackAndStaysInBounds) {
  const auto claimed = [](std::int64_t seconds) {
    pb::EntryHeader header;
    header.set_claimed_s(seconds);
    return ParseHeader(CanonicalBytes(header), 1)->claimed;
  };
  // 2020-01-01 is 18262 days after 1970-01-01; a clock at 1970 claims what it shows.
  EXPECT_EQ(claimed(0), Timestamp(std::chrono::days(18262)));
  EXPECT_EQ(claimed(ClaimedSeconds(Timestamp())), Timestamp());
  EXPECT_EQ(ClaimedSeconds(Timestamp(std::chrono::milliseconds(-1))),
            ClaimedSeconds(Timestamp()) - 1);
  EXPECT_LT(claimed(INT64_MIN), claimed(0));
  EXPECT_GT(claimed(INT64_MAX), claimed(0));
  EXPECT_EQ(claimed(INT64_MAX), claimed(INT64_MAX - 1)) << "bounded, not refused";
}

// ---- Genesis ------------------------------------------------------------------------------------

TEST(Genesis, IsEntryZeroOfItsOwnStream) {
  const Bytes header = CanonicalBytes(sample::GenesisHeader());
  EXPECT_TRUE(DecodeEntry(StreamIdOf(header), 0, header, "", {}));
  EXPECT_EQ(CodeOf(DecodeEntry(StreamId(), 0, header, "", {})), Code::kMalformed);
  EXPECT_EQ(CodeOf(DecodeEntry(StreamIdOf(header), 1, header, "", {})), Code::kMalformed);
  EXPECT_EQ(CodeOf(DecodeEntry(StreamIdOf(header), 0, header, "\x01", {})), Code::kMalformed);
  EXPECT_EQ(CodeOf(ParseHeader(CanonicalBytes(sample::HeaderOf(0)), 0)), Code::kMalformed);
  EXPECT_TRUE(MakeEntry(StreamId(), 0, sample::GenesisHeader(), {}, {}, {}));
}

// The genesis after a change of one field.
template <typename Change>
Code After(Change change) {
  pb::EntryHeader header = sample::GenesisHeader();
  change(*header.mutable_genesis());
  return CodeOf(ParseHeader(CanonicalBytes(header), 0));
}

TEST(Genesis, RefusesFieldsOfOtherSizes) {
  using G = pb::Genesis;
  ASSERT_EQ(After([](G&) {}), Code{});
  EXPECT_EQ(After([](G& g) { g.set_network("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_device("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.clear_certificate(); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_certificate(Bytes(limits::kCertificateBytesMax + 1, 'x')); }),
            Code::kTooLarge);
  EXPECT_EQ(After([](G& g) { g.set_kind(pb::STREAM_NONE); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_kind(static_cast<pb::StreamKind>(4)); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_unit("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.mutable_salts()->RemoveLast(); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.add_salts(Bytes(32, 'x')); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_salts(1, "x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_incarnation("x"); }), Code::kMalformed);
}

TEST(Genesis, NamesAPredecessorIfItFollowsOne) {
  using G = pb::Genesis;
  EXPECT_EQ(After([](G& g) { g.set_follows(pb::FOLLOWS_NOTHING); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_follows(static_cast<pb::Follows>(9)); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.clear_predecessor(); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.mutable_predecessor()->set_size(0); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.mutable_predecessor()->set_root("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.mutable_predecessor()->set_stream("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) {
              g.clear_predecessor();
              g.set_follows(pb::FOLLOWS_NOTHING);
            }),
            Code{});
}

TEST(Genesis, NamesTheUnitsItsKindNeeds) {
  using G = pb::Genesis;
  const auto line = [](G& g) {
    g.set_kind(pb::LINE);
    g.clear_superior();
    g.clear_to_superior();
  };
  EXPECT_EQ(After([](G& g) { g.clear_other(); }), Code::kMalformed) << "to(V) names V";
  EXPECT_EQ(After([](G& g) { g.clear_superior(); }), Code{}) << "the topmost has none";
  EXPECT_EQ(After([](G& g) { g.set_superior("x"); }), Code::kMalformed);
  EXPECT_EQ(After([](G& g) { g.set_to_superior("x"); }), Code::kMalformed);
  EXPECT_EQ(After([&](G& g) { line(g); }), Code{});
  EXPECT_EQ(After([&](G& g) { line(g), g.clear_other(); }), Code{});
  EXPECT_EQ(After([&](G& g) { line(g), g.set_other("x"); }), Code::kMalformed);
  EXPECT_EQ(After([&](G& g) { line(g), g.set_superior("unit-district-01"); }), Code::kMalformed);
  EXPECT_EQ(After([&](G& g) { line(g), g.set_kind(pb::DOWN); }), Code::kMalformed);
  EXPECT_EQ(After([&](G& g) { line(g), g.set_kind(pb::DOWN), g.clear_other(); }), Code{});
}

}  // namespace
}  // namespace chibo

#include "tools/verify/verify.h"

#include <gtest/gtest.h>

#include "tests/verify/network.h"
#include "tools/verify/text.h"

namespace chibo {
namespace {

class VerifyTest : public ::testing::Test {
 protected:
  static const SmallNetwork& network() { return SmallNetwork::Shared(); }

  static verify::Report VerifyAt(const std::string& directory) {
    auto report = network().Verify(directory);
    EXPECT_TRUE(report) << ToString(report.error());
    return report.value_or(verify::Report());
  }

  // A copy to be damaged.
  std::string CopyOf(const std::string& directory) {
    CopyStore(directory, folder_.Sub("copy"));
    return folder_.Sub("copy");
  }

  // The first stream with records, and the entry in it that was written last.
  static std::pair<std::string, std::string> LastEntry(RawStore& store) {
    const auto rows = store.Query(
        "SELECT hex(stream.id), stream_no, branch, idx FROM entry JOIN stream ON no = stream_no "
        "WHERE branch = 0 AND idx > 1 ORDER BY stream_no, idx DESC LIMIT 1");
    return {ToHex(*FromHex(rows.at(0)[0])), "stream_no = " + rows[0][1] + " AND branch = " +
                                                rows[0][2] + " AND idx = " + rows[0][3]};
  }

  TempFolder folder_;
};

TEST_F(VerifyTest, WhatNodesWroteHolds) {
  for (const std::string& directory :
       {network().province(), network().commune(), network().cell()}) {
    const verify::Report report = VerifyAt(directory);
    EXPECT_TRUE(report.ok()) << directory << "\n" << Listed(report.problems);
    EXPECT_GT(report.streams, 3u);
    EXPECT_GT(report.entries, report.streams);
    EXPECT_GT(report.records, 10u);
    EXPECT_GT(report.checkpoints, 5u);
    EXPECT_GE(report.certificates, 3u);
    EXPECT_TRUE(verify::AsJson(report, verify::Language::kEnglish).starts_with("{\"ok\":true,"));
  }
}

TEST_F(VerifyTest, TheCommuneHoldsAForkOfAFork) {
  RawStore store(CopyOf(network().commune()));
  EXPECT_FALSE(store.Query("SELECT 1 FROM branch WHERE parent = 0 AND fork_at > 0").empty());
  EXPECT_FALSE(store.Query("SELECT 1 FROM branch WHERE parent > 0 AND fork_at > 0").empty());
}

TEST_F(VerifyTest, EveryFlippedByteIsNamed) {
  constexpr int kFlips = 500;
  SeededRandom random(2019);
  for (const std::string& original : {network().commune(), network().province()}) {
    const std::string directory = CopyOf(original);
    RawStore store(directory);
    const auto columns = ValuesIn(store);
    for (int i = 0; i < kFlips / 2; ++i) {
      const auto& values = columns[static_cast<std::size_t>(i) % columns.size()];
      const StoredValue& value = values[random.Below(values.size())];
      const std::size_t byte = random.Below(value.size);
      const auto with = static_cast<unsigned char>(1 + random.Below(255));
      Flip(store, value, byte, with);
      const verify::Report report = VerifyAt(directory);
      EXPECT_FALSE(report.ok()) << value.name() << " byte " << byte;
      EXPECT_TRUE(Names(report, value.stream))
          << value.name() << " byte " << byte << ", not named: " << value.stream << "\n"
          << Listed(report.problems);
      if (value.table == "entry") {
        const std::size_t at = value.where.find("idx = ");
        ASSERT_NE(at, std::string::npos) << value.where;
        EXPECT_TRUE(NamesEntry(report, value.stream, std::stoull(value.where.substr(at + 6))))
            << value.name() << " byte " << byte << ", the entry is not named\n"
            << Listed(report.problems);
      }
      Flip(store, value, byte, with);
    }
    EXPECT_TRUE(VerifyAt(directory).ok());
  }
}

TEST_F(VerifyTest, ADamagedBodyIsToldOnceWithItsEntry) {
  RawStore store(CopyOf(network().commune()));
  const auto [stream, where] = LastEntry(store);
  const auto size = store.Query("SELECT length(body) FROM entry WHERE " + where).at(0)[0];
  const std::size_t last = std::stoul(size) - 1;
  Flip(store, {"entry", "body", where, stream, false, last + 1}, last, 0x40);
  const verify::Report report = VerifyAt(folder_.Sub("copy"));
  ASSERT_EQ(report.problems.size(), 1u) << Listed(report.problems);
  EXPECT_EQ(report.problems[0].place.stream, stream);
  EXPECT_EQ(report.problems[0].what, "entry_leaf_differs");
  const auto index = where.substr(where.rfind(' ') + 1);
  EXPECT_EQ(std::to_string(report.problems[0].place.index.value_or(0)), index);
}

TEST_F(VerifyTest, AMissingEntryAndOneTooManyAreNamed) {
  RawStore store(CopyOf(network().commune()));
  const auto [stream, where] = LastEntry(store);
  store.Run("CREATE TEMP TABLE kept AS SELECT * FROM entry WHERE " + where);
  store.Run("DELETE FROM entry WHERE " + where);
  const verify::Report missing = VerifyAt(folder_.Sub("copy"));
  EXPECT_TRUE(Has(missing.problems, "entries_missing")) << Listed(missing.problems);
  EXPECT_TRUE(Names(missing, stream));
  store.Run("INSERT INTO entry SELECT * FROM kept");
  EXPECT_TRUE(VerifyAt(folder_.Sub("copy")).ok());
  store.Run("INSERT INTO entry SELECT stream_no, branch, idx + 1, leaf, header, body FROM kept");
  const verify::Report more = VerifyAt(folder_.Sub("copy"));
  EXPECT_TRUE(Has(more.problems, "entries_past_head")) << Listed(more.problems);
  EXPECT_TRUE(Names(more, stream));
}

// Whoever holds the disk can make leaves and peaks fit again, but not the signatures.
TEST_F(VerifyTest, AnEntryRewrittenWithItsHashesFailsTheSignature) {
  const std::string directory = CopyOf(network().cell());
  RawStore store(directory);
  const auto own = store.Query("SELECT no FROM stream WHERE own = 1 ORDER BY no LIMIT 1");
  const std::string of = "stream_no = " + own.at(0)[0] + " AND branch = 0";
  const auto id = store.Query("SELECT id FROM stream WHERE no = " + own[0][0]).at(0)[0];
  const auto last =
      store.Query("SELECT idx, header, body FROM entry WHERE " + of + " ORDER BY idx DESC LIMIT 1");
  const std::uint64_t index = std::stoull(last.at(0)[0]);
  pb::EntryHeader header;
  ASSERT_TRUE(header.ParseFromString(last[0][1]));
  header.set_claimed_s(header.claimed_s() - 86'400);
  StreamSecrets secrets;
  for (const auto& row :
       store.Query("SELECT reach, value FROM secret WHERE stream_no = " + own[0][0])) {
    secrets[std::stoul(row[0])] = StreamSecret::From(row[1]);
  }
  const StreamId stream = StreamId::FromChecked(id);
  const auto entry = DecodeEntry(stream, index, header.SerializeAsString(), last[0][2], secrets);
  ASSERT_TRUE(entry);
  const Hash leaf = EntryLeaf(stream, index, *entry);
  const std::string where = of + " AND idx = " + last[0][0];
  store.Run("UPDATE entry SET header = ?1, leaf = ?2 WHERE " + where,
            {entry->header, Bytes(leaf.view())});
  MerklePeaks peaks;
  for (const auto& row : store.Query("SELECT leaf FROM entry WHERE " + of + " ORDER BY idx")) {
    peaks.Append(Hash::FromChecked(row[0]));
  }
  store.Run("UPDATE branch SET peaks = ?1 WHERE " + of, {peaks.Encode()});
  const verify::Report report = VerifyAt(directory);
  EXPECT_TRUE(Has(report.problems, "checkpoint_signature_bad")) << Listed(report.problems);
  EXPECT_FALSE(Has(report.problems, "entry_leaf_differs")) << Listed(report.problems);
  EXPECT_TRUE(Names(report, stream.hex()));
}

TEST_F(VerifyTest, AnotherNetworkIdIsSaidOnce) {
  verify::StartCrypto();
  auto other = verify::Digest::FromChecked(network().network().view());
  other.data()[0] ^= 1;
  const auto report = verify::Verify(network().commune(), other, std::nullopt);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->problems.size(), 1u) << Listed(report->problems);
  EXPECT_EQ(report->problems[0].what, "network_differs");
}

TEST_F(VerifyTest, ADirectoryThatIsNoneIsRefused) {
  const auto none = network().Verify(folder_.path() + "/none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotANode);
  const auto empty = network().Verify(folder_.Sub("empty"));
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Code::kNotANode);
}

}  // namespace
}  // namespace chibo

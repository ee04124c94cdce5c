#include "storage/log_store.h"

#include <algorithm>

#include "storage/query.h"
#include "tests/must.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

constexpr std::size_t kAll = 1 << 20;

class Log : public StoreTest {
 protected:
  // The stream with entries [0, size), committed.
  StreamNo Fill(TestStream& stream, std::uint64_t size) {
    CHECK(sql_->Begin());
    const auto no = AddTo(*log_, stream);
    CHECK(no);
    for (std::uint64_t index = 0; index < size; ++index) {
      CHECK(AppendTo(*log_, *no, stream, index));
    }
    CHECK(sql_->Commit());
    return *no;
  }
  static std::vector<std::uint64_t> Indices(const std::vector<StoredEntry>& entries) {
    std::vector<std::uint64_t> indices;
    indices.reserve(entries.size());
    for (const StoredEntry& entry : entries) {
      indices.push_back(entry.index);
    }
    return indices;
  }

  TestStream stream_{11};
};
using Numbers = std::vector<std::uint64_t>;

TEST_P(Log, ReadsBackEntriesAsWritten) {
  const StreamNo no = Fill(stream_, 4);
  Reopen();
  const auto entries = log_->ReadEntries(no, 0, 0, 10, kAll);
  ASSERT_TRUE(entries) << ToString(entries.error());
  ASSERT_EQ(Indices(*entries), (Numbers{0, 1, 2, 3}));
  for (const StoredEntry& entry : *entries) {
    EXPECT_EQ(entry.header, stream_.At(entry.index).header);
    EXPECT_EQ(entry.body, stream_.At(entry.index).body);
    EXPECT_EQ(entry.leaf, stream_.At(entry.index).leaf);
  }
}

TEST_P(Log, StopsReadingAtCountOrBytesButGivesAtLeastOne) {
  const StreamNo no = Fill(stream_, 5);
  EXPECT_EQ(Indices(*log_->ReadEntries(no, 0, 2, 2, kAll)), (Numbers{2, 3}));
  EXPECT_EQ(Indices(*log_->ReadEntries(no, 0, 1, 10, 1)), (Numbers{1}));
  const std::size_t one = stream_.At(1).header.size() + stream_.At(1).body.size();
  EXPECT_EQ(Indices(*log_->ReadEntries(no, 0, 1, 10, one + 1)), (Numbers{1, 2}));
  EXPECT_TRUE(log_->ReadEntries(no, 0, 5, 10, kAll)->empty());
  EXPECT_TRUE(log_->ReadEntries(no, 0, ~std::uint64_t{0}, 10, kAll)->empty());
  EXPECT_TRUE(log_->ReadEntries(no, 0, 0, 0, kAll)->empty());
}

TEST_P(Log, TakesTheSameEntryTwiceAndRefusesAnother) {
  const StreamNo no = Fill(stream_, 3);
  EXPECT_TRUE(log_->PutEntry(no, 0, stream_.At(2)));
  TestStream other(12);
  StoredEntry foreign = other.At(2);
  const auto put = log_->PutEntry(no, 0, foreign);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::kDamaged);
  EXPECT_EQ(put.error().where, PlaceOf(stream_.id(), 2));
  EXPECT_EQ(log_->ReadEntries(no, 0, 2, 1, kAll)->front().leaf, stream_.At(2).leaf);
  foreign.index = ~std::uint64_t{0};
  EXPECT_EQ(log_->PutEntry(no, 0, foreign).error().code, Code::kTooLarge);
}

TEST_P(Log, FindsStreamsByIdPrefixAndNumber) {
  const StreamNo no = Fill(stream_, 1);
  TestStream other(12);
  const StreamNo second = Fill(other, 1);
  EXPECT_NE(no, second);
  EXPECT_EQ(*log_->AddStream(stream_.id(), false, ""), no);
  Reopen();
  const auto row = log_->FindStream(stream_.id());
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->no, no);
  EXPECT_TRUE((*row)->own);
  EXPECT_EQ((*row)->genesis, stream_.At(0).header);
  EXPECT_EQ(log_->GetStream(second)->id, other.id());
  EXPECT_EQ(log_->GetStream(99).error().code, Code::kNotFound);
  EXPECT_EQ(log_->Streams()->size(), 2U);
  EXPECT_FALSE(*log_->FindStream(StreamId()));
}

TEST_P(Log, KeepsAForkBesideTheFirstBranch) {
  const StreamNo no = Fill(stream_, 5);
  // The same genesis, so the same stream; entries 3 and 4 are others.
  StoredEntry forked = stream_.Withheld(3);
  pb::EntryHeader header;
  header.set_claimed_s(77);
  const auto entry = MakeEntry(stream_.id(), 3, header, {}, {}, stream_.secrets());
  ASSERT_TRUE(entry);
  forked = {3, entry->header, EncodeBody(*entry), EntryLeaf(stream_.id(), 3, *entry)};
  BranchRow row = stream_.BranchOf(3);
  row.branch = 1;
  row.fork_at = 3;
  row.peaks.Append(forked.leaf);
  ASSERT_TRUE(log_->PutEntry(no, 1, forked));
  ASSERT_TRUE(log_->PutBranch(no, row));
  ASSERT_TRUE(log_->PutCheckpoint(no, 1, {4, Signature()}));
  Reopen();

  const auto branches = log_->Branches(no);
  ASSERT_EQ(branches->size(), 2U);
  EXPECT_EQ((*branches)[1].fork_at, 3U);
  EXPECT_EQ((*branches)[1].peaks.Root(), row.peaks.Root());
  const auto entries = log_->ReadEntries(no, 1, 1, 10, kAll);
  ASSERT_TRUE(entries) << ToString(entries.error());
  EXPECT_EQ(Indices(*entries), (Numbers{1, 2, 3}));
  EXPECT_EQ(entries->back().leaf, forked.leaf);
  EXPECT_EQ(Indices(*log_->ReadEntries(no, 1, 3, 10, kAll)), (Numbers{3}));
  EXPECT_EQ(Indices(*log_->ReadEntries(no, 1, 0, 2, kAll)), (Numbers{0, 1}));
  EXPECT_EQ(MerkleRoot(*log_->Leaves(no, 1, 4)), row.peaks.Root());
  EXPECT_EQ(MerkleRoot(*log_->Leaves(no, 0, 5)), stream_.BranchOf(5).peaks.Root());
  EXPECT_EQ(MerkleRoot(*log_->Leaves(no, 1, 2)), stream_.BranchOf(2).peaks.Root());
  EXPECT_EQ(log_->Leaves(no, 1, 5).error().code, Code::kDamaged);

  EXPECT_EQ((*log_->CheckpointAtMost(no, 1, 9))->size, 4U);
  EXPECT_EQ((*log_->CheckpointAtMost(no, 1, 3))->size, 3U);
  EXPECT_EQ((*log_->CheckpointAtLeast(no, 1, 2))->size, 2U);
  EXPECT_EQ((*log_->CheckpointAtLeast(no, 1, 4))->size, 4U);
  EXPECT_FALSE(*log_->CheckpointAtLeast(no, 1, 5));
  EXPECT_EQ((*log_->CheckpointAtLeast(no, 0, 5))->size, 5U);
  EXPECT_FALSE(*log_->CheckpointAtMost(no, 0, 0));
  EXPECT_EQ(log_->ReadEntries(no, 2, 0, 1, kAll).error().code, Code::kNotFound);

  // A third that leaves the second where the first has an entry of its own.
  header.set_claimed_s(78);
  const auto further = MakeEntry(stream_.id(), 4, header, {}, {}, stream_.secrets());
  ASSERT_TRUE(further);
  const StoredEntry last{4, further->header, EncodeBody(*further),
                         EntryLeaf(stream_.id(), 4, *further)};
  row.branch = 2;
  row.parent = 1;
  row.fork_at = 4;
  row.peaks.Append(last.leaf);
  ASSERT_TRUE(log_->PutEntry(no, 2, last));
  ASSERT_TRUE(log_->PutBranch(no, row));
  ASSERT_TRUE(log_->PutCheckpoint(no, 2, {5, Signature()}));
  EXPECT_EQ((*log_->Branches(no))[2].parent, 1U);
  const auto all = log_->ReadEntries(no, 2, 2, 10, kAll);
  ASSERT_TRUE(all) << ToString(all.error());
  EXPECT_EQ(Indices(*all), (Numbers{2, 3, 4}));
  EXPECT_EQ((*all)[1].leaf, forked.leaf);
  EXPECT_EQ(MerkleRoot(*log_->Leaves(no, 2, 5)), row.peaks.Root());
  EXPECT_EQ((*log_->CheckpointAtMost(no, 2, 4))->size, 4U);
  EXPECT_EQ((*log_->CheckpointAtLeast(no, 2, 4))->size, 4U);
  EXPECT_EQ((*log_->CheckpointAtLeast(no, 2, 5))->size, 5U);
}

TEST_P(Log, ReplacesABodyOnlyByOneOfTheSameEntry) {
  const StreamNo no = Fill(stream_, 3);
  const StoredEntry less = stream_.Withheld(1);
  ASSERT_TRUE(log_->ReplaceBody(no, 0, 1, less.body));
  EXPECT_EQ(log_->ReadEntries(no, 0, 1, 1, kAll)->front().body, less.body);
  ASSERT_TRUE(log_->ReplaceBody(no, 0, 1, stream_.At(1).body));
  EXPECT_EQ(log_->ReadEntries(no, 0, 1, 1, kAll)->front().body, stream_.At(1).body);
  EXPECT_EQ(log_->ReplaceBody(no, 0, 1, stream_.At(2).body).error().code, Code::kBadProof);
  EXPECT_EQ(log_->ReplaceBody(no, 0, 1, "x").error().code, Code::kMalformed);
  EXPECT_EQ(log_->ReplaceBody(no, 0, 7, less.body).error().code, Code::kNotFound);
}

// Whatever byte of an entry's row is turned over, reading names the place, and the others stay
// readable.
TEST_P(Log, NamesTheEntryWhoseRowIsDamaged) {
  const StreamNo no = Fill(stream_, 4);
  for (const std::string column : {"header", "body", "leaf"}) {
    auto query = Query::Make(*sql_, "SELECT " + column + " FROM entry WHERE idx = 2");
    ASSERT_TRUE(*query->Step());
    const Bytes good(query->BytesAt(0));
    const std::string update = "UPDATE entry SET " + column + " = $1 WHERE idx = 2";
    (*sql_->Prepare("SELECT " + column + " FROM entry WHERE idx = 2"))->Reset();
    for (std::size_t at = 0; at < good.size(); ++at) {
      Bytes bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x10);
      ASSERT_TRUE(Query::Run(*sql_, update, bad));
      const auto entries = log_->ReadEntries(no, 0, 2, 1, kAll);
      ASSERT_FALSE(entries) << column << " " << at;
      EXPECT_EQ(entries.error().code, Code::kDamaged);
      EXPECT_EQ(entries.error().where, PlaceOf(stream_.id(), 2));
    }
    EXPECT_EQ(Indices(*log_->ReadEntries(no, 0, 0, 2, kAll)), (Numbers{0, 1}));
    EXPECT_EQ(Indices(*log_->ReadEntries(no, 0, 3, 2, kAll)), (Numbers{3}));
    ASSERT_TRUE(Query::Run(*sql_, update, good));
  }
  EXPECT_TRUE(log_->ReadEntries(no, 0, 2, 1, kAll));
}

TEST_P(Log, NamesAnEntryThatIsMissing) {
  const StreamNo no = Fill(stream_, 4);
  for (const std::uint64_t index : {std::uint64_t{3}, std::uint64_t{1}}) {
    ASSERT_TRUE(Query::Run(*sql_, "DELETE FROM entry WHERE idx = $1", index));
    const auto entries = log_->ReadEntries(no, 0, 0, 10, kAll);
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().code, Code::kDamaged);
    EXPECT_EQ(entries.error().where, PlaceOf(stream_.id(), index));
  }
}

TEST_P(Log, RefusesABodyMovedToAnotherRow) {
  const StreamNo no = Fill(stream_, 4);
  ASSERT_TRUE(Query::Run(*sql_,
                         "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE idx = 1), "
                         "header = (SELECT header FROM entry WHERE idx = 1), "
                         "body = (SELECT body FROM entry WHERE idx = 1) WHERE idx = 2"));
  EXPECT_EQ(log_->ReadEntries(no, 0, 2, 1, kAll).error().code, Code::kDamaged);
}

TEST_P(Log, KeepsBranchRowsWithAndWithoutSignature) {
  const StreamNo no = Fill(stream_, 1);
  BranchRow row = stream_.BranchOf(3);
  row.signed_size = 2;
  row.signature = SeededRandom(3).DrawFixed<Signature>();
  ASSERT_TRUE(log_->PutBranch(no, row));
  Reopen();
  auto read = log_->Branches(no)->front();
  EXPECT_EQ(read.peaks.size(), 3U);
  EXPECT_EQ(read.signed_size, 2U);
  EXPECT_EQ(read.signature, row.signature);
  row.signature.reset();
  row.signed_size = 0;
  ASSERT_TRUE(log_->PutBranch(no, row));
  EXPECT_FALSE(log_->Branches(no)->front().signature);
  EXPECT_TRUE(log_->Branches(99)->empty());
}

TEST_P(Log, KeepsSecretsByReach) {
  auto no = log_->AddStream(stream_.id(), false, stream_.At(0).header);
  ASSERT_TRUE(no);
  EXPECT_FALSE((*log_->Secrets(*no))[pb::ALL]);
  ASSERT_TRUE(log_->PutSecret(*no, pb::PARENT, *stream_.secrets()[pb::PARENT]));
  Reopen();
  EXPECT_FALSE((*log_->Secrets(*no))[pb::ALL]);
  EXPECT_EQ((*log_->Secrets(*no))[pb::PARENT], stream_.secrets()[pb::PARENT]);
  ASSERT_TRUE(Query::Run(*sql_, "UPDATE secret SET value = $1", Bytes(72, 'x')));
  const auto damaged = log_->Secrets(*no);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::kDamaged);
  EXPECT_EQ(damaged.error().where, stream_.id().hex());
}

TEST_P(Log, KeepsTheEarliestReceiptOfEachRootInAnyOrder) {
  SeededRandom random(5);
  const auto unit = random.DrawFixed<UnitId>();
  const auto other = random.DrawFixed<UnitId>();
  const auto receipt = [&](const UnitId& by, std::uint64_t size, std::int64_t time) {
    return Registered{by,
                      {stream_.id(), size, stream_.BranchOf(size).peaks.Root()},
                      time,
                      {stream_.id(), size * 10, 3}};
  };
  std::vector<Registered> receipts{receipt(unit, 2, 50), receipt(unit, 3, 40), receipt(unit, 3, 30),
                                   receipt(unit, 1, 90), receipt(other, 1, 1)};
  for (int round = 0; round < 2; ++round) {
    for (const Registered& one : receipts) {
      ASSERT_TRUE(log_->PutRegistered(one));
    }
    ASSERT_TRUE(log_->DropRegistered(receipt(unit, 2, 0)));
    auto kept = Must(log_->RegisteredOf(stream_.id()));
    std::erase_if(kept, [&](const Registered& one) { return one.by == other; });
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].at.size, 1U);
    EXPECT_EQ(kept[1].by, unit);
    EXPECT_EQ(kept[1].at, (Position{stream_.id(), 3, stream_.BranchOf(3).peaks.Root()}));
    EXPECT_EQ(kept[1].time_ms, 30);
    EXPECT_EQ(kept[1].name, (RecordName{stream_.id(), 30, 3}));
    ASSERT_TRUE(sql_->Execute("DELETE FROM registered;"));
    std::reverse(receipts.begin(), receipts.end());
  }
}

TEST_P(Log, TakesTheReceiptsOfAStoreOfTheFirstVersionOver) {
  ASSERT_TRUE(sql_->Execute(
      "DROP TABLE registered; DROP TABLE quarantine; DROP TABLE quarantine_checkpoint; "
      "DROP TABLE quarantine_secret;"
      "CREATE TABLE registered(stream BLOB NOT NULL, unit BLOB NOT NULL, size INTEGER NOT NULL, "
      "root BLOB NOT NULL, time_ms INTEGER NOT NULL, name_stream BLOB NOT NULL, "
      "name_idx INTEGER NOT NULL, name_position INTEGER NOT NULL, PRIMARY KEY(stream, unit));"
      "UPDATE schema_version SET version = 1 WHERE part = 'log';"));
  SeededRandom random(5);
  const Registered receipt{random.DrawFixed<UnitId>(),
                           {stream_.id(), 2, stream_.BranchOf(2).peaks.Root()},
                           50,
                           {stream_.id(), 20, 3}};
  ASSERT_TRUE(Query::Run(*sql_, "INSERT INTO registered VALUES($1, $2, 2, $3, 50, $1, 20, 3)",
                         receipt.at.stream, receipt.by, receipt.at.root));
  ASSERT_TRUE(log_->OpenSchema());
  const auto kept = Must(log_->RegisteredOf(stream_.id()));
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].at, receipt.at);
  EXPECT_EQ(kept[0].name, receipt.name);
  Registered besides = receipt;
  besides.at.root = random.DrawFixed<Hash>();
  EXPECT_TRUE(log_->PutRegistered(besides));
}

TEST_P(Log, NumbersTheOutboxOfEachUnit) {
  SeededRandom random(5);
  const auto unit = random.DrawFixed<UnitId>();
  const auto other = random.DrawFixed<UnitId>();
  EXPECT_EQ(*log_->OutboxHead(unit), 0U);
  EXPECT_EQ(*log_->AppendOutbox(unit, 1, 0, 0, 5), 1U);
  EXPECT_EQ(*log_->AppendOutbox(other, 1, 0, 0, 5), 1U);
  EXPECT_EQ(*log_->AppendOutbox(unit, 2, 1, 5, 9), 2U);
  EXPECT_EQ(*log_->AppendOutbox(unit, 3, 0, 0, 1), 3U);
  Reopen();
  EXPECT_EQ(*log_->OutboxHead(unit), 3U);
  const auto items = log_->ReadOutbox(unit, 1, 10);
  ASSERT_EQ(items->size(), 2U);
  EXPECT_EQ((*items)[0].seq, 2U);
  EXPECT_EQ((*items)[0].stream, 2);
  EXPECT_EQ((*items)[0].branch, 1U);
  EXPECT_EQ((*items)[0].from, 5U);
  EXPECT_EQ((*items)[0].to, 9U);
  EXPECT_EQ(log_->ReadOutbox(unit, 0, 2)->size(), 2U);
  EXPECT_TRUE(log_->ReadOutbox(unit, ~std::uint64_t{0}, 2)->empty());
}

TEST_P(Log, KeepsNamedValues) {
  EXPECT_FALSE(*log_->Value("network"));
  ASSERT_TRUE(log_->PutValue("network", "n1"));
  ASSERT_TRUE(log_->PutValue("network", "n2"));
  ASSERT_TRUE(log_->PutValue("secret/lineage", ""));
  Reopen();
  EXPECT_EQ(**log_->Value("network"), "n2");
  EXPECT_EQ(**log_->Value("secret/lineage"), "");
  ASSERT_TRUE(log_->PutValue("secret/a", "A"));
  ASSERT_TRUE(
      sql_->Execute("UPDATE node_value SET value = (SELECT value FROM node_value WHERE "
                    "key = 'secret/a') WHERE key = 'secret/lineage';"));
  EXPECT_EQ(log_->Value("secret/lineage").error().code, Code::kDamaged);
}

TEST_P(Log, ListsAndErasesValues) {
  for (const std::string key : {"b/2", "b/1", "a", "b", "b0", "c/1"}) {
    ASSERT_TRUE(log_->PutValue(key, key));
  }
  EXPECT_EQ(*log_->KeysBelow("b/"), (std::vector<std::string>{"b/1", "b/2"}));
  ASSERT_TRUE(log_->EraseValue("b/1"));
  ASSERT_TRUE(log_->EraseValue("never there"));
  EXPECT_EQ(*log_->KeysBelow("b/"), (std::vector<std::string>{"b/2"}));
  EXPECT_FALSE(*log_->Value("b/1"));
}

TEST_P(Log, VisitsHeadersUntilToldToStop) {
  constexpr std::uint64_t kManyEntries = 600;
  const StreamNo no = Fill(stream_, 1);
  ASSERT_TRUE(sql_->Begin());
  for (std::uint64_t index = 1; index < kManyEntries; ++index) {
    ASSERT_TRUE(log_->PutEntry(no, 0, stream_.At(index)));
  }
  ASSERT_TRUE(sql_->Commit());
  Numbers seen;
  ASSERT_TRUE(log_->VisitHeaders(no, 0, [&](std::uint64_t index, ByteView header) {
    EXPECT_EQ(header, stream_.At(index).header);
    // Visitors may use the store.
    EXPECT_TRUE(log_->ReadEntries(no, 0, index, 1, kAll));
    seen.push_back(index);
    return true;
  }));
  EXPECT_EQ(seen.size(), kManyEntries);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  int visited = 0;
  ASSERT_TRUE(log_->VisitHeaders(no, 0, [&](std::uint64_t, ByteView) { return ++visited < 3; }));
  EXPECT_EQ(visited, 3);
}

TEST_P(Log, RefusesAStoreOfANewerProgram) {
  ASSERT_TRUE(sql_->Execute("UPDATE schema_version SET version = 99;"));
  const auto opened = log_->OpenSchema();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kNewerFormat);
  ASSERT_TRUE(sql_->Execute("UPDATE schema_version SET version = 3;"));
  EXPECT_TRUE(log_->OpenSchema());
}

CHIBO_FOR_EVERY_STORE(Log);

}  // namespace
}  // namespace chibo::test

// Goal: of a store with damaged rows everything that is whole is kept, everything else is moved out
// and named, and a power cut at any moment of that leaves the store as before or as after.
#include "storage/scrub.h"

#include "proto/checkpoint.h"
#include "storage/mend.h"
#include "storage/quarantine.h"
#include "tests/disk/fault_vfs.h"
#include "tests/must.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

// Entries of one record each, every one signed by its writer.
class SignedStream {
 public:
  SignedStream() : key_(SecretKey::Draw(random_)) {
    for (auto& secret : secrets_) {
      secret = random_.DrawFixed<StreamSecret>();
    }
    pb::EntryHeader header;
    pb::Genesis& genesis = *header.mutable_genesis();
    genesis.set_network(Bytes(network_.view()));
    genesis.set_device(Bytes(key_.public_key().view()));
    genesis.set_certificate("not read here");
    genesis.set_kind(pb::LINE);
    genesis.set_unit(random_.Draw(UnitId::kSize));
    for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
      genesis.add_salts(Bytes(SecretCommitment(reach, *secrets_[reach]).view()));
    }
    genesis.set_incarnation(random_.Draw(16));
    header_ = MakeEntry(StreamId(), 0, header, {}, {}, secrets_)->header;
    id_ = StreamIdOf(header_);
  }

  const NetworkId& network() const { return network_; }
  const StreamId& id() const { return id_; }

  // Entries [from, to) of branch 0, or of another that says something else there.
  Status Append(LogStore& log, std::uint32_t branch, MerklePeaks peaks, std::uint64_t from,
                std::uint64_t to) {
    CHIBO_TRY_VALUE(const StreamNo no, log.AddStream(id_, true, header_));
    for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
      CHIBO_TRY(log.PutSecret(no, reach, *secrets_[reach]));
    }
    for (std::uint64_t index = from; index < to; ++index) {
      Entry entry{header_, {}};
      if (index > 0) {
        pb::Record record;
        record.mutable_minutes()->mutable_meeting();
        record.mutable_minutes()->set_text(std::to_string(branch) + "/" + std::to_string(index));
        CHIBO_TRY_VALUE(entry, MakeEntry(id_, index, {}, {record}, {pb::PARENT}, secrets_));
      }
      const Hash leaf = EntryLeaf(id_, index, entry);
      peaks.Append(leaf);
      CHIBO_TRY(log.PutEntry(no, branch, {index, entry.header, EncodeBody(entry), leaf}));
      const Signature signature = SignCheckpoint(key_, network_, {id_, index + 1, peaks.Root()});
      CHIBO_TRY(log.PutCheckpoint(no, branch, {index + 1, signature}));
      CHIBO_TRY(
          log.PutBranch(no, {branch, 0, branch == 0 ? 0 : from, peaks, index + 1, signature}));
    }
    return {};
  }

 private:
  SeededRandom random_{5};
  SigningKey key_;
  NetworkId network_ = random_.DrawFixed<NetworkId>();
  StreamSecrets secrets_;
  Bytes header_;
  StreamId id_;
};

constexpr std::uint64_t kSize = 6;
constexpr std::uint64_t kForkAt = 4;

// Six entries, and a branch of two that leaves at the fifth.
Status Fill(SqlConnection& sql, LogStore& log, SignedStream& stream) {
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  CHIBO_TRY(stream.Append(log, 0, {}, 0, kSize));
  CHIBO_TRY_VALUE(const auto leaves, log.Leaves(1, 0, kForkAt));
  MerklePeaks peaks;
  for (const Hash& leaf : leaves) {
    peaks.Append(leaf);
  }
  CHIBO_TRY(stream.Append(log, 1, peaks, kForkAt, kForkAt + 2));
  CHIBO_TRY(log.AppendOutbox(UnitId(), 1, 0, 0, kSize));
  return transaction.Commit();
}

Status Mend(SqlConnection& sql, AtRest& at_rest, const NetworkId& network) {
  CHIBO_TRY_VALUE(const auto streams, ScrubStreams(sql, at_rest, network));
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  for (const ScrubbedStream& stream : streams) {
    if (stream.is_damaged()) {
      CHIBO_TRY(MendStream(sql, at_rest, stream));
    }
  }
  CHIBO_TRY(MendOutbox(sql));
  return transaction.Commit();
}

// "4, 6 from 4; out 0/4 0/5w": branches held, entries in quarantine ("w": whole).
Result<std::string> Told(SqlConnection& sql, AtRest& at_rest) {
  const LogStore log(sql, at_rest);
  std::string told;
  CHIBO_TRY_VALUE(const auto streams, log.Streams());
  for (const StreamRow& stream : streams) {
    CHIBO_TRY_VALUE(const auto branches, log.Branches(stream.no));
    for (const BranchRow& branch : branches) {
      CHIBO_TRY_VALUE(const auto read,
                      log.ReadEntries(stream.no, branch.branch, 0, SIZE_MAX, SIZE_MAX));
      told += (branch.branch == 0 ? "" : ", ") + std::to_string(read.size());
      told += branch.branch == 0 ? "" : " from " + std::to_string(branch.fork_at);
      if (branch.signed_size != read.size()) {
        told += " signed " + std::to_string(branch.signed_size);
      }
    }
  }
  CHIBO_TRY_VALUE(const auto entries, Quarantine(sql, at_rest).Entries());
  told += entries.empty() ? "" : "; out";
  for (const QuarantinedEntry& entry : entries) {
    told += " " + std::to_string(entry.branch) + "/" + std::to_string(entry.index) +
            (entry.whole ? "w" : "");
  }
  return told;
}

class Scrub : public StoreTest {
 protected:
  std::string After(const std::string& statement) {
    Must(Fill(*sql_, *log_, stream_));
    Must(sql_->Execute(statement));
    Must(Mend(*sql_, at_rest_, stream_.network()));
    for (const ScrubbedStream& again : Must(ScrubStreams(*sql_, at_rest_, stream_.network()))) {
      EXPECT_FALSE(again.is_damaged()) << statement;
    }
    return Must(Told(*sql_, at_rest_));
  }

  SignedStream stream_;
};

constexpr const char* kWhole = "6, 6 from 4";

TEST_P(Scrub, FindsNothingInAWholeStore) {
  Must(Fill(*sql_, *log_, stream_));
  for (const ScrubbedStream& stream : Must(ScrubStreams(*sql_, at_rest_, stream_.network()))) {
    EXPECT_FALSE(stream.is_damaged());
  }
}

TEST_P(Scrub, CutsAStreamBeforeADamagedEntryAndKeepsWhatStoodBehindIt) {
  EXPECT_EQ(After("UPDATE entry SET body = x'00' WHERE branch = 0 AND idx = 4;"),
            "4, 6 from 4; out 0/4 0/5w");
  Bytes body =
      Must(Quarantine(*sql_, at_rest_).Body(Must(Quarantine(*sql_, at_rest_).Entries()).back()));
  EXPECT_NE(body.find("0/5"), Bytes::npos);
  EXPECT_EQ(Must(log_->ReadOutbox(UnitId(), 0, 10)).front().to, 4U);
  EXPECT_EQ(Must(Quarantine(*sql_, at_rest_).Checkpoints(stream_.id(), 0)).size(), 2U);
}

TEST_P(Scrub, ABranchThatLeftLaterIsCutToo) {
  EXPECT_EQ(After("UPDATE entry SET header = x'ff' WHERE branch = 0 AND idx = 3;"),
            "3; out 0/3 0/4w 0/5w 1/4w 1/5w");
}

TEST_P(Scrub, AMissingEntryIsNamed) {
  EXPECT_EQ(After("DELETE FROM entry WHERE branch = 1 AND idx = 5;"), "6, 5 from 4; out 1/5");
}

// A bit of a number makes places of which nobody can have written the half.
TEST_P(Scrub, ANumberThatNobodyCanHaveReachedIsNotCountedUpTo) {
  EXPECT_EQ(After("UPDATE entry SET idx = 1125899906842629 WHERE branch = 0 AND idx = 5;"),
            "5, 6 from 4; out 0/5 0/1125899906842629");
}

TEST_P(Scrub, NorInABranchThatLeftLater) {
  EXPECT_EQ(After("UPDATE entry SET idx = 1125899906842624 WHERE branch = 1 AND idx = 4;"),
            "6; out 1/4 1/5w 1/1125899906842624");
}

TEST_P(Scrub, AHeadThatNobodyCanHaveReachedIsSetRight) {
  EXPECT_EQ(After("UPDATE branch SET size = 1125899906842628 WHERE branch = 0;"), kWhole);
}

TEST_P(Scrub, WithoutItsSecretNothingOfAStreamCanBeChecked) {
  EXPECT_EQ(After("UPDATE secret SET value = zeroblob(32) WHERE reach = 1;"),
            "; out 0/0w 0/1w 0/2w 0/3w 0/4w 0/5w 1/4w 1/5w");
}

TEST_P(Scrub, WhatLiesTwiceIsSetRight) {
  for (const char* statement : {
           "UPDATE entry SET header = x'ff' WHERE branch = 0 AND idx = 0;",
           "DELETE FROM entry WHERE branch = 0 AND idx = 0;",
           "UPDATE stream SET genesis = x'ff' WHERE no = 1;",
           "UPDATE entry SET leaf = zeroblob(32) WHERE branch = 0 AND idx = 2;",
           "UPDATE branch SET peaks = zeroblob(length(peaks)) WHERE branch = 0;",
           "UPDATE branch SET peaks = x'00' WHERE branch = 1;",
           "UPDATE branch SET size = 5 WHERE branch = 0;",
           "UPDATE branch SET signature = zeroblob(64) WHERE branch = 0;",
           "UPDATE checkpoint SET signature = zeroblob(64) WHERE size = 6;",
           "UPDATE checkpoint SET signature = zeroblob(64) WHERE size = 3;",
           "DELETE FROM checkpoint WHERE size > 0;",
           "DELETE FROM branch WHERE branch = 0;",
       }) {
    EXPECT_EQ(After(statement), kWhole) << statement;
    Must(
        sql_->Execute("DELETE FROM entry WHERE idx >= 0; DELETE FROM branch WHERE branch >= 0; "
                      "DELETE FROM checkpoint WHERE size > 0; DELETE FROM stream WHERE no > 0; "
                      "DELETE FROM secret WHERE reach >= 0; DELETE FROM outbox WHERE seq > 0;"));
  }
}

// Somebody put another entry there, with the leaf that belongs to it: the signatures do not fit.
TEST_P(Scrub, AnEntryThatItsWriterDidNotSignIsTakenOut) {
  Must(Fill(*sql_, *log_, stream_));
  const auto other = Must(log_->ReadEntries(1, 1, kForkAt, 1, 0));
  Must(sql_->Execute("DELETE FROM entry WHERE branch = 0 AND idx = 4;"));
  Must(log_->PutEntry(1, 0, other.front()));
  Must(Mend(*sql_, at_rest_, stream_.network()));
  EXPECT_EQ(Must(Told(*sql_, at_rest_)), "4, 6 from 4; out 0/4w 0/5w");
}

CHIBO_FOR_EVERY_STORE(Scrub);

class MendCrash : public testing::TestWithParam<SqliteKind> {};

TEST_P(MendCrash, APowerCutAtAnyOperationLeavesTheStoreAsBeforeOrAsAfter) {
  SignedStream stream;
  SealingAtRest at_rest;
  const auto open = [](const FaultVfs& vfs) {
    return Must(OpenSqlite("/log.db", {.kind = GetParam(), .vfs = vfs.name()}));
  };
  FaultVfs::Image damaged;
  {
    FaultVfs vfs;
    {
      const auto sql = open(vfs);
      LogStore log(*sql, at_rest);
      Must(log.OpenSchema());
      Must(Fill(*sql, log, stream));
      Must(sql->Execute("UPDATE entry SET body = x'00' WHERE branch = 0 AND idx = 2;"));
    }
    damaged = vfs.Copy();
  }
  const std::string after = "2; out 0/2 0/3w 0/4w 0/5w 1/4w 1/5w";
  bool came = true;
  std::uint64_t cut = 0;
  for (std::uint64_t n = 0; came; ++n) {
    FaultVfs vfs;
    vfs.Put(damaged);
    bool mended = false;
    {
      vfs.FailAt(n, Fault::kPower, true);
      auto sql = OpenSqlite("/log.db", {.kind = GetParam(), .vfs = vfs.name()});
      mended = sql && Mend(**sql, at_rest, stream.network());
      came = vfs.has_failed();
    }
    cut += mended ? 0 : 1;
    vfs.CutPower(n % 5);
    const auto sql = open(vfs);
    const auto streams = Must(ScrubStreams(*sql, at_rest, stream.network()));
    const bool is_damaged = std::any_of(streams.begin(), streams.end(),
                                        [](const auto& one) { return one.is_damaged(); });
    ASSERT_FALSE(mended && is_damaged) << "operation " << n;
    Must(Mend(*sql, at_rest, stream.network()));
    ASSERT_EQ(Must(Told(*sql, at_rest)), after) << "operation " << n;
  }
  EXPECT_GT(cut, 5U);
}

INSTANTIATE_TEST_SUITE_P(, MendCrash, testing::Values(SqliteKind::kCell, SqliteKind::kServer),
                         KindName);

}  // namespace
}  // namespace chibo::test

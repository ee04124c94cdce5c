// Goal: what a Commit has acknowledged is there after any fault and any power cut, whole, and
// nothing else is there by half. Method: a small workload runs on a disk that fails at its n-th
// operation, for every n; then the power is cut and the store opened again.
#include <gtest/gtest.h>

#include "storage/schema.h"
#include "tests/disk/store_life.h"

namespace chibo::test {
namespace {

class Crash : public testing::TestWithParam<SqliteKind> {
 protected:
  StoreLife NewLife(const std::string& pragma = {}) {
    StoreLife::Options options;
    options.kind = GetParam();
    options.pragma = pragma;
    options.view = GetParam() == SqliteKind::kServer;
    return StoreLife(options, stream_);
  }

  TestStream stream_{7};
};

TEST_P(Crash, LosesNothingWhenThePowerIsCutAtAnyOperation) {
  std::uint64_t acknowledged_before_cut = 0;
  for (std::uint64_t n = 0;; ++n) {
    bool came = false;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      FaultVfs vfs;
      vfs.FailAt(n, Fault::kPower, true);
      StoreLife life = NewLife();
      life.Live(vfs);
      came = vfs.has_failed();
      acknowledged_before_cut += life.outcome().acknowledged;
      vfs.CutPower(seed);
      ASSERT_EQ(life.Inspect(vfs), "") << "operation " << n << ", seed " << seed;
    }
    if (!came) {
      EXPECT_GT(n, 40U);
      break;
    }
  }
  EXPECT_GT(acknowledged_before_cut, 100U);
}

// The harness must find what it is there to find: with settings known to be too weak, acknowledged
// commits get lost.
TEST_P(Crash, HarnessFindsWeakSettings) {
  const std::string weak =
      GetParam() == SqliteKind::kServer ? "PRAGMA synchronous=NORMAL;" : "PRAGMA synchronous=OFF;";
  int found = 0;
  for (std::uint64_t n = 0; found == 0; ++n) {
    FaultVfs vfs;
    vfs.FailAt(n, Fault::kPower, true);
    StoreLife life = NewLife(weak);
    life.Live(vfs);
    const bool came = vfs.has_failed();
    vfs.CutPower(n % 5);
    found += life.Inspect(vfs).empty() ? 0 : 1;
    if (!came) {
      break;
    }
  }
  EXPECT_GT(found, 0);
}

TEST_P(Crash, LosesNothingWhenAnyOperationFailsOnceOrForEver) {
  for (const Fault fault :
       {Fault::kWrite, Fault::kFull, Fault::kSync, Fault::kDelete, Fault::kRead}) {
    for (const bool for_ever : {false, true}) {
      for (std::uint64_t n = 0;; ++n) {
        FaultVfs vfs;
        vfs.FailAt(n, fault, for_ever);
        StoreLife life = NewLife();
        life.Live(vfs);
        const bool came = vfs.has_failed();
        vfs.CutPower(n % 4);
        ASSERT_EQ(life.Inspect(vfs), "")
            << "fault " << static_cast<int>(fault) << (for_ever ? " for ever" : " once")
            << ", operation " << n;
        if (!came) {
          EXPECT_EQ(life.outcome().acknowledged, StoreLife::Options().entries);
          break;
        }
      }
    }
  }
}

class OpenCrash : public Crash {
 protected:
  // A store with two entries on the disk, everything durable.
  void Prepare() {
    sql_ = *life_.Open(vfs_);
    log_.emplace(*sql_, at_rest_);
    ASSERT_TRUE(log_->OpenSchema());
    ASSERT_TRUE(Append(0));
    ASSERT_TRUE(Append(1));
  }
  Status Append(std::uint64_t index) { return life_.Append(*sql_, *log_, index); }

  StoreLife life_ = NewLife();
  FaultVfs vfs_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::optional<LogStore> log_;
};

TEST_P(OpenCrash, FullDiskRefusesTheTransactionAndGoesOnWhenThereIsSpace) {
  Prepare();
  vfs_.FailAt(0, Fault::kFull, true);
  const auto refused = Append(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDiskFull);
  const auto held = log_->FindStream(stream_.id());
  ASSERT_TRUE(held && *held);
  EXPECT_EQ(log_->ReadEntries((*held)->no, 0, 0, 10, 1 << 20)->size(), 2U);
  vfs_.FailAt(0, Fault::kNone, false);
  EXPECT_TRUE(Append(2));
}

TEST_P(OpenCrash, FailedFsyncEndsWritingForGood) {
  Prepare();
  vfs_.FailAt(0, Fault::kSync, false);
  const auto refused = Append(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDiskFailing);
  const std::uint64_t changes = vfs_.changes();
  const auto again = Append(2);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kDiskFailing);
  const auto alone = log_->PutValue("x", "y");
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::kDiskFailing);
  // Reading goes on.
  EXPECT_TRUE(*log_->FindStream(stream_.id()));
  EXPECT_EQ(vfs_.changes(), changes);
}

// Also where SQLite itself would go on with a transaction whose end it could not sync.
TEST_P(OpenCrash, AFailedFsyncShowsNothingThatAPowerCutUndoes) {
  bool came = true;
  for (std::uint64_t n = 0; came; ++n) {
    Prepare();
    vfs_.FailAt(n, Fault::kSync, false);
    const bool taken = Append(2).has_value();
    came = vfs_.has_failed();
    const auto size = [&](const LogStore& log) -> std::uint64_t {
      const auto held = log.FindStream(stream_.id());
      const auto branches = held ? log.Branches((*held)->no) : Result<std::vector<BranchRow>>();
      return held && branches ? branches->front().peaks.size() : 0;
    };
    const std::uint64_t shown = size(*log_);
    log_.reset();
    sql_.reset();
    vfs_.CutPower(0);
    auto sql = life_.Open(vfs_);
    ASSERT_TRUE(sql);
    EXPECT_GE(size(LogStore(**sql, at_rest_)), std::max<std::uint64_t>(shown, taken ? 3 : 0))
        << "fsync " << n;
    sql->reset();
    vfs_.Put({});
  }
}

TEST_P(OpenCrash, WriteErrorIsAnIoError) {
  Prepare();
  vfs_.FailAt(0, Fault::kWrite, false);
  const auto refused = Append(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kIo);
  EXPECT_TRUE(Append(2));
}

// SQLite would copy the write-ahead log once more when the connection closes, and drop it; a disk
// that cannot fsync must be left as it is.
class ServerCrash : public OpenCrash {};
TEST_P(ServerCrash, FailedCheckpointLeavesTheWriteAheadLogWhenClosing) {
  Prepare();
  // Syncs one by one until the one of a checkpoint is hit: the commit is good, the next is refused.
  bool hit = false;
  for (std::uint64_t index = 2; index < 40 && !hit; ++index) {
    vfs_.FailAt(1, Fault::kSync, false);
    ASSERT_TRUE(sql_->Begin());
    ASSERT_TRUE(log_->PutValue("large", Bytes(1 << 20, static_cast<char>(index))));
    ASSERT_TRUE(sql_->Commit());
    hit = vfs_.has_failed();
  }
  ASSERT_TRUE(hit);
  const auto refused = sql_->Begin();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDiskFailing);
  const std::uint64_t changes = vfs_.changes();
  log_.reset();
  sql_.reset();
  EXPECT_EQ(vfs_.changes(), changes);
  vfs_.CutPower(0);
  sql_ = *life_.Open(vfs_);
  LogStore log(*sql_, at_rest_);
  const auto held = log.FindStream(stream_.id());
  ASSERT_TRUE(held && *held);
  EXPECT_EQ(log.ReadEntries((*held)->no, 0, 0, 10, 1 << 20)->size(), 2U);
}

constexpr auto kName = [](const auto& param_info) {
  return param_info.param == SqliteKind::kCell ? "Cell" : "Server";
};
INSTANTIATE_TEST_SUITE_P(, Crash, testing::Values(SqliteKind::kCell, SqliteKind::kServer), kName);
INSTANTIATE_TEST_SUITE_P(, OpenCrash, testing::Values(SqliteKind::kCell, SqliteKind::kServer),
                         kName);
INSTANTIATE_TEST_SUITE_P(, ServerCrash, testing::Values(SqliteKind::kServer), kName);

}  // namespace
}  // namespace chibo::test

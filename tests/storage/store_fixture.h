#ifndef CHIBO_TESTS_STORAGE_STORE_FIXTURE_H_
#define CHIBO_TESTS_STORAGE_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>

#include "storage/log_store.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/disk/test_stream.h"
#include "tests/storage/temp_dir.h"

namespace chibo::test {

// What every engine and every way of opening it must do alike: the contract tests run once for
// each.
class StoreTest : public testing::TestWithParam<SqliteKind> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    auto sql = OpenSqlite(dir_.File("log.db"),
                          {.kind = GetParam(), .busy_wait = std::chrono::milliseconds(0)});
    ASSERT_TRUE(sql) << ToString(sql.error());
    sql_ = *std::move(sql);
    log_ = std::make_unique<LogStore>(*sql_, at_rest_);
    ASSERT_TRUE(log_->OpenSchema());
  }
  // Closes and opens again; a database in memory stays as it is.
  void Reopen() {
    if (GetParam() != SqliteKind::kMemory) {
      log_.reset();
      sql_.reset();
      Open();
    }
  }

  TempDir dir_;
  SealingAtRest at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<LogStore> log_;
};

inline std::string KindName(const testing::TestParamInfo<SqliteKind>& kind) {
  switch (kind.param) {
    case SqliteKind::kCell:
      return "Cell";
    case SqliteKind::kServer:
      return "Server";
    case SqliteKind::kMemory:
      return "Memory";
  }
  return "";
}

#define CHIBO_FOR_EVERY_STORE(suite)                                                         \
  INSTANTIATE_TEST_SUITE_P(                                                                  \
      , suite, testing::Values(SqliteKind::kCell, SqliteKind::kServer, SqliteKind::kMemory), \
      KindName)

}  // namespace chibo::test

#endif  // CHIBO_TESTS_STORAGE_STORE_FIXTURE_H_

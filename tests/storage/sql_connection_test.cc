#include "storage/sql_connection.h"

#include "storage/query.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

class Sql : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(sql_->Execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB, c TEXT) STRICT;"));
  }
  std::int64_t Count() {
    auto query = Query::Make(*sql_, "SELECT COUNT(*) FROM t");
    CHECK(query && *query->Step());
    return query->Int(0);
  }
  Status Insert(std::int64_t a) { return Query::Run(*sql_, "INSERT INTO t(a) VALUES($1)", a); }
};

TEST_P(Sql, BindsParametersByNameWhateverTheirOrder) {
  ASSERT_TRUE(Query::Run(*sql_, "INSERT INTO t(c, b, a) VALUES($3, $2, $1)", 7, ByteView("b\0b", 3),
                         SqlText{"chữ"}));
  auto query =
      Query::Make(*sql_, "SELECT a, b, c FROM t WHERE b = $2 AND a = $1", 7, ByteView("b\0b", 3));
  ASSERT_TRUE(query);
  ASSERT_TRUE(*query->Step());
  EXPECT_EQ(query->Int(0), 7);
  EXPECT_EQ(query->BytesAt(1), ByteView("b\0b", 3));
  EXPECT_EQ(query->BytesAt(2), "chữ");
  EXPECT_FALSE(*query->Step());
}

TEST_P(Sql, TellsEmptyBytesFromNull) {
  ASSERT_TRUE(Query::Run(*sql_, "INSERT INTO t(a, b, c) VALUES(1, $1, $2)", ByteView(),
                         std::optional<Bytes>()));
  auto query = Query::Make(*sql_, "SELECT b, c FROM t");
  ASSERT_TRUE(*query->Step());
  EXPECT_FALSE(query->IsNull(0));
  EXPECT_EQ(query->BytesAt(0), "");
  EXPECT_TRUE(query->IsNull(1));
}

TEST_P(Sql, ForgetsBoundValuesWhenPreparedAgain) {
  auto statement = sql_->Prepare("SELECT $1");
  (*statement)->BindInt(1, 5);
  ASSERT_TRUE(*(*statement)->Step());
  auto again = sql_->Prepare("SELECT $1");
  EXPECT_EQ(*statement, *again);
  ASSERT_TRUE(*(*again)->Step());
  EXPECT_TRUE((*again)->IsNull(0));
  (*again)->Reset();
}

TEST_P(Sql, RefusesNumbersThatDoNotFit) {
  const auto made = Query::Make(*sql_, "SELECT $1", std::uint64_t{1} << 63);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kTooLarge);
}

TEST_P(Sql, RollsBackWhatWasNotCommitted) {
  {
    auto transaction = SqlTransaction::Begin(*sql_);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(Insert(1));
  }
  EXPECT_EQ(Count(), 0);
  auto transaction = SqlTransaction::Begin(*sql_);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(Insert(1));
  ASSERT_TRUE(transaction->Commit());
  Reopen();
  EXPECT_EQ(Count(), 1);
}

TEST_P(Sql, RollsBackUnderAnOpenQuery) {
  ASSERT_TRUE(Insert(1));
  ASSERT_TRUE(sql_->Begin());
  ASSERT_TRUE(Insert(2));
  auto statement = sql_->Prepare("SELECT a FROM t");
  ASSERT_TRUE(*(*statement)->Step());
  sql_->Rollback();
  EXPECT_EQ(Count(), 1);
}

TEST_P(Sql, DoesNotCommitATransactionInWhichAStatementFailed) {
  ASSERT_TRUE(sql_->Begin());
  ASSERT_TRUE(Insert(1));
  const auto twice = Insert(1);
  ASSERT_FALSE(twice);
  EXPECT_FALSE(Insert(2));
  const auto committed = sql_->Commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error(), twice.error());
  EXPECT_EQ(Count(), 0);
  // The next one is not touched by it.
  ASSERT_TRUE(sql_->Begin());
  ASSERT_TRUE(Insert(2));
  EXPECT_TRUE(sql_->Commit());
}

TEST_P(Sql, RefusesTextThatIsNoSql) {
  EXPECT_FALSE(sql_->Prepare("SELEC 1"));
  EXPECT_FALSE(sql_->Execute("SELECT 1; SELEC 2;"));
}

TEST_P(Sql, CopiesItselfWhileInUse) {
  ASSERT_TRUE(Insert(3));
  const std::string copy = dir_.File("copy.db");
  const auto copied = Query::Run(*sql_, "VACUUM INTO $1", SqlText{copy});
  ASSERT_TRUE(copied) << ToString(copied.error());
  if (GetParam() == SqliteKind::kMemory) {
    return;  // has no mark of ours
  }
  auto opened = OpenSqlite(copy, {.kind = GetParam()});
  ASSERT_TRUE(opened) << ToString(opened.error());
  auto query = Query::Make(**opened, "SELECT a FROM t");
  ASSERT_TRUE(*query->Step());
  EXPECT_EQ(query->Int(0), 3);
}

CHIBO_FOR_EVERY_STORE(Sql);

}  // namespace
}  // namespace chibo::test

#include "storage/sqlite/sqlite_connection.h"

#include <fstream>

#include "proto/record.h"
#include "storage/query.h"
#include "storage/view_store.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

constexpr std::chrono::milliseconds kNoWait{0};

std::string Pragma(SqlConnection& sql, const std::string& name) {
  auto query = Query::Make(sql, "PRAGMA " + name);
  CHECK(query);
  return *query->Step() ? std::string(query->BytesAt(0)) : std::string();
}

TEST(Sqlite, CellIsDurableAndHeldByOne) {
  TempDir dir;
  const auto sql = *OpenSqlite(dir.File("a.db"), {.kind = SqliteKind::kCell});
  EXPECT_EQ(Pragma(*sql, "journal_mode"), "delete");
  EXPECT_EQ(Pragma(*sql, "synchronous"), "3");  // EXTRA
  EXPECT_EQ(Pragma(*sql, "locking_mode"), "exclusive");
  for (const bool read_only : {false, true}) {
    const auto second =
        OpenSqlite(dir.File("a.db"), {.read_only = read_only, .busy_wait = kNoWait});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kInUse);
  }
}

TEST(Sqlite, ServerWritesAheadAndIsReadBesides) {
  TempDir dir;
  const auto sql = *OpenSqlite(dir.File("a.db"), {.kind = SqliteKind::kServer});
  EXPECT_EQ(Pragma(*sql, "journal_mode"), "wal");
  EXPECT_EQ(Pragma(*sql, "synchronous"), "2");  // FULL
  EXPECT_EQ(Pragma(*sql, "locking_mode"), "normal");
  NoProtection at_rest;
  LogStore log(*sql, at_rest);
  ASSERT_TRUE(log.OpenSchema());
  ViewStore view(*sql);
  ASSERT_TRUE(view.OpenSchema(ViewStore::Place::kFile));

  auto reader = OpenSqlite(dir.File("a.db"), {.kind = SqliteKind::kServer, .read_only = true});
  ASSERT_TRUE(reader) << ToString(reader.error());
  LogStore read_log(**reader, at_rest);
  ASSERT_TRUE(read_log.OpenSchema());
  EXPECT_TRUE(ViewStore(**reader).OpenSchema(ViewStore::Place::kFile));
  ASSERT_TRUE(sql->Begin());
  ASSERT_TRUE(log.PutValue("a", "1"));
  EXPECT_FALSE(*read_log.Value("a"));
  ASSERT_TRUE(sql->Commit());
  EXPECT_EQ(**read_log.Value("a"), "1");
  const auto written = read_log.PutValue("a", "2");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kIo);
}

TEST(Sqlite, OneServerConnectionWritesAtATime) {
  TempDir dir;
  const SqliteOptions options{.kind = SqliteKind::kServer, .busy_wait = kNoWait};
  const auto first = *OpenSqlite(dir.File("a.db"), options);
  ASSERT_TRUE(first->Begin());
  const auto second = OpenSqlite(dir.File("a.db"), options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kInUse);
  first->Rollback();
}

TEST(Sqlite, EveryConnectionIsHardened) {
  TempDir dir;
  for (const SqliteKind kind : {SqliteKind::kCell, SqliteKind::kServer, SqliteKind::kMemory}) {
    const auto sql = *OpenSqlite(dir.File(std::to_string(static_cast<int>(kind))), {.kind = kind});
    EXPECT_EQ(Pragma(*sql, "temp_store"), "2");  // MEMORY
    EXPECT_EQ(Pragma(*sql, "secure_delete"), "1");
    EXPECT_EQ(Pragma(*sql, "trusted_schema"), "0");
    EXPECT_EQ(Pragma(*sql, "cell_size_check"), "1");
    EXPECT_EQ(Pragma(*sql, "foreign_keys"), "0");
    if (kind != SqliteKind::kMemory) {
      EXPECT_EQ(Pragma(*sql, "mmap_size"), "0");
    }
    // Defensive: the schema cannot be edited as a table, the journal not be switched off.
    ASSERT_TRUE(sql->Execute("PRAGMA writable_schema=ON; CREATE TABLE t(a);"));
    EXPECT_FALSE(sql->Execute("DELETE FROM sqlite_master;"));
    ASSERT_TRUE(sql->Execute("PRAGMA journal_mode=OFF;"));
    EXPECT_NE(Pragma(*sql, "journal_mode"), "off");
    EXPECT_FALSE(sql->Execute("SELECT load_extension('x');"));
    EXPECT_FALSE(sql->Execute("SELECT \"no such column\";"));
    EXPECT_FALSE(sql->Execute("ATTACH ':memory:' AS a; ATTACH ':memory:' AS b;"));
  }
}

TEST(Sqlite, RefusesWhatIsNoStoreOfOurs) {
  TempDir dir;
  std::ofstream(dir.File("text")) << std::string(5000, 'x');
  EXPECT_EQ(OpenSqlite(dir.File("text"), {}).error().code, Code::kDamaged);
  EXPECT_EQ(OpenSqlite(dir.File("none/a.db"), {}).error().code, Code::kIo);
  EXPECT_EQ(OpenSqlite(dir.File("none.db"), {.read_only = true}).error().code, Code::kIo);
  EXPECT_EQ(OpenSqlite(dir.File(""), {}).error().code, Code::kIo);
  {
    const auto other = *OpenSqlite(dir.File("other.db"), {});
    ASSERT_TRUE(other->Execute("PRAGMA application_id=1; CREATE TABLE t(a);"));
  }
  for (const SqliteKind kind : {SqliteKind::kCell, SqliteKind::kServer}) {
    EXPECT_EQ(OpenSqlite(dir.File("other.db"), {.kind = kind}).error().code, Code::kNotANode);
  }
  { const auto ours = *OpenSqlite(dir.File("ours.db"), {}); }
  EXPECT_TRUE(OpenSqlite(dir.File("ours.db"), {}));
}

TEST(Sqlite, TakesANameForAFileWhateverItLooksLike) {
  TempDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.File(""));
  for (const std::string name : {":memory:", "file:x?mode=memory", "a%20b"}) {
    ASSERT_TRUE(OpenSqlite(name, {}));
    EXPECT_TRUE(std::filesystem::exists(dir.File(name))) << name;
  }
  std::filesystem::current_path(before);
}

TEST(Sqlite, SaysThatAFileSizeLimitIsAFullDisk) {
  TempDir dir;
  const auto sql = *OpenSqlite(dir.File("a.db"), {});
  ASSERT_TRUE(sql->Execute("PRAGMA max_page_count=40; CREATE TABLE t(a BLOB);"));
  ASSERT_TRUE(sql->Begin());
  const auto full = Query::Run(*sql, "INSERT INTO t VALUES($1)", Bytes(1 << 20, 'x'));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kDiskFull);
  EXPECT_EQ(sql->Commit().error().code, Code::kDiskFull);
  EXPECT_TRUE(Query::Run(*sql, "INSERT INTO t VALUES($1)", Bytes(10, 'x')));
}

// Marks planted in payloads, secrets and secret values must be in no file of the directory at any
// time: while a transaction is open with its pages spilled, after it, and after a rollback.
class AtRestOnDisk : public testing::TestWithParam<bool> {};

TEST_P(AtRestOnDisk, NothingThatIsSealedLiesInPlain) {
  const bool sealed = GetParam();
  TempDir dir;
  SealingAtRest sealing;
  NoProtection none;
  const auto sql = *OpenSqlite(dir.File("a.db"), {.kind = SqliteKind::kCell});
  ASSERT_TRUE(sql->Execute("PRAGMA cache_size=8;"));
  LogStore log(*sql, sealed ? static_cast<AtRest&>(sealing) : none);
  ViewStore view(*sql);
  ASSERT_TRUE(log.OpenSchema());
  ASSERT_TRUE(view.OpenSchema(ViewStore::Place::kMemory));
  TestStream stream(3);
  bool in_plain = false;
  const auto scan = [&] {
    const Bytes all = dir.Contents();
    EXPECT_NE(all.find(stream.id().view()), Bytes::npos);  // ids are plain: the scan sees the files
    for (const ByteView marker :
         {TestStream::kMarker, ByteView("MARKER-bi-mat"), stream.secrets()[pb::ALL]->view(),
          stream.secrets()[pb::PARENT]->view()}) {
      in_plain = in_plain || all.find(marker) != Bytes::npos;
    }
  };
  for (std::uint64_t index = 0; index < 20; ++index) {
    ASSERT_TRUE(sql->Begin());
    const auto no = AddTo(log, stream);
    ASSERT_TRUE(no);
    ASSERT_TRUE(AppendTo(log, *no, stream, index));
    ASSERT_TRUE(log.PutValue("secret/x", "MARKER-bi-mat"));
    Fact fact;
    fact.name = {stream.id(), index, 0};
    pb::Record record;
    record.mutable_minutes()->set_text(Bytes(TestStream::kMarker));
    fact.kind = static_cast<std::uint32_t>(record.body_case());
    fact.record = std::make_shared<const pb::Record>(record);
    ASSERT_TRUE(view.PutFact(fact));
    ASSERT_TRUE(log.PutValue("large", Bytes(1 << 17, static_cast<char>(index))));
    if (index > 0) {
      scan();
    }
    if (index % 7 == 6) {
      sql->Rollback();
    } else {
      ASSERT_TRUE(sql->Commit());
    }
    scan();
  }
  EXPECT_EQ(in_plain, !sealed);
}

INSTANTIATE_TEST_SUITE_P(, AtRestOnDisk, testing::Bool(), [](const auto& param_info) {
  return param_info.param ? "Sealed" : "PlainSoThatTheScanCanFail";
});

}  // namespace
}  // namespace chibo::test

// Goal: of a file with damaged pages every row that can be read is in the new one, whatever page it
// was, and a broken-off rescue leaves the old file in its place. Method: a store of a few hundred
// pages, each of whose pages is overwritten in turn, then several at a time; what can still be read
// is found out row by row, by key.
#include "storage/sqlite/rescue.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>

#include "tests/must.h"
#include "tests/storage/store_fixture.h"

namespace chibo::test {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr int kStreams = 4;
constexpr int kEntries = 400;

using RowTexts = std::set<std::string>;
using Store = std::map<std::string, RowTexts>;

// What each table's key is, as SQL.
const std::map<std::string, std::string> kKeys{
    {"node_value", "key"},
    {"stream", "no"},
    {"branch", "stream_no, branch"},
    {"entry", "stream_no, branch, idx"},
    {"checkpoint", "stream_no, branch, size"},
    {"secret", "stream_no, reach"},
    {"registered", "stream, unit, root"},
    {"quarantine", "no"},
    {"quarantine_checkpoint", "stream, branch, size, signature"},
    {"quarantine_secret", "stream, reach"},
};
const std::map<std::string, std::string> kValues{
    {"node_value", "value"},
    {"stream", "id, own, genesis"},
    {"branch", "parent, fork_at, size, peaks, signed_size, signature"},
    {"entry", "leaf, header, body"},
    {"checkpoint", "signature"},
    {"secret", "value"},
    {"registered", "size, time_ms, name_stream, name_idx, name_position"},
    {"quarantine", "stream, branch, idx, own, whole, given_up, leaf, header, body"},
    {"quarantine_checkpoint", "1"},
    {"quarantine_secret", "value"},
};

class Plain {
 public:
  explicit Plain(const std::string& path) {
    CHECK(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    CHECK(sqlite3_create_function(db_, "randomblob", 1, SQLITE_UTF8, &random_, &Plain::Draw,
                                  nullptr, nullptr) == SQLITE_OK);
  }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  ~Plain() { sqlite3_close(db_); }

  // Rows as text, each value as SQL writes it; those before one that cannot be read.
  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> rows;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
      while (sqlite3_step(statement) == SQLITE_ROW) {
        std::string& row = rows.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
          const void* bytes = sqlite3_column_blob(statement, i);
          const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
          row += (i == 0 ? "" : "|") + ToHex(ByteView(static_cast<const char*>(bytes), size));
        }
      }
    }
    sqlite3_finalize(statement);
    return rows;
  }
  void Run(const std::string& sql) {
    CHECK(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  // In SQLite's place, whose bytes, and with them the file's pages, would be others in each run.
  static void Draw(sqlite3_context* context, int, sqlite3_value** arguments) {
    auto& random = *static_cast<SeededRandom*>(sqlite3_user_data(context));
    const Bytes drawn = random.Draw(static_cast<std::size_t>(sqlite3_value_int64(arguments[0])));
    sqlite3_result_blob(context, drawn.data(), static_cast<int>(drawn.size()), SQLITE_TRANSIENT);
  }

  SeededRandom random_{11};
  sqlite3* db_ = nullptr;
};

std::string Literals(const std::string& table) {
  std::string sql = "SELECT ";
  std::string keys = kKeys.at(table) + ", ";
  for (std::size_t at = keys.find(", "); at != std::string::npos; at = keys.find(", ")) {
    sql += "quote(" + keys.substr(0, at) + ") || ', ' || ";
    keys.erase(0, at + 2);
  }
  return sql.substr(0, sql.size() - 12) + " FROM " + table;
}

std::string All(const std::string& table) {
  return "SELECT " + kKeys.at(table) + ", " + kValues.at(table) + " FROM " + table;
}

class RescueTest : public testing::TestWithParam<SqliteKind> {
 protected:
  void SetUp() override {
    {
      const auto sql = Must(OpenSqlite(path_, {.kind = GetParam()}));
      LogStore log(*sql, at_rest_);
      Must(log.OpenSchema());
    }
    Plain plain(path_);
    plain.Run("BEGIN");
    for (int no = 1; no <= kStreams; ++no) {
      const std::string n = std::to_string(no);
      plain.Run("INSERT INTO stream VALUES(" + n +
                ", randomblob(32), 0, randomblob(200));"
                "INSERT INTO secret VALUES(" +
                n + ", 0, randomblob(32)), (" + n +
                ", 1, randomblob(32));"
                "INSERT INTO branch VALUES(" +
                n +
                ", 0, 0, 0, 400, randomblob(96), 400, NULL);"
                "INSERT INTO quarantine VALUES(" +
                n +
                ", randomblob(32), 0, 3, 0, 1, 0, "
                "randomblob(32), randomblob(50), randomblob(900));");
      for (int i = 0; i < kEntries / kStreams; ++i) {
        const std::string at = std::to_string(i);
        plain.Run("INSERT INTO entry VALUES(" + n + ", 0, " + at +
                  ", randomblob(32), randomblob(90), "
                  "randomblob(" +
                  std::to_string(i % 29 == 7 ? 9000 : 60 + i) +
                  "));"
                  "INSERT INTO checkpoint VALUES(" +
                  n + ", 0, " + at +
                  " + 1, randomblob(64));"
                  "INSERT INTO registered SELECT id, randomblob(16), " +
                  at +
                  ", randomblob(32), 5, "
                  "randomblob(32), 1, 0 FROM stream WHERE no = " +
                  n +
                  ";"
                  "INSERT INTO quarantine_checkpoint SELECT stream, 0, " +
                  at +
                  ", randomblob(64) FROM "
                  "quarantine WHERE no = " +
                  n +
                  ";"
                  "INSERT INTO node_value VALUES('key/" +
                  n + "/" + at + "', randomblob(40));");
      }
      plain.Run(
          "INSERT INTO quarantine_secret SELECT stream, 0, randomblob(32) FROM quarantine "
          "WHERE no = " +
          n + ";");
    }
    plain.Run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
    for (const auto& [table, keys] : kKeys) {
      keys_[table] = plain.Rows(Literals(table));
      for (std::string& key : keys_[table]) {
        key = Bytes(*FromHex(key));
      }
    }
    for (const std::string& page : plain.Rows("SELECT DISTINCT pageno FROM dbstat WHERE pageno > 1 "
                                              "AND name <> 'sqlite_schema'")) {
      pages_.push_back(std::stoul(Bytes(*FromHex(page))));
    }
    std::ifstream in(path_, std::ios::binary);
    whole_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    ASSERT_GT(pages_.size(), 100U);
  }

  void Spoil(const std::vector<std::size_t>& pages, Random& random) {
    Bytes spoiled = whole_;
    for (const std::size_t page : pages) {
      spoiled.replace((page - 1) * kPageBytes, kPageBytes,
                      page % 2 == 0 ? Bytes(kPageBytes, '\0') : random.Draw(kPageBytes));
    }
    for (const char* ending : {"", "-wal", "-shm", "-journal", ".damaged-1"}) {
      std::filesystem::remove(path_ + ending);
    }
    std::ofstream(path_, std::ios::binary) << spoiled;
  }

  // Every row that can be read by its key or by its number.
  Store Readable() {
    Plain plain(path_);
    Store store;
    for (const auto& [table, keys] : keys_) {
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string by_key =
            All(table) + " WHERE (" + kKeys.at(table) + ") = (" + keys[i] + ")";
        for (const std::string& row : plain.Rows(by_key)) {
          store[table].insert(row);
        }
        if (table == "entry" || table == "node_value" || table == "branch") {
          for (const std::string& row :
               plain.Rows(All(table) + " NOT INDEXED WHERE rowid = " + std::to_string(i + 1))) {
            store[table].insert(row);
          }
        }
      }
    }
    return store;
  }

  Store InNewFile() {
    Plain plain(path_);
    Store store;
    for (const auto& [table, keys] : kKeys) {
      for (const std::string& row : plain.Rows(All(table))) {
        store[table].insert(row);
      }
    }
    return store;
  }

  Result<Rescue> TryRescue() {
    return RescueSqlite(path_, GetParam(),
                        [](SqlConnection&, const Rescue&) -> Status { return {}; });
  }

  // Rows that could be read and are not there.
  static std::string Missing(const Store& readable, const Store& now) {
    std::string missing;
    for (const auto& [table, rows] : readable) {
      std::size_t count = 0;
      for (const std::string& row : rows) {
        count += now.contains(table) && now.at(table).contains(row) ? 0 : 1;
      }
      missing += count == 0 ? "" : " " + table + ": " + std::to_string(count);
    }
    return missing;
  }

  TempDir dir_;
  std::string path_ = dir_.File("chibo.db");
  SealingAtRest at_rest_;
  std::map<std::string, std::vector<std::string>> keys_;
  std::vector<std::size_t> pages_;
  Bytes whole_;
};

TEST_P(RescueTest, OfAWholeFileEveryRowIsCopiedAndTheOldOneKept) {
  const Store before = InNewFile();
  EXPECT_FALSE(Must(FindPageDamage(*Must(OpenSqlite(path_, {.kind = GetParam()})))).any);
  const Rescue rescue = Must(TryRescue());
  EXPECT_FALSE(rescue.lost_something());
  EXPECT_EQ(InNewFile(), before);
  EXPECT_EQ(rescue.kept, path_ + ".damaged-1");
  EXPECT_TRUE(std::filesystem::exists(rescue.kept));
}

TEST_P(RescueTest, WhateverPageIsDamagedNoReadableRowIsLost) {
  SeededRandom random(3);
  std::size_t lost = 0;
  for (const std::size_t page : pages_) {
    Spoil({page}, random);
    const Store readable = Readable();
    const auto rescue = TryRescue();
    ASSERT_TRUE(rescue) << page << ToString(rescue.error());
    ASSERT_EQ(Missing(readable, InNewFile()), "") << "page " << page;
    lost += rescue->lost_something() ? 1 : 0;
    const auto sql = Must(OpenSqlite(path_, {.kind = GetParam()}));
    ASSERT_FALSE(Must(FindPageDamage(*sql)).any) << "page " << page;
  }
  EXPECT_GT(lost, 20U);
}

// Checkpoints and receipts between damaged pages are looked for and not always found; they come
// again.
TEST_P(RescueTest, OfSeveralDamagedPagesNoReadableEntryIsLost) {
  SeededRandom random(4);
  for (int round = 0; round < 12; ++round) {
    std::vector<std::size_t> pages;
    for (int i = 0; i < 2 + round; ++i) {
      pages.push_back(pages_[ReadU64(random.Draw(8)) % pages_.size()]);
    }
    Spoil(pages, random);
    Store readable = Readable();
    for (const char* table : {"checkpoint", "registered", "quarantine_checkpoint"}) {
      readable.erase(table);
    }
    const auto rescue = TryRescue();
    ASSERT_TRUE(rescue) << round << ToString(rescue.error());
    ASSERT_EQ(Missing(readable, InNewFile()), "") << "round " << round;
  }
}

TEST_P(RescueTest, TheTablesConcernedAreNamed) {
  SeededRandom random(5);
  for (const auto& [table, keys] : kKeys) {
    Spoil({}, random);
    const std::string root =
        Plain(path_).Rows("SELECT rootpage FROM sqlite_master WHERE name = '" + table + "'")[0];
    Spoil({std::stoul(Bytes(*FromHex(root)))}, random);
    const PageDamage damage = Must(FindPageDamage(*Must(OpenSqlite(path_, {.kind = GetParam()}))));
    EXPECT_EQ(damage.tables, std::vector<std::string>{table});
    EXPECT_TRUE(damage.of_the_log());
  }
}

TEST_P(RescueTest, WhatIsRefusedAtItsEndLeavesEverythingAsItWas) {
  SeededRandom random(6);
  Spoil({pages_.back()}, random);
  const Bytes before = dir_.Contents();
  const auto rescue = RescueSqlite(path_, GetParam(), [](SqlConnection&, const Rescue&) -> Status {
    return Fail(Code::kDamaged, "store_settings_lost");
  });
  EXPECT_EQ(rescue.error().reason, "store_settings_lost");
  EXPECT_EQ(dir_.Contents(), before);
}

TEST_P(RescueTest, WhatAnEarlierOneLeftIsRemoved) {
  SeededRandom random(7);
  Spoil({pages_.back()}, random);
  std::ofstream(path_ + ".rescue") << "half a file";
  std::ofstream(path_ + ".rescue-journal") << "and what would undo it";
  std::filesystem::create_hard_link(path_, path_ + ".damaged-1");
  const Rescue rescue = Must(TryRescue());
  EXPECT_EQ(rescue.kept, path_ + ".damaged-1");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".rescue"));
  EXPECT_FALSE(std::filesystem::equivalent(path_, path_ + ".damaged-1"));
}

TEST_P(RescueTest, KilledAtAnyMomentThereIsAStoreAndNothingReadableIsLost) {
  const std::size_t page = pages_[pages_.size() / 2];
  // With the same bytes each time: of a row whose value goes on in that page they are a part.
  const auto spoil = [&] {
    SeededRandom random(8);
    Spoil({page}, random);
  };
  spoil();
  const Store readable = Readable();
  for (unsigned delay = 0; delay < 40; ++delay) {
    spoil();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      static_cast<void>(TryRescue());
      _exit(0);
    }
    usleep(delay * 700);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ASSERT_TRUE(TryRescue()) << delay;
    ASSERT_EQ(Missing(readable, InNewFile()), "") << delay;
    ASSERT_FALSE(std::filesystem::exists(path_ + ".rescue"));
    std::filesystem::remove(path_ + ".damaged-2");
  }
}

INSTANTIATE_TEST_SUITE_P(, RescueTest, testing::Values(SqliteKind::kCell, SqliteKind::kServer),
                         KindName);

}  // namespace
}  // namespace chibo::test

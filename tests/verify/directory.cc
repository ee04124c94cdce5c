#include "tests/verify/directory.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

struct Column {
  std::string table;
  std::string name;
  std::vector<std::string> keys;  // of the row, numbers or blobs
  bool number = false;
};

const std::vector<std::string> kBranch{"stream_no", "branch"};
const std::vector<std::string> kEntry{"stream_no", "branch", "idx"};
const std::vector<std::string> kRegistered{"stream", "unit", "root"};
const std::vector<Column> kColumns{
    {"entry", "header", kEntry},
    {"entry", "body", kEntry},
    {"entry", "leaf", kEntry},
    {"checkpoint", "signature", {"stream_no", "branch", "size"}},
    {"branch", "size", kBranch, true},
    {"branch", "parent", kBranch, true},
    {"branch", "fork_at", kBranch, true},
    {"branch", "peaks", kBranch},
    {"branch", "signed_size", kBranch, true},
    {"branch", "signature", kBranch},
    {"secret", "value", {"stream_no", "reach"}},
    {"stream", "genesis", {"no"}},
    {"stream", "id", {"no"}},
    {"registered", "root", {"stream", "unit", "name_stream", "name_idx", "name_position"}},
    {"registered", "size", kRegistered, true},
    {"registered", "time_ms", kRegistered, true},
    {"registered", "name_idx", kRegistered, true},
};

std::string StreamOf(const Column& column) {
  if (column.table == "registered") {
    return "stream";
  }
  return column.table == "stream"
             ? "id"
             : "(SELECT id FROM stream WHERE stream.no = " + column.table + ".stream_no)";
}

}  // namespace

TempFolder::TempFolder() {
  path_ = fs::temp_directory_path().string() + "/chibo-verify-test-XXXXXX";
  CHECK(mkdtemp(path_.data()) != nullptr);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::Sub(const std::string& name) const {
  fs::create_directories(path_ + "/" + name);
  return path_ + "/" + name;
}

RawStore::RawStore(const std::string& directory) {
  CHECK(sqlite3_open((directory + "/chibo.db").c_str(), &db_) == SQLITE_OK);
  // Speed: nobody needs these files after the test.
  Run("PRAGMA journal_mode=MEMORY");
  Run("PRAGMA synchronous=OFF");
}

RawStore::~RawStore() { sqlite3_close(db_); }

std::vector<RawStore::Row> RawStore::Query(const std::string& sql,
                                           const std::vector<Bytes>& blobs) {
  sqlite3_stmt* statement = nullptr;
  CHECK(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  int place = 0;
  for (const Bytes& blob : blobs) {
    sqlite3_bind_blob(statement, ++place, blob.data(), static_cast<int>(blob.size()),
                      SQLITE_TRANSIENT);
  }
  std::vector<Row> rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const void* bytes = sqlite3_column_blob(statement, i);
      const int size = sqlite3_column_bytes(statement, i);
      row.emplace_back(bytes == nullptr ? "" : static_cast<const char*>(bytes),
                       static_cast<std::size_t>(size));
    }
    rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) {
    std::fprintf(stderr, "%s: %s\n", sql.c_str(), sqlite3_errmsg(db_));
  }
  CHECK(code == SQLITE_DONE);
  sqlite3_finalize(statement);
  return rows;
}

std::vector<std::vector<StoredValue>> ValuesIn(RawStore& store) {
  std::vector<std::vector<StoredValue>> all;
  for (const Column& column : kColumns) {
    std::string sql = "SELECT hex(" + StreamOf(column) + "), length(" + column.name + ")";
    for (const std::string& key : column.keys) {
      sql += ", quote(" + key + ")";
    }
    sql += " FROM " + column.table + " WHERE length(" + column.name + ") > 0";
    std::vector<StoredValue> values;
    for (const RawStore::Row& row : store.Query(sql)) {
      StoredValue value{column.table, column.name, "", ToHex(*FromHex(row[0])), column.number, 4};
      value.size = column.number ? 4 : std::stoul(row[1]);
      for (std::size_t i = 0; i < column.keys.size(); ++i) {
        value.where += (i == 0 ? "" : " AND ") + column.keys[i] + " = " + row[i + 2];
      }
      values.push_back(std::move(value));
    }
    CHECK(!values.empty());
    all.push_back(std::move(values));
  }
  return all;
}

void Flip(RawStore& store, const StoredValue& value, std::size_t byte, unsigned char with) {
  const auto rows =
      store.Query("SELECT " + value.column + " FROM " + value.table + " WHERE " + value.where);
  CHECK(rows.size() == 1);
  const std::string set = "UPDATE " + value.table + " SET " + value.column + " = ";
  if (value.number) {
    const std::int64_t flipped =
        std::stoll(rows[0][0]) ^ (std::int64_t{with} << (8 * static_cast<int>(byte)));
    store.Run(set + std::to_string(flipped) + " WHERE " + value.where);
    return;
  }
  Bytes flipped = rows[0][0];
  flipped[byte] = static_cast<char>(static_cast<unsigned char>(flipped[byte]) ^ with);
  store.Run(set + "?1 WHERE " + value.where, {flipped});
}

}  // namespace chibo

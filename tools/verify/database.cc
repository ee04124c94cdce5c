#include "tools/verify/database.h"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace chibo::verify {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kApplicationId = 0x63686962;  // "chib"
constexpr std::int64_t kLogVersion = 3;
// How a sentence names it where its path is not at hand.
constexpr const char* kStoreName = "chibo.db";
constexpr int kBusyMs = 2000;
constexpr int kPageProblemsMax = 100;

Error ErrorOf(int code, const std::string& where) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::kInUse, "store_in_use", where};
    case SQLITE_NOMEM:
      return {Code::kOutOfMemory, "out_of_memory", where};
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return {Code::kIo, "store_unreadable", where};
    default:
      return {Code::kDamaged, "store_damaged", where};
  }
}

// An interrupted write must be undone, or a write-ahead log read in, before the file means
// anything, and where it lies that cannot be done without writing.
bool NeedsACopy(int code) {
  return code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY ||
         code == SQLITE_READONLY_CANTINIT || code == SQLITE_CANTOPEN ||
         code == SQLITE_READONLY_DIRECTORY;
}

// Whether the file says that it goes with a write-ahead log (its read and write versions are 2),
// and there is none.
bool IsWithoutItsLog(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string header(20, '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  std::error_code error;
  return in && header[18] == 2 && header[19] == 2 && !fs::exists(path + "-wal", error) && !error;
}

std::int64_t ChangeOf(const std::string& path) {
  std::error_code error;
  return static_cast<std::int64_t>(fs::last_write_time(path, error).time_since_epoch().count());
}

// SQLite's own spelling of a path with parameters.
std::string UriOf(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool special = c == '%' || c == '?' || c == '#';
    uri += special ? "%" + ToHex(ByteView(&c, 1)) : std::string(1, c);
  }
  return uri + "?immutable=1";
}

}  // namespace

// ---- Rows

Rows::Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}

Rows::~Rows() { sqlite3_finalize(statement_); }

Result<bool> Rows::Next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  return tl::unexpected(ErrorOf(code, kStoreName));
}

std::int64_t Rows::Int(int column) const { return sqlite3_column_int64(statement_, column); }

ByteView Rows::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? ByteView()
             : ByteView(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Rows::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

// ---- Database

Database::~Database() {
  sqlite3_close(db_);
  if (!copy_.empty()) {
    std::error_code ignored;
    fs::remove_all(copy_, ignored);
  }
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& directory, How how) {
  std::error_code error;
  const std::string path = directory + "/chibo.db";
  if (!fs::is_directory(directory, error)) {
    return Fail(Code::kNotANode, "directory_not_found", directory);
  }
  if (!fs::exists(path, error)) {
    return Fail(Code::kNotANode, "directory_without_store", directory);
  }
  std::unique_ptr<Database> database(new Database);
  const bool still = how == How::kStill && IsWithoutItsLog(path);
  CHIBO_TRY(database->OpenFile(path, still ? Access::kStill : Access::kShared));
  CHIBO_TRY(database->CheckOwner());
  return database;
}

Status Database::OpenFile(const std::string& path, Access access) {
  // "./" keeps a name that looks like a URI from being one.
  std::string name = path.starts_with('/') ? path : "./" + path;
  int flags = access == Access::kCopy ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (access == Access::kStill) {
    still_ = path;
    changed_ = ChangeOf(path);
    name = UriOf(name);
    flags |= SQLITE_OPEN_URI;
  }
  int code = sqlite3_open_v2(name.c_str(), &db_,
                             flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_busy_timeout(db_, kBusyMs);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // The first read is what meets locks and journals; it also fixes the moment that is read.
    code = sqlite3_exec(db_,
                        "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; "
                        "PRAGMA cache_size=-65536; BEGIN; SELECT COUNT(*) FROM sqlite_master;",
                        nullptr, nullptr, nullptr);
  }
  if (code == SQLITE_OK) {
    return {};
  }
  const Error failed = ErrorOf(code, path);
  sqlite3_close(db_);
  db_ = nullptr;
  if (access == Access::kShared && NeedsACopy(code)) {
    return OpenCopy(path);
  }
  return tl::unexpected(failed);
}

Status Database::OpenCopy(const std::string& path) {
  std::error_code error;
  std::string folder = fs::temp_directory_path(error).string() + "/chibo-verify-XXXXXX";
  if (error || mkdtemp(folder.data()) == nullptr) {
    return Fail(Code::kIo, "store_unreadable", path);
  }
  copy_ = folder;
  const std::string target = folder + "/chibo.db";
  for (const char* ending : {"", "-journal", "-wal"}) {
    if (fs::exists(path + ending, error) && !fs::copy_file(path + ending, target + ending, error)) {
      return Fail(Code::kIo, "store_unreadable", path);
    }
  }
  fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write, error);
  return OpenFile(target, Access::kCopy);
}

bool Database::WasWritten() const {
  return !still_.empty() && (!IsWithoutItsLog(still_) || ChangeOf(still_) != changed_);
}

Status Database::CheckOwner() {
  const auto number = [this](const std::string& sql) -> Result<std::int64_t> {
    CHIBO_TRY_VALUE(Rows rows, Query(sql));
    CHIBO_TRY_VALUE(const bool found, rows.Next());
    return found ? rows.Int(0) : 0;
  };
  CHIBO_TRY_VALUE(const std::int64_t id, number("PRAGMA application_id"));
  if (id != kApplicationId) {
    return Fail(Code::kNotANode, "store_of_another_program");
  }
  CHIBO_TRY_VALUE(const std::int64_t version,
                  number("SELECT version FROM schema_version WHERE part = 'log'"));
  if (version > kLogVersion) {
    return Fail(Code::kNewerFormat, "store_newer_format", std::to_string(version));
  }
  return {};
}

Result<Rows> Database::Query(const std::string& sql,
                             std::initializer_list<std::int64_t> bound) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
  if (code != SQLITE_OK) {
    return tl::unexpected(ErrorOf(code, kStoreName));
  }
  Rows rows(statement);
  int place = 0;
  for (const std::int64_t value : bound) {
    sqlite3_bind_int64(statement, ++place, value);
  }
  return rows;
}

std::size_t Database::CountDamagedPages() const {
  std::size_t found = 0;
  auto rows = Query("PRAGMA integrity_check(" + std::to_string(kPageProblemsMax) + ")");
  while (rows) {
    const auto next = rows->Next();
    if (!next) {
      return found + 1;
    }
    if (!*next) {
      return found;
    }
    found += rows->Blob(0) != "ok" ? 1 : 0;
  }
  return 1;
}

}  // namespace chibo::verify

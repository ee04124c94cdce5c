#include "storage/sqlite/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <map>
#include <optional>

#include "base/planted.h"
#include "storage/sqlite/sqlite_statement.h"

namespace chibo {
namespace {

// "chib": tells our files from other programs' databases.
constexpr int kApplicationId = 0x63686962;

constexpr SqlDialect kDialect{"INTEGER", "BLOB", "TEXT", " STRICT", " STRICT, WITHOUT ROWID"};

// Pages in the write-ahead log after which it is copied into the database: 8 MiB keeps the copying,
// and its fsync, rare beside the commits of an ingest.
constexpr int kCheckpointPages = 2048;

struct Limit {
  int id;
  int value;
};
// What our own SQL and rows never reach; a damaged or doctored file may.
constexpr Limit kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024},
    {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
    {SQLITE_LIMIT_COLUMN, 64},
    {SQLITE_LIMIT_EXPR_DEPTH, 64},
    {SQLITE_LIMIT_COMPOUND_SELECT, 4},
    {SQLITE_LIMIT_VDBE_OP, 10'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 8},
    {SQLITE_LIMIT_ATTACHED, 1},  // VACUUM INTO attaches its target
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 64},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

struct Switch {
  int id;
  int value;
};
constexpr Switch kSwitches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 0},    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
};

bool IsSyncFailure(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

// Whether writing failed for want of room: quotas and file size limits come as plain errors.
bool IsNoRoom(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

// What the system said of the last failure. SQLite notes it with the file it happened to; what it
// notes with the connection may be of something that came after.
int SystemErrorOf(sqlite3* db) {
  int of_store = 0;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &of_store);
  int of_journal = 0;
  sqlite3_file* journal = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  // A journal in memory has nothing to control.
  if (journal != nullptr && journal->pMethods != nullptr &&
      journal->pMethods->xFileControl != nullptr) {
    journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &of_journal);
  }
  return IsNoRoom(of_store)     ? of_store
         : IsNoRoom(of_journal) ? of_journal
                                : sqlite3_system_errno(db);
}

struct Meaning {
  Code code;
  std::string_view reason;
};

Meaning MeaningOf(int code, int system_error) {
  if (IsSyncFailure(code)) {
    return {Code::kDiskFailing, "disk_failing"};
  }
  if (code == SQLITE_IOERR_NOMEM) {
    return {Code::kOutOfMemory, "out_of_memory"};
  }
  if (code == SQLITE_IOERR_CORRUPTFS || code == SQLITE_IOERR_DATA) {
    return {Code::kDamaged, "store_damaged"};
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::kDiskFull, "disk_full"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (IsNoRoom(system_error)) {
        return {Code::kDiskFull, "disk_full"};
      }
      return {Code::kIo, "store_io"};
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_NOLFS:
    case SQLITE_AUTH:
      return {Code::kIo, "store_not_writable"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {Code::kInUse, "store_in_use"};
    case SQLITE_NOMEM:
      return {Code::kOutOfMemory, "out_of_memory"};
    case SQLITE_TOOBIG:
      return {Code::kTooLarge, "store_value_too_large"};
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      CHECK(false);
    default:
      // CORRUPT and NOTADB; also a table, column or type that is not as this program made it.
      return {Code::kDamaged, "store_damaged"};
  }
}

class SqliteConnection final : public SqlConnection, private SqliteOutcome {
 public:
  explicit SqliteConnection(SqliteOptions options) : options_(std::move(options)) {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override;

  Status Open(const std::string& path);

  Result<SqlStatement*> Prepare(std::string_view sql) override;
  Status Execute(std::string_view sql) override;
  Status Begin() override;
  Status Commit() override;
  void Rollback() override;
  const SqlDialect& dialect() const override { return kDialect; }

 private:
  Status MayWrite() override;
  Error Failed(int code) override;
  Status Check(int code);

  Status OpenFile(const std::string& path);
  Status Configure();
  Status ClaimFile();
  Status EnterWal();
  Status ExpectJournal(std::string_view sql, std::string_view mode);
  // Takes the statement at the front of `sql`, or null when only white space is left.
  Result<std::unique_ptr<SqliteStatement>> Compile(std::string_view& sql, unsigned flags);
  void CheckpointIfDue();
  // Grows when a transaction comes to its end, well or not.
  unsigned DataVersion();

  SqliteOptions options_;
  std::string path_;
  sqlite3* db_ = nullptr;
  std::map<std::string, std::unique_ptr<SqliteStatement>, std::less<>> statements_;
  bool in_transaction_ = false;
  // The first error of a statement in the transaction.
  std::optional<Error> broken_;
  // After a failed fsync the kernel may have thrown the pages away and call the next fsync good.
  bool failing_ = false;
  // The last commit may stand in the file, and a power cut may yet undo it: nothing may be read.
  bool outcome_unknown_ = false;
  int wal_pages_ = 0;
};

SqliteConnection::~SqliteConnection() {
  if (db_ == nullptr) {
    return;
  }
  if (in_transaction_) {
    Rollback();
  }
  statements_.clear();
  if (failing_) {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  const int code = sqlite3_close(db_);
  CHECK(code == SQLITE_OK);
}

// ---- Opening

Status SqliteConnection::Open(const std::string& path) {
  CHIBO_TRY(OpenFile(path));
  CHIBO_TRY(Configure());
  if (options_.kind == SqliteKind::kMemory) {
    return {};
  }
  CHIBO_TRY(ClaimFile());
  if (options_.kind == SqliteKind::kServer && !options_.read_only) {
    return EnterWal();
  }
  return {};
}

// SQLite's own count of its memory, which nobody asks for, takes a lock at each allocation. Has no
// effect where a program has set SQLite up before.
void CountNoMemory() {
  static const int kCode = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kCode);
}

Status SqliteConnection::OpenFile(const std::string& path) {
  CountNoMemory();
  const bool memory = options_.kind == SqliteKind::kMemory;
  // "./" keeps ":memory:", "file:…" and the empty name from meaning something of their own.
  path_ = memory ? ":memory:" : path.starts_with('/') ? path : "./" + path;
  const int access =
      options_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const char* vfs = memory || options_.vfs.empty() ? nullptr : options_.vfs.c_str();
  const int code = sqlite3_open_v2(path_.c_str(), &db_,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  if (db_ == nullptr) {
    return Fail(Code::kOutOfMemory, "out_of_memory", path_);
  }
  CHIBO_TRY(Check(code));
  if (!options_.read_only && sqlite3_db_readonly(db_, "main") == 1) {
    return Fail(Code::kIo, "store_not_writable", path_);
  }
  return {};
}

Status SqliteConnection::Configure() {
  for (const Switch& s : kSwitches) {
    CHIBO_TRY(Check(sqlite3_db_config(db_, s.id, s.value, nullptr)));
  }
  for (const Limit& limit : kLimits) {
    sqlite3_limit(db_, limit.id, limit.value);
  }
  CHIBO_TRY(Check(sqlite3_busy_timeout(db_, static_cast<int>(options_.busy_wait.count()))));
  CHIBO_TRY(
      Execute("PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA secure_delete=ON; "
              "PRAGMA cell_size_check=ON;"));
  if (options_.read_only) {
    return Check(sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
  }
  if (options_.kind == SqliteKind::kCell) {
    CHIBO_TRY(Execute("PRAGMA locking_mode=EXCLUSIVE;"));
  }
  return Execute(
      CHIBO_PLANT(kJournalNotSynced, "PRAGMA synchronous=EXTRA;", "PRAGMA synchronous=OFF;"));
}

// Takes the locks, makes sure that the file is ours, and marks a new one. The mark is the first
// thing ever written, so a file with tables but without it is somebody else's.
Status SqliteConnection::ClaimFile() {
  const bool cell = options_.kind == SqliteKind::kCell;
  if (options_.read_only) {
    CHIBO_TRY(Begin());
  } else {
    if (cell) {
      CHIBO_TRY(ExpectJournal("PRAGMA journal_mode=DELETE", "delete"));
    }
    CHIBO_TRY(Check(sqlite3_exec(db_, cell ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE", nullptr,
                                 nullptr, nullptr)));
    in_transaction_ = true;
  }
  const auto number = [this](std::string_view sql) -> Result<std::int64_t> {
    CHIBO_TRY_VALUE(auto statement, Compile(sql, 0));
    CHIBO_TRY_VALUE(const bool found, statement->Step());
    return found ? statement->Int(0) : 0;
  };
  CHIBO_TRY_VALUE(const std::int64_t id, number("PRAGMA application_id"));
  if (id != kApplicationId) {
    CHIBO_TRY_VALUE(const std::int64_t tables, number("SELECT COUNT(*) FROM sqlite_master"));
    if (tables != 0 || options_.read_only) {
      return Fail(Code::kNotANode, "store_of_another_program", path_);
    }
    CHIBO_TRY(Execute("PRAGMA application_id=" + std::to_string(kApplicationId) + ";"));
  }
  return Commit();
}

Status SqliteConnection::EnterWal() {
  CHIBO_TRY(ExpectJournal("PRAGMA journal_mode=WAL", "wal"));
  // SQLite's own hook would checkpoint and keep the error to itself.
  sqlite3_wal_hook(
      db_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  return Execute(
      CHIBO_PLANT(kCommitNotSynced, "PRAGMA synchronous=FULL;", "PRAGMA synchronous=NORMAL;"));
}

// The row with the new mode comes before the file is changed: only the end of the statement says
// that it was.
Status SqliteConnection::ExpectJournal(std::string_view sql, std::string_view mode) {
  CHIBO_TRY_VALUE(auto statement, Compile(sql, 0));
  bool as_expected = false;
  CHIBO_TRY_VALUE(bool found, statement->Step());
  while (found) {
    as_expected = statement->BytesAt(0) == mode;
    CHIBO_TRY_VALUE(found, statement->Step());
  }
  if (!as_expected) {
    return Fail(Code::kIo, "store_journal_refused", path_);
  }
  return {};
}

// ---- Statements

Result<std::unique_ptr<SqliteStatement>> SqliteConnection::Compile(std::string_view& sql,
                                                                   unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), flags, &statement, &tail);
  if (code != SQLITE_OK) {
    return tl::unexpected(Failed(code));
  }
  sql.remove_prefix(static_cast<std::size_t>(tail - sql.data()));
  if (statement == nullptr) {
    return nullptr;
  }
  SqliteOutcome& outcome = *this;
  return std::make_unique<SqliteStatement>(statement, outcome);
}

Result<SqlStatement*> SqliteConnection::Prepare(std::string_view sql) {
  if (outcome_unknown_) {
    return Fail(Code::kDiskFailing, "disk_failing", path_);
  }
  const auto found = statements_.find(sql);
  if (found != statements_.end()) {
    found->second->Reset();
    return found->second.get();
  }
  std::string_view rest = sql;
  CHIBO_TRY_VALUE(auto statement, Compile(rest, SQLITE_PREPARE_PERSISTENT));
  CHECK(statement != nullptr && rest.empty());
  SqlStatement* prepared = statement.get();
  statements_.emplace(sql, std::move(statement));
  return prepared;
}

Status SqliteConnection::Execute(std::string_view sql) {
  while (!sql.empty()) {
    CHIBO_TRY_VALUE(auto statement, Compile(sql, 0));
    bool more = statement != nullptr;
    while (more) {
      CHIBO_TRY_VALUE(more, statement->Step());
    }
  }
  return {};
}

// ---- Transactions

Status SqliteConnection::Begin() {
  CHECK(!in_transaction_);
  CHIBO_TRY(MayWrite());
  CHIBO_TRY_VALUE(SqlStatement * begin, Prepare(options_.read_only ? "BEGIN" : "BEGIN IMMEDIATE"));
  const auto begun = begin->Step();
  begin->Reset();
  CHIBO_TRY(begun);
  in_transaction_ = true;
  return {};
}

Status SqliteConnection::Commit() {
  CHECK(in_transaction_);
  if (broken_) {
    Error error = *std::move(broken_);
    Rollback();
    return tl::unexpected(std::move(error));
  }
  CHIBO_TRY_VALUE(SqlStatement * commit, Prepare("COMMIT"));
  const unsigned version = DataVersion();
  const auto committed = commit->Step();
  commit->Reset();
  if (!committed) {
    Rollback();
    // A rollback journal ends the transaction by being zeroed or removed. When the fsync of that
    // fails, SQLite reads the new state, and so would our peers. (In a write-ahead log what was not
    // synced is not read.)
    outcome_unknown_ = CHIBO_PLANT(
        kUnknownOutcomeShown,
        failing_ && options_.kind == SqliteKind::kCell && DataVersion() != version, false);
    return tl::unexpected(committed.error());
  }
  in_transaction_ = false;
  CheckpointIfDue();
  return {};
}

unsigned SqliteConnection::DataVersion() {
  unsigned version = 0;
  CHECK(sqlite3_file_control(db_, "main", SQLITE_FCNTL_DATA_VERSION, &version) == SQLITE_OK);
  return version;
}

void SqliteConnection::Rollback() {
  for (auto& [text, statement] : statements_) {
    statement->Reset();
  }
  in_transaction_ = false;
  broken_.reset();
  // After some errors SQLite has rolled back by itself.
  if (sqlite3_get_autocommit(db_) == 0) {
    const int code = sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    failing_ = failing_ || IsSyncFailure(code);
  }
}

// The commit before it is durable in the log whatever becomes of this.
void SqliteConnection::CheckpointIfDue() {
  if (wal_pages_ < kCheckpointPages) {
    return;
  }
  const int code =
      sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  failing_ = failing_ || IsSyncFailure(code);
}

// ---- Errors

Status SqliteConnection::MayWrite() {
  if (CHIBO_PLANT(kSyncFailureForgotten, failing_, false)) {
    return Fail(Code::kDiskFailing, "disk_failing", path_);
  }
  // SQLite ended the transaction with the error; what follows must not commit by itself.
  if (broken_) {
    return tl::unexpected(*broken_);
  }
  return {};
}

Error SqliteConnection::Failed(int code) {
  failing_ = failing_ || IsSyncFailure(code);
  const auto [meaning, reason] = MeaningOf(code, SystemErrorOf(db_));
  // A number for who looks it up; SQLite's own words would stand in the middle of a sentence.
  const bool plain = meaning != Code::kIo && meaning != Code::kDamaged;
  Error error{meaning, reason, plain ? path_ : path_ + ": SQLite " + std::to_string(code)};
  if (in_transaction_ && !broken_) {
    broken_ = error;
  }
  return error;
}

Status SqliteConnection::Check(int code) {
  if (code == SQLITE_OK) {
    return {};
  }
  return tl::unexpected(Failed(code));
}

}  // namespace

Result<std::unique_ptr<SqlConnection>> OpenSqlite(const std::string& path,
                                                  const SqliteOptions& options) {
  auto connection = std::make_unique<SqliteConnection>(options);
  CHIBO_TRY(connection->Open(path));
  return connection;
}

}  // namespace chibo

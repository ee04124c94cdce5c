#include "storage/sqlite/rescue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "storage/query.h"
#include "storage/schema.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFreshEnding = ".rescue";
constexpr std::string_view kKeptEnding = ".damaged-";
constexpr std::string_view kJournalEndings[] = {"-journal", "-wal", "-shm"};

Error PlaceError(const std::string& path, int system_error) {
  const bool full = system_error == ENOSPC || system_error == EDQUOT;
  return Error{full ? Code::kDiskFull : Code::kIo, full ? "disk_full" : "file_not_written", path};
}

// Whether a check of one table, or of everything, says something else than "ok".
bool IsDamaged(SqlConnection& sql, const std::string& check) {
  auto statement = sql.Prepare(check);
  if (!statement) {
    return true;
  }
  const auto found = (*statement)->Step();
  const bool whole = found && *found && (*statement)->BytesAt(0) == "ok";
  (*statement)->Reset();
  return !whole;
}

Result<std::vector<std::string>> TableNames(SqlConnection& sql) {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql,
                              "SELECT name FROM sqlite_master WHERE type = 'table' AND name "
                              "NOT LIKE 'sqlite%' ORDER BY name"));
  std::vector<std::string> names;
  CHIBO_TRY_VALUE(bool found, query.Step());
  while (found) {
    names.emplace_back(query.BytesAt(0));
    CHIBO_TRY_VALUE(found, query.Step());
  }
  return names;
}

// 0, or what the system says is wrong: of the sync, not of what is done after it.
int SyncPlace(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) {
    return errno;
  }
  const int failed = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  close(descriptor);
  return failed;
}

Status SyncFolderOf(const std::string& path) {
  const int failed = SyncPlace(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
  return failed == 0 ? Status() : tl::unexpected(PlaceError(path, failed));
}

void RemoveWithJournals(const std::string& path) {
  std::error_code ignored;
  for (const std::string_view ending : kJournalEndings) {
    fs::remove(path + std::string(ending), ignored);
  }
  fs::remove(path, ignored);
}

std::string KeptName(const std::string& path, int number) {
  return path + std::string(kKeptEnding) + std::to_string(number);
}

// A rescue that broke off after it had given the old file its second name begins anew.
void RemoveLeftovers(const std::string& path) {
  RemoveWithJournals(path + std::string(kFreshEnding));
  std::error_code error;
  for (int number = 1; fs::exists(KeptName(path, number), error); ++number) {
    if (fs::equivalent(path, KeptName(path, number), error)) {
      fs::remove(KeptName(path, number), error);
    }
  }
}

// What was committed lies in the file alone from then on: a journal by the old file's name would be
// played back into the new one.
Status ExpectNoJournal(const std::string& path) {
  for (const std::string_view ending : kJournalEndings) {
    std::error_code error;
    if (fs::exists(path + std::string(ending), error) &&
        fs::file_size(path + std::string(ending), error) > 0 && ending != "-shm") {
      return Fail(Code::kIo, "store_io", path + std::string(ending));
    }
    fs::remove(path + std::string(ending), error);
  }
  return {};
}

// A second name where the file system has such, else a copy.
Status Keep(const std::string& path, const std::string& kept) {
  if (link(path.c_str(), kept.c_str()) == 0) {
    return {};
  }
  std::error_code error;
  fs::copy_file(path, kept, error);
  const int failed = error ? error.value() : SyncPlace(kept, O_RDONLY);
  if (failed == 0) {
    return {};
  }
  fs::remove(kept, error);
  return tl::unexpected(PlaceError(kept, failed));
}

Status CopyInto(const std::string& fresh, const std::string& path, SqliteKind kind, Rescue& rescue,
                const std::function<Status(SqlConnection&, const Rescue&)>& finish) {
  // Opening undoes or takes in what a crash has left.
  CHIBO_TRY_VALUE(const auto from, OpenSqlite(path, {.kind = kind}));
  {
    // A rollback journal leaves one file behind; a server's file enters its own mode when opened.
    CHIBO_TRY_VALUE(const auto to, OpenSqlite(fresh, {.kind = SqliteKind::kCell}));
    CHIBO_TRY(MigrateLog(*to));
    CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(*to));
    CHIBO_TRY_VALUE(rescue.tables, CopyLog(*from, *to));
    CHIBO_TRY(finish(*to, rescue));
    CHIBO_TRY(transaction.Commit());
  }
  return kind == SqliteKind::kServer ? from->Execute("PRAGMA wal_checkpoint(TRUNCATE);") : Status();
}

Status TakePlace(const std::string& fresh, const std::string& path, std::string& kept) {
  CHIBO_TRY(ExpectNoJournal(path));
  CHIBO_TRY(ExpectNoJournal(fresh));
  std::error_code error;
  int number = 1;
  while (fs::exists(KeptName(path, number), error)) {
    ++number;
  }
  kept = KeptName(path, number);
  CHIBO_TRY(Keep(path, kept));
  CHIBO_TRY(SyncFolderOf(path));
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    const int failed = errno;
    fs::remove(kept, error);
    return tl::unexpected(PlaceError(path, failed));
  }
  return SyncFolderOf(path);
}

}  // namespace

bool PageDamage::of_the_log() const {
  const auto log = TablesOfTheLog();
  return any && (tables.empty() || std::any_of(tables.begin(), tables.end(), [&](const auto& name) {
                   return std::find(log.begin(), log.end(), name) != log.end();
                 }));
}

Result<PageDamage> FindPageDamage(SqlConnection& sql) {
  PageDamage damage;
  CHIBO_TRY_VALUE(const auto names, TableNames(sql));
  damage.any = IsDamaged(sql, "PRAGMA integrity_check(1)");
  for (const std::string& name : damage.any ? names : std::vector<std::string>()) {
    if (IsDamaged(sql, "PRAGMA integrity_check(" + name + ")")) {
      damage.tables.push_back(name);
    }
  }
  return damage;
}

bool Rescue::lost_something() const {
  return std::any_of(tables.begin(), tables.end(),
                     [](const RescuedTable& table) { return !table.is_whole(); });
}

const RescuedTable* Rescue::Find(std::string_view table) const {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const RescuedTable& one) { return one.name == table; });
  return found == tables.end() ? nullptr : &*found;
}

Result<Rescue> RescueSqlite(const std::string& path, SqliteKind kind,
                            const std::function<Status(SqlConnection&, const Rescue&)>& finish) {
  RemoveLeftovers(path);
  const std::string fresh = path + std::string(kFreshEnding);
  Rescue rescue;
  Status done = CopyInto(fresh, path, kind, rescue, finish);
  if (done) {
    done = TakePlace(fresh, path, rescue.kept);
  }
  if (!done) {
    RemoveWithJournals(fresh);
    return tl::unexpected(done.error());
  }
  return rescue;
}

}  // namespace chibo

#ifndef CHIBO_STORAGE_SQLITE_RESCUE_H_
#define CHIBO_STORAGE_SQLITE_RESCUE_H_

#include <functional>
#include <string>
#include <vector>

#include "storage/sqlite/row_copy.h"
#include "storage/sqlite/sqlite_connection.h"

namespace chibo {

// What SQLite itself finds wrong with a file: its pages, or an index that does not fit its table.
struct PageDamage {
  bool any = false;
  // Whose pages they are, sorted; none where only pages that nothing uses are damaged.
  std::vector<std::string> tables;

  // Whether rows may be gone that nothing else is made of.
  bool of_the_log() const;
};

// Reads the whole file. kDamaged when not even the list of its tables can be read. Outside of a
// transaction.
Result<PageDamage> FindPageDamage(SqlConnection& sql);

struct Rescue {
  std::vector<RescuedTable> tables;
  std::string kept;  // where the old file lies now

  bool lost_something() const;
  const RescuedTable* Find(std::string_view table) const;
};

// Makes a new file of what can still be read of the log and lets it take the old one's place. The
// old one is kept beside it as "<path>.damaged-<n>". View and outboxes are left behind. `finish` is
// called with the new database, in its only transaction; its error leaves everything as it was, and
// so does a crash: the old file is in its place until the new one is whole and durable. What a
// crash left of an earlier try is removed. Nobody else may have the file open. kDamaged when the
// list of tables cannot be read.
Result<Rescue> RescueSqlite(const std::string& path, SqliteKind kind,
                            const std::function<Status(SqlConnection&, const Rescue&)>& finish);

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQLITE_RESCUE_H_

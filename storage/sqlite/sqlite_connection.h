#ifndef CHIBO_STORAGE_SQLITE_SQLITE_CONNECTION_H_
#define CHIBO_STORAGE_SQLITE_SQLITE_CONNECTION_H_

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/sql_connection.h"

namespace chibo {

enum class SqliteKind {
  kCell,    // one file, held by one connection of one process; every commit survives a power cut
  kServer,  // write-ahead log; one connection writes and checkpoints, any number are read_only
  kMemory,  // gone with the connection; for the simulator and tests
};

struct SqliteOptions {
  SqliteKind kind = SqliteKind::kCell;
  bool read_only = false;
  // How long a locked file is waited for before kInUse.
  std::chrono::milliseconds busy_wait{2000};
  // Name of a registered SQLite VFS; empty = the platform's.
  std::string vfs = {};
};

// Opens the database or, unless read_only, creates it. `path` is a file name, never a URI; ignored
// for kMemory. The directory must be there and private: files are created with the process's umask.
// A connection is used by one thread at a time. kInUse, kIo (also: the file cannot be written),
// kDamaged (not a database), kNotANode (a database of some other program), kDiskFull, kDiskFailing,
// kOutOfMemory.
//
// To copy a database that is in use: "VACUUM INTO $1" outside a transaction, $1 = the new file's
// name.
Result<std::unique_ptr<SqlConnection>> OpenSqlite(const std::string& path,
                                                  const SqliteOptions& options);

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQLITE_SQLITE_CONNECTION_H_

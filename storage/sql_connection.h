#ifndef CHIBO_STORAGE_SQL_CONNECTION_H_
#define CHIBO_STORAGE_SQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

// One prepared statement with parameters $1, $2, …. Use: Bind*, Step until false, Reset. Values read are valid until
// the next Step or Reset. Not thread-safe; must not outlive its connection.
class SqlStatement {
 public:
  virtual ~SqlStatement() = default;
  virtual void BindInt(int parameter, std::int64_t value) = 0;
  virtual void BindBytes(int parameter, ByteView value) = 0;  // BLOB; copied
  virtual void BindText(int parameter, std::string_view value) = 0;
  virtual void BindNull(int parameter) = 0;
  // True: a row is there. False: done. kDiskFull, kIo, kDiskFailing, kDamaged, kOutOfMemory.
  virtual Result<bool> Step() = 0;
  virtual void Reset() = 0;
  virtual bool IsNull(int column) const = 0;
  virtual std::int64_t Int(int column) const = 0;
  virtual ByteView BytesAt(int column) const = 0;
};

// A database, one connection, one transaction at a time. SQL is the subset that SQLite and PostgreSQL-compatible
// engines share: no sequences, no triggers, ON CONFLICT, sort by own key columns.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  // Cached by text: preparing the same SQL again is a look-up. The statement belongs to the connection and is reset.
  virtual Result<SqlStatement*> Prepare(std::string_view sql) = 0;
  // Several statements without parameters.
  virtual Status Execute(std::string_view sql) = 0;
  virtual Status Begin() = 0;
  // Returns only after the transaction is durable. After kDiskFailing nothing more is written by this connection.
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQL_CONNECTION_H_

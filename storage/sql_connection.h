#ifndef CHIBO_STORAGE_SQL_CONNECTION_H_
#define CHIBO_STORAGE_SQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

// One prepared statement with parameters $1, $2, …. Use: Bind*, Step until false, Reset. Values
// read are valid until the next Step or Reset. Not thread-safe; must not outlive its connection.
class SqlStatement {
 public:
  virtual ~SqlStatement() = default;
  virtual void BindInt(int parameter, std::int64_t value) = 0;
  virtual void BindBytes(int parameter, ByteView value) = 0;  // BLOB; copied
  virtual void BindText(int parameter, std::string_view value) = 0;
  virtual void BindNull(int parameter) = 0;
  // True: a row is there. False: done. kDiskFull, kIo, kDiskFailing, kDamaged, kOutOfMemory.
  virtual Result<bool> Step() = 0;
  // Also forgets what was bound.
  virtual void Reset() = 0;
  virtual bool IsNull(int column) const = 0;
  virtual std::int64_t Int(int column) const = 0;
  virtual ByteView BytesAt(int column) const = 0;
};

// How an engine spells what the shared SQL leaves open; used in CREATE TABLE only
// (storage/schema.h).
struct SqlDialect {
  std::string_view integer;  // 64 bits
  std::string_view bytes;
  std::string_view text;
  std::string_view row_table;    // after the closing parenthesis of a table of large rows
  std::string_view keyed_table;  // … of a table of small rows, best kept in the order of its key
};

// A database, one connection, one transaction at a time. SQL is the subset that SQLite and
// PostgreSQL-compatible engines share: no sequences, no triggers, ON CONFLICT, sort by own key
// columns.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  // Cached by text: preparing the same SQL again is a look-up. The statement belongs to the
  // connection and is reset, so the same text cannot be in use twice at a time.
  virtual Result<SqlStatement*> Prepare(std::string_view sql) = 0;
  // Several statements without parameters.
  virtual Status Execute(std::string_view sql) = 0;
  // kInUse when another connection is writing. Transactions do not nest.
  virtual Status Begin() = 0;
  // Returns only after the transaction is durable. A transaction in which a statement failed does
  // not commit: the statement's error comes back. After an error nothing of it remains, and the
  // transaction is over; only a crash may still show it whole. After kDiskFailing nothing more is
  // written by this connection; reading goes on, unless what it would show may yet be undone: then
  // Prepare gives kDiskFailing too, until the database is opened again.
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;
  virtual const SqlDialect& dialect() const = 0;
};

// A transaction that rolls back unless it was committed.
class SqlTransaction {
 public:
  static Result<SqlTransaction> Begin(SqlConnection& sql) {
    CHIBO_TRY(sql.Begin());
    return SqlTransaction(sql);
  }
  SqlTransaction(SqlTransaction&& other) noexcept : sql_(std::exchange(other.sql_, nullptr)) {}
  SqlTransaction& operator=(SqlTransaction&&) = delete;
  ~SqlTransaction() {
    if (sql_ != nullptr) {
      sql_->Rollback();
    }
  }
  // Once.
  Status Commit() { return std::exchange(sql_, nullptr)->Commit(); }

 private:
  explicit SqlTransaction(SqlConnection& sql) : sql_(&sql) {}
  SqlConnection* sql_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQL_CONNECTION_H_

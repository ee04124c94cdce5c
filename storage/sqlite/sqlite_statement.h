#ifndef CHIBO_STORAGE_SQLITE_SQLITE_STATEMENT_H_
#define CHIBO_STORAGE_SQLITE_SQLITE_STATEMENT_H_

#include <sqlite3.h>

#include <vector>

#include "storage/sql_connection.h"

namespace chibo {

// Where a statement's outcome goes: the connection knows what an error means for the rest of its
// life.
class SqliteOutcome {
 public:
  // Whether a statement that writes may run now.
  virtual Status MayWrite() = 0;
  // The error of a step that ended in `code`.
  virtual Error Failed(int code) = 0;

 protected:
  ~SqliteOutcome() = default;
};

// Owns an sqlite3_stmt.
class SqliteStatement final : public SqlStatement {
 public:
  SqliteStatement(sqlite3_stmt* statement, SqliteOutcome& outcome);
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement() override;

  void BindInt(int parameter, std::int64_t value) override;
  void BindBytes(int parameter, ByteView value) override;
  void BindText(int parameter, std::string_view value) override;
  void BindNull(int parameter) override;
  Result<bool> Step() override;
  void Reset() override;
  bool IsNull(int column) const override;
  std::int64_t Int(int column) const override;
  ByteView BytesAt(int column) const override;

 private:
  int PlaceOf(int parameter) const;
  void Bound(int code);

  sqlite3_stmt* statement_;
  SqliteOutcome& outcome_;
  // places_[n - 1] is SQLite's own number of $n: it numbers names in order of first appearance.
  std::vector<int> places_;
  int bind_code_ = SQLITE_OK;
  bool writes_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQLITE_SQLITE_STATEMENT_H_

#include "storage/sqlite/sqlite_statement.h"

#include <string>

namespace chibo {

SqliteStatement::SqliteStatement(sqlite3_stmt* statement, SqliteOutcome& outcome)
    : statement_(statement), outcome_(outcome), writes_(sqlite3_stmt_readonly(statement) == 0) {
  const int count = sqlite3_bind_parameter_count(statement);
  for (int parameter = 1; parameter <= count; ++parameter) {
    const std::string name = "$" + std::to_string(parameter);
    places_.push_back(sqlite3_bind_parameter_index(statement, name.c_str()));
  }
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

int SqliteStatement::PlaceOf(int parameter) const {
  CHECK(parameter >= 1 && static_cast<std::size_t>(parameter) <= places_.size());
  const int place = places_[static_cast<std::size_t>(parameter - 1)];
  CHECK(place > 0);
  return place;
}

// Running out of memory in a binding comes out at the next Step.
void SqliteStatement::Bound(int code) {
  CHECK(code != SQLITE_MISUSE && code != SQLITE_RANGE);
  if (code != SQLITE_OK) {
    bind_code_ = code;
  }
}

void SqliteStatement::BindInt(int parameter, std::int64_t value) {
  Bound(sqlite3_bind_int64(statement_, PlaceOf(parameter), value));
}

void SqliteStatement::BindBytes(int parameter, ByteView value) {
  // A null pointer would bind NULL.
  const char* data = value.empty() ? "" : value.data();
  Bound(sqlite3_bind_blob64(statement_, PlaceOf(parameter), data, value.size(), SQLITE_TRANSIENT));
}

void SqliteStatement::BindText(int parameter, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  Bound(sqlite3_bind_text64(statement_, PlaceOf(parameter), data, value.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
}

void SqliteStatement::BindNull(int parameter) {
  Bound(sqlite3_bind_null(statement_, PlaceOf(parameter)));
}

Result<bool> SqliteStatement::Step() {
  if (writes_) {
    CHIBO_TRY(outcome_.MayWrite());
  }
  const int code = bind_code_ != SQLITE_OK ? bind_code_ : sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  return tl::unexpected(outcome_.Failed(code));
}

void SqliteStatement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bind_code_ = SQLITE_OK;
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

ByteView SqliteStatement::BytesAt(int column) const {
  // In this order: asking for the size first might change the form of the value.
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? ByteView()
                         : ByteView(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

}  // namespace chibo

#ifndef CHIBO_STORAGE_QUERY_H_
#define CHIBO_STORAGE_QUERY_H_

#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "storage/sql_connection.h"

namespace chibo {

// A string parameter for a text column; plain string views are bytes.
struct SqlText {
  std::string_view text;
};

inline constexpr std::uint64_t kSqlIntMax = std::numeric_limits<std::int64_t>::max();
// Rows read before a visitor is called: no statement is open while foreign code runs.
inline constexpr std::size_t kPageRows = 256;
// A number from outside as a bound of a search: nothing stored lies above it.
inline std::uint64_t SqlBound(std::uint64_t value) {
  return value < kSqlIntMax ? value : kSqlIntMax;
}

// One use of a statement: bound when made, reset at the end of its scope so that no read stays
// open.
class Query {
 public:
  // Parameters $1, $2, … in order. kTooLarge for a number that does not fit the column.
  template <typename... Values>
  static Result<Query> Make(SqlConnection& sql, std::string_view text, const Values&... values) {
    CHIBO_TRY_VALUE(SqlStatement * statement, sql.Prepare(text));
    Query query(*statement);
    int parameter = 0;
    if (!(query.Bind(++parameter, values) && ...)) {
      return Fail(Code::kTooLarge, "store_number_too_large");
    }
    return query;
  }
  // Makes and steps to the end.
  template <typename... Values>
  static Status Run(SqlConnection& sql, std::string_view text, const Values&... values) {
    CHIBO_TRY_VALUE(Query query, Make(sql, text, values...));
    CHIBO_TRY_VALUE(bool more, query.Step());
    while (more) {
      CHIBO_TRY_VALUE(more, query.Step());
    }
    return {};
  }

  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query() {
    if (statement_ != nullptr) {
      statement_->Reset();
    }
  }

  Result<bool> Step() { return statement_->Step(); }
  bool IsNull(int column) const { return statement_->IsNull(column); }
  std::int64_t Int(int column) const { return statement_->Int(column); }
  template <typename Unsigned = std::uint64_t>
  Unsigned UnsignedAt(int column) const {
    return static_cast<Unsigned>(statement_->Int(column));
  }
  ByteView BytesAt(int column) const { return statement_->BytesAt(column); }
  // kDamaged when the column holds something else.
  template <typename Fixed>
  Result<Fixed> FixedAt(int column) const {
    const auto value = Fixed::From(BytesAt(column));
    if (!value) {
      return Fail(Code::kDamaged, "store_row_malformed");
    }
    return *value;
  }

 private:
  explicit Query(SqlStatement& statement) : statement_(&statement) {}

  template <std::integral Int>
  bool Bind(int parameter, Int value) {
    if (!std::in_range<std::int64_t>(value)) {
      return false;
    }
    statement_->BindInt(parameter, static_cast<std::int64_t>(value));
    return true;
  }
  bool Bind(int parameter, SqlText value) {
    statement_->BindText(parameter, value.text);
    return true;
  }
  bool Bind(int parameter, ByteView value) {
    statement_->BindBytes(parameter, value);
    return true;
  }
  bool Bind(int parameter, const Bytes& value) { return Bind(parameter, ByteView(value)); }
  template <typename Tag, std::size_t N>
  bool Bind(int parameter, const FixedBytes<Tag, N>& value) {
    return Bind(parameter, value.view());
  }
  template <typename Value>
  bool Bind(int parameter, const std::optional<Value>& value) {
    if (value) {
      return Bind(parameter, *value);
    }
    statement_->BindNull(parameter);
    return true;
  }

  SqlStatement* statement_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_QUERY_H_

#ifndef CHIBO_STORAGE_SQLITE_ROW_COPY_H_
#define CHIBO_STORAGE_SQLITE_ROW_COPY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/sql_connection.h"

namespace chibo {

// What became of one table's rows.
struct RescuedTable {
  std::string name;
  std::uint64_t rows = 0;  // that are in the new file
  std::uint64_t lost = 0;  // known to have been there
  // Pages could not be read, and nothing says how many rows stood there.
  bool unknown = false;
  // Of the lost rows of node_value their keys, of those of stream their ids and numbers, where an
  // index still has them.
  std::vector<Bytes> keys;
  std::vector<std::pair<std::int64_t, Bytes>> ids;

  bool is_whole() const { return lost == 0 && !unknown; }
};

// The log's tables that are copied. The view and the outboxes are made of them.
std::vector<std::string_view> TablesOfTheLog();

// Copies every row of the log that can be read from one database into another, as it lies. What
// cannot be read, or is not of the types that its table has, is not there. In the caller's
// transaction on `to`, which has the newest tables; outside of one on `from`.
Result<std::vector<RescuedTable>> CopyLog(SqlConnection& from, SqlConnection& to);

}  // namespace chibo

#endif  // CHIBO_STORAGE_SQLITE_ROW_COPY_H_

// Rows are found in three ways, because a page that cannot be read may be of the table or of its
// index, a leaf or above leaves: along the row numbers upward, past what cannot be read, and
// downward from the end; and by what the index says should be there.
#include "storage/sqlite/row_copy.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "storage/query.h"

namespace chibo {
namespace {

using ColumnTypes = std::vector<std::pair<std::string_view, char>>;

struct TableShape {
  std::string_view name;
  bool keyed = false;  // WITHOUT ROWID: the table is the tree of its key
  // Key columns first. 'i' integer, 'b' bytes, 't' text, 'n' bytes or nothing.
  ColumnTypes columns;
  std::size_t key_columns = 1;
  // Of a keyed table: first columns that there may be rows of, told by what was copied before it.
  std::string_view firsts = {};
};
const ColumnTypes kOfValues{{"key", 't'}, {"value", 'b'}};
const ColumnTypes kOfStreams{{"no", 'i'}, {"id", 'b'}, {"own", 'i'}, {"genesis", 'b'}};
const ColumnTypes kOfBranches{{"stream_no", 'i'},   {"branch", 'i'},   {"parent", 'i'},
                              {"fork_at", 'i'},     {"size", 'i'},     {"peaks", 'b'},
                              {"signed_size", 'i'}, {"signature", 'n'}};
const ColumnTypes kOfEntries{{"stream_no", 'i'}, {"branch", 'i'}, {"idx", 'i'},
                             {"leaf", 'b'},      {"header", 'b'}, {"body", 'b'}};
const ColumnTypes kOfCheckpoints{
    {"stream_no", 'i'}, {"branch", 'i'}, {"size", 'i'}, {"signature", 'b'}};
const ColumnTypes kOfSecrets{{"stream_no", 'i'}, {"reach", 'i'}, {"value", 'b'}};
const ColumnTypes kOfRegisters{{"stream", 'b'},   {"unit", 'b'},         {"root", 'b'},
                               {"size", 'i'},     {"time_ms", 'i'},      {"name_stream", 'b'},
                               {"name_idx", 'i'}, {"name_position", 'i'}};
const ColumnTypes kOfQuarantine{{"no", 'i'},     {"stream", 'b'}, {"branch", 'i'},   {"idx", 'i'},
                                {"own", 'i'},    {"whole", 'i'},  {"given_up", 'i'}, {"leaf", 'b'},
                                {"header", 'b'}, {"body", 'b'}};
const ColumnTypes kOfKeptCheckpoints{
    {"stream", 'b'}, {"branch", 'i'}, {"size", 'i'}, {"signature", 'b'}};
const ColumnTypes kOfKeptSecrets{{"stream", 'b'}, {"reach", 'i'}, {"value", 'b'}};

const std::vector<TableShape>& Shapes() {
  static const std::vector<TableShape> kShapes{
      {"node_value", false, kOfValues, 1},
      {"stream", false, kOfStreams, 1},
      {"branch", false, kOfBranches, 2},
      {"entry", false, kOfEntries, 3},
      {"checkpoint", true, kOfCheckpoints, 3, "SELECT no FROM stream"},
      {"secret", true, kOfSecrets, 2, "SELECT no FROM stream"},
      {"registered", true, kOfRegisters, 3, "SELECT id FROM stream"},
      {"quarantine", false, kOfQuarantine, 1},
      {"quarantine_checkpoint", true, kOfKeptCheckpoints, 4, "SELECT stream FROM quarantine"},
      {"quarantine_secret", true, kOfKeptSecrets, 2, "SELECT stream FROM quarantine"},
  };
  return kShapes;
}

// Row numbers tried one by one behind the last that could be read, before the steps grow: more than
// lie below one page above leaves.
constexpr std::int64_t kNear = 1 << 16;
// Numbers in a key that are tried one by one.
constexpr std::int64_t kKeyNumbersMax = 1 << 16;
constexpr std::int64_t kRowMax = std::numeric_limits<std::int64_t>::max();

// A value as its column has it.
struct SqlCell {
  char type = 'i';
  bool null = false;
  std::int64_t number = 0;
  Bytes bytes;

  friend auto operator<=>(const SqlCell&, const SqlCell&) = default;
};
using CellRow = std::vector<SqlCell>;

SqlCell CellAt(const SqlStatement& statement, int column, char type) {
  SqlCell cell;
  cell.type = type;
  cell.null = type == 'n' && statement.IsNull(column);
  if (type == 'i') {
    cell.number = statement.Int(column);
  } else {
    cell.bytes = Bytes(statement.BytesAt(column));
  }
  return cell;
}

void BindCell(SqlStatement& statement, int parameter, const SqlCell& cell) {
  if (cell.null) {
    statement.BindNull(parameter);
  } else if (cell.type == 'i') {
    statement.BindInt(parameter, cell.number);
  } else if (cell.type == 't') {
    statement.BindText(parameter, cell.bytes);
  } else {
    statement.BindBytes(parameter, cell.bytes);
  }
}

// What says that a place cannot be read, and not that nothing can be done.
bool IsUnreadable(const Error& error) {
  return error.code == Code::kDamaged || error.code == Code::kIo || error.code == Code::kTooLarge;
}

class TableCopy {
 public:
  TableCopy(SqlConnection& from, SqlConnection& to, const TableShape& shape)
      : from_(from), to_(to), shape_(shape) {
    table_.name = std::string(shape.name);
  }

  Result<RescuedTable> Run() {
    CHIBO_TRY(shape_.keyed ? CopyKeyed() : CopyNumbered());
    return std::move(table_);
  }

 private:
  enum class Ended { kWhole, kUnreadable, kMet };  // kMet: at a row that was copied before

  std::string Columns() const;
  std::string KeyColumns(std::size_t first, std::size_t last, std::string_view ending) const;
  static std::string Numbers(std::size_t first, std::size_t count);

  Result<bool> Put(const CellRow& row);
  // Goes through the rows of one of the statements below, until `take` says false (kMet). `take`
  // gets the cells from that column on, and whether they are of the table's types.
  using Take = std::function<Result<bool>(const CellRow& row, bool fits)>;
  Result<Ended> Walk(SqlStatement& rows, int first_column, const Take& take) const;

  Status CopyNumbered();
  Result<Ended> Up(std::int64_t& last);
  Result<bool> Down(std::int64_t above);
  Status TakeAt(std::int64_t number);
  Result<std::optional<std::int64_t>> NextReadable(std::int64_t last);
  Result<bool> CanSeek(std::int64_t from, std::optional<std::int64_t>& found);
  Result<bool> CopyByIndex();
  void NoteLost(std::int64_t number, const CellRow& key);

  Status CopyKeyed();
  Result<Ended> WalkKeyed(const CellRow& prefix, const SqlCell* bound, bool upward);
  Status SeekAt(std::size_t level);
  Result<std::vector<CellRow>> PrefixesOf(std::size_t level);
  Result<std::vector<SqlCell>> BoundsOf(const CellRow& prefix);

  SqlConnection& from_;
  SqlConnection& to_;
  const TableShape& shape_;
  RescuedTable table_;
  std::set<std::int64_t> copied_;  // row numbers, of a table that has them
  std::set<std::int64_t> lost_;
};

std::string TableCopy::Columns() const {
  std::string names;
  std::string fits;
  for (const auto& [name, type] : shape_.columns) {
    names += std::string(name) + ", ";
    const std::string_view types = type == 'i'   ? "'integer'"
                                   : type == 't' ? "'text'"
                                   : type == 'n' ? "'blob', 'null'"
                                                 : "'blob'";
    fits += (fits.empty() ? "" : " AND ") + std::string("typeof(") + std::string(name) + ") IN (" +
            std::string(types) + ")";
  }
  return names + "(" + fits + ")";
}

std::string TableCopy::KeyColumns(std::size_t first, std::size_t last,
                                  std::string_view ending) const {
  std::string names;
  for (std::size_t i = first; i < last; ++i) {
    names += (names.empty() ? "" : ", ") + std::string(shape_.columns[i].first);
    names += ending;
  }
  return names;
}

std::string TableCopy::Numbers(std::size_t first, std::size_t count) {
  std::string numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers += (numbers.empty() ? "$" : ", $") + std::to_string(first + i);
  }
  return numbers;
}

// False when a row of that key is there already.
Result<bool> TableCopy::Put(const CellRow& row) {
  CHIBO_TRY_VALUE(
      SqlStatement * insert,
      to_.Prepare("INSERT INTO " + table_.name + "(" + KeyColumns(0, shape_.columns.size(), "") +
                  ") VALUES(" + Numbers(1, row.size()) + ") ON CONFLICT DO NOTHING RETURNING 1"));
  for (std::size_t i = 0; i < row.size(); ++i) {
    BindCell(*insert, static_cast<int>(i) + 1, row[i]);
  }
  CHIBO_TRY_VALUE(const bool put, insert->Step());
  insert->Reset();
  table_.rows += put ? 1 : 0;
  return put;
}

Result<TableCopy::Ended> TableCopy::Walk(SqlStatement& rows, int first_column,
                                         const Take& take) const {
  Result<Ended> ended = Ended::kWhole;
  for (;;) {
    const auto found = rows.Step();
    if (!found) {
      ended = IsUnreadable(found.error()) ? Result<Ended>(Ended::kUnreadable)
                                          : tl::unexpected(found.error());
      break;
    }
    if (!*found) {
      break;
    }
    CellRow row;
    int column = first_column;
    for (const auto& [name, type] : shape_.columns) {
      row.push_back(CellAt(rows, column++, type));
    }
    const auto go_on = take(row, rows.Int(column) != 0);
    if (!go_on || !*go_on) {
      ended = go_on ? Result<Ended>(Ended::kMet) : tl::unexpected(go_on.error());
      break;
    }
  }
  rows.Reset();
  return ended;
}

// ---- Tables of numbered rows

Status TableCopy::CopyNumbered() {
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  bool whole = true;
  for (;;) {
    CHIBO_TRY_VALUE(const Ended ended, Up(last));
    if (ended == Ended::kWhole) {
      break;
    }
    whole = false;
    CHIBO_TRY_VALUE(const auto next, NextReadable(std::max<std::int64_t>(last, 0)));
    if (!next) {
      CHIBO_TRY(Down(last));
      break;
    }
    // It can be found, but perhaps not read.
    CHIBO_TRY(TakeAt(*next));
    last = *next;
  }
  CHIBO_TRY_VALUE(const bool index_whole, CopyByIndex());
  table_.lost = lost_.size();
  table_.unknown = !whole && !index_whole;
  return {};
}

// Row after row; `last` is the number of the last one read.
Result<TableCopy::Ended> TableCopy::Up(std::int64_t& last) {
  CHIBO_TRY_VALUE(SqlStatement * rows,
                  from_.Prepare("SELECT rowid, " + Columns() + " FROM " + table_.name +
                                " NOT INDEXED WHERE rowid > $1 ORDER BY rowid"));
  rows->BindInt(1, last);
  CHIBO_TRY_VALUE(const Ended ended,
                  Walk(*rows, 1, [&](const CellRow& row, bool fits) -> Result<bool> {
                    const std::int64_t number = rows->Int(0);
                    if (number <= last) {  // a tree that leads back into itself
                      return false;
                    }
                    last = number;
                    if (!fits) {
                      lost_.insert(number);
                      return true;
                    }
                    CHIBO_TRY(Put(row));
                    copied_.insert(number);
                    return true;
                  }));
  return ended == Ended::kMet ? Ended::kUnreadable : ended;
}

// From the end downward, to the first that cannot be read.
Result<bool> TableCopy::Down(std::int64_t above) {
  CHIBO_TRY_VALUE(SqlStatement * rows,
                  from_.Prepare("SELECT rowid, " + Columns() + " FROM " + table_.name +
                                " NOT INDEXED WHERE rowid > $1 ORDER BY rowid DESC"));
  rows->BindInt(1, above);
  CHIBO_TRY_VALUE(const Ended ended,
                  Walk(*rows, 1, [&](const CellRow& row, bool fits) -> Result<bool> {
                    if (!copied_.insert(rows->Int(0)).second) {
                      return false;
                    }
                    if (fits) {
                      CHIBO_TRY(Put(row));
                    }
                    return true;
                  }));
  return ended == Ended::kWhole;
}

Status TableCopy::TakeAt(std::int64_t number) {
  if (copied_.contains(number)) {
    return {};
  }
  CHIBO_TRY_VALUE(SqlStatement * rows,
                  from_.Prepare("SELECT " + Columns() + " FROM " + table_.name +
                                " NOT INDEXED WHERE rowid = $1"));
  rows->BindInt(1, number);
  lost_.insert(number);
  CHIBO_TRY(Walk(*rows, 0, [&](const CellRow& row, bool fits) -> Result<bool> {
    if (fits) {
      CHIBO_TRY(Put(row));
      copied_.insert(number);
      lost_.erase(number);
    }
    return true;
  }));
  return {};
}

// Whether the tree can be gone down to the first row from that number on.
Result<bool> TableCopy::CanSeek(std::int64_t from, std::optional<std::int64_t>& found) {
  CHIBO_TRY_VALUE(SqlStatement * rows,
                  from_.Prepare("SELECT rowid FROM " + table_.name +
                                " NOT INDEXED WHERE rowid >= $1 ORDER BY rowid LIMIT 1"));
  rows->BindInt(1, from);
  const auto row = rows->Step();
  if (!row && !IsUnreadable(row.error())) {
    return tl::unexpected(row.error());
  }
  found = row && *row ? std::optional(rows->Int(0)) : std::nullopt;
  // A tree that leads elsewhere is as good as none.
  const bool led_back = found && *found < from;
  rows->Reset();
  return row.has_value() && !led_back;
}

// The first row behind `last` that can be found, also one that cannot be read whole; nothing when
// all that is left cannot be found from here.
Result<std::optional<std::int64_t>> TableCopy::NextReadable(std::int64_t last) {
  std::optional<std::int64_t> found;
  std::int64_t step = 1;
  std::int64_t failed = last;
  std::int64_t from = last;
  for (;;) {
    if (step > kRowMax - from) {
      return std::nullopt;
    }
    from += step;
    CHIBO_TRY_VALUE(const bool can, CanSeek(from, found));
    if (can) {
      break;
    }
    failed = from;
    step = from - last < kNear ? 1 : step * 2;
  }
  while (from - failed > 1) {
    const std::int64_t middle = failed + (from - failed) / 2;
    std::optional<std::int64_t> there;
    CHIBO_TRY_VALUE(const bool can, CanSeek(middle, there));
    (can ? from : failed) = middle;
    found = can ? there : found;
  }
  return found;
}

void TableCopy::NoteLost(std::int64_t number, const CellRow& key) {
  lost_.insert(number);
  if (shape_.name == "node_value") {
    table_.keys.push_back(key.front().bytes);
  } else if (shape_.name == "stream") {
    table_.ids.emplace_back(number, key.front().bytes);
  }
}

// What the index says is there and was not found along the row numbers. Whether the index could be
// read to its end; a table that is its own index has none.
Result<bool> TableCopy::CopyByIndex() {
  const bool by_id = shape_.name == "stream";
  const std::size_t first = by_id ? 1 : 0;
  const std::size_t last = by_id ? 2 : shape_.key_columns;
  if (shape_.name == "quarantine") {
    return false;
  }
  const std::string keys = KeyColumns(first, last, "");
  bool whole = false;
  for (const std::string_view order : {"", " DESC"}) {
    CHIBO_TRY_VALUE(SqlStatement * rows,
                    from_.Prepare("SELECT rowid, " + keys + " FROM " + table_.name +
                                  " INDEXED BY " + "sqlite_autoindex_" + table_.name +
                                  "_1 ORDER BY " + KeyColumns(first, last, order)));
    std::vector<std::pair<std::int64_t, CellRow>> missing;
    for (;;) {
      const auto found = rows->Step();
      if (!found && !IsUnreadable(found.error())) {
        return tl::unexpected(found.error());
      }
      if (!found || !*found) {
        whole = found.has_value();
        break;
      }
      const std::int64_t number = rows->Int(0);
      if (!copied_.contains(number)) {
        missing.emplace_back(number, CellRow{CellAt(*rows, 1, shape_.columns[first].second)});
      }
    }
    rows->Reset();
    for (const auto& [number, key] : missing) {
      CHIBO_TRY(TakeAt(number));
      if (!copied_.contains(number)) {
        NoteLost(number, key);
      }
    }
    if (whole) {
      break;
    }
  }
  return whole;
}

// ---- Tables that are the tree of their key

// Rows whose key begins with `prefix`, upward from `bound` in the column behind it, or downward
// from before that, to the first that cannot be read.
Result<TableCopy::Ended> TableCopy::WalkKeyed(const CellRow& prefix, const SqlCell* bound,
                                              bool upward) {
  std::string text = "SELECT " + Columns() + " FROM " + table_.name;
  std::string_view joint = " WHERE ";
  for (std::size_t i = 0; i < prefix.size() + (bound == nullptr ? 0 : 1); ++i) {
    const std::string_view compared = i < prefix.size() ? " = $" : upward ? " >= $" : " < $";
    text.append(joint).append(shape_.columns[i].first).append(compared);
    text += std::to_string(i + 1);
    joint = " AND ";
  }
  text += " ORDER BY " + KeyColumns(0, shape_.key_columns, upward ? "" : " DESC");
  CHIBO_TRY_VALUE(SqlStatement * rows, from_.Prepare(text));
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    BindCell(*rows, static_cast<int>(i) + 1, prefix[i]);
  }
  if (bound != nullptr) {
    BindCell(*rows, static_cast<int>(prefix.size()) + 1, *bound);
  }
  return Walk(*rows, 0, [&](const CellRow& row, bool fits) -> Result<bool> {
    if (!fits) {
      ++table_.lost;
      return true;
    }
    return Put(row);
  });
}

Status TableCopy::CopyKeyed() {
  CHIBO_TRY_VALUE(const Ended ended, WalkKeyed({}, nullptr, true));
  if (ended == Ended::kWhole) {
    return {};
  }
  // Also where a key is met twice: a tree that leads back into itself.
  table_.unknown = true;
  CHIBO_TRY(WalkKeyed({}, nullptr, false));
  for (std::size_t level = 0; level < shape_.key_columns; ++level) {
    CHIBO_TRY(SeekAt(level));
  }
  table_.lost = 0;
  return {};
}

// What lies between pages that cannot be read is reached from places in between.
Status TableCopy::SeekAt(std::size_t level) {
  CHIBO_TRY_VALUE(const auto prefixes, PrefixesOf(level));
  for (const CellRow& prefix : prefixes) {
    CHIBO_TRY_VALUE(const auto bounds, BoundsOf(prefix));
    for (const SqlCell& bound : bounds) {
      for (const bool upward : {true, false}) {
        CHIBO_TRY(WalkKeyed(prefix, &bound, upward));
      }
    }
  }
  return {};
}

// Beginnings of keys, `level` columns long, that are known by now.
Result<std::vector<CellRow>> TableCopy::PrefixesOf(std::size_t level) {
  std::vector<CellRow> prefixes;
  if (level == 0) {
    prefixes.emplace_back();
    return prefixes;
  }
  std::string text =
      "SELECT DISTINCT " + KeyColumns(0, level, "") + " FROM " + std::string(table_.name);
  if (level == 1) {
    text += " UNION " + std::string(shape_.firsts);
  }
  CHIBO_TRY_VALUE(SqlStatement * rows, to_.Prepare(text));
  for (;;) {
    CHIBO_TRY_VALUE(const bool found, rows->Step());
    if (!found) {
      break;
    }
    CellRow& prefix = prefixes.emplace_back();
    for (std::size_t i = 0; i < level; ++i) {
      prefix.push_back(CellAt(*rows, static_cast<int>(i), shape_.columns[i].second));
    }
  }
  rows->Reset();
  return prefixes;
}

// Numbers one by one up to the largest known; of bytes the first twelve bits, or eight. Further on
// in a key bytes are few beside each other.
Result<std::vector<SqlCell>> TableCopy::BoundsOf(const CellRow& prefix) {
  const std::size_t level = prefix.size();
  const auto [name, type] = shape_.columns[level];
  std::vector<SqlCell> bounds;
  if (type == 'b') {
    const int count = level == 0 ? 1 << 12 : level == 1 ? 1 << 8 : 0;
    for (int i = 0; i < count; ++i) {
      SqlCell& cell = bounds.emplace_back();
      cell.type = type;
      if (level == 0) {
        cell.bytes.push_back(static_cast<char>(i >> 4));
      }
      cell.bytes.push_back(static_cast<char>(level == 0 ? i << 4 : i));
    }
    return bounds;
  }
  const std::string text = "SELECT COALESCE(MAX(" + std::string(name) + "), 0) FROM " + table_.name;
  CHIBO_TRY_VALUE(SqlStatement * largest, to_.Prepare(text));
  CHIBO_TRY(largest->Step());
  const std::int64_t end = std::min(largest->Int(0) + 1, kKeyNumbersMax);
  largest->Reset();
  for (std::int64_t number = 0; number <= end; ++number) {
    bounds.emplace_back().number = number;
  }
  return bounds;
}

Result<bool> HasTable(SqlConnection& sql, std::string_view name) {
  CHIBO_TRY_VALUE(Query query,
                  Query::Make(sql, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
                              SqlText{name}));
  return query.Step();
}

}  // namespace

std::vector<std::string_view> TablesOfTheLog() {
  std::vector<std::string_view> names;
  for (const TableShape& shape : Shapes()) {
    names.push_back(shape.name);
  }
  return names;
}

Result<std::vector<RescuedTable>> CopyLog(SqlConnection& from, SqlConnection& to) {
  std::vector<RescuedTable> tables;
  for (const TableShape& shape : Shapes()) {
    // One of a version before it was brought in is not there.
    CHIBO_TRY_VALUE(const bool there, HasTable(from, shape.name));
    if (there) {
      CHIBO_TRY_VALUE(tables.emplace_back(), TableCopy(from, to, shape).Run());
    }
  }
  return tables;
}

}  // namespace chibo

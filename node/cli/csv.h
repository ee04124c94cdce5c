#ifndef CHIBO_NODE_CLI_CSV_H_
#define CHIBO_NODE_CLI_CSV_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chibo {

// A file of rows as spreadsheets write it: UTF-8 with or without byte order mark, comma, semicolon
// or tab (the one that the head has most of), quotes, any line ends. Empty lines are passed
// over.
struct CsvTable {
  struct Row {
    std::size_t line = 0;  // of the file, from 1, where the row begins
    std::vector<std::string> cells;
  };
  std::vector<std::string> head;
  // Their cells are bytes as they stand; IsUtf8 is for who reads them to ask.
  std::vector<Row> rows;
  struct Place {
    std::size_t line = 0;  // of the row, as above
    std::size_t cell = 0;  // from 0
  };
  // Where a quotation mark is opened that nothing closes: nothing from that row on is in `rows`.
  std::optional<Place> open_quote;
};

inline constexpr std::size_t kCsvRowsMax = 20'000;
inline constexpr std::size_t kCsvColumnsMax = 100;

// kBadInput "csv_not_utf8" (of the head), "csv_empty"; kTooLarge "csv_too_large".
Result<CsvTable> ReadCsv(std::string_view bytes);
// The first that is wrong with its rows: kBadInput "csv_not_utf8", "csv_quote_open", with the line.
Status CheckRows(const CsvTable& table);

// A cell as written out: quoted where needed, and such that no spreadsheet takes it for a formula.
std::string CsvCell(std::string_view text);
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_CSV_H_

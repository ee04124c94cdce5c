#include "node/cli/csv.h"

#include <algorithm>
#include <utility>

#include "proto/text.h"

namespace chibo {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr std::string_view kLineEnds = "\r\n";

char SeparatorOf(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kLineEnds), text.size()));
  const std::string_view head = text.substr(0, text.find_first_of(kLineEnds));
  char best = ',';
  auto most = std::count(head.begin(), head.end(), ',');
  for (const char candidate : {';', '\t'}) {
    const auto count = std::count(head.begin(), head.end(), candidate);
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  return best;
}

bool AreUtf8(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), IsUtf8);
}

// Reads rows off the text, one at a time.
class Rows {
 public:
  Rows(std::string_view text, char separator) : text_(text), separator_(separator) {}

  // False at the end, or where a quotation mark stays open.
  Result<bool> Next(CsvTable::Row& row) {
    for (;;) {
      if (at_ >= text_.size()) {
        return false;
      }
      row = {line_, {}};
      ReadRow(row);
      if (open_quote_) {
        return false;
      }
      if (row.cells.size() > kCsvColumnsMax) {
        return Fail(Code::kTooLarge, "csv_too_large", std::to_string(row.line));
      }
      if (row.cells.size() > 1 || !row.cells.front().empty()) {
        return true;
      }
    }
  }
  const std::optional<CsvTable::Place>& open_quote() const { return open_quote_; }

 private:
  void ReadRow(CsvTable::Row& row) {
    for (;;) {
      std::string cell;
      ReadCell(row, cell);
      row.cells.push_back(std::move(cell));
      if (at_ >= text_.size()) {
        return;
      }
      const char ended = text_[at_++];
      if (ended == separator_) {
        continue;
      }
      if (ended == '\r' && at_ < text_.size() && text_[at_] == '\n') {
        ++at_;
      }
      ++line_;
      return;
    }
  }

  // Up to, not including, what ends it.
  void ReadCell(const CsvTable::Row& row, std::string& cell) {
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      for (;; ++at_) {
        if (at_ >= text_.size()) {
          open_quote_ = {row.line, row.cells.size()};
          return;
        }
        if (text_[at_] == '"') {
          if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
            ++at_;
            break;
          }
          ++at_;
        }
        line_ += text_[at_] == '\n' ? 1 : 0;
        cell.push_back(text_[at_]);
      }
    }
    // What stands after a closing quote belongs to the cell, as spreadsheets read it.
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
           text_[at_] != '\r') {
      cell.push_back(text_[at_++]);
    }
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::optional<CsvTable::Place> open_quote_;
};

}  // namespace

Result<CsvTable> ReadCsv(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) {
    bytes.remove_prefix(kByteOrderMark.size());
  }
  Rows rows(bytes, SeparatorOf(bytes));
  CsvTable table;
  CsvTable::Row row;
  CHIBO_TRY_VALUE(bool more, rows.Next(row));
  if (!more && !rows.open_quote()) {
    return Fail(Code::kBadInput, "csv_empty");
  }
  if (!AreUtf8(row.cells)) {
    return Fail(Code::kBadInput, "csv_not_utf8", std::to_string(row.line));
  }
  table.head = std::move(row.cells);
  for (;;) {
    CHIBO_TRY_VALUE(more, rows.Next(row));
    if (!more) {
      table.open_quote = rows.open_quote();
      return table;
    }
    if (table.rows.size() >= kCsvRowsMax) {
      return Fail(Code::kTooLarge, "csv_too_large", std::to_string(row.line));
    }
    table.rows.push_back(std::move(row));
  }
}

Status CheckRows(const CsvTable& table) {
  for (const CsvTable::Row& row : table.rows) {
    if (!AreUtf8(row.cells)) {
      return Fail(Code::kBadInput, "csv_not_utf8", std::to_string(row.line));
    }
  }
  return table.open_quote
             ? Fail(Code::kBadInput, "csv_quote_open", std::to_string(table.open_quote->line))
             : Status();
}

std::string CsvCell(std::string_view text) {
  std::string safe(text);
  // A spreadsheet takes a cell that begins like this for a formula.
  if (!safe.empty() && std::string_view("=+-@\t\r").find(safe.front()) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  if (safe.find_first_of(",;\"\r\n\t") == std::string::npos) {
    return safe;
  }
  std::string quoted = "\"";
  for (const char letter : safe) {
    quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return quoted + "\"";
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    line += (line.empty() && &cell == &cells.front() ? "" : ",") + CsvCell(cell);
  }
  return line + "\r\n";
}

}  // namespace chibo

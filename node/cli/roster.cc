#include "node/cli/roster.h"

#include <algorithm>
#include <map>
#include <utility>

#include "node/cli/csv.h"
#include "node/cli/labels.h"
#include "node/names.h"
#include "node/typed_value.h"
#include "proto/limits.h"
#include "proto/text.h"

namespace chibo {
namespace {

struct Head {
  std::string_view folded;
  RosterColumn column;
};

// What heads look like without case and marks.
constexpr Head kHeads[] = {
    {"ho va ten", RosterColumn::kName},
    {"ho ten", RosterColumn::kName},
    {"ho va ten dang vien", RosterColumn::kName},
    {"ngay sinh", RosterColumn::kBirth},
    {"ngay thang nam sinh", RosterColumn::kBirth},
    {"gioi tinh", RosterColumn::kGender},
    {"dan toc", RosterColumn::kEthnicity},
    {"ngay vao dang", RosterColumn::kAdmitted},
    {"ngay ket nap", RosterColumn::kAdmitted},
    {"ngay chinh thuc", RosterColumn::kOfficial},
    {"so the", RosterColumn::kCard},
    {"so the dang", RosterColumn::kCard},
    {"so the dang vien", RosterColumn::kCard},
    {"cccd", RosterColumn::kCitizen},
    {"so cccd", RosterColumn::kCitizen},
    {"can cuoc cong dan", RosterColumn::kCitizen},
    {"dien thoai", RosterColumn::kPhone},
    {"so dien thoai", RosterColumn::kPhone},
    {"chuc vu", RosterColumn::kPosition},
    {"ghi chu", RosterColumn::kNote},
};

constexpr std::pair<RosterColumn, std::string_view> kNeeded[] = {
    {RosterColumn::kName, "Họ và tên"},
    {RosterColumn::kBirth, "Ngày sinh"},
    {RosterColumn::kAdmitted, "Ngày vào Đảng"},
};

constexpr std::size_t kCellBytesMax = 2000;

std::optional<RosterColumn> ColumnOf(std::string_view head) {
  std::string folded = FoldedName(head);
  std::replace_if(
      folded.begin(), folded.end(), [](char c) { return c == '.' || c == ',' || c == ':'; }, ' ');
  folded = NormalName(folded);
  for (const Head& known : kHeads) {
    if (known.folded == folded) {
      return known.column;
    }
  }
  return std::nullopt;
}

class Reader {
 public:
  Result<Roster> Read(std::string_view bytes) {
    CHIBO_TRY_VALUE(const CsvTable table, ReadCsv(bytes));
    CHIBO_TRY(ReadHead(table.head));
    for (const CsvTable::Row& row : table.rows) {
      if (IsText(row)) {
        ReadRow(row);
      }
    }
    if (table.open_quote) {
      roster_.problems.push_back(
          {table.open_quote->line, NameOfColumn(table.open_quote->cell), "csv_quote_open"});
    }
    return std::move(roster_);
  }

 private:
  Status ReadHead(const std::vector<std::string>& head) {
    head_ = head;
    for (std::size_t i = 0; i < head.size(); ++i) {
      if (!IsPlainText(NormalName(head[i]), Lines::kOne)) {
        return Fail(Code::kBadInput, "text_not_plain", "1/" + std::to_string(i + 1));
      }
      const auto column = ColumnOf(head[i]);
      if (!column) {
        if (!NormalName(head[i]).empty()) {
          roster_.passed_over.push_back(NormalName(head[i]));
        }
        continue;
      }
      if (!at_.emplace(*column, i).second) {
        return Fail(Code::kBadInput, "roster_column_twice", NormalName(head[i]));
      }
      roster_.columns[*column] = NormalName(head[i]);
    }
    for (const auto& [column, name] : kNeeded) {
      if (!at_.contains(column)) {
        return Fail(Code::kBadInput, "roster_column_missing", std::string(name));
      }
    }
    return {};
  }

  void Problem(std::size_t line, RosterColumn column, std::string_view reason) {
    roster_.problems.push_back({line, roster_.columns.at(column), reason});
  }

  // As the file calls it.
  std::string NameOfColumn(std::size_t at) const {
    const std::string name = at < head_.size() ? NormalName(head_[at]) : std::string();
    return name.empty() ? std::to_string(at + 1) : name;
  }

  bool IsText(const CsvTable::Row& row) {
    bool text = true;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (!IsUtf8(row.cells[i])) {
        roster_.problems.push_back({row.line, NameOfColumn(i), "roster_cell_not_utf8"});
        text = false;
      }
    }
    return text;
  }

  void ReadRow(const CsvTable::Row& row) {
    const bool empty = std::all_of(row.cells.begin(), row.cells.end(), [](const std::string& cell) {
      return NormalName(cell).empty();
    });
    if (empty) {
      return;
    }
    RosterPerson person;
    person.line = row.line;
    for (std::size_t i = head_.size(); i < row.cells.size(); ++i) {
      if (!NormalName(row.cells[i]).empty()) {
        roster_.problems.push_back({row.line, NameOfColumn(i), "roster_cells_too_many"});
        return;
      }
    }
    for (const auto& [column, at] : at_) {
      if (at < row.cells.size()) {
        ReadCell(column, row.cells[at], person);
      }
    }
    CheckPerson(person);
    roster_.persons.push_back(std::move(person));
  }

  void ReadCell(RosterColumn column, const std::string& cell, RosterPerson& person) {
    std::string text = NormalName(cell);
    std::uint32_t* date = column == RosterColumn::kBirth      ? &person.birth
                          : column == RosterColumn::kAdmitted ? &person.admitted
                          : column == RosterColumn::kOfficial ? &person.official
                                                              : nullptr;
    if (date != nullptr) {
      if (!text.empty()) {
        const auto read = DateFrom(text);
        *date = read.value_or(0);
        if (!read) {
          Problem(person.line, column, "roster_date_unreadable");
          unreadable_.insert({person.line, column});
        }
      }
      return;
    }
    if (!IsPlainText(text, Lines::kOne)) {
      Problem(person.line, column, "text_not_plain");
    } else if (text.size() >
               (column == RosterColumn::kName ? limits::kNameBytesMax : kCellBytesMax)) {
      Problem(person.line, column, "roster_cell_too_long");
    } else {
      person.text[static_cast<std::size_t>(column)] = std::move(text);
      return;
    }
    unreadable_.insert({person.line, column});
  }

  void CheckPerson(const RosterPerson& person) {
    const auto needed = [&](RosterColumn column, bool given) {
      if (!given && !unreadable_.contains({person.line, column})) {
        Problem(person.line, column, "roster_cell_empty");
      }
    };
    const std::string& name = person[RosterColumn::kName];
    needed(RosterColumn::kName, !name.empty());
    needed(RosterColumn::kBirth, person.birth != 0);
    needed(RosterColumn::kAdmitted, person.admitted != 0);
    if (person.birth != 0 && person.admitted != 0 && person.admitted <= person.birth) {
      Problem(person.line, RosterColumn::kAdmitted, "roster_dates_reversed");
    }
    if (person.official != 0 && person.official < person.admitted) {
      Problem(person.line, RosterColumn::kOfficial, "roster_dates_reversed");
    }
    if (!name.empty() && person.birth != 0 && !seen_.insert({name, person.birth}).second) {
      Problem(person.line, RosterColumn::kName, "roster_person_twice");
    }
  }

  Roster roster_;
  std::map<RosterColumn, std::size_t> at_;
  std::vector<std::string> head_;
  std::set<std::pair<std::size_t, RosterColumn>> unreadable_;
  std::set<std::pair<std::string, std::uint32_t>> seen_;
};

}  // namespace

Result<Roster> ReadRoster(std::string_view bytes) { return Reader().Read(bytes); }

}  // namespace chibo

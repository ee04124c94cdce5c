#ifndef CHIBO_NODE_CLI_ROSTER_H_
#define CHIBO_NODE_CLI_ROSTER_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chibo {

enum class RosterColumn : std::uint8_t {
  kName,
  kBirth,
  kGender,
  kEthnicity,
  kAdmitted,
  kOfficial,
  kCard,
  kCitizen,
  kPhone,
  kPosition,
  kNote,
};
inline constexpr std::size_t kRosterColumns = 11;

// One person of a roster. Texts in Unicode NFC with single spaces; dates yyyymmdd, 0 = empty.
struct RosterPerson {
  std::size_t line = 0;
  std::array<std::string, kRosterColumns> text;  // of the columns that are no dates
  std::uint32_t birth = 0;
  std::uint32_t admitted = 0;
  std::uint32_t official = 0;

  const std::string& operator[](RosterColumn column) const {
    return text[static_cast<std::size_t>(column)];
  }
};

// What is wrong with one cell; `reason` is a key of "errors".
struct RosterProblem {
  std::size_t line = 0;
  std::string column;  // as the file calls it, or its number where it calls it nothing
  std::string_view reason;

  friend bool operator==(const RosterProblem&, const RosterProblem&) = default;
};

struct Roster {
  std::vector<RosterPerson> persons;
  std::vector<RosterProblem> problems;   // by line; nothing may be imported unless empty
  std::vector<std::string> passed_over;  // columns this program does not know
  // That the file has, and what it calls them.
  std::map<RosterColumn, std::string> columns;

  const std::string& NameColumn() const { return columns.at(RosterColumn::kName); }
};

// Reads a roster of party members (csv.h says what the file may look like). Columns are found by
// their heads, in any order, whatever the case, marks or Unicode form: Họ và tên, Ngày sinh, Giới
// tính, Dân tộc, Ngày vào Đảng, Ngày chính thức, Số thẻ, CCCD, Điện thoại, Chức vụ, Ghi chú. Name,
// birth date and admission date are needed. Everything that is wrong is told at once. Errors: those
// of ReadCsv; kBadInput "roster_column_missing", "roster_column_twice".
Result<Roster> ReadRoster(std::string_view bytes);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_ROSTER_H_

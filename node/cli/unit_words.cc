#include "node/cli/unit_words.h"

#include <algorithm>
#include <map>

#include "node/cli/csv.h"
#include "node/names.h"

namespace chibo {
namespace {

std::string EnumName(std::string text, int (*change)(int)) {
  for (char& letter : text) {
    letter = letter == '-' ? '_' : static_cast<char>(change(static_cast<unsigned char>(letter)));
  }
  return text;
}

bool IsYes(const std::string& text) {
  const std::string folded = FoldedName(text);
  return folded == "yes" || folded == "co" || folded == "true" || folded == "1" || folded == "x";
}

}  // namespace

Result<pb::UnitKind> UnitKindFrom(const std::string& text) {
  pb::UnitKind kind = pb::UNIT_KIND_NONE;
  if (!pb::UnitKind_Parse(EnumName(text, std::toupper), &kind) || kind == pb::UNIT_KIND_NONE) {
    return Fail(Code::kBadInput, "unit_kind_unknown", text);
  }
  return kind;
}

std::string UnitKindName(pb::UnitKind kind) {
  return EnumName(pb::UnitKind_Name(kind), std::tolower);
}

Result<pb::Role> RoleFrom(const std::string& text) {
  if (EnumName(text, std::tolower) == "committee") {
    return pb::SERVER;
  }
  pb::Role role = pb::ROLE_NONE;
  if (!pb::Role_Parse(EnumName(text, std::toupper), &role) ||
      (role != pb::SECRETARY && role != pb::DEPUTY && role != pb::SERVER)) {
    return Fail(Code::kBadInput, "role_unknown", text);
  }
  return role;
}

std::string RoleName(pb::Role role) { return EnumName(pb::Role_Name(role), std::tolower); }

pb::Role RoleFor(pb::UnitKind kind) {
  return kind == pb::CELL || kind == pb::GRASSROOTS_CELL ? pb::SECRETARY : pb::SERVER;
}

bool IsUnitCode(std::string_view code) {
  return !code.empty() && code.size() <= 64 && code.front() != '-' &&
         std::all_of(code.begin(), code.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                  letter == '-';
         });
}

Result<std::vector<UnitPlan>> ReadUnits(std::string_view bytes) {
  CHIBO_TRY_VALUE(const CsvTable table, ReadCsv(bytes));
  CHIBO_TRY(CheckRows(table));
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < table.head.size(); ++i) {
    at.emplace(FoldedName(table.head[i]), i);
  }
  for (const char* needed : {"code", "kind", "name"}) {
    if (!at.contains(needed)) {
      return Fail(Code::kBadInput, "unit_column_missing", needed);
    }
  }
  std::vector<UnitPlan> plans;
  for (const CsvTable::Row& row : table.rows) {
    const auto cell = [&](const std::string& column) {
      const auto found = at.find(column);
      return found != at.end() && found->second < row.cells.size()
                 ? NormalName(row.cells[found->second])
                 : std::string();
    };
    UnitPlan plan;
    plan.code = cell("code");
    plan.name = cell("name");
    plan.parent_code = cell("parent");
    plan.type = cell("type");
    plan.committee = IsYes(cell("committee"));
    const std::string line = std::to_string(row.line);
    if (plan.code.empty() || plan.name.empty()) {
      return Fail(Code::kBadInput, "unit_row_incomplete", line);
    }
    if (!IsUnitCode(plan.code)) {
      return Fail(Code::kBadInput, "unit_code_unfit", line + ": " + plan.code);
    }
    const auto kind = UnitKindFrom(cell("kind"));
    if (!kind) {
      return Fail(Code::kBadInput, "unit_kind_unknown", line + ": " + cell("kind"));
    }
    plan.kind = *kind;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace chibo

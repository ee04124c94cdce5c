#ifndef CHIBO_NODE_CLI_UNIT_WORDS_H_
#define CHIBO_NODE_CLI_UNIT_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/enrolment.h"

namespace chibo {

// "district", "GRASSROOTS_CELL", "grassroots-cell". kBadInput "unit_kind_unknown".
Result<pb::UnitKind> UnitKindFrom(const std::string& text);
std::string UnitKindName(pb::UnitKind kind);  // "grassroots_cell"
// "secretary", "deputy", "committee" (or "server", as schema and code call a committee's device).
// kBadInput "role_unknown".
Result<pb::Role> RoleFrom(const std::string& text);
std::string RoleName(pb::Role role);
// Who joins first for a unit of that kind: a cell's secretary, a committee's server.
pb::Role RoleFor(pb::UnitKind kind);

// A list of units: columns code, kind, name, parent, type, committee (yes/no), in any order; code,
// kind and name are needed. Errors name the line: kBadInput "unit_column_missing",
// "unit_kind_unknown", "unit_row_incomplete", "unit_code_unfit"; those of ReadCsv.
Result<std::vector<UnitPlan>> ReadUnits(std::string_view bytes);

// Lower case letters, digits and "-", at most 64: what references and file names are made of.
bool IsUnitCode(std::string_view code);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_UNIT_WORDS_H_

#include "domain/row_reader.h"

#include <algorithm>

namespace chibo {

bool HasData(const pb::OutcomeRow& row) {
  return row.proposals_size() > 0 || !row.decision().empty();
}

bool IsCell(const Organisation& organisation, const UnitId& unit, CivilDate day) {
  const auto state = organisation.At(unit, day);
  return state && (state->kind == pb::CELL || state->kind == pb::GRASSROOTS_CELL);
}

std::vector<UnitId> UnitsOf(const Organisation& organisation, const std::optional<UnitId>& top,
                            CivilDate day) {
  std::vector<UnitId> units = organisation.UnitsOn(day);
  for (const UnitId& unit : organisation.UnitsOn()) {
    const auto state = organisation.At(unit);
    if (state && state->established > day) {
      units.push_back(unit);
    }
  }
  if (top) {
    const auto outside = [&](const UnitId& unit) {
      return !organisation.IsAtOrAbove(*top, unit, day);
    };
    units.erase(std::remove_if(units.begin(), units.end(), outside), units.end());
  }
  return units;
}

}  // namespace chibo

#ifndef CHIBO_DOMAIN_ROW_READER_H_
#define CHIBO_DOMAIN_ROW_READER_H_

#include <vector>

#include "chibo/view.pb.h"
#include "domain/organisation.h"

// What tables and groups ask of rows and units alike.
namespace chibo {

// Whether anybody has proposed or decided: what counts as data of a cell.
bool HasData(const pb::OutcomeRow& row);
// A cell of either kind, by the day.
bool IsCell(const Organisation& organisation, const UnitId& unit, CivilDate day);
// A unit and all below it by the tree of that day, and those established after it as they first
// stood: a network set up after the period it grades still has its table.
std::vector<UnitId> UnitsOf(const Organisation& organisation, const std::optional<UnitId>& top,
                            CivilDate day);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_ROW_READER_H_

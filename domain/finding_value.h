#ifndef CHIBO_DOMAIN_FINDING_VALUE_H_
#define CHIBO_DOMAIN_FINDING_VALUE_H_

#include <string>

#include "chibo/view.pb.h"
#include "domain/civil_date.h"
#include "domain/finding.h"
#include "domain/subject.h"

// Values of findings say what they are, so that whoever shows them can put a name in place of an
// id: "unit:<hex>", "person:<hex>", "grade:HTXSNV", "day:20191231", "rule:R51"; anything else is
// shown as it is.
namespace chibo {

inline std::string ValueOf(const UnitId& unit) { return "unit:" + unit.hex(); }
inline std::string ValueOf(const PersonId& person) { return "person:" + person.hex(); }
inline std::string ValueOf(pb::Grade grade) { return "grade:" + pb::Grade_Name(grade); }
inline std::string ValueOfDay(CivilDate day) { return "day:" + std::to_string(day); }

pb::FindingRow ToMessage(const Finding& finding);
// A finding read from a row of the view.
Finding FromMessage(const pb::FindingRow& row);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_FINDING_VALUE_H_

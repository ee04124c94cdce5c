#ifndef CHIBO_DOMAIN_OUTCOME_H_
#define CHIBO_DOMAIN_OUTCOME_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/case.h"
#include "domain/context.h"

namespace chibo {

// Where one subject stands in one period, and the cases about it.
struct Outcome {
  pb::OutcomeRow row;              // state OFF_REGISTER: keep no row
  std::vector<pb::CaseRow> cases;  // by id, open and closed
  // The entry was joined into this one, whose evaluation uses its facts: evaluate that too.
  std::optional<SubjectId> joined_into;
};

// Reads the subject's own facts and what they refer to; never other subjects' rows. The cases of a
// unit's papers (two records of one meeting) come with its ORGANISATION subject.
Result<Outcome> Evaluate(const Context& context, const SubjectId& subject,
                         const std::string& period);

// The periods in which the subject may have a row or a case: those its facts name, and those of
// whom it is joined with, and those the packs open. Sorted.
Result<std::vector<std::string>> PeriodsFor(const Context& context, const SubjectId& subject);

// Subjects whose evaluation may change when this fact arrives or its standing changes, in all their
// periods. Sorted, without repeats. The fact is already in context.facts.
Result<std::vector<SubjectId>> SubjectsTouchedBy(const Context& context, const Fact& fact);
// Units and their changes, also as copies: SubjectsTouchedByUnits tells of whom. Packs and peer
// groups: everything is evaluated anew. SubjectsTouchedBy gives nothing for them.
bool TouchesOrganisation(const Fact& fact);
bool TouchesEverything(const Fact& fact);
// Subjects whose evaluation may change when these units stand otherwise than before
// (Organisation::ChangedSince). What such a unit wrote of others needs no look: it bears on them
// only where the writer is above them, and then they are among the units.
Result<std::vector<SubjectId>> SubjectsTouchedByUnits(const Context& context,
                                                      const std::set<UnitId>& units);
// All subjects a fact speaks of itself, without looking further: from all facts, all subjects there
// are.
std::vector<SubjectId> SubjectsNamedBy(const Fact& fact);

// How a store keeps rows: the key orders by kind, id and period; the group is what VisitUnit asks
// for. All rows and cases of a subject have keys that begin with SubjectKey, so that those that are
// gone can be found.
Bytes SubjectKey(const SubjectId& subject);
Bytes OutcomeKey(const SubjectId& subject, std::string_view period);
Bytes OutcomeGroup(const UnitId& unit, std::string_view period);
Bytes CaseKey(const SubjectId& subject, std::string_view period, std::string_view case_id);

// "exempt", "no_proposal", …; "" for REASON_NONE.
std::string_view Name(pb::Reason reason);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_OUTCOME_H_

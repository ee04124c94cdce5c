#ifndef CHIBO_DOMAIN_COMPETENCE_H_
#define CHIBO_DOMAIN_COMPETENCE_H_

#include <optional>
#include <vector>

#include "domain/member_history.h"
#include "domain/organisation.h"
#include "domain/rule_pack.h"
#include "domain/subject.h"

namespace chibo {

// Where a subject is reviewed in a period.
struct ReviewPlace {
  UnitId unit;
  bool required = true;    // R30; false: it may propose, nobody waits for it
  bool too_new = false;    // R22: reviewed there, not graded there
  bool finishing = false;  // it has ended and was allowed to complete the year
};

// R30: the home cell and the places of posts held on the grading date; for a collective, itself. By
// unit.
std::vector<ReviewPlace> PlacesOf(const MemberHistory& member, const Home& home, CivilDate day,
                                  const EffectivePack& pack);

// R62: whose committee decides about an organisation, its committee or a collective kept by it, and
// about the members of a cell.
std::optional<UnitId> DeciderOfUnit(const Organisation& organisation, const UnitId& unit,
                                    CivilDate day);
std::optional<UnitId> DeciderOfMembers(const Organisation& organisation, const UnitId& home,
                                       CivilDate day, const EffectivePack& pack);

// R33 for a member: the authority that manages the highest post where a record says so; else the
// lowest unit that decides for all the places; never one whose head the person is. Nothing when
// nobody known is left.
std::optional<UnitId> AuthorityFor(const Organisation& organisation, const MemberHistory& member,
                                   const Home& home, CivilDate day, const EffectivePack& pack);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_COMPETENCE_H_

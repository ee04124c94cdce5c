#ifndef CHIBO_DOMAIN_CASE_H_
#define CHIBO_DOMAIN_CASE_H_

#include <string>
#include <string_view>

#include "chibo/view.pb.h"
#include "domain/subject.h"

// Cases are rows of the view (chibo/view.proto), found by domain/cases.cc from what was recorded,
// never kept by hand.
//
// A case has a day by which it is due where the rules set one: from the pack and from days written
// in signed records, never from a clock, and nothing is late by itself (R95). They do so for an
// open order to grade a member anew (CASE_REGRADE, CASE_CAP_EXCEEDED) while nothing has been
// proposed or decided since: the pack's day for those who were absent or are not graded yet
// (absent_deadline, R28), if the order is of an earlier day. For all other cases they name none:
// neither by when an authority settles differing proposals, changed evidence or two decisions, nor
// by when two records of one meeting or of one person are told apart.
namespace chibo {

// The first 8 bytes, in hex, of SHA-256 over type, subject, period and `of`: what else makes it
// this case and no other (a decision's digest, an order's digest, two meetings' names). Evidence is
// not part of it, so a case keeps its id while evidence arrives.
std::string CaseId(pb::CaseType type, const SubjectId& subject, std::string_view period,
                   ByteView of = {});

// "grade_conflict", …
std::string_view Name(pb::CaseType type);
// "open", "closed"
std::string_view Name(pb::CaseState state);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CASE_H_

#ifndef CHIBO_DOMAIN_CASE_H_
#define CHIBO_DOMAIN_CASE_H_

#include <string>
#include <string_view>

#include "chibo/view.pb.h"
#include "domain/subject.h"

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

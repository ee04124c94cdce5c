#include "domain/case.h"

#include "proto/crypto.h"

namespace chibo {

std::string CaseId(pb::CaseType type, const SubjectId& subject, std::string_view period,
                   ByteView of) {
  Bytes bytes = "chibo/case/v0\n";
  AppendU32(bytes, static_cast<std::uint32_t>(type));
  AppendU32(bytes, static_cast<std::uint32_t>(subject.kind));
  bytes.append(subject.id.view());
  AppendU32(bytes, static_cast<std::uint32_t>(period.size()));
  bytes.append(period);
  bytes.append(of);
  return ToHex(Sha256(bytes).view().substr(0, 8));
}

std::string_view Name(pb::CaseType type) {
  switch (type) {
    case pb::CASE_GRADE_CONFLICT:
      return "grade_conflict";
    case pb::CASE_DECISION_BASIS_CHANGED:
      return "decision_basis_changed";
    case pb::CASE_TWO_DECISIONS:
      return "two_decisions";
    case pb::CASE_DUPLICATE_MEETING:
      return "duplicate_meeting";
    case pb::CASE_PERSON_ENTERED_TWICE:
      return "person_entered_twice";
    case pb::CASE_CAP_EXCEEDED:
      return "cap_exceeded";
    case pb::CASE_REGRADE:
      return "regrade";
    default:
      return "";
  }
}

std::string_view Name(pb::CaseState state) { return state == pb::CASE_OPEN ? "open" : "closed"; }

}  // namespace chibo

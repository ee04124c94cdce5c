#ifndef CHIBO_DOMAIN_SUBJECT_H_
#define CHIBO_DOMAIN_SUBJECT_H_

#include <compare>
#include <optional>
#include <string>

#include "chibo/record.pb.h"
#include "domain/fact.h"
#include "proto/ids.h"

namespace chibo {

// Who is graded: a person as a member, or a unit in one of its three roles (record.proto,
// SubjectKind).
struct SubjectId {
  pb::SubjectKind kind = pb::MEMBER;
  FixedBytes<struct SubjectTag, 16> id;

  static SubjectId Of(const PersonId& person);
  static SubjectId Of(pb::SubjectKind kind, const UnitId& unit);
  // Nothing when the id is not 16 bytes.
  static std::optional<SubjectId> From(const pb::Subject& subject);
  pb::Subject ToMessage() const;

  bool is_member() const { return kind == pb::MEMBER; }
  PersonId person() const { return PersonId::FromChecked(id.view()); }
  UnitId unit() const { return UnitId::FromChecked(id.view()); }
  // Under which its facts are found.
  FactKey key() const;

  friend auto operator<=>(const SubjectId&, const SubjectId&) = default;
};

// A full name as a Ref, and back (nothing when its stream is not 32 bytes).
pb::Ref RefTo(const RecordName& name);
std::optional<RecordName> NameOf(const pb::Ref& full);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_SUBJECT_H_

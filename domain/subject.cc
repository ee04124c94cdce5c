#include "domain/subject.h"

namespace chibo {

SubjectId SubjectId::Of(const PersonId& person) {
  return {pb::MEMBER, decltype(id)::FromChecked(person.view())};
}

SubjectId SubjectId::Of(pb::SubjectKind kind, const UnitId& unit) {
  return {kind, decltype(id)::FromChecked(unit.view())};
}

std::optional<SubjectId> SubjectId::From(const pb::Subject& subject) {
  const auto id = decltype(SubjectId::id)::From(subject.id());
  if (!id) {
    return std::nullopt;
  }
  return SubjectId{subject.kind(), *id};
}

pb::Subject SubjectId::ToMessage() const {
  pb::Subject message;
  message.set_kind(kind);
  message.set_id(Bytes(id.view()));
  return message;
}

FactKey SubjectId::key() const { return is_member() ? KeyOf(person()) : KeyOf(unit()); }

pb::Ref RefTo(const RecordName& name) {
  pb::Ref ref;
  ref.set_stream(Bytes(name.stream.view()));
  ref.set_index(name.index);
  ref.set_position(name.position);
  return ref;
}

std::optional<RecordName> NameOf(const pb::Ref& full) {
  const auto stream = StreamId::From(full.stream());
  if (!stream) {
    return std::nullopt;
  }
  return RecordName{*stream, full.index(), full.position()};
}

}  // namespace chibo

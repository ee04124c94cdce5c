#include "node/cli/labels.h"

#include <algorithm>

#include "node/person_label.h"

namespace chibo {
namespace {

std::string_view Without(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace

std::string CodeOf(const Replica& replica, const UnitId& unit) {
  if (unit.is_zero()) {
    return "";
  }
  const auto state = replica.projector().organisation().At(unit);
  if (state) {
    return state->code;
  }
  return unit == replica.settings().unit ? replica.settings().unit_code : unit.hex();
}

std::string CodeOf(const Replica& replica, const std::string& id) {
  return CodeOf(replica, UnitId::From(id).value_or(UnitId()));
}

std::string NameOf(const Replica& replica, const UnitId& unit) {
  const auto state = replica.projector().organisation().At(unit);
  return state ? state->name : CodeOf(replica, unit);
}

Result<UnitId> UnitByCode(const Replica& replica, const std::string& code) {
  const auto unit = replica.projector().organisation().FindByCode(code);
  if (!unit) {
    return Fail(Code::kNotFound, "unit_unknown", code);
  }
  return *unit;
}

Result<const Stream*> FindStream(const Replica& replica, const std::string& beginning) {
  const Stream* found = nullptr;
  for (const Stream* stream : replica.streams().All()) {
    if (beginning.empty() || !stream->id.hex().starts_with(beginning)) {
      continue;
    }
    if (found != nullptr) {
      return Fail(Code::kAmbiguous, "stream_prefix_ambiguous", beginning);
    }
    found = stream;
  }
  if (found == nullptr) {
    return Fail(Code::kNotFound, "stream_not_found", beginning);
  }
  return found;
}

Result<std::string> ReferenceOf(const Replica& replica, const SubjectId& subject) {
  if (!subject.is_member()) {
    return CodeOf(replica, subject.unit());
  }
  CHIBO_TRY_VALUE(const PersonLabel label, LabelOf(replica, subject.person()));
  return label.name.empty() ? subject.person().hex()
                            : label.name + "|" + std::to_string(label.birth);
}

Result<std::string> NameOf(const Replica& replica, const SubjectId& subject) {
  if (!subject.is_member()) {
    return NameOf(replica, subject.unit());
  }
  CHIBO_TRY_VALUE(const PersonLabel label, LabelOf(replica, subject.person()));
  return label.name.empty() ? subject.person().hex() : label.name;
}

Result<SubjectId> SubjectFrom(const Replica& replica, const ActionReader& reader,
                              std::string_view text, pb::SubjectKind kind) {
  const std::string_view person = Without(text, "@person:");
  if (kind == pb::MEMBER || person.find('|') != std::string_view::npos) {
    CHIBO_TRY_VALUE(const PersonId found, reader.FindPerson(person));
    return SubjectId::Of(found);
  }
  CHIBO_TRY_VALUE(const UnitId unit, UnitByCode(replica, std::string(Without(text, "@unit:"))));
  return SubjectId::Of(kind, unit);
}

std::string SayValue(const Catalogue& texts, const Replica& replica, const std::string& value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos) {
    return value;
  }
  const std::string kind = value.substr(0, colon);
  const std::string rest = value.substr(colon + 1);
  const auto number = [&rest] { return std::strtoll(rest.c_str(), nullptr, 10); };
  if (kind == "unit" || kind == "person") {
    const Bytes id = FromHex(rest).value_or(Bytes());
    const auto unit = UnitId::From(id);
    const auto person = PersonId::From(id);
    if (kind == "unit" && unit) {
      return NameOf(replica, *unit);
    }
    return person ? NameOf(replica, SubjectId::Of(*person)).value_or(rest) : rest;
  }
  if (kind == "grade") {
    return texts.Text("grade", rest);
  }
  if (kind == "day") {
    return texts.Date(static_cast<std::uint32_t>(number()));
  }
  if (kind == "time") {
    return texts.Time(number());
  }
  return kind == "rule" ? rest : value;
}

std::string StreamKindName(pb::StreamKind kind) { return Lower(pb::StreamKind_Name(kind)); }

std::string SayRecordKind(const Catalogue& texts, const std::string& kind) {
  const std::string command = "write_" + kind;
  return texts.Has("commands", command) ? texts.Text("commands", command)
                                        : texts.Text("record_kind", kind);
}

std::string KindName(pb::SubjectKind kind) { return Lower(pb::SubjectKind_Name(kind)); }

Result<pb::SubjectKind> KindFrom(const std::string& text) {
  std::string singular = Lower(text);
  if (singular.ends_with('s')) {
    singular.pop_back();
  }
  for (const pb::SubjectKind kind : {pb::MEMBER, pb::ORGANISATION, pb::COMMITTEE, pb::LEADERSHIP}) {
    if (singular == KindName(kind)) {
      return kind;
    }
  }
  return Fail(Code::kUsage, "subjects_unknown", text);
}

std::string Lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::string GradeName(pb::Grade grade) {
  return grade == pb::GRADE_NONE ? "" : pb::Grade_Name(grade);
}

Result<pb::Grade> GradeFrom(const std::string& text) {
  std::string upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  pb::Grade grade = pb::GRADE_NONE;
  if (!pb::Grade_Parse(upper, &grade) || grade == pb::GRADE_NONE) {
    return Fail(Code::kBadInput, "grade_unknown", text);
  }
  return grade;
}

}  // namespace chibo

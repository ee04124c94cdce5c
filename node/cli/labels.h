#ifndef CHIBO_NODE_CLI_LABELS_H_
#define CHIBO_NODE_CLI_LABELS_H_

#include <optional>
#include <string>
#include <string_view>

#include "domain/subject.h"
#include "node/action_reader.h"
#include "node/cli/catalogue.h"
#include "node/replica.h"

// How people name units, persons, levels and records on the command line.
namespace chibo {

// A unit's code; its id where this node does not know it; "" for none.
std::string CodeOf(const Replica& replica, const UnitId& unit);
std::string CodeOf(const Replica& replica, const std::string& id);
// A unit's name, or its code.
std::string NameOf(const Replica& replica, const UnitId& unit);
// kNotFound "unit_unknown".
Result<UnitId> UnitByCode(const Replica& replica, const std::string& code);

// A stream by the beginning of its id, in hex. kNotFound, kAmbiguous.
Result<const Stream*> FindStream(const Replica& replica, const std::string& beginning);

// A person as references write it: "Nguyễn Văn A|19800102"; a unit as its code.
Result<std::string> ReferenceOf(const Replica& replica, const SubjectId& subject);
// For reading: the name alone.
Result<std::string> NameOf(const Replica& replica, const SubjectId& subject);
// "[@person:]<name>|<birth>" or "[@unit:]<code>". `kind` says which of a unit's subjects is meant.
Result<SubjectId> SubjectFrom(const Replica& replica, const ActionReader& reader,
                              std::string_view text, pb::SubjectKind kind);
// A finding's value (domain/finding_value.h) as people say it: the name of a unit or person, a
// level in full, a date.
std::string SayValue(const Catalogue& texts, const Replica& replica, const std::string& value);
// "member", "organisation", "committee", "leadership".
std::string KindName(pb::SubjectKind kind);
// "line", "down", "to".
std::string StreamKindName(pb::StreamKind kind);
// What a kind of record is called, by its name in the schema.
std::string SayRecordKind(const Catalogue& texts, const std::string& kind);
// Also plural and in capitals. kUsage "subjects_unknown".
Result<pb::SubjectKind> KindFrom(const std::string& text);

// The schema's name of a value as JSON has it: "NOT_GRADED" is "not_graded".
std::string Lower(std::string name);
// "HTXSNV"; "" for none.
std::string GradeName(pb::Grade grade);
// kBadInput "grade_unknown".
Result<pb::Grade> GradeFrom(const std::string& text);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_LABELS_H_

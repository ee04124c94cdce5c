// chibo decide: one case, everybody agreed, or a file of decisions.
#include "node/decide.h"

#include <algorithm>

#include "domain/finding_value.h"
#include "domain/outcome.h"
#include "node/cli/case_rows.h"
#include "node/cli/commands.h"
#include "node/cli/decision_file.h"
#include "node/cli/finding_words.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/cli/recording.h"
#include "node/typed_value.h"

namespace chibo {
namespace {

// Each with what the rules say of it.
Json LeftOutJson(const Call& call, const Decided& decided) {
  Json list = Json::array();
  for (const pb::OutcomeRow& row : decided.left_out) {
    Json findings = Json::array();
    for (const pb::FindingRow& finding : row.findings()) {
      findings.push_back(FindingJson(call, FromMessage(finding)));
    }
    const auto subject = SubjectId::From(row.subject());
    list.push_back(
        Json{{"subject", subject ? ReferenceOf(call.replica(), *subject).value_or("") : ""},
             {"subject_name", subject ? NameOf(call.replica(), *subject).value_or("") : ""},
             {"findings", findings}});
  }
  return list;
}

// Of what was decided, or of what would be.
Json DecidedJson(const Call& call, const Decided& decided) {
  Json findings = Json::array();
  for (const DecisionFinding& finding : decided.findings) {
    findings.push_back(DecisionFindingJson(call, finding));
  }
  Json rows = Json::array();
  for (const pb::DecisionBody& part : decided.parts) {
    for (const pb::DecisionRow& row : part.rows()) {
      const auto subject = SubjectId::From(row.subject());
      rows.push_back(
          Json{{"subject", subject ? ReferenceOf(call.replica(), *subject).value_or("") : ""},
               {"grade", GradeName(row.grade())}});
    }
  }
  Json json{{"signed", decided.signed_and_recorded},
            {"blocked", Blocks(decided.findings)},
            {"parts", decided.parts.size()},
            {"decided", rows.size()},
            {"rows", rows},
            {"findings", findings},
            {"left_out", LeftOutJson(call, decided)}};
  json["recorded"] = decided.recorded.records;
  return json;
}

void Tell(const Call& call, const Decided& decided, const Json& json, Output& output) {
  const std::string count = call.texts.Number(json["decided"].get<std::size_t>());
  if (decided.signed_and_recorded) {
    output.lines.push_back(call.Say("decided", {count}));
  } else if (!Blocks(decided.findings)) {
    output.lines.push_back(call.Say("would_decide", {count}));
  }
  for (const Json& finding : json["findings"]) {
    output.notes.push_back("  " + FindingLine(call, finding));
  }
  for (const Json& left : json["left_out"]) {
    output.notes.push_back(call.Say("decision_left_out", {left["subject_name"]}));
    for (const Json& finding : left["findings"]) {
      output.notes.push_back("  " + FindingLine(call, finding));
    }
  }
}

Result<std::optional<pb::CaseRow>> FindCase(const Replica& replica, const std::string& id) {
  CHIBO_TRY_VALUE(auto found,
                  CasesWhere(replica, [&](const pb::CaseRow& row) { return row.id() == id; }));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// --case, or --subject.
Result<Choice> ChoiceFrom(Call& call, const ActionReader& people, DecisionRequest& request) {
  const Arguments& given = call.arguments;
  Choice choice;
  if (given.Has("case")) {
    CHIBO_TRY_VALUE(const auto row, FindCase(call.replica(), given.One("case")));
    const auto subject = row ? SubjectId::From(row->subject()) : std::nullopt;
    if (!subject) {
      return Fail(Code::kNotFound, "case_unknown", given.One("case"));
    }
    choice.subject = *subject;
    request.period = row->period();
  } else {
    const std::string& kind = given.One("kind");
    CHIBO_TRY_VALUE(const pb::SubjectKind subject_kind, KindFrom(kind.empty() ? "member" : kind));
    CHIBO_TRY_VALUE(choice.subject,
                    SubjectFrom(call.replica(), people, given.One("subject"), subject_kind));
  }
  if (given.Has("grade")) {
    CHIBO_TRY_VALUE(choice.grade, GradeFrom(given.One("grade")));
  }
  choice.reason = given.One("reason");
  choice.overrides = given.All("override");
  return choice;
}

Result<DecisionRequest> RequestFrom(Call& call) {
  const Arguments& given = call.arguments;
  DecisionRequest request;
  request.period = given.One("period");
  request.number = given.One("number");
  request.date = DateOf(call.now());
  if (given.Has("date")) {
    const auto date = DateFrom(given.One("date"));
    if (!date) {
      return Fail(Code::kBadInput, "date_unreadable", given.One("date"));
    }
    request.date = *date;
  }
  if (given.Has("agreed")) {
    request.all_agreed = true;
    for (const std::string& kind : SplitList(given.One("subjects"))) {
      CHIBO_TRY_VALUE(const pb::SubjectKind subject_kind, KindFrom(kind));
      request.kinds.push_back(subject_kind);
    }
  } else {
    ActionReader people(call.replica());
    CHIBO_TRY(people.Refresh());
    CHIBO_TRY_VALUE(Choice choice, ChoiceFrom(call, people, request));
    request.choices.push_back(std::move(choice));
  }
  if (request.period.empty()) {
    return Fail(Code::kUsage, "usage_option_missing", "--period");
  }
  return request;
}

Result<Output> DecideOne(Call& call) {
  CHIBO_TRY_VALUE(DecisionRequest request, RequestFrom(call));
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  CHIBO_TRY_VALUE(const Decided decided, Decide(call.replica(), officer.issuer, std::move(request),
                                                call.arguments.Has("dry-run"), call.now()));
  Output output;
  const Json json = DecidedJson(call, decided);
  Tell(call, decided, json, output);
  output.json = Dump(json);
  if (Blocks(decided.findings) || decided.parts.empty()) {
    output.failure = Error{Code::kBlocked, "decision_blocked", ""};
  }
  return output;
}

// Line by line, each a decision or record of its own; ends at the first that does not go through.
Result<Output> DecideFile(Call& call) {
  const std::string& path = call.arguments.One("file");
  CHIBO_TRY_VALUE(const auto lines, ReadDecisionLines(call, path));
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  Output output;
  Json done = Json::array();
  for (const DecisionLine& line : lines) {
    call.progress(line.place);
    const auto applied = ApplyDecisionLine(call, officer, line, call.arguments.Has("dry-run"));
    if (!applied) {
      output.failure = applied.error();
      output.failure->where =
          line.place + (applied.error().where.empty() ? "" : ": " + applied.error().where);
      break;
    }
    Json json = applied->decided ? DecidedJson(call, *applied->decided)
                                 : Json{{"recorded", applied->recorded.records}};
    json["do"] = line.what;
    json["line"] = line.number;
    if (applied->decided) {
      Tell(call, *applied->decided, json, output);
    } else {
      output.lines.push_back(SayRecorded(call, applied->recorded));
    }
    done.push_back(std::move(json));
    if (applied->decided && Blocks(applied->decided->findings)) {
      output.failure = Error{Code::kBlocked, "decision_blocked", line.place};
      break;
    }
  }
  output.json = Dump(Json{{"lines", done}});
  return output;
}

Result<Output> RunDecide(Call& call) {
  const Arguments& given = call.arguments;
  const int ways = (given.Has("file") ? 1 : 0) + (given.Has("agreed") ? 1 : 0) +
                   (given.Has("case") ? 1 : 0) + (given.Has("subject") ? 1 : 0);
  if (ways != 1) {
    return Fail(Code::kUsage, "decide_what", "--case, --subject, --agreed, --file");
  }
  return given.Has("file") ? DecideFile(call) : DecideOne(call);
}

}  // namespace

void AddDecideCommand(std::vector<CommandSpec>& all) {
  all.push_back({"decide",
                 Needs::kWrite,
                 {{"case", OptionSpec::Kind::kValue, false, ""},
                  {"subject", OptionSpec::Kind::kValue, false, ""},
                  {"kind", OptionSpec::Kind::kValue, false, "subject_kind"},
                  {"grade", OptionSpec::Kind::kValue, false, ""},
                  {"reason", OptionSpec::Kind::kValue, false, ""},
                  {"override", OptionSpec::Kind::kMany, false, ""},
                  {"agreed", OptionSpec::Kind::kFlag, false, ""},
                  {"subjects", OptionSpec::Kind::kValue, false, ""},
                  {"period", OptionSpec::Kind::kValue, false, ""},
                  {"number", OptionSpec::Kind::kValue, false, "decision_number"},
                  {"date", OptionSpec::Kind::kValue, false, "decision_date"},
                  {"file", OptionSpec::Kind::kInput, false, "decision_file"},
                  {"phase", OptionSpec::Kind::kValue, false, ""},
                  {"dry-run", OptionSpec::Kind::kFlag, false, ""}},
                 "decide --dir DIST --case K --grade HTTNV --reason \"…\" --passphrase-file F\n"
                 "  chibo decide --dir DIST --agreed --subjects members --period 2019 "
                 "--number 403-QĐ/HU --passphrase-file F",
                 RunDecide});
}

}  // namespace chibo

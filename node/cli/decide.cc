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
    // It signs what the proposals say, nobody's own word.
    CHIBO_TRY(given.ExpectWithout("agreed", {"kind", "grade", "reason", "override"}));
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

std::string SayLine(const Call& call, std::size_t line, std::size_t column) {
  return column == 0 ? call.Say("at_line", {std::to_string(line)})
                     : call.Say("at_line_column", {std::to_string(line), std::to_string(column)});
}

// What stands in the way of one line.
Json TellProblem(const Call& call, const DecisionProblem& problem, Output& output) {
  Error error = problem.error;
  error.where =
      SayLine(call, problem.line, problem.column) + (error.where.empty() ? "" : ": " + error.where);
  if (problem.other_line != 0) {
    error.where += ", " + SayLine(call, problem.other_line, 0);
  }
  Json json{{"line", problem.line},
            {"column", problem.column},
            {"reason", std::string(error.reason)},
            {"message", call.texts.Say(error)}};
  output.notes.push_back(json["message"]);
  if (!problem.findings.empty()) {
    json["findings"] = Json::array();
    for (const DecisionFinding& finding : problem.findings) {
      json["findings"].push_back(DecisionFindingJson(call, finding));
      output.notes.push_back("  " + FindingLine(call, json["findings"].back()));
    }
  }
  return json;
}

// What came of one line, or would in a dry run.
Json TellLine(const Call& call, const DecidedLine& line, bool kept, Output& output) {
  Json json =
      line.decided ? DecidedJson(call, *line.decided) : Json{{"recorded", line.recorded.records}};
  json["recorded"] = kept ? json["recorded"] : Json(0);
  json["do"] = line.what;
  json["line"] = line.number;
  if (line.decided) {
    Tell(call, *line.decided, json, output);
  } else {
    output.lines.push_back(
        kept ? SayRecorded(call, line.recorded)
             : call.Say("would_record", {call.texts.Number(line.recorded.records)}));
  }
  return json;
}

// All of the file or nothing of it: DecideLines.
Result<Output> DecideFile(Call& call) {
  const std::string& path = call.arguments.One("file");
  const std::vector<SourceLine> sources = LinesOf(call, path);
  const std::vector<std::string_view> texts = [&] {
    std::vector<std::string_view> all;
    for (const SourceLine& source : sources) {
      all.push_back(source.text);
    }
    return all;
  }();
  const DecisionFile file = ReadDecisionFile(texts, call.arguments.One("phase"));
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  DecisionFileOptions options;
  options.officer = officer.issuer;
  options.period = call.arguments.One("period");
  options.dry_run = call.arguments.Has("dry-run");
  options.now = call.now();
  options.progress = [&](std::size_t line) { call.progress(sources[line - 1].place); };
  CHIBO_TRY_VALUE(const DecidedFile decided, DecideLines(call.replica(), file, options));
  Output output;
  Json problems = Json::array();
  for (const DecisionProblem& problem : decided.problems) {
    problems.push_back(TellProblem(call, problem, output));
  }
  Json done = Json::array();
  Output unsaid;  // of a file nothing is signed of, what would have come of the other lines
  for (const DecidedLine& line : decided.lines) {
    done.push_back(TellLine(call, line, decided.kept, problems.empty() ? output : unsaid));
  }
  if (done.empty() && problems.empty()) {
    output.lines = {call.Say("nothing_recorded")};
  }
  output.json = Dump(Json{{"signed", decided.kept}, {"lines", done}, {"problems", problems}});
  if (!problems.empty()) {
    const bool blocked =
        std::all_of(decided.problems.begin(), decided.problems.end(),
                    [](const auto& problem) { return problem.error.code == Code::kBlocked; });
    output.failure = blocked ? Error{Code::kBlocked, "decision_file_blocked", path}
                             : Error{Code::kBadInput, "decision_file_has_problems", path};
  }
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

// chibo report: tables by level, with what they rest on.
#include <algorithm>
#include <map>

#include "domain/cap.h"
#include "domain/finding_value.h"
#include "domain/outcome.h"
#include "domain/rule_pack.h"
#include "domain/table.h"
#include "node/cli/commands.h"
#include "node/cli/csv.h"
#include "node/cli/finding_words.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/names.h"
#include "node/typed_value.h"

namespace chibo {
namespace {

constexpr pb::Grade kGradesDown[] = {pb::HTXSNV, pb::HTTNV, pb::HTNV, pb::KHTNV};

struct Question {
  bool members = true;
  std::string period;
  Cut cut;
  std::string unit;  // its code; empty: the whole network
};

Result<Question> QuestionFrom(const Call& call) {
  const Arguments& given = call.arguments;
  Question question;
  const auto kind = KindFrom(given.One("table"));
  if (!kind || (*kind != pb::MEMBER && *kind != pb::ORGANISATION)) {
    return Fail(Code::kUsage, "report_table_unknown", given.One("table"));
  }
  question.members = *kind == pb::MEMBER;
  question.period = given.One("period");
  if (given.Has("unit")) {
    question.unit = given.One("unit");
    CHIBO_TRY_VALUE(question.cut.unit, UnitByCode(call.replica(), question.unit));
    question.cut.own_table = question.cut.unit == call.replica().settings().unit;
  } else if (call.replica().settings().parent) {
    // A node also knows units that are nobody of its own: those beside it and above.
    question.unit = call.replica().settings().unit_code;
    question.cut.unit = call.replica().settings().unit;
    question.cut.own_table = true;
  }
  if (given.Has("tree-date")) {
    question.cut.tree_date = DateFrom(given.One("tree-date"));
    if (!question.cut.tree_date) {
      return Fail(Code::kBadInput, "date_unreadable", given.One("tree-date"));
    }
  }
  return question;
}

// When each unit was last heard of: the newest register entry about any of its streams.
Result<std::map<UnitId, Timestamp>> LastHeard(const Replica& replica) {
  std::map<UnitId, Timestamp> heard;
  for (const Stream* stream : replica.streams().All()) {
    CHIBO_TRY_VALUE(const auto registered, replica.log().RegisteredOf(stream->id));
    for (const Registered& entry : registered) {
      Timestamp& newest = heard[stream->unit];
      newest = std::max(newest, Timestamp(Duration(entry.time_ms)));
    }
  }
  return heard;
}

Result<LevelTable> Tabulate(const Replica& replica, const Question& question,
                            const RowCounted& counted) {
  CHIBO_TRY_VALUE(const auto heard, LastHeard(replica));
  const LastReceived last = [&heard](const UnitId& unit) -> std::optional<Timestamp> {
    const auto found = heard.find(unit);
    return found == heard.end() ? std::nullopt : std::optional(found->second);
  };
  const Context context = replica.projector().context();
  const OutcomeRows rows(replica.view());
  return question.members
             ? MembersByLevel(context, rows, question.period, question.cut, last, counted)
             : OrganisationsByLevel(context, rows, question.period, question.cut, last, counted);
}

Json ReasonsJson(const std::map<pb::Reason, std::uint64_t>& by) {
  Json json = Json::object();
  for (const auto& [reason, count] : by) {
    json[std::string(Name(reason))] = count;
  }
  return json;
}

// Whether the rules by which the cap is counted were held against their text.
bool IsCapVerified(const Call& call, const Question& question) {
  const Replica& replica = call.replica();
  const CapRule rule = CapRuleOf(replica.projector().context().packs.For(
      question.cut.unit.value_or(replica.settings().unit), question.period));
  return rule.verified && (rule.small_verified || rule.small == SmallPlace::kOff);
}

// A network for practice or for show carries it in its name: "Thanh Hóa (minh họa)".
bool IsIllustrative(std::string_view network_name) {
  return FoldedName(network_name).find("(minh hoa)") != std::string::npos;
}

std::int64_t MsOf(const std::optional<Timestamp>& time) {
  return time ? time->time_since_epoch().count() : 0;
}

Json TableJson(const Call& call, const Question& question, const LevelTable& table) {
  const Settings& settings = call.replica().settings();
  Json levels = Json::object();
  for (const pb::Grade grade : kGradesDown) {
    const Share share = table.ShareOf(grade);
    levels[GradeName(grade)] = Json{{"count", share.numerator},
                                    {"of", share.denominator},
                                    {"hundredths_percent", HundredthsOf(share)}};
  }
  return Json{{"table", question.members ? "members" : "organisations"},
              {"period", question.period},
              {"unit", question.unit},
              {"network_name", settings.network_name},
              {"illustrative", IsIllustrative(settings.network_name)},
              {"made", IsoTime(MsOf(call.now()))},
              {"register", table.register_total},
              {"graded", table.graded},
              {"levels", levels},
              {"not_graded", table.not_graded},
              {"not_graded_by", ReasonsJson(table.not_graded_by)},
              {"pending", table.pending},
              {"pending_by", ReasonsJson(table.pending_by)},
              {"hidden_reasons", table.hidden_reasons},
              {"unverified", table.unverified},
              {"cap_verified", IsCapVerified(call, question)},
              {"adds_up", table.AddsUp()},
              {"coverage",
               {{"cells_with_data", table.coverage.cells_with_data},
                {"cells", table.coverage.cells},
                {"newest", IsoTime(MsOf(table.coverage.newest))},
                {"oldest", IsoTime(MsOf(table.coverage.oldest))}}}};
}

// One line of the table as people read it: what, how many, of how many, share.
struct Line {
  std::string what;
  std::uint64_t count = 0;
  std::optional<Share> share;
};

std::vector<Line> LinesOf(const Call& call, const Question& question, const LevelTable& table) {
  std::vector<Line> lines;
  lines.push_back({call.Say(question.members ? "report_register" : "report_organisations"),
                   table.register_total, std::nullopt});
  lines.push_back(
      {call.Say("report_graded"), table.graded, Share{table.graded, table.register_total}});
  for (const pb::Grade grade : kGradesDown) {
    const Share share = table.ShareOf(grade);
    lines.push_back({"  " + call.texts.Text("grade", GradeName(grade)), share.numerator, share});
  }
  const auto add = [&](const std::string& what, std::uint64_t count,
                       const std::map<pb::Reason, std::uint64_t>& by) {
    lines.push_back({what, count, Share{count, table.register_total}});
    for (const auto& [reason, of_reason] : by) {
      lines.push_back({"  " + call.texts.Text("reason", Name(reason)), of_reason, std::nullopt});
    }
  };
  add(call.Say("report_not_graded"), table.not_graded, table.not_graded_by);
  add(call.Say("report_pending"), table.pending, table.pending_by);
  if (table.hidden_reasons > 0) {
    lines.push_back({call.Say("report_hidden"), table.hidden_reasons, std::nullopt});
  }
  return lines;
}

// Whose figures they are, and of when: a table that is passed on says so itself. Each is a
// sentence.
std::vector<std::string> HeadOf(const Call& call, const Question& question,
                                const LevelTable& table) {
  const Settings& settings = call.replica().settings();
  std::vector<std::string> head;
  if (IsIllustrative(settings.network_name)) {
    head.push_back(call.Say("report_illustrative"));
  }
  head.push_back(call.Say(question.members ? "report_title_members" : "report_title_organisations",
                          {table.period}));
  head.push_back(question.cut.unit
                     ? call.Say("report_of_unit",
                                {NameOf(call.replica(), *question.cut.unit), settings.network_name})
                     : call.Say("report_of_network", {settings.network_name}));
  head.push_back(call.Say("report_made", {call.texts.Time(MsOf(call.now()))}));
  return head;
}

std::vector<std::string> CoverageOf(const Call& call, const Question& question,
                                    const LevelTable& table) {
  const Catalogue& texts = call.texts;
  std::vector<std::string> said = {
      call.Say(question.members ? "coverage" : "coverage_organisations",
               {texts.Number(table.coverage.cells_with_data), texts.Number(table.coverage.cells)})};
  if (table.coverage.newest) {
    said.push_back(call.Say("coverage_times", {texts.Time(MsOf(table.coverage.oldest)),
                                               texts.Time(MsOf(table.coverage.newest))}));
  }
  return said;
}

// What a reader has to know before he trusts the figures.
std::vector<std::string> NotesOn(const Call& call, const Question& question,
                                 const LevelTable& table) {
  const Catalogue& texts = call.texts;
  std::vector<std::string> notes;
  const auto periods = call.replica().projector().context().packs.Periods();
  if (std::find(periods.begin(), periods.end(), question.period) == periods.end()) {
    notes.push_back(call.Say("report_no_pack", {question.period}));
  }
  if (table.unverified > 0) {
    notes.push_back(call.Say("report_unverified", {texts.Number(table.unverified)}));
  }
  if (!IsCapVerified(call, question)) {
    notes.push_back(call.Say("report_cap_unverified"));
  }
  return notes;
}

void Print(const Call& call, const Question& question, const LevelTable& table, Output& output) {
  const Catalogue& texts = call.texts;
  output.lines = HeadOf(call, question, table);
  const std::vector<Line> lines = LinesOf(call, question, table);
  std::size_t width = 0;
  for (const Line& line : lines) {
    width = std::max(width, LettersOf(line.what));
  }
  for (const Line& line : lines) {
    std::string text = Padded(line.what, width + 2) + texts.Number(line.count);
    if (line.share) {
      text += "  / " + texts.Number(line.share->denominator) + "  = " +
              texts.Percent(HundredthsOf(*line.share));
    }
    output.lines.push_back(std::move(text));
  }
  for (std::string& said : CoverageOf(call, question, table)) {
    output.lines.push_back(std::move(said));
  }
  output.notes = NotesOn(call, question, table);
}

std::string TableCsv(const Call& call, const Question& question, const LevelTable& table) {
  std::string csv = "\xef\xbb\xbf";
  for (const std::string& line : HeadOf(call, question, table)) {
    csv += CsvLine({line, "", "", ""});
  }
  csv += CsvLine(
      {call.Say("csv_what"), call.Say("csv_count"), call.Say("csv_of"), call.Say("csv_percent")});
  for (const Line& line : LinesOf(call, question, table)) {
    csv += CsvLine({line.what.starts_with("  ") ? line.what.substr(2) : line.what,
                    std::to_string(line.count),
                    line.share ? std::to_string(line.share->denominator) : "",
                    line.share ? call.texts.Percent(HundredthsOf(*line.share)) : ""});
  }
  csv += CsvLine({call.Say("csv_cells_with_data"), std::to_string(table.coverage.cells_with_data),
                  std::to_string(table.coverage.cells), ""});
  std::vector<std::string> notes = CoverageOf(call, question, table);
  for (std::string& note : NotesOn(call, question, table)) {
    notes.push_back(std::move(note));
  }
  for (const std::string& note : notes) {
    csv += CsvLine({note, "", "", ""});
  }
  return csv;
}

// One subject's line of the list.
Result<Json> RowJson(const Call& call, const pb::OutcomeRow& row, const SubjectId& subject) {
  const Replica& replica = call.replica();
  CHIBO_TRY_VALUE(const std::string reference, ReferenceOf(replica, subject));
  const auto unit = UnitId::From(row.unit()).value_or(UnitId());
  const UnitId& own = replica.settings().unit;
  // Why somebody has no level, and what rules have to say, is for the unit and its superior; others
  // see that there is none.
  const bool may_know = unit == own || replica.authority().KeeperOf(unit) == own;
  const std::string state = Lower(pb::GradingState_Name(row.state()));
  CHIBO_TRY_VALUE(const std::string name, NameOf(replica, subject));
  Json findings = Json::array();
  for (const pb::FindingRow& finding : row.findings()) {
    if (may_know) {
      findings.push_back(FindingJson(call, FromMessage(finding)));
    }
  }
  return Json{{"subject", reference},
              {"subject_name", name},
              {"subject_id", ToHex(row.subject().id())},
              {"unit", CodeOf(replica, unit)},
              {"unit_name", NameOf(replica, unit)},
              {"state", state},
              {"grade", GradeName(row.grade())},
              {"proposed", GradeName(row.proposed())},
              {"reason", may_know ? std::string(Name(row.reason())) : ""},
              {"due", may_know ? row.due() : 0},
              {"authority", CodeOf(replica, row.authority())},
              {"decision", ToHex(row.decision())},
              {"findings", findings},
              {"cases", std::vector<std::string>(row.cases().begin(), row.cases().end())}};
}

// Everybody in the table, by name.
Result<Json> RowsJson(const Call& call, const std::vector<pb::OutcomeRow>& counted) {
  std::map<std::string, Json> sorted;
  for (const pb::OutcomeRow& row : counted) {
    const auto subject = SubjectId::From(row.subject());
    if (!subject) {
      return Fail(Code::kDamaged, "view_damaged");
    }
    CHIBO_TRY_VALUE(Json json, RowJson(call, row, *subject));
    const std::string reference = json["subject"].get<std::string>();
    sorted[NameSortKey(reference.substr(0, reference.find('|'))) + subject->id.hex()] =
        std::move(json);
  }
  Json rows = Json::array();
  for (auto& [key, row] : sorted) {
    rows.push_back(std::move(row));
  }
  return rows;
}

// Who, where, and the level in full; without one, why as far as it may be known here.
std::string SayRow(const Call& call, const Json& row) {
  const std::string state = row["state"].get<std::string>();
  const std::string reason = row["reason"].get<std::string>();
  std::string said = state == "graded" ? call.texts.Text("grade", row["grade"].get<std::string>())
                     : state == "pending" ? call.Say("report_pending")
                                          : call.Say("report_not_graded");
  if (state != "graded" && !reason.empty()) {
    said += ": " + call.texts.Text("reason", reason);
  }
  if (const auto due = row["due"].get<std::uint32_t>(); due != 0) {
    said += ", " + call.Say("report_due", {call.texts.Date(due)});
  }
  return row["subject_name"].get<std::string>() + "\t" + row["unit_name"].get<std::string>() +
         "\t" + said;
}

Result<Output> Report(Call& call) {
  if (call.arguments.Has("csv") && call.arguments.Has("json") && !call.arguments.Has("out")) {
    return Fail(Code::kUsage, "usage_option_unclear", "--csv, --json");  // one output, two forms
  }
  if (call.arguments.Has("out") && !call.arguments.Has("csv")) {
    return Fail(Code::kUsage, "usage_option_missing", "--csv");
  }
  CHIBO_TRY_VALUE(const Question question, QuestionFrom(call));
  std::vector<pb::OutcomeRow> counted;
  CHIBO_TRY_VALUE(
      const LevelTable table,
      Tabulate(call.replica(), question,
               call.arguments.Has("rows")
                   ? RowCounted([&counted](const pb::OutcomeRow& row) { counted.push_back(row); })
                   : RowCounted()));
  Output output;
  Json json = TableJson(call, question, table);
  if (call.arguments.Has("rows")) {
    CHIBO_TRY_VALUE(json["rows"], RowsJson(call, counted));
  }
  CHIBO_TRY_VALUE(const auto warnings,
                  CapWarnings(call.replica().projector().context(),
                              OutcomeRows(call.replica().view()), question.cut.unit,
                              question.members ? pb::MEMBER : pb::ORGANISATION, question.period));
  json["findings"] = Json::array();
  for (const Finding& warning : warnings) {
    json["findings"].push_back(FindingJson(call, warning));
  }
  output.json = Dump(json);
  if (call.arguments.Has("csv")) {
    const std::string path =
        call.arguments.Has("out") ? call.arguments.One("out") : std::string("-");
    output.files.emplace_back(path, TableCsv(call, question, table));
    if (path != "-") {
      output.lines = {call.Say("report_written", {path})};
    }
    return output;
  }
  Print(call, question, table, output);
  for (const Json& warning : json["findings"]) {
    output.lines.push_back(FindingLine(call, warning));
  }
  for (const Json& row : json.value("rows", Json::array())) {
    output.lines.push_back(SayRow(call, row));
    for (const Json& finding : row["findings"]) {
      output.lines.push_back("  " + FindingLine(call, finding));
    }
  }
  return output;
}

}  // namespace

void AddReportCommand(std::vector<CommandSpec>& all) {
  all.push_back({"report",
                 Needs::kRead,
                 {{"table", OptionSpec::Kind::kValue, true, ""},
                  {"period", OptionSpec::Kind::kValue, true, ""},
                  {"unit", OptionSpec::Kind::kValue, false, "report_unit"},
                  {"tree-date", OptionSpec::Kind::kValue, false, ""},
                  {"rows", OptionSpec::Kind::kFlag, false, ""},
                  {"csv", OptionSpec::Kind::kFlag, false, ""},
                  {"out", OptionSpec::Kind::kOutput, false, "report_out"}},
                 "report --dir DIST --table members --period 2019",
                 Report});
}

}  // namespace chibo

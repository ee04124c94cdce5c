#include "node/cli/decision_file.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/typed_value.h"
#include "proto/record.h"

namespace chibo {
namespace {

std::string TextOf(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

// The same error, said of a field of the line.
template <typename T>
Result<T> Of(const char* field, Result<T> result) {
  if (!result) {
    const std::string& where = result.error().where;
    result.error().where = field + (where.empty() ? "" : ": " + where);
  }
  return result;
}

// As a number yyyymmdd or as people write dates. Today only where none stands there.
Result<std::uint32_t> DateOf(const Json& json, Timestamp now) {
  if (!json.contains("date")) {
    return chibo::DateOf(now);
  }
  const std::string typed =
      json["date"].is_number_unsigned() ? json["date"].dump() : TextOf(json, "date");
  const auto date = DateFrom(typed);
  if (!date) {
    return Fail(Code::kBadInput, "date_unreadable", "date: " + Dump(json["date"]));
  }
  return *date;
}

// Cases of one subject, the open ones first.
Result<std::vector<pb::CaseRow>> CasesOf(const Replica& replica, const SubjectId& subject,
                                         const std::string& period) {
  std::vector<pb::CaseRow> open;
  std::vector<pb::CaseRow> closed;
  CHIBO_TRY(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    pb::CaseRow row;
    if (row.ParseFromString(derived.value) && SubjectId::From(row.subject()) == subject &&
        (period.empty() || row.period() == period)) {
      (row.state() == pb::CASE_OPEN ? open : closed).push_back(std::move(row));
    }
    return true;
  }));
  open.insert(open.end(), closed.begin(), closed.end());
  return open;
}

std::size_t CharactersIn(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

// Where the value of the object's own key `field` begins, in characters from 1; 0: nowhere. The
// text is a JSON object.
std::size_t ColumnOf(std::string_view text, std::string_view field) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"') {
      depth += text[at] == '{' || text[at] == '[' ? 1 : 0;
      depth -= text[at] == '}' || text[at] == ']' ? 1 : 0;
      continue;
    }
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '"') {
      end += text[end] == '\\' ? 2 : 1;
    }
    const std::size_t next = text.find_first_not_of(" \t", end + 1);
    const bool is_key = depth == 1 && next < text.size() && text[next] == ':';
    if (is_key && text.substr(at + 1, end - at - 1) == field) {
      const std::size_t value = text.find_first_not_of(" \t", next + 1);
      return CharactersIn(text.substr(0, value)) + 1;
    }
    at = end;
  }
  return 0;
}

// What a person typed of "records[0].waiver.body.date: 31/13/2019".
std::string Typed(std::string_view where, const std::string& what) {
  for (const std::string& frame : {std::string("records[0]."), what + ".", std::string("body.")}) {
    where = where.starts_with(frame) ? where.substr(frame.size()) : where;
  }
  return std::string(where);
}

// Of the line, not of the store or of what else runs it.
bool IsOfLine(const Error& error) {
  const int code = ExitCode(error.code);
  return code == 1 || code == 2 || code == 5;
}

DecisionProblem ProblemOf(const DecisionLine& line, Error error) {
  DecisionProblem problem;
  problem.line = line.number;
  error.where = Typed(error.where, line.what);
  const std::string field = error.where.substr(0, error.where.find_first_of(":.["));
  problem.column = ColumnOf(line.json, field);
  problem.error = std::move(error);
  return problem;
}

// The lines of one file, one after the other, in one transaction.
class Decider {
 public:
  Decider(Replica& replica, StreamWriter& writer, const DecisionFileOptions& options,
          DecidedFile& out)
      : replica_(replica), writer_(writer), options_(options), people_(replica), out_(out) {}

  Status Run(const std::vector<DecisionLine>& lines) {
    CHIBO_TRY(people_.Refresh());
    for (const DecisionLine& line : lines) {
      if (options_.progress) {
        options_.progress(line.number);
      }
      CHIBO_TRY(writer_.Settle());
      line_ = &line;
      json_ = Json::parse(line.json);
      DecidedLine done{line.number, line.what, std::nullopt, {}};
      Status taken = Take(done);
      if (!taken && !IsOfLine(taken.error())) {
        return taken;
      }
      if (!taken) {
        DecisionProblem problem = ProblemOf(line, taken.error());
        problem.other_line = std::exchange(other_line_, 0);
        problem.findings = done.decided ? std::move(done.decided->findings) : problem.findings;
        out_.problems.push_back(std::move(problem));
      } else {
        out_.lines.push_back(std::move(done));
      }
    }
    return {};
  }

 private:
  Status Take(DecidedLine& done) {
    if (line_->what == "decide" || line_->what == "decide_agreed") {
      return TakeDecision(done);
    }
    return line_->what == "confirmation" ? TakeConfirmation(done) : TakeRecord(done);
  }

  Result<SubjectId> Subject() const {
    const char* field = json_.contains("case_subject") ? "case_subject" : "subject";
    const std::string kind = TextOf(json_, "kind");
    CHIBO_TRY_VALUE(const pb::SubjectKind subject_kind,
                    Of("kind", KindFrom(kind.empty() ? "member" : kind)));
    return Of(field, SubjectFrom(replica_, people_, TextOf(json_, field), subject_kind));
  }

  Result<std::string> Period(const std::optional<SubjectId>& subject) const {
    for (const std::string& period : {TextOf(json_, "period"), options_.period}) {
      if (!period.empty()) {
        return period;
      }
    }
    if (subject) {
      CHIBO_TRY_VALUE(const auto cases, CasesOf(replica_, *subject, ""));
      if (!cases.empty()) {
        return cases.front().period();
      }
    }
    return Fail(Code::kUsage, "usage_option_missing", "--period");
  }

  // Says it where a line before this one has done the same about the same.
  Status CheckFirst(bool confirms, const SubjectId& subject, const std::string& period) {
    const auto [said, first] =
        said_.try_emplace(std::tuple(confirms, subject, period), line_->number);
    if (first) {
      return {};
    }
    other_line_ = said->second;
    CHIBO_TRY_VALUE(const std::string reference, ReferenceOf(replica_, subject));
    return Fail(Code::kBadInput, "decision_twice_in_file",
                (json_.contains("case_subject") ? "case_subject: " : "subject: ") + reference);
  }

  Result<Choice> ReadChoice(const SubjectId& subject) const {
    Choice choice;
    choice.subject = subject;
    CHIBO_TRY_VALUE(choice.grade, Of("grade", GradeFrom(TextOf(json_, "grade"))));
    choice.reason = TextOf(json_, "reason");
    for (const Json& rule : json_.value("overrides", Json::array())) {
      if (!rule.is_string()) {
        return Fail(Code::kBadInput, "decision_override_unreadable", "overrides: " + Dump(rule));
      }
      choice.overrides.push_back(rule.get<std::string>());
    }
    return choice;
  }

  Status TakeDecision(DecidedLine& done) {
    DecisionRequest request;
    request.number = TextOf(json_, "number");
    CHIBO_TRY_VALUE(request.date, DateOf(json_, options_.now));
    std::optional<SubjectId> subject;
    if (line_->what == "decide_agreed") {
      request.all_agreed = true;
      if (json_.contains("subjects")) {
        CHIBO_TRY_VALUE(const pb::SubjectKind kind,
                        Of("subjects", KindFrom(TextOf(json_, "subjects"))));
        request.kinds.push_back(kind);
      }
    } else {
      CHIBO_TRY_VALUE(subject, Subject());
      CHIBO_TRY_VALUE(Choice choice, ReadChoice(*subject));
      request.choices.push_back(std::move(choice));
    }
    CHIBO_TRY_VALUE(request.period, Period(subject));
    if (subject) {
      CHIBO_TRY(CheckFirst(false, *subject, request.period));
    }
    const std::string period = request.period;
    auto decided = PlanDecision(replica_, options_.officer, std::move(request));
    if (!decided && line_->what == "decide_agreed" &&
        decided.error().reason == "decision_nothing_to_decide") {
      // Nobody waits: nothing is wrong with that in a file that is applied again.
      decided = Decided();
    }
    CHIBO_TRY_VALUE(done.decided, std::move(decided));
    if (Blocks(done.decided->findings)) {
      return Fail(Code::kBlocked, "decision_blocked");
    }
    for (const pb::DecisionBody& part : done.decided->parts) {
      for (const pb::DecisionRow& row : part.rows()) {
        if (const auto one = SubjectId::From(row.subject())) {
          said_.try_emplace(std::tuple(false, *one, period), line_->number);
        }
      }
    }
    return SignDecision(replica_, writer_, options_.officer, options_.now, *done.decided);
  }

  // The decision stands though something came in late: names the decision and what it did not
  // weigh.
  Status TakeConfirmation(DecidedLine& done) {
    CHIBO_TRY_VALUE(const SubjectId subject, Subject());
    CHIBO_TRY_VALUE(const std::string period, Period(subject));
    CHIBO_TRY(CheckFirst(true, subject, period));
    CHIBO_TRY_VALUE(const auto cases, CasesOf(replica_, subject, period));
    CHIBO_TRY_VALUE(const std::uint32_t date, DateOf(json_, options_.now));
    for (const pb::CaseRow& row : cases) {
      if (row.type() != pb::CASE_DECISION_BASIS_CHANGED || row.state() != pb::CASE_OPEN) {
        continue;
      }
      pb::Action action;
      for (const std::string& decision : row.decisions()) {
        pb::ConfirmationBody& body = *action.add_records()->mutable_confirmation()->mutable_body();
        body.set_decision(decision);
        *body.mutable_subject() = row.subject();
        body.set_period(period);
        *body.mutable_weighed() = row.evidence();
        body.set_reason(TextOf(json_, "reason"));
        body.set_date(date);
      }
      return Record(action, done);
    }
    const char* field = json_.contains("case_subject") ? "case_subject" : "subject";
    return Fail(Code::kNotFound, "confirmation_without_case",
                std::string(field) + ": " + TextOf(json_, field));
  }

  // Waivers, orders and what else is one record whose body the line nearly is.
  Status TakeRecord(DecidedLine& done) {
    Json body = json_;
    body.erase("phase");
    body.erase("do");
    if (body.contains("subject")) {
      body["subject"] = SubjectJson(TextOf(body, "subject"));
    }
    if (body.contains("subjects")) {
      Json subjects = Json::array();
      for (const Json& subject : body["subjects"]) {
        subjects.push_back(SubjectJson(subject.is_string() ? subject.get<std::string>() : ""));
      }
      body["subjects"] = subjects;
    }
    body.erase("kind");
    Json record;
    record[line_->what]["body"] = body;
    CHIBO_TRY_VALUE(const pb::Action action, people_.Read(Dump(record)));
    return Record(action, done);
  }

  Json SubjectJson(const std::string& reference) const {
    const std::string kind = TextOf(json_, "kind");
    const bool member = reference.starts_with("@person:");
    return Json{{"kind", member         ? "MEMBER"
                         : kind.empty() ? "ORGANISATION"
                                        : kind},
                {"id", reference}};
  }

  Status Record(const pb::Action& action, DecidedLine& done) {
    Signers signers;
    signers.officer = options_.officer;
    CHIBO_TRY(RecordAction(replica_, writer_, action, signers, options_.now, done.recorded));
    return {};
  }

  Replica& replica_;
  StreamWriter& writer_;
  const DecisionFileOptions& options_;
  ActionReader people_;
  DecidedFile& out_;
  const DecisionLine* line_ = nullptr;
  Json json_;
  // Which line decides, or confirms, whom.
  std::map<std::tuple<bool, SubjectId, std::string>, std::size_t> said_;
  std::size_t other_line_ = 0;  // of the problem that is being told
};

bool IsKnown(const std::string& what) {
  for (const char* known : {"decide", "decide_agreed", "waiver", "regrade_order", "confirmation",
                            "cancellation", "return"}) {
    if (what == known) {
      return true;
    }
  }
  return false;
}

// Adds the line, or what is wrong with it.
void ReadLine(std::size_t number, std::string_view text, std::string_view phase,
              DecisionFile& file) {
  DecisionProblem problem;
  problem.line = number;
  problem.error = Error{Code::kBadInput, "decision_line_not_json", ""};
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    // The byte behind the last one that was read, from 1.
    const std::size_t read = std::min(error.byte > 0 ? error.byte - 1 : 0, text.size());
    problem.column = CharactersIn(text.substr(0, read)) + 1;
    file.problems.push_back(std::move(problem));
    return;
  }
  DecisionLine line{number, json.is_object() ? TextOf(json, "do") : "", "", std::string(text)};
  if (!IsKnown(line.what)) {
    problem.error = Error{Code::kBadInput, "decision_line_unknown",
                          line.what.empty() ? "" : "do: " + line.what};
    problem.column = json.is_object() ? ColumnOf(text, "do") : 0;
    file.problems.push_back(std::move(problem));
    return;
  }
  line.phase = TextOf(json, "phase");
  if (phase.empty() || line.phase == phase) {
    file.lines.push_back(std::move(line));
  }
}

}  // namespace

DecisionFile ReadDecisionFile(const std::vector<std::string_view>& lines, std::string_view phase) {
  DecisionFile file;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find_first_not_of(" \t\r") != std::string_view::npos) {
      ReadLine(i + 1, lines[i], phase, file);
    }
  }
  return file;
}

Result<DecidedFile> DecideLines(Replica& replica, const DecisionFile& file,
                                const DecisionFileOptions& options) {
  DecidedFile out;
  out.problems = file.problems;
  bool looked_at = false;
  const Status done = replica.Transact(options.now, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(Decider(replica, writer, options, out).Run(file.lines));
    looked_at = true;
    // What was signed to see what the lines after it rest on is taken back.
    return out.problems.empty() && !options.dry_run
               ? Status()
               : Status(Fail(Code::kBlocked, "decision_blocked"));
  });
  out.kept = done.has_value();
  if (!done && (!looked_at || (out.problems.empty() && !options.dry_run))) {
    return tl::unexpected(done.error());
  }
  std::stable_sort(out.problems.begin(), out.problems.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  for (DecidedLine& line : out.lines) {
    if (line.decided) {
      line.decided->signed_and_recorded = out.kept && !line.decided->parts.empty();
    }
  }
  return out;
}

}  // namespace chibo

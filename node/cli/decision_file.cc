#include "node/cli/decision_file.h"

#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/recording.h"
#include "node/typed_value.h"
#include "proto/record.h"

namespace chibo {
namespace {

std::string TextOf(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
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

class Line {
 public:
  Line(Call& call, const Officer& officer, const DecisionLine& line, bool dry_run)
      : call_(call),
        officer_(officer),
        line_(line),
        json_(Json::parse(line.json)),
        people_(call.replica()),
        dry_run_(dry_run) {}

  Result<Applied> Apply() {
    CHIBO_TRY(people_.Refresh());
    if (line_.what == "decide" || line_.what == "decide_agreed") {
      return ApplyDecision();
    }
    if (line_.what == "confirmation") {
      return ApplyConfirmation();
    }
    return ApplyRecord();
  }

 private:
  Result<SubjectId> Subject() const {
    const std::string text =
        json_.contains("case_subject") ? TextOf(json_, "case_subject") : TextOf(json_, "subject");
    const std::string kind = TextOf(json_, "kind");
    CHIBO_TRY_VALUE(const pb::SubjectKind subject_kind, KindFrom(kind.empty() ? "member" : kind));
    return SubjectFrom(call_.replica(), people_, text, subject_kind);
  }

  Result<std::string> Period(const std::optional<SubjectId>& subject) const {
    for (const std::string& period : {TextOf(json_, "period"), call_.arguments.One("period")}) {
      if (!period.empty()) {
        return period;
      }
    }
    if (subject) {
      CHIBO_TRY_VALUE(const auto cases, CasesOf(call_.replica(), *subject, ""));
      if (!cases.empty()) {
        return cases.front().period();
      }
    }
    return Fail(Code::kUsage, "usage_option_missing", "--period");
  }

  Result<Applied> ApplyDecision() {
    DecisionRequest request;
    request.number = TextOf(json_, "number");
    CHIBO_TRY_VALUE(request.date, DateOf(json_, call_.now()));
    std::optional<SubjectId> subject;
    if (line_.what == "decide_agreed") {
      request.all_agreed = true;
      if (json_.contains("subjects")) {
        CHIBO_TRY_VALUE(const pb::SubjectKind kind, KindFrom(TextOf(json_, "subjects")));
        request.kinds.push_back(kind);
      }
    } else {
      CHIBO_TRY_VALUE(subject, Subject());
      Choice choice;
      choice.subject = *subject;
      CHIBO_TRY_VALUE(choice.grade, GradeFrom(TextOf(json_, "grade")));
      choice.reason = TextOf(json_, "reason");
      for (const Json& rule : json_.value("overrides", Json::array())) {
        choice.overrides.push_back(rule.is_string() ? rule.get<std::string>() : "");
      }
      request.choices.push_back(std::move(choice));
    }
    CHIBO_TRY_VALUE(request.period, Period(subject));
    Applied applied;
    auto decided =
        Decide(call_.replica(), officer_.issuer, std::move(request), dry_run_, call_.now());
    if (!decided && line_.what == "decide_agreed" &&
        decided.error().reason == "decision_nothing_to_decide") {
      // Nobody waits: nothing is wrong with that in a file that is applied again.
      applied.decided = Decided();
      return applied;
    }
    CHIBO_TRY_VALUE(applied.decided, std::move(decided));
    return applied;
  }

  // The decision stands though something came in late: names the decision and what it did not
  // weigh.
  Result<Applied> ApplyConfirmation() {
    CHIBO_TRY_VALUE(const SubjectId subject, Subject());
    CHIBO_TRY_VALUE(const std::string period, Period(subject));
    CHIBO_TRY_VALUE(const auto cases, CasesOf(call_.replica(), subject, period));
    CHIBO_TRY_VALUE(const std::uint32_t date, DateOf(json_, call_.now()));
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
      return Record(std::move(action));
    }
    return Fail(Code::kNotFound, "confirmation_without_case",
                TextOf(json_, json_.contains("case_subject") ? "case_subject" : "subject"));
  }

  // Waivers, orders and what else is one record whose body the line nearly is.
  Result<Applied> ApplyRecord() {
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
    record[line_.what]["body"] = body;
    auto action = people_.Read(Dump(record));
    if (!action) {
      Error error = action.error();
      error.where = AsTyped(error.where, "records[0]." + line_.what + ".body.");
      return tl::unexpected(std::move(error));
    }
    return Record(*std::move(action));
  }

  Json SubjectJson(const std::string& reference) const {
    const std::string kind = TextOf(json_, "kind");
    const bool member = reference.starts_with("@person:");
    return Json{{"kind", member         ? "MEMBER"
                         : kind.empty() ? "ORGANISATION"
                                        : kind},
                {"id", reference}};
  }

  Result<Applied> Record(pb::Action action) {
    Applied applied;
    if (dry_run_) {
      return applied;
    }
    Signers signers;
    signers.officer = officer_.issuer;
    CHIBO_TRY(call_.replica().Transact(call_.now(), [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(
          RecordAction(call_.replica(), writer, action, signers, call_.now(), applied.recorded));
      return {};
    }));
    return applied;
  }

  Call& call_;
  const Officer& officer_;
  const DecisionLine& line_;
  Json json_;
  ActionReader people_;
  bool dry_run_;
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

}  // namespace

Result<DecisionLine> ReadDecisionLine(const std::string& text, const std::string& place) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !IsKnown(TextOf(json, "do"))) {
    return Fail(Code::kBadInput, "decision_line_unreadable", place);
  }
  return DecisionLine{0, place, TextOf(json, "do"), TextOf(json, "phase"), text};
}

Result<std::vector<DecisionLine>> ReadDecisionLines(const Call& call, const std::string& path) {
  std::vector<DecisionLine> lines;
  const std::string& phase = call.arguments.One("phase");
  std::size_t number = 0;
  for (const SourceLine& source : LinesOf(call, path)) {
    ++number;
    if (source.text.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    CHIBO_TRY_VALUE(DecisionLine line, ReadDecisionLine(source.text, source.place));
    line.number = number;
    if (phase.empty() || line.phase == phase) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

Result<Applied> ApplyDecisionLine(Call& call, const Officer& officer, const DecisionLine& line,
                                  bool dry_run) {
  return Line(call, officer, line, dry_run).Apply();
}

}  // namespace chibo

// chibo cases: what waits for an authority's decision.
#include "domain/case.h"
#include "node/cli/case_rows.h"
#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "proto/record.h"

namespace chibo {
namespace {

struct Wanted {
  std::string period;
  std::string state;  // "open", "closed", "all"
  bool mine = false;
};

bool IsWanted(const pb::CaseRow& row, const Wanted& wanted, const UnitId& own) {
  return (wanted.period.empty() || row.period() == wanted.period) &&
         (wanted.state == "all" || wanted.state == Name(row.state())) &&
         (!wanted.mine || row.owner() == own.view());
}

Json ProposalJson(const Replica& replica, const pb::ProposalState& proposal) {
  const std::string standing = Lower(pb::ProposalStanding_Name(proposal.standing()).substr(9));
  const auto name = NameOf(proposal.record());
  return Json{{"place", CodeOf(replica, proposal.place())},
              {"grade", GradeName(proposal.grade())},
              {"standing", standing},
              {"provisional", proposal.provisional()},
              {"weighed", proposal.weighed()},
              {"record", name ? ToString(*name) : ""}};
}

Result<Json> CaseJson(const Replica& replica, const pb::CaseRow& row) {
  const auto subject = SubjectId::From(row.subject());
  std::string reference;
  std::string kind;
  std::string name;
  if (subject) {
    CHIBO_TRY_VALUE(reference, ReferenceOf(replica, *subject));
    CHIBO_TRY_VALUE(name, NameOf(replica, *subject));
    kind = KindName(subject->kind);
  }
  Json proposals = Json::array();
  for (const pb::ProposalState& proposal : row.proposals()) {
    proposals.push_back(ProposalJson(replica, proposal));
  }
  Json evidence = Json::array();
  for (const pb::Ref& ref : row.evidence()) {
    if (const auto record = NameOf(ref)) {
      evidence.push_back(ToString(*record));
    }
  }
  Json decisions = Json::array();
  for (const std::string& digest : row.decisions()) {
    decisions.push_back(ToHex(digest));
  }
  return Json{{"case", row.id()},
              {"type", std::string(Name(row.type()))},
              {"subject", reference},
              {"subject_kind", kind},
              {"subject_id", ToHex(row.subject().id())},
              {"subject_name", name},
              {"period", row.period()},
              {"state", std::string(Name(row.state()))},
              {"owner", CodeOf(replica, row.owner())},
              {"due", row.due()},
              {"proposals", proposals},
              {"decisions", decisions},
              {"evidence", evidence}};
}

// Ordered to be graded again: the unit that proposed has to act, not who decides.
bool ActsBelow(const pb::CaseRow& row) {
  return row.type() == pb::CASE_REGRADE || row.type() == pb::CASE_CAP_EXCEEDED;
}

// "Lê Thị Mai (19760109), 2019: mức xếp loại khác nhau giữa các nơi" and below it who proposes
// what.
void DescribeCase(const Call& call, const pb::CaseRow& row, const Json& json, Output& output) {
  const Replica& replica = call.replica();
  output.lines.push_back(
      row.id() + "  " + json["subject_name"].get<std::string>() + ", " + row.period() + ": " +
      call.texts.Text("case", Name(row.type())) +
      (row.state() == pb::CASE_CLOSED ? " (" + call.Say("case_is_closed") + ")" : ""));
  for (const pb::ProposalState& proposal : row.proposals()) {
    output.lines.push_back("    " +
                           NameOf(replica, UnitId::From(proposal.place()).value_or(UnitId())) +
                           ": " + call.texts.Text("grade", GradeName(proposal.grade())));
  }
  if (row.due() != 0) {
    output.lines.push_back("    " + call.Say("case_due", {call.texts.Date(row.due())}));
  }
  if (!row.owner().empty()) {
    output.lines.push_back(
        "    " + call.Say(ActsBelow(row) ? "case_regraded_by" : "case_owner",
                          {NameOf(replica, UnitId::From(row.owner()).value_or(UnitId()))}));
  }
}

Result<Output> ListCases(Call& call) {
  Wanted wanted;
  wanted.period = call.arguments.One("period");
  wanted.state = call.arguments.Has("state") ? call.arguments.One("state") : "open";
  wanted.mine = call.arguments.Has("mine");
  if (wanted.state != "open" && wanted.state != "closed" && wanted.state != "all") {
    return Fail(Code::kUsage, "usage_option_unclear", "--state");
  }
  if (!wanted.period.empty() && !IsPeriod(wanted.period)) {
    return Fail(Code::kBadInput, "period_unreadable", wanted.period);
  }
  Replica& replica = call.replica();
  CHIBO_TRY_VALUE(const auto rows, CasesWhere(replica, [&](const pb::CaseRow& row) {
                    return IsWanted(row, wanted, replica.settings().unit);
                  }));
  Output output;
  Json list = Json::array();
  for (const pb::CaseRow& row : rows) {
    CHIBO_TRY_VALUE(Json json, CaseJson(replica, row));
    DescribeCase(call, row, json, output);
    list.push_back(std::move(json));
  }
  if (rows.empty()) {
    output.lines = {call.Say("no_cases")};
  }
  output.json = Dump(list);
  return output;
}

}  // namespace

void AddCaseCommands(std::vector<CommandSpec>& all) {
  all.push_back({"cases",
                 Needs::kRead,
                 {{"period", OptionSpec::Kind::kValue, false, ""},
                  {"state", OptionSpec::Kind::kValue, false, "case_state"},
                  {"mine", OptionSpec::Kind::kFlag, false, "case_mine"}},
                 "cases --dir DIST --period 2019 --json",
                 ListCases});
}

}  // namespace chibo

// chibo unit add, unit move, unit list.
#include <array>
#include <string_view>
#include <utility>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/cli/unit_words.h"
#include "node/move.h"
#include "node/names.h"
#include "node/typed_value.h"

namespace chibo {
namespace {

Json UnitJson(const UnitPlan& plan) {
  return Json{{"code", plan.code}, {"kind", UnitKindName(plan.kind)}, {"name", plan.name}};
}

Result<std::vector<UnitPlan>> PlansOf(const Call& call) {
  const Arguments& given = call.arguments;
  if (given.Has("units")) {
    CHIBO_TRY(given.ExpectWithout("units",
                                  {"code", "kind", "name", "parent", "type", "committee", "from"}));
    const std::string& path = given.One("units");
    auto plans = ReadUnits(call.Input(path));
    if (!plans) {
      return InFile(call, path, plans.error());
    }
    return plans;
  }
  for (const char* needed : {"code", "kind", "name"}) {
    if (!given.Has(needed)) {
      return Fail(Code::kUsage, "usage_option_missing", std::string("--") + needed);
    }
  }
  UnitPlan plan;
  plan.code = given.One("code");
  if (!IsUnitCode(plan.code)) {
    return Fail(Code::kBadInput, "unit_code_unfit", plan.code);
  }
  plan.name = NormalName(given.One("name"));
  if (plan.name.empty()) {
    return Fail(Code::kBadInput, "unit_name_empty", "--name");
  }
  CHIBO_TRY_VALUE(plan.kind, UnitKindFrom(given.One("kind")));
  plan.parent_code = given.One("parent");
  if (!plan.parent_code.empty() && plan.parent_code != call.replica().settings().unit_code) {
    // Signed here it would count nowhere.
    return Fail(Code::kNotAllowed, "unit_established_by_its_superior", plan.parent_code);
  }
  plan.type = given.One("type");
  plan.committee = given.Has("committee");
  if (given.Has("from")) {
    const auto date = DateFrom(given.One("from"));
    if (!date) {
      return Fail(Code::kBadInput, "date_unreadable", given.One("from"));
    }
    plan.effective = *date;
  }
  return std::vector<UnitPlan>{plan};
}

// "records[0].unit_change.body.decision_no" is the place in a record that nobody has typed: says
// the option it was typed as, or the column of a list.
Error AsGiven(const Arguments& given, Error error) {
  constexpr std::string_view kBody = ".body.";
  const std::size_t body = error.where.find(kBody);
  if (!error.where.starts_with("records[") || body == std::string::npos) {
    return error;
  }
  error.where = error.where.substr(body + kBody.size());
  if (given.Has("units")) {
    return error;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOptions{
      {{"decision_no", "--number"},
       {"effective", "--from"},
       {"name", "--name"},
       {"type", "--type"}}};
  for (const auto& [field, option] : kOptions) {
    if (error.where == field) {
      error.where = option;
      break;
    }
  }
  return error;
}

// A list may hold a whole district: what another unit establishes is left to it.
std::size_t LeaveOthers(const Replica& replica, std::vector<UnitPlan>& plans) {
  const std::string& own = replica.settings().unit_code;
  const std::size_t before = plans.size();
  std::erase_if(plans, [&own](const UnitPlan& plan) {
    return plan.code == own || (!plan.parent_code.empty() && plan.parent_code != own);
  });
  return before - plans.size();
}

Result<Output> AddUnit(Call& call) {
  CHIBO_TRY_VALUE(std::vector<UnitPlan> plans, PlansOf(call));
  const std::size_t left = call.arguments.Has("units") ? LeaveOthers(call.replica(), plans) : 0;
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  if (const Status added = AddUnits(call.replica(), officer.issuer, plans, call.now()); !added) {
    return tl::unexpected(AsGiven(call.arguments, added.error()));
  }
  Json units = Json::array();
  for (const UnitPlan& plan : plans) {
    units.push_back(UnitJson(plan));
  }
  Output output;
  output.json = Dump(Json{{"added", plans.size()}, {"left_out", left}, {"units", units}});
  output.lines = {call.Say("units_added", {call.texts.Number(plans.size())})};
  if (left > 0) {
    output.notes = {call.Say("units_left_out", {call.texts.Number(left)})};
  }
  return output;
}

Result<Output> MoveOne(Call& call) {
  const Arguments& given = call.arguments;
  MovePlan plan;
  CHIBO_TRY_VALUE(plan.unit, UnitByCode(call.replica(), given.One("code")));
  CHIBO_TRY_VALUE(plan.to, UnitByCode(call.replica(), given.One("to")));
  plan.hand_over = given.Has("hand-over");
  plan.number = given.One("number");
  plan.effective = DateOf(call.now());
  if (given.Has("from")) {
    const auto date = DateFrom(given.One("from"));
    if (!date) {
      return Fail(Code::kBadInput, "date_unreadable", given.One("from"));
    }
    plan.effective = *date;
  }
  CHIBO_TRY_VALUE(const Officer officer, UnlockOfficer(call));
  if (const Status moved = MoveUnit(call.replica(), officer.issuer, plan, call.now()); !moved) {
    return tl::unexpected(AsGiven(given, moved.error()));
  }
  Output output;
  output.json = Dump(
      Json{{"unit", given.One("code")}, {"to", given.One("to")}, {"hand_over", plan.hand_over}});
  output.lines = {call.Say("unit_moved", {given.One("code"), given.One("to")})};
  return output;
}

Result<Output> ListUnits(Call& call) {
  const Organisation& organisation = call.replica().projector().organisation();
  Json list = Json::array();
  Output output;
  for (const UnitId& unit : organisation.UnitsOn()) {
    const auto state = organisation.At(unit);
    const std::string parent =
        state->parent ? CodeOf(call.replica(), *state->parent) : std::string();
    list.push_back(Json{{"code", state->code},
                        {"kind", UnitKindName(state->kind)},
                        {"name", state->name},
                        {"parent", parent},
                        {"type", state->type},
                        {"committee", state->committee},
                        {"unit", unit.hex()}});
    output.lines.push_back(state->code + "\t" +
                           call.texts.Text("unit_kind", UnitKindName(state->kind)) + "\t" + parent +
                           "\t" + state->name);
  }
  output.json = Dump(list);
  return output;
}

}  // namespace

void AddUnitCommands(std::vector<CommandSpec>& all) {
  all.push_back({"unit add",
                 Needs::kWrite,
                 {{"code", OptionSpec::Kind::kValue, false, "unit_code"},
                  {"kind", OptionSpec::Kind::kValue, false, "unit_kind"},
                  {"name", OptionSpec::Kind::kValue, false, "unit_name"},
                  {"parent", OptionSpec::Kind::kValue, false, "unit_parent"},
                  {"type", OptionSpec::Kind::kValue, false, "unit_type"},
                  {"committee", OptionSpec::Kind::kFlag, false, "unit_committee"},
                  {"from", OptionSpec::Kind::kValue, false, "unit_from"},
                  {"units", OptionSpec::Kind::kInput, false, "units"}},
                 "unit add --dir PROV --code dongson --kind district --name \"Huyện ủy Đông Sơn\" "
                 "--passphrase-file F",
                 AddUnit});
  all.push_back({"unit move",
                 Needs::kWrite,
                 {{"code", OptionSpec::Kind::kValue, true, "unit_code"},
                  {"to", OptionSpec::Kind::kValue, true, "move_to"},
                  {"from", OptionSpec::Kind::kValue, false, "move_from"},
                  {"number", OptionSpec::Kind::kValue, false, "decision_number"},
                  {"hand-over", OptionSpec::Kind::kFlag, false, ""}},
                 "unit move --dir DIST --code xa01-cb03 --to xa02 --hand-over "
                 "--number 403-QĐ/HU --passphrase-file F",
                 MoveOne});
  all.push_back({"unit list", Needs::kRead, {}, "unit list --dir DIST", ListUnits});
}

}  // namespace chibo

// chibo rules: which numbers hold for a unit in a period, who says so, and what a pack says that
// does not hold.
#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "proto/record.h"

namespace chibo {
namespace {

std::string_view WordOf(ParameterRefused::Why why) {
  switch (why) {
    case ParameterRefused::Why::kUnknownName:
      return "parameter_unknown";
    case ParameterRefused::Why::kUnreadable:
      return "parameter_value_unclear";
    case ParameterRefused::Why::kWidens:
      return "parameter_widens";
  }
  CHECK(false);
}

Json ParametersJson(const EffectivePack& pack) {
  Json list = Json::array();
  for (const auto& [name, value] : pack.All()) {
    list.push_back(Json{{"name", name},
                        {"value", value.value},
                        {"verified", value.verified},
                        {"source", value.source},
                        {"pack", value.pack.is_zero() ? "" : value.pack.hex()}});
  }
  return list;
}

Json RefusedJson(const EffectivePack& pack) {
  Json list = Json::array();
  for (const ParameterRefused& refused : pack.refused()) {
    list.push_back(Json{{"name", refused.name},
                        {"value", refused.value},
                        {"why", std::string(WordOf(refused.why))},
                        {"pack", refused.pack.hex()}});
  }
  return list;
}

void Describe(const Call& call, const EffectivePack& pack, Output& output) {
  for (const auto& [name, value] : pack.All()) {
    std::string line = name + " = " + value.value;
    if (value.pack.is_zero()) {
      line += "  " + call.Say("rules_default");
    }
    if (!value.verified) {
      line += "  " + call.Say("rules_unverified");
    }
    output.lines.push_back(line + (value.source.empty() ? "" : "  (" + value.source + ")"));
  }
  for (const ParameterRefused& refused : pack.refused()) {
    output.notes.push_back(
        call.Say("rules_refused", {refused.name, refused.value, call.Say(WordOf(refused.why))}));
  }
}

Result<Output> Rules(Call& call) {
  const std::string& period = call.arguments.One("period");
  if (!IsPeriod(period)) {
    return Fail(Code::kBadInput, "period_unreadable", period);
  }
  const Projector& projector = call.replica().projector();
  UnitId unit = call.replica().settings().unit;
  if (call.arguments.Has("unit")) {
    CHIBO_TRY_VALUE(unit, UnitByCode(call.replica(), call.arguments.One("unit")));
  }
  const EffectivePack pack = projector.packs().For(unit, period);
  Output output;
  output.json = Dump(Json{{"unit", CodeOf(call.replica(), unit)},
                          {"period", period},
                          {"pack", pack.no_pack() ? "" : pack.hash().hex()},
                          {"name", pack.name()},
                          {"parameters", ParametersJson(pack)},
                          {"refused", RefusedJson(pack)}});
  output.lines.push_back(pack.no_pack() ? call.Say("rules_no_pack", {period})
                                        : call.Say("rules_of", {pack.name(), period}));
  Describe(call, pack, output);
  return output;
}

}  // namespace

void AddRulesCommand(std::vector<CommandSpec>& all) {
  all.push_back({"rules",
                 Needs::kRead,
                 {{"period", OptionSpec::Kind::kValue, true, ""},
                  {"unit", OptionSpec::Kind::kValue, false, "report_unit"}},
                 "rules --dir DIST --period 2019\n"
                 "  chibo rules --dir DIST --period 2019 --unit xa01",
                 Rules});
}

}  // namespace chibo

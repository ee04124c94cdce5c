#include "node/cli/finding_words.h"

#include <vector>

#include "node/cli/json.h"
#include "node/cli/labels.h"

namespace chibo {
namespace {

std::string SeverityWord(const Call& call, const std::string& severity) {
  return severity == "block"  ? call.Say("severity_block")
         : severity == "warn" ? call.Say("severity_warn")
                              : call.Say("severity_inform");
}

}  // namespace

Json FindingJson(const Call& call, const Finding& finding) {
  const std::string severity = finding.severity == Severity::kBlock  ? "block"
                               : finding.severity == Severity::kWarn ? "warn"
                                                                     : "inform";
  std::vector<std::string> said;
  for (const std::string& value : finding.values) {
    said.push_back(SayValue(call.texts, call.replica(), value));
  }
  std::string_view key = finding.message;
  if (key.starts_with("finding_")) {
    key.remove_prefix(8);
  }
  return Json{{"rule", finding.rule},
              {"severity", severity},
              {"message", call.texts.Text("finding", key, said)},
              {"values", finding.values},
              {"verified", finding.verified}};
}

Json DecisionFindingJson(const Call& call, const DecisionFinding& one) {
  const Replica& replica = call.replica();
  Json json = FindingJson(call, one.finding);
  json["subject"] = one.subject ? ReferenceOf(replica, *one.subject).value_or("") : "";
  json["subject_name"] = one.subject ? NameOf(replica, *one.subject).value_or("") : "";
  json["overridden"] = one.overridden;
  return json;
}

std::string FindingLine(const Call& call, const Json& finding) {
  const std::string subject = finding.value("subject_name", "");
  std::string line = finding["rule"].get<std::string>() + " " +
                     SeverityWord(call, finding["severity"].get<std::string>()) + ": " +
                     (subject.empty() ? "" : subject + ": ") +
                     finding["message"].get<std::string>();
  if (!finding["verified"].get<bool>()) {
    line += " (" + call.Say("rule_not_verified") + ")";
  }
  if (finding.value("overridden", false)) {
    line += " (" + call.Say("finding_overridden") + ")";
  }
  return line;
}

}  // namespace chibo

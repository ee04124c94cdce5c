#include "domain/finding_value.h"

namespace chibo {

pb::FindingRow ToMessage(const Finding& finding) {
  pb::FindingRow row;
  row.set_rule(finding.rule);
  row.set_severity(static_cast<std::uint32_t>(finding.severity));
  row.set_message(finding.message);
  for (const std::string& value : finding.values) {
    row.add_values(value);
  }
  row.set_verified(finding.verified);
  for (const RecordName& name : finding.evidence) {
    *row.add_evidence() = RefTo(name);
  }
  return row;
}

Finding FromMessage(const pb::FindingRow& row) {
  Finding finding;
  finding.rule = row.rule();
  finding.severity = row.severity() >= 2   ? Severity::kBlock
                     : row.severity() == 1 ? Severity::kWarn
                                           : Severity::kInform;
  finding.message = row.message();
  finding.values.assign(row.values().begin(), row.values().end());
  finding.verified = row.verified();
  for (const pb::Ref& ref : row.evidence()) {
    if (const auto name = NameOf(ref)) {
      finding.evidence.push_back(*name);
    }
  }
  return finding;
}

}  // namespace chibo

#include "node/cli/case_rows.h"

#include <utility>

namespace chibo {

Result<std::vector<pb::CaseRow>> CasesWhere(
    const Replica& replica, const std::function<bool(const pb::CaseRow&)>& is_wanted) {
  std::vector<pb::CaseRow> rows;
  bool readable = true;
  CHIBO_TRY(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    pb::CaseRow row;
    readable = readable && row.ParseFromString(derived.value);
    if (readable && is_wanted(row)) {
      rows.push_back(std::move(row));
    }
    return readable;
  }));
  if (!readable) {
    return Fail(Code::kDamaged, "view_damaged");
  }
  return rows;
}

}  // namespace chibo

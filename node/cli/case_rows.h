#ifndef CHIBO_NODE_CLI_CASE_ROWS_H_
#define CHIBO_NODE_CLI_CASE_ROWS_H_

#include <functional>
#include <vector>

#include "node/replica.h"

namespace chibo {

// The cases of the view that are wanted, by their key. kDamaged "view_damaged".
Result<std::vector<pb::CaseRow>> CasesWhere(
    const Replica& replica, const std::function<bool(const pb::CaseRow&)>& is_wanted);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_CASE_ROWS_H_

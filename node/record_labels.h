#ifndef CHIBO_NODE_RECORD_LABELS_H_
#define CHIBO_NODE_RECORD_LABELS_H_

#include <optional>
#include <string_view>

#include "base/random.h"
#include "proto/ids.h"
#include "storage/log_store.h"

// What people call records they wrote ("@record:hop-thang-11"), kept by this node alone. Such words
// name persons: on a cell's disk they lie nowhere in plain, not even as the key of a value, which
// is an HMAC of the label under a key drawn once.
namespace chibo {

// In the caller's transaction.
Status PutRecordLabel(LogStore& log, Random& random, std::string_view label,
                      const RecordName& record);
Result<std::optional<RecordName>> RecordLabelled(const LogStore& log, std::string_view label);
// Labels that an earlier version left in plain, in the caller's transaction.
Status SealOldRecordLabels(LogStore& log, Random& random);

}  // namespace chibo

#endif  // CHIBO_NODE_RECORD_LABELS_H_

#ifndef CHIBO_NODE_STREAM_RECORDS_H_
#define CHIBO_NODE_STREAM_RECORDS_H_

#include <utility>
#include <vector>

#include "chibo/record.pb.h"
#include "proto/entry.h"

namespace chibo {

// Records that a body holds, with their positions, whether or not it is held against a leaf: what
// is withheld, or of a kind or shape that is not known, is left out. For entries that are no part
// of the log.
std::vector<std::pair<std::uint32_t, pb::Record>> RecordsIn(const std::vector<Slot>& slots,
                                                            ByteView body);

}  // namespace chibo

#endif  // CHIBO_NODE_STREAM_RECORDS_H_

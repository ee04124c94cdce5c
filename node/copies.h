#ifndef CHIBO_NODE_COPIES_H_
#define CHIBO_NODE_COPIES_H_

#include "node/streams.h"

namespace chibo {

// A record of one stream as it is carried into another: with the proof that it stands where it says
// (record.proto, Copy). The stream's branch 0 must be signed past the record. kNotFound, kBehind
// (not yet signed), kDamaged.
Result<pb::Record> MakeCopy(const Streams& streams, const LogStore& log, const RecordName& name);

}  // namespace chibo

#endif  // CHIBO_NODE_COPIES_H_

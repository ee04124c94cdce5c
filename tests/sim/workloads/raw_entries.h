#ifndef CHIBO_TESTS_SIM_WORKLOADS_RAW_ENTRIES_H_
#define CHIBO_TESTS_SIM_WORKLOADS_RAW_ENTRIES_H_

#include "tests/sim/machine.h"

namespace chibo::sim {

// Puts an entry at the end of a stream in this machine's store, past the product's writer: of a
// record kind that it does not know, or in somebody else's stream. The checkpoint is signed with
// this machine's device key, whoever the stream belongs to. The process has to start anew to see
// it.
struct RawRecord {
  std::uint32_t kind = 0;
  Bytes payload;
};
Status AppendRaw(Machine& machine, const Stream& stream, const RawRecord& record);

// Begins a stream of this machine's device in any unit's name, and puts one record into it. Its
// name.
Result<StreamId> BeginRaw(Machine& machine, pb::StreamKind kind, const UnitId& unit,
                          const UnitId& other, const RawRecord& record);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_WORKLOADS_RAW_ENTRIES_H_

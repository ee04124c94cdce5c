#ifndef CHIBO_STORAGE_QUARANTINE_H_
#define CHIBO_STORAGE_QUARANTINE_H_

#include <vector>

#include "storage/log_store.h"

namespace chibo {

// An entry that was taken out of the log, as it lay there.
struct QuarantinedEntry {
  std::int64_t no = 0;  // names it, in the order in which they were taken out
  StreamId stream;
  std::uint32_t branch = 0;
  std::uint64_t index = 0;
  bool own = false;       // of a stream that this node's device wrote
  bool whole = false;     // nothing is known against it: what was before it was damaged
  bool given_up = false;  // somebody has acknowledged that it is lost
  Bytes leaf;             // these are empty where nothing could be read
  Bytes header;
  Bytes body;  // still as it lies: Body opens it
};

// Entries that were damaged, and those that stood behind damaged ones in their stream: nothing of
// them counts, nothing is thrown away. They leave when the same entry is held again. Writes belong
// to the caller's transaction.
class Quarantine {
 public:
  Quarantine(SqlConnection& sql, const AtRest& at_rest) : sql_(sql), at_rest_(at_rest) {}

  // Everything in here, by stream, branch and index.
  Result<std::vector<QuarantinedEntry>> Entries() const;
  Result<bool> IsEmpty() const;
  // kDamaged when it does not open.
  Result<Bytes> Body(const QuarantinedEntry& entry) const;
  // Of streams that are not held any more; a damaged one is left out.
  Result<StreamSecrets> Secrets(const StreamId& stream) const;
  // The writer's, past what was kept; the largest first.
  Result<std::vector<Checkpoint>> Checkpoints(const StreamId& stream, std::uint32_t branch) const;

  Status Drop(const QuarantinedEntry& entry);
  // Everything that is in here now is lost, and somebody has acknowledged it.
  Status GiveUp();
  // Checkpoints and secrets of streams of which no entry is in here any more.
  Status DropLeftovers();

 private:
  SqlConnection& sql_;
  const AtRest& at_rest_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_QUARANTINE_H_

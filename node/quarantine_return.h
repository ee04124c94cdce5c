#ifndef CHIBO_NODE_QUARANTINE_RETURN_H_
#define CHIBO_NODE_QUARANTINE_RETURN_H_

#include <set>
#include <vector>

#include "node/streams.h"
#include "storage/quarantine.h"
#include "storage/view_store.h"
#include "sync/exchange.h"

namespace chibo {

// How entries leave quarantine. What was damaged comes back from whoever else holds it; what only
// stood behind it comes in again from here, the way everything comes in, as soon as that is back.
// So an own entry that nobody else ever had is not lost because one before it was damaged.
class QuarantineReturn {
 public:
  // All must outlive it.
  QuarantineReturn(const Streams& streams, const LogStore& log, Quarantine quarantine)
      : streams_(streams), log_(log), quarantine_(quarantine) {}

  // Which streams have something in here.
  Status Load();
  bool Concerns(ByteView stream) const;  // its id, or the beginning of it

  // What joins on to what is held now, closed by its writer's checkpoints.
  Result<std::vector<ReceivedChunk>> Chunks() const;
  // Entries that are held again, with all of their texts. In the caller's transaction.
  Status DropHeld();

  // A device that this node has let in, while its certificate, or what that rests on, is in here:
  // it was known, and is again when the stream has come back, perhaps from this very device.
  // Nothing where anybody has revoked it, or nothing is waited for.
  struct Known {
    UnitId unit;
    SignPublicKey device;
  };
  Result<std::optional<Known>> DeviceWith(const ViewStore& view, const UnitId& keeper,
                                          const DhPublicKey& key) const;

 private:
  Result<bool> IsHeld(const QuarantinedEntry& entry, const Stream& stream) const;
  Result<bool> HasAllOf(const Stream& stream, const StoredEntry& held,
                        const QuarantinedEntry& entry) const;
  Result<std::optional<ReceivedChunk>> ChunkFrom(const std::vector<QuarantinedEntry>& run) const;

  const Streams& streams_;
  const LogStore& log_;
  Quarantine quarantine_;
  std::set<StreamId> concerned_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_QUARANTINE_RETURN_H_

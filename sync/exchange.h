#ifndef CHIBO_SYNC_EXCHANGE_H_
#define CHIBO_SYNC_EXCHANGE_H_

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "chibo/sync.pb.h"
#include "proto/entry.h"
#include "proto/ids.h"
#include "sync/chunk.h"

namespace chibo {

// Entries of a branch of which texts are not here that both sides may read: from which on, and a
// digest that is the same on both sides when the same entries lack theirs.
struct LackingText {
  std::uint64_t from = 0;
  FixedBytes<struct LackingTextTag, 8> entries;  // LackingEntries (sync/set_digest.h)

  friend bool operator==(const LackingText&, const LackingText&) = default;
};

// A branch of a stream as held on this side. Where one stands for its stream, it is the branch that
// is followed.
struct HeldStream {
  StreamId id;
  std::uint32_t branch = 0;  // own number; 0 = the one that is followed
  std::uint64_t size = 0;
  Hash root;
  std::uint64_t signed_size = 0;       // as far as it can be passed on (Close)
  std::optional<LackingText> lacking;  // of its `size` entries
  // What the parent's newest register entry known here covers of it; 0 when that is of another
  // branch.
  std::uint64_t registered = 0;
  bool forked = false;  // more branches than this one are held
  Hash branches;        // BranchesRoot (sync/set_digest.h) when forked
};

// 16 bytes, keyed per pair, over a set of (stream, size, root); order does not matter.
using SetDigest = FixedBytes<struct SetDigestTag, 16>;

// What closes a chunk (ChunkHead): the writer's signature at signed_size, and a proof when that is
// past the chunk.
struct ChunkClose {
  std::uint64_t signed_size = 0;  // 0 or the chunk's end: at its end
  Signature signature;
  Hash signed_root;  // meaningful when signed_size is past the chunk's end
  std::vector<Hash> proof;
};

struct OutboxRange {
  std::uint64_t seq = 0;
  StreamId stream;
  std::uint32_t branch = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // may equal `from`: then the item only moves the cursor
};

// A whole chunk that arrived and unpacked; not yet verified against anything. Without stream and
// entries it only moves the cursor.
struct ReceivedChunk {
  std::uint64_t ticket = 0;  // given by the session; comes back in CommitReport
  Bytes stream;              // 8 or 32 bytes
  std::uint64_t from = 0;
  std::uint32_t branch = 0;  // the sender's number: tells its branches apart, no more
  std::vector<EntryBytes> entries;
  ChunkClose close;
  std::array<std::optional<StreamSecret>, 2> secrets;
  // Downward: set the cursor to `outbox` (0 = leave it) of `lineage` in the same transaction, if
  // the chunk is stored and the cursor then is `cursor_after`, so that an item refused before is
  // not passed over. Nothing in `cursor_after`: set it whatever it is.
  std::uint64_t outbox = 0;
  std::optional<std::uint64_t> cursor_after;
  Bytes lineage;
};

// What became of a submitted chunk, told only after the transaction is durable (or has failed).
struct CommitReport {
  std::uint64_t ticket = 0;
  std::optional<Error> error;      // refused: nothing of it was stored
  std::optional<HeldStream> held;  // the branch its entries stand in, as durably held now
};

// The store as one peer may see it; the session's only way to the node. One object per session,
// used from the session's thread. Reads are synchronous; those of one call into the session see one
// state of the store. The initiator is the child, the responder its parent.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // ---- both sides
  // The stream with this id (32 bytes) or prefix (8) among those the two may talk about; nothing
  // when not held. kAmbiguous.
  virtual Result<std::optional<HeldStream>> Find(ByteView stream) = 0;
  // All branches of a stream that is held, the one that is followed first.
  virtual Result<std::vector<HeldStream>> Branches(const StreamId& stream) = 0;
  // Root of a branch at `size`; nothing when shorter.
  virtual Result<std::optional<Hash>> RootAt(const StreamId& stream, std::uint32_t branch,
                                             std::uint64_t size) = 0;
  // What of the first `size` entries of a branch, all of them held, is lacking; nothing: no text
  // that both may read.
  virtual Result<std::optional<LackingText>> LackingAt(const StreamId& stream, std::uint32_t branch,
                                                       std::uint64_t size) = 0;
  // Entries [from, to) as the peer may have them (bodies cut to its reach), until `bytes_max` is
  // passed; at least one.
  virtual Result<std::vector<EntryBytes>> Read(const StreamId& stream, std::uint32_t branch,
                                               std::uint64_t from, std::uint64_t to,
                                               std::size_t bytes_max) = 0;
  virtual Result<ChunkClose> Close(const StreamId& stream, std::uint32_t branch,
                                   std::uint64_t end) = 0;
  // Secrets of the stream that the peer may have.
  virtual Result<StreamSecrets> SecretsFor(const StreamId& stream) = 0;
  // Takes the chunk for the next transaction. The answer comes to Session::HandleCommitted, never
  // from in here.
  virtual void Submit(ReceivedChunk chunk) = 0;

  // ---- upward, one of each stream, in the order in which they are to travel. Child: all it offers
  // its parent. Parent: all it holds of what this child offers.
  virtual Result<std::vector<HeldStream>> Upward() = 0;
  // Digest over Upward() without `except`.
  virtual Result<SetDigest> UpwardDigest(std::span<const StreamId> except) = 0;

  // ---- downward. Child: its copies of what comes from above (not its own streams). Parent: what
  // the child should hold by its outbox.
  virtual Result<std::vector<HeldStream>> Downward() = 0;
  virtual Result<SetDigest> DownwardDigest() = 0;
  // At most 8 bytes. Child: the lineage and cursor last applied. Parent: its lineage now and its
  // outbox head.
  virtual Bytes Lineage() = 0;
  virtual std::uint64_t Cursor() = 0;
  // Parent only: items after `cursor`, oldest first.
  virtual Result<std::vector<OutboxRange>> Outbox(std::uint64_t after, std::size_t count_max) = 0;

  // ---- beginnings of chunks cut off, kept for the next session with this peer (bounded by the
  // owner; may forget). `bytes` are all packed bytes so far; they replace what is kept of the same
  // stream.
  virtual std::vector<std::pair<pb::Spooled, Bytes>> Spool() = 0;
  virtual void PutSpool(const pb::ChunkHead& head, ByteView bytes) = 0;
  virtual void DropSpool(ByteView stream) = 0;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_EXCHANGE_H_

#ifndef CHIBO_SYNC_EXCHANGE_H_
#define CHIBO_SYNC_EXCHANGE_H_

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "chibo/sync.pb.h"
#include "proto/entry.h"
#include "proto/ids.h"
#include "sync/chunk.h"

namespace chibo {

// A stream (its followed branch) as held on this side.
struct HeldStream {
  StreamId id;
  std::uint64_t size = 0;
  Hash root;
  std::uint64_t registered = 0;  // what the parent's newest register entry known here covers
  bool forked = false;
};

// 16 bytes, keyed per pair, over a set of (stream, size, root); order does not matter.
using SetDigest = FixedBytes<struct SetDigestTag, 16>;

// What closes a chunk (ChunkHead): the writer's signature at signed_size, and a proof when that is past the chunk.
struct ChunkClose {
  std::uint64_t signed_size = 0;
  Signature signature;
  Hash signed_root;  // meaningful when signed_size is past the chunk's end
  std::vector<Hash> proof;
};

struct OutboxRange {
  std::uint64_t seq = 0;
  StreamId stream;
  std::uint32_t branch = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

// A whole chunk that arrived and unpacked; not yet verified against anything.
struct ReceivedChunk {
  std::uint64_t ticket = 0;  // given by the session; comes back in CommitReport
  ByteView stream;           // 8 or 32 bytes
  std::uint64_t from = 0;
  std::uint32_t branch = 0;
  std::vector<EntryBytes> entries;
  ChunkClose close;
  std::array<std::optional<StreamSecret>, 2> secrets;
  std::uint64_t outbox = 0;  // downward: advance the cursor to this in the same transaction
  Bytes lineage;             // of that cursor
};

// What became of a submitted chunk, told only after the transaction is durable (or has failed).
struct CommitReport {
  std::uint64_t ticket = 0;
  std::optional<Error> error;       // refused: nothing of it was stored
  std::optional<HeldStream> held;   // what is held durably now
};

// The store as one peer may see it; the session's only way to the node. One object per session, used from the
// session's thread. Reads are synchronous. The initiator is the child, the responder its parent.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // ---- both sides
  // The stream with this id (32 bytes) or prefix (8) among those the two may talk about; nothing when not held.
  virtual Result<std::optional<HeldStream>> Find(ByteView stream) = 0;
  // Root of a stream's followed branch at `size`; nothing when shorter.
  virtual Result<std::optional<Hash>> RootAt(const StreamId& stream, std::uint64_t size) = 0;
  // Entries [from, to) as the peer may have them (bodies cut to its reach), until `bytes_max` is passed; at least one.
  virtual Result<std::vector<EntryBytes>> Read(const StreamId& stream, std::uint32_t branch, std::uint64_t from,
                                               std::uint64_t to, std::size_t bytes_max) = 0;
  virtual Result<ChunkClose> Close(const StreamId& stream, std::uint32_t branch, std::uint64_t end) = 0;
  // Secrets of the stream that the peer may have.
  virtual Result<StreamSecrets> SecretsFor(const StreamId& stream) = 0;
  // Takes the chunk for the next transaction. The answer comes to Session::HandleCommitted.
  virtual void Submit(ReceivedChunk chunk) = 0;

  // ---- upward. Child: all it offers its parent. Parent: all it holds of what this child offers.
  virtual Result<std::vector<HeldStream>> Upward() = 0;
  // Digest over Upward() without `except`.
  virtual Result<SetDigest> UpwardDigest(std::span<const StreamId> except) = 0;

  // ---- downward. Child: its copies of what comes from above (not its own streams). Parent: what the child should
  // hold by its outbox.
  virtual Result<std::vector<HeldStream>> Downward() = 0;
  virtual Result<SetDigest> DownwardDigest() = 0;
  // Child: the lineage and cursor last applied. Parent: its lineage now and its outbox head.
  virtual Bytes Lineage() = 0;
  virtual std::uint64_t Cursor() = 0;
  // Parent only: items after `cursor`, oldest first.
  virtual Result<std::vector<OutboxRange>> Outbox(std::uint64_t after, std::size_t count_max) = 0;

  // ---- parts of chunks cut off, kept for the next session with this peer (bounded by the owner; may forget)
  virtual std::vector<std::pair<pb::Spooled, Bytes>> Spool() = 0;
  virtual void PutSpool(const pb::ChunkHead& head, ByteView bytes) = 0;
  virtual void DropSpool(ByteView stream) = 0;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_EXCHANGE_H_

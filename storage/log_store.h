#ifndef CHIBO_STORAGE_LOG_STORE_H_
#define CHIBO_STORAGE_LOG_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/entry.h"
#include "proto/ids.h"
#include "proto/merkle.h"
#include "storage/sql_connection.h"

namespace chibo {

// Seals what a record says before it reaches the disk: on a cell under a key unlocked by
// pass-phrase; on a server it hands bytes through. `place` binds a sealed value to its row.
class AtRest {
 public:
  virtual ~AtRest() = default;
  virtual Bytes Protect(ByteView place, ByteView plain) = 0;
  // kDamaged when it does not open.
  virtual Result<Bytes> Reveal(ByteView place, ByteView stored) const = 0;
};
class NoProtection final : public AtRest {
 public:
  Bytes Protect(ByteView, ByteView plain) override { return Bytes(plain); }
  Result<Bytes> Reveal(ByteView, ByteView stored) const override { return Bytes(stored); }
};

// Local number of a stream: short keys, rows of one stream together. Never leaves this node.
using StreamNo = std::int64_t;

struct StreamRow {
  StreamNo no = 0;
  StreamId id;
  bool own = false;  // written by this node's device
  Bytes genesis;     // header bytes of entry 0
};

// How far one branch of a stream is held. Branch 0 is the one first seen; another has left an
// earlier one, `parent`, holds entries [fork_at, size) and shares what is below with it.
struct BranchRow {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
  std::uint64_t fork_at = 0;
  MerklePeaks peaks;
  // Newest checkpoint by the writer that covers entries held here (signed_size <= size).
  std::uint64_t signed_size = 0;
  std::optional<Signature> signature;
};

struct StoredEntry {
  std::uint64_t index = 0;
  Bytes header;
  Bytes body;  // EncodeBody
  Hash leaf;
};

struct Checkpoint {
  std::uint64_t size = 0;
  Signature signature;
};

// Somebody's register entry about a stream: that unit's node durably held it so far.
struct Registered {
  UnitId by;
  Position at;
  std::int64_t time_ms = 0;
  RecordName name;  // the Register record itself
};

// An outbox item for one unit below: entries [from, to) of a stream (branch) became visible to it.
struct OutboxItem {
  std::uint64_t seq = 0;
  StreamNo stream = 0;
  std::uint32_t branch = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

// The precious part: entries as first written, their heads, what was received from whom. Writes
// belong to the caller's transaction on the connection. Entries are checked against their leaf hash
// when read: kDamaged with where = PlaceOf(stream, index) is about one entry, the others can still
// be read. Nothing is remembered between calls, so a rollback or another connection's commit needs
// no word to this object. Sealed by AtRest: bodies, secrets, values whose key starts with
// "secret/". Nothing here knows what a record means.
class LogStore {
 public:
  LogStore(SqlConnection& sql, AtRest& at_rest) : sql_(sql), at_rest_(at_rest) {}

  // Creates the tables of a new database, or brings those of an old one to this program's version
  // (kNewerFormat: they are ahead of it), in a transaction of its own.
  Status OpenSchema();

  // ---- streams and entries
  // The number it has if it is already there.
  Result<StreamNo> AddStream(const StreamId& id, bool own, ByteView genesis);
  Result<std::optional<StreamRow>> FindStream(const StreamId& id) const;
  Result<StreamRow> GetStream(StreamNo no) const;  // kNotFound
  Result<std::vector<StreamRow>> Streams() const;  // by number
  // Branch 0 first; empty before the first entry.
  Result<std::vector<BranchRow>> Branches(StreamNo no) const;
  Status PutBranch(StreamNo no, const BranchRow& row);

  // Nothing happens if an entry with this leaf is there; kDamaged if another one is.
  Status PutEntry(StreamNo no, std::uint32_t branch, const StoredEntry& entry);
  // Entries [from, …) of the branch (below fork_at from its parent), at least one if there is one,
  // until bytes_max of header + body are passed or `count_max` read. kDamaged also for an entry
  // that is missing below the branch's size.
  Result<std::vector<StoredEntry>> ReadEntries(StreamNo no, std::uint32_t branch,
                                               std::uint64_t from, std::size_t count_max,
                                               std::size_t bytes_max) const;
  // Replaces the body of an entry by one that withholds less (a secret arrived) or more (erasure).
  // kBadProof when its leaf would be another, kNotFound, and what DecodeEntry says.
  Status ReplaceBody(StreamNo no, std::uint32_t branch, std::uint64_t index, ByteView body);
  // (index, header) of the branch's own entries, in order, not checked against their leaves: what
  // can be told without opening what lies sealed. `visit` returns false to stop.
  Status VisitHeaders(StreamNo no, std::uint32_t branch,
                      const std::function<bool(std::uint64_t, ByteView)>& visit) const;
  // The first `size`; kDamaged when one is missing.
  Result<std::vector<Hash>> Leaves(StreamNo no, std::uint32_t branch, std::uint64_t size) const;

  // ---- checkpoints: every one this node wrote, and the close of every chunk received. Up to its
  // fork a branch shares those of its parent.
  Status PutCheckpoint(StreamNo no, std::uint32_t branch, const Checkpoint& checkpoint);
  Result<std::optional<Checkpoint>> CheckpointAtMost(StreamNo no, std::uint32_t branch,
                                                     std::uint64_t size) const;
  Result<std::optional<Checkpoint>> CheckpointAtLeast(StreamNo no, std::uint32_t branch,
                                                      std::uint64_t size) const;

  // ---- secrets
  Status PutSecret(StreamNo no, pb::Reach reach, const StreamSecret& secret);
  Result<StreamSecrets> Secrets(StreamNo no) const;

  // ---- register entries (receipts), one per (stream, by, root): the earliest, whatever order they
  // came in. What a larger one makes superfluous the caller drops.
  Status PutRegistered(const Registered& registered);
  Status DropRegistered(const Registered& registered);
  Result<std::vector<Registered>> RegisteredOf(const StreamId& stream) const;  // by unit, size
  Result<std::vector<Registered>> AllRegistered() const;

  // ---- outbox: one sequence per unit below, from 1; the head of an empty one is 0
  Result<std::uint64_t> AppendOutbox(const UnitId& unit, StreamNo stream, std::uint32_t branch,
                                     std::uint64_t from, std::uint64_t to);
  Result<std::vector<OutboxItem>> ReadOutbox(const UnitId& unit, std::uint64_t after,
                                             std::size_t count_max) const;
  Result<std::uint64_t> OutboxHead(const UnitId& unit) const;

  // ---- small named values: network id, own unit, lineage, cursors, boot counter …
  Status PutValue(std::string_view key, ByteView value);
  Result<std::optional<Bytes>> Value(std::string_view key) const;
  Status EraseValue(std::string_view key);
  // Keys that begin with `prefix`, which is not empty and plain ASCII; sorted.
  Result<std::vector<std::string>> KeysBelow(std::string_view prefix) const;

 private:
  struct StreamKeys;

  Result<StreamKeys> KeysOfStream(StreamNo no) const;
  Result<StoredEntry> Check(const StreamKeys& keys, std::uint32_t branch, StoredEntry entry) const;
  // Which branches hold the entries of this one, from index 0 on: each up to its `end`, the branch
  // itself last. kNotFound.
  struct Segment {
    std::uint32_t holder = 0;
    std::uint64_t end = 0;
  };
  Result<std::vector<Segment>> SegmentsOf(StreamNo no, std::uint32_t branch) const;
  Result<std::uint64_t> SizeOf(StreamNo no, std::uint32_t branch) const;

  SqlConnection& sql_;
  AtRest& at_rest_;
};

// "<stream id, hex>/<index>"
std::string PlaceOf(const StreamId& stream, std::uint64_t index);

}  // namespace chibo

#endif  // CHIBO_STORAGE_LOG_STORE_H_

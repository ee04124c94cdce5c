#ifndef CHIBO_NODE_STREAMS_H_
#define CHIBO_NODE_STREAMS_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/result.h"
#include "domain/authority.h"
#include "storage/log_store.h"

namespace chibo {

// A stream as held, with its genesis read and its branches' heads.
struct Stream {
  StreamNo no = 0;
  StreamId id;
  bool own = false;      // written by this node's device key
  bool retired = false;  // own, but continuity was not proven: never appended to again
  pb::Genesis genesis;
  std::shared_ptr<const pb::Record> certificate;  // in the genesis; null: unreadable
  CertificateId certificate_id;
  pb::StreamKind kind = pb::STREAM_NONE;
  UnitId unit;
  UnitId other;
  SignPublicKey device;
  std::vector<BranchRow> branches;  // branch 0 first

  std::uint64_t size(std::uint32_t branch = 0) const;
  const BranchRow* FindBranch(std::uint32_t branch) const;
  bool forked() const { return branches.size() > 1; }
};

// All streams this node holds, their heads in memory. Reads and writes go through the log store;
// writes belong to the caller's transaction, and after a rollback the caller calls Load again. Not
// thread-safe.
class Streams {
 public:
  Streams(const NetworkId& network, LogStore& log) : network_(network), log_(log) {}

  Status Load();

  const Stream* Find(const StreamId& id) const;
  // 8 or 32 bytes. Null when not held; kAmbiguous when 8 bytes fit two streams.
  Result<const Stream*> FindByPrefix(ByteView prefix) const;
  const Stream* Get(StreamNo no) const;
  // By number: the order in which this node first saw them; of numbers above `after`.
  std::vector<const Stream*> All(StreamNo after = 0) const;

  // Reads a genesis header and checks that it is one of this network with all its fields.
  // kMalformed, kWrongNetwork, kBadSignature never: standing is not judged here.
  static Result<Stream> ReadGenesis(const NetworkId& network, ByteView header);
  // Adds a stream of which nothing is held yet.
  Result<const Stream*> Add(ByteView genesis_header, bool own);
  Status Retire(const Stream& stream);

  // Appends entries to a branch (a new one leaves `parent` at `fork_at`) whose checks are done, and
  // sets its head.
  struct Appended {
    std::uint32_t branch = 0;
    std::uint32_t parent = 0;
    std::uint64_t fork_at = 0;
    std::vector<StoredEntry> entries;
    MerklePeaks peaks;
    std::uint64_t signed_size = 0;
    std::optional<Signature> signature;
  };
  Status Append(const Stream& stream, const Appended& appended);

  // Root of a branch at a size; nothing when it is shorter. O(size) unless it is the head.
  Result<std::optional<Hash>> RootAt(const Stream& stream, std::uint32_t branch,
                                     std::uint64_t size) const;
  // Whether a branch held runs through both points, or none through either. Where one branch is
  // held that runs through the larger, the smaller is taken to be below it.
  Result<bool> AreOfOneBranch(const Position& smaller, const Position& larger) const;
  Result<MerklePeaks> PeaksAt(const Stream& stream, std::uint32_t branch, std::uint64_t size) const;

  static StreamState StateOf(const Stream& stream);

  // Streams that grew since this was last called, by number.
  std::vector<StreamNo> TakeGrown();

 private:
  Stream* Mutable(StreamNo no);

  NetworkId network_;
  LogStore& log_;
  std::map<StreamNo, Stream> by_no_;
  std::map<StreamId, StreamNo> by_id_;
  std::set<StreamNo> grown_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_STREAMS_H_

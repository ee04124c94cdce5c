#ifndef CHIBO_NODE_REPLICA_H_
#define CHIBO_NODE_REPLICA_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "node/chunk_check.h"
#include "node/introductions.h"
#include "node/missing_text.h"
#include "node/projector.h"
#include "node/quarantine_return.h"
#include "node/settings.h"
#include "node/stream_writer.h"
#include "node/streams.h"
#include "node/streams_by_child.h"
#include "node/text_sealing.h"
#include "node/visibility.h"
#include "storage/log_store.h"
#include "storage/view_store.h"
#include "sync/exchange.h"

namespace chibo {

// A chunk and the unit whose node sent it.
struct SubmittedChunk {
  UnitId from;
  bool from_parent = false;
  ReceivedChunk chunk;
};

// One node without sockets, threads or clock: its log, its view, and what it writes itself.
// Everything comes in one way: verify, append, project, find cases, in one transaction; what the
// node itself adds in answer (register entries, copies of authority records, sealed texts, outbox
// items) is part of the same transaction. Nothing is acknowledged before commit.
//
// The connection, keys and random source must outlive it. Not thread-safe: one writer.
class Replica {
 public:
  struct Parts {
    SqlConnection* sql = nullptr;
    AtRest* at_rest = nullptr;
    Random* random = nullptr;
    const SigningKey* device = nullptr;
    DhPublicKey noise;
    const DhKey* seal = nullptr;
    ViewStore::Place view_place = ViewStore::Place::kMemory;
    // Whether it is proven that this directory goes on where it stopped (node/cli, continuity).
    bool continuity_proven = true;
  };
  // kNotANode when the store holds no settings.
  static Result<std::unique_ptr<Replica>> Open(const Parts& parts);

  const Settings& settings() const { return settings_; }
  const MissingText& missing_text() const { return missing_text_; }
  const Streams& streams() const { return streams_; }
  const LogStore& log() const { return log_; }
  LogStore& log() { return log_; }
  const ViewStore& view() const { return view_; }
  const Projector& projector() const { return projector_; }
  const Authority& authority() const { return projector_.authority(); }
  Visibility visibility() const { return Visibility(authority()); }
  Random& random() { return *parts_.random; }
  const DhPublicKey& noise_key() const { return parts_.noise; }
  const SignPublicKey& device_key() const { return parts_.device->public_key(); }

  // Runs `work` in one transaction with everything that follows from what it wrote; rolls all of it
  // back when it fails. Returns after the commit is durable.
  Status Transact(Timestamp now, const std::function<Status(StreamWriter&)>& work);

  // Verifies and stores chunks in one transaction; a refused one does not touch the others. One
  // report each, in order, given after the commit.
  std::vector<CommitReport> Ingest(std::vector<SubmittedChunk> chunks, Timestamp now);
  const QuarantineReturn& quarantined() const { return quarantine_return_; }

  // What is kept in memory beside the store is read again if a transaction that failed may have
  // left it ahead of the store and reading it failed then. An error: it still does, and nothing
  // here may be relied on. Transact and Ingest ask for themselves.
  Status Refresh();

  // Another superior from now on: what is written next is meant for it.
  Status MoveTo(const Settings& settings, Timestamp now);

  // Computes the view anew from the log; the digest before and after must be equal.
  Status RebuildView();
  Result<Hash> ViewDigest() const { return view_.Digest(); }

  // 8 random bytes, new at every start whose continuity is not proven: cursors into the outboxes
  // are void then.
  const Bytes& lineage() const { return lineage_; }
  // What was applied last of the parent's outbox.
  struct Cursor {
    Bytes lineage;
    std::uint64_t seq = 0;
  };
  Result<Cursor> ParentCursor() const;
  Status PutParentCursor(const Cursor& cursor);
  // Units directly below whose devices have been enrolled here, sorted, and what may concern them.
  std::vector<UnitId> Children() const;
  StreamsByChild& by_child() const { return by_child_; }
  // Whether that child is to have a stream through its outbox.
  bool IsOfferedTo(const UnitId& child, const Stream& stream) const;

 private:
  Replica(const Parts& parts, Settings settings);
  Status Start();
  // Register entries for what came in, copies, outbox items for what became visible; settles the
  // view.
  Status Finish(Timestamp now);
  Status Register(Timestamp now);
  std::vector<CommitReport> IngestAll(std::vector<SubmittedChunk> chunks, Timestamp now);
  Status TakeBack(Timestamp now);
  Status CopyChain(Timestamp now);
  Result<std::vector<Fact>> SaidToUs() const;
  Status OpenTexts();
  Status Introduce(Timestamp now);
  Status SealTexts(Timestamp now);
  bool CanWrite() const;
  Status FillOutbox();
  Status OfferTo(const UnitId& child, const Stream& stream);
  Status NoteRegisters();
  Status NoteReceipt(const Registered& receipt);
  Status NoteReceipts(const Fact& fact);
  Status NoteReceiptsLeft(const std::set<StreamId>& voided);
  Status VoidReceipts(const Fact& fact, std::set<StreamId>& voided);
  Result<bool> IsRegistered(const Stream& stream) const;
  // Of a forked stream the branch that stands, if one does.
  const BranchRow& BranchToRegister(const Stream& stream) const;
  Status TakeRuledForks();
  Result<HeldStream> Apply(const SubmittedChunk& submitted);
  Status NoteTexts(const Stream& stream, const CheckedChunk& checked, std::uint64_t from);
  Status MoveCursor(const SubmittedChunk& submitted);
  Status CheckSender(const SubmittedChunk& submitted, const Stream& stream) const;
  Status Reload();
  Status LoadOutboxed();
  Status LoadUnregistered();
  bool HeadIsSigned(const Stream& stream) const;
  void TakeUnregistered();

  Parts parts_;
  LogStore log_;
  ViewStore view_;
  Settings settings_;
  Streams streams_;
  MissingText missing_text_;
  Projector projector_;
  mutable StreamsByChild by_child_;  // remembers, and says the same as without
  StreamWriter writer_;
  QuarantineReturn quarantine_return_;
  TextSealing text_sealing_;
  Introductions introductions_;
  Bytes lineage_;
  // Something of units that are not below this one, or a branch of a stream of ours, may have come
  // in since CopyChain looked.
  bool grew_outside_ = true;
  bool stale_ = false;  // see Refresh
  // What this transaction has changed so far.
  std::map<UnitId, std::set<StreamNo>> came_in_;  // by the child that sent it
  // Held, from above, and not in our register: if their unit is or comes to be below this one, its
  // node has to hear that they are here.
  std::set<StreamNo> unregistered_;
  // How far each child's outbox covers a branch of a stream.
  std::map<std::tuple<UnitId, StreamNo, std::uint32_t>, std::uint64_t> outboxed_;
  std::uint64_t offered_as_of_ = 0;  // version of by_child_
  Projector::News news_;             // of this transaction
  // Of the projector's authority; 0: to be looked at whatever it is.
  std::uint64_t introduced_as_of_ = 0;
  std::uint64_t sealed_as_of_ = 0;
};

}  // namespace chibo

#endif  // CHIBO_NODE_REPLICA_H_

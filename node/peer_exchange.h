#ifndef CHIBO_NODE_PEER_EXCHANGE_H_
#define CHIBO_NODE_PEER_EXCHANGE_H_

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "node/replica.h"
#include "sync/exchange.h"

namespace chibo {

// A node at the other end of a link.
struct Peer {
  UnitId unit;
  SignPublicKey device;
  DhPublicKey noise;
  bool is_parent = false;
};

// Authenticated parts of chunks whose connection was cut, for the next session with the same peer.
// In memory and bounded: forgetting costs bytes, never records.
class ChunkSpool {
 public:
  using Parts = std::vector<std::pair<pb::Spooled, Bytes>>;
  Parts Of(const DhPublicKey& peer) const;
  void Put(const DhPublicKey& peer, const pb::ChunkHead& head, ByteView bytes);
  void Drop(const DhPublicKey& peer, ByteView stream);

 private:
  struct Part {
    pb::ChunkHead head;
    Bytes bytes;
  };
  std::map<DhPublicKey, std::map<Bytes, Part>> parts_;
  std::size_t bytes_ = 0;
};

// The replica as one peer may see it. Streams are shared out between the two directions so that
// each goes exactly one way: upward goes what the child's device writes and what lies below the
// child's unit; everything else the child may hold comes from above. One object a session; the
// replica, spool and queue must outlive it.
class PeerExchange final : public Exchange {
 public:
  using Submitter = std::function<void(SubmittedChunk)>;
  // `set_key` keys the digests: the same on both sides of the pair.
  PeerExchange(Replica& replica, ChunkSpool& spool, const Peer& peer, const SecretKey& set_key,
               Submitter submit);

  const Peer& peer() const { return peer_; }

  Result<std::optional<HeldStream>> Find(ByteView stream) override;
  Result<std::vector<HeldStream>> Branches(const StreamId& stream) override;
  Result<std::optional<Hash>> RootAt(const StreamId& stream, std::uint32_t branch,
                                     std::uint64_t size) override;
  Result<std::optional<LackingText>> LackingAt(const StreamId& stream, std::uint32_t branch,
                                               std::uint64_t size) override;
  Result<std::vector<EntryBytes>> Read(const StreamId& stream, std::uint32_t branch,
                                       std::uint64_t from, std::uint64_t to,
                                       std::size_t bytes_max) override;
  Result<ChunkClose> Close(const StreamId& stream, std::uint32_t branch,
                           std::uint64_t end) override;
  Result<StreamSecrets> SecretsFor(const StreamId& stream) override;
  void Submit(ReceivedChunk chunk) override;
  Result<std::vector<HeldStream>> Upward() override;
  Result<SetDigest> UpwardDigest(std::span<const StreamId> except) override;
  Result<std::vector<HeldStream>> Downward() override;
  Result<SetDigest> DownwardDigest() override;
  Bytes Lineage() override;
  std::uint64_t Cursor() override;
  Result<std::vector<OutboxRange>> Outbox(std::uint64_t after, std::size_t count_max) override;
  std::vector<std::pair<pb::Spooled, Bytes>> Spool() override;
  void PutSpool(const pb::ChunkHead& head, ByteView bytes) override;
  void DropSpool(ByteView stream) override;

 private:
  // The child of the pair: its unit and device.
  UnitId ChildUnit() const;
  bool GoesUp(const Stream& stream) const;
  bool GoesDown(const Stream& stream) const;
  Result<bool> IsToBeReadAnew(const Stream& stream) const;
  std::optional<LackingText> Lacking(const Stream& stream, std::uint32_t branch,
                                     std::uint64_t size) const;
  // The branch that is followed, with what stands for all of them.
  Result<HeldStream> Held(const Stream& stream) const;
  Result<HeldStream> HeldBranch(const Stream& stream, const BranchRow& branch) const;
  // By number, a few more than go that way.
  std::vector<const Stream*> Candidates(bool upward) const;
  Result<std::vector<HeldStream>> Select(bool upward) const;
  Result<Bytes> BodyForPeer(const Stream& stream, const StoredEntry& entry,
                            const StreamSecrets& secrets) const;

  Replica& replica_;
  ChunkSpool& spool_;
  Peer peer_;
  SecretKey set_key_;
  Submitter submit_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_PEER_EXCHANGE_H_

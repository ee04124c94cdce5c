#include "tests/node/tapped_link.h"

#include <utility>

#include "sync/set_digest.h"

namespace chibo {
namespace {

// The exchange that ships, with a listener.
class TappedExchange final : public Exchange {
 public:
  TappedExchange(SimNode& node, const Peer& peer, Tap tap)
      : node_(node),
        tap_(std::move(tap)),
        sends_up_(peer.is_parent),
        inner_(node.replica(), spool_, peer,
               *SetDigestKey(node.replica().settings().network, *node.device().noise, peer.noise),
               [this](SubmittedChunk chunk) { pending_.push_back(std::move(chunk)); }) {}

  Result<std::optional<HeldStream>> Find(ByteView stream) override { return inner_.Find(stream); }
  Result<std::vector<HeldStream>> Branches(const StreamId& stream) override {
    return inner_.Branches(stream);
  }
  Result<std::optional<Hash>> RootAt(const StreamId& stream, std::uint32_t branch,
                                     std::uint64_t size) override {
    return inner_.RootAt(stream, branch, size);
  }
  Result<std::optional<LackingText>> LackingAt(const StreamId& stream, std::uint32_t branch,
                                               std::uint64_t size) override {
    return inner_.LackingAt(stream, branch, size);
  }
  Result<std::vector<EntryBytes>> Read(const StreamId& stream, std::uint32_t branch,
                                       std::uint64_t from, std::uint64_t to,
                                       std::size_t bytes_max) override {
    auto entries = inner_.Read(stream, branch, from, to, bytes_max);
    for (const EntryBytes& entry : entries.value_or(std::vector<EntryBytes>())) {
      Hear(sends_up_, entry);
    }
    return entries;
  }
  Result<ChunkClose> Close(const StreamId& stream, std::uint32_t branch,
                           std::uint64_t end) override {
    return inner_.Close(stream, branch, end);
  }
  Result<StreamSecrets> SecretsFor(const StreamId& stream) override {
    auto secrets = inner_.SecretsFor(stream);
    for (const auto& secret : secrets.value_or(StreamSecrets())) {
      if (secret) {
        tap_(sends_up_, secret->view());
      }
    }
    return secrets;
  }
  void Submit(ReceivedChunk chunk) override {
    for (const EntryBytes& entry : chunk.entries) {
      Hear(!sends_up_, entry);
    }
    inner_.Submit(std::move(chunk));
  }
  Result<std::vector<HeldStream>> Upward() override { return inner_.Upward(); }
  Result<SetDigest> UpwardDigest(std::span<const StreamId> except) override {
    return inner_.UpwardDigest(except);
  }
  Result<std::vector<HeldStream>> Downward() override { return inner_.Downward(); }
  Result<SetDigest> DownwardDigest() override { return inner_.DownwardDigest(); }
  Bytes Lineage() override { return inner_.Lineage(); }
  std::uint64_t Cursor() override { return inner_.Cursor(); }
  Result<std::vector<OutboxRange>> Outbox(std::uint64_t after, std::size_t count_max) override {
    return inner_.Outbox(after, count_max);
  }
  std::vector<std::pair<pb::Spooled, Bytes>> Spool() override { return inner_.Spool(); }
  void PutSpool(const pb::ChunkHead& head, ByteView bytes) override {
    inner_.PutSpool(head, bytes);
  }
  void DropSpool(ByteView stream) override { inner_.DropSpool(stream); }

  bool pending() const { return !pending_.empty(); }
  std::vector<CommitReport> Commit(Timestamp now) {
    return node_.replica().Ingest(std::exchange(pending_, {}), now);
  }

 private:
  void Hear(bool upward, const EntryBytes& entry) const {
    tap_(upward, entry.header);
    tap_(upward, entry.body);
  }

  SimNode& node_;
  Tap tap_;
  bool sends_up_;
  ChunkSpool spool_;
  std::vector<SubmittedChunk> pending_;
  PeerExchange inner_;
};

Peer PeerOf(SimNode& node, bool is_parent) {
  Peer peer;
  peer.unit = node.unit();
  peer.device = node.device().sign.public_key();
  peer.noise = node.device().noise->public_key();
  peer.is_parent = is_parent;
  return peer;
}

bool Carry(Session& from, Session& to, TappedExchange& hears, Timestamp now, Tick tick) {
  Bytes bytes;
  from.PollTransmit(1400, bytes);
  if (bytes.empty()) {
    return false;
  }
  static_cast<void>(to.HandleBytes(bytes, tick));
  while (hears.pending()) {
    static_cast<void>(to.HandleCommitted(hears.Commit(now), tick));
  }
  return true;
}

}  // namespace

Status SyncTapped(SimNode& child, SimNode& parent, Timestamp now, const Tap& tap) {
  const Tick tick{now.time_since_epoch()};
  const NetworkId network = child.replica().settings().network;
  const DhKey& child_key = *child.device().noise;
  const DhKey& parent_key = *parent.device().noise;
  TappedExchange below(child, PeerOf(parent, true), tap);
  TappedExchange above(parent, PeerOf(child, false), tap);
  SessionOptions upward;
  upward.channel = {true, NoisePattern::kIk, network, child_key, parent_key.public_key()};
  SessionOptions downward;
  downward.channel = {false, NoisePattern::kIk, network, parent_key, std::nullopt};
  downward.admit = [&above](const DhPublicKey&) -> Result<Exchange*> { return &above; };
  Session up(upward, below, child.replica().random(), tick);
  Session down(downward, parent.replica().random(), tick);
  while (Carry(up, down, above, now, tick) || Carry(down, up, below, now, tick)) {
  }
  static_cast<void>(down.HandleClosed());
  return up.HandleClosed();
}

}  // namespace chibo

#include "node/peer_exchange.h"

#include <algorithm>

#include "base/planted.h"
#include "proto/limits.h"
#include "proto/merkle.h"
#include "sync/set_digest.h"

namespace chibo {
namespace {

// Forgotten first when there are more: parts are cheap to send again.
constexpr std::size_t kSpoolBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kSpoolPartsPerPeerMax = 8;

// Streams that decide what others are worth travel first.
int Urgency(pb::StreamKind kind) {
  switch (kind) {
    case pb::DOWN:
      return 0;
    case pb::TO:
      return 1;
    default:
      return 2;
  }
}

// Nothing also where the store has a hole. That comes up, and is told, when the entries themselves
// are to be sent; until then it is not to hold up the other streams.
Result<std::optional<Hash>> RootIn(const Streams& streams, const Stream& stream,
                                   std::uint32_t branch, std::uint64_t size) {
  auto root = streams.RootAt(stream, branch, size);
  if (!root && root.error().code == Code::kDamaged) {
    return std::nullopt;
  }
  return root;
}

}  // namespace

ChunkSpool::Parts ChunkSpool::Of(const DhPublicKey& peer) const {
  Parts parts;
  const auto found = parts_.find(peer);
  if (found == parts_.end()) {
    return parts;
  }
  for (const auto& [stream, part] : found->second) {
    pb::Spooled spooled;
    spooled.set_stream(part.head.stream());
    spooled.set_from(part.head.from());
    spooled.set_count(part.head.count());
    spooled.set_length(static_cast<std::uint32_t>(part.bytes.size()));
    spooled.set_hash(Bytes(Sha256(part.bytes).view().substr(0, 16)));
    parts.emplace_back(std::move(spooled), part.bytes);
  }
  return parts;
}

void ChunkSpool::Put(const DhPublicKey& peer, const pb::ChunkHead& head, ByteView bytes) {
  Drop(peer, head.stream());
  auto& parts = parts_[peer];
  if (parts.size() >= kSpoolPartsPerPeerMax || bytes_ + bytes.size() > kSpoolBytesMax) {
    return;
  }
  parts[head.stream()] = {head, Bytes(bytes)};
  bytes_ += bytes.size();
}

void ChunkSpool::Drop(const DhPublicKey& peer, ByteView stream) {
  const auto parts = parts_.find(peer);
  if (parts == parts_.end()) {
    return;
  }
  const auto part = parts->second.find(Bytes(stream));
  if (part != parts->second.end()) {
    bytes_ -= part->second.bytes.size();
    parts->second.erase(part);
  }
  if (parts->second.empty()) {
    parts_.erase(parts);
  }
}

PeerExchange::PeerExchange(Replica& replica, ChunkSpool& spool, const Peer& peer,
                           const SecretKey& set_key, Submitter submit)
    : replica_(replica),
      spool_(spool),
      peer_(peer),
      set_key_(set_key),
      submit_(std::move(submit)) {}

UnitId PeerExchange::ChildUnit() const {
  return peer_.is_parent ? replica_.settings().unit : peer_.unit;
}

bool PeerExchange::GoesUp(const Stream& stream) const {
  const UnitId child = ChildUnit();
  if (stream.unit == child) {
    return peer_.is_parent ? stream.own : stream.device == peer_.device;
  }
  return replica_.visibility().IsWithin(stream.unit, child);
}

// By the same rule on both sides, or their digests would never agree.
bool PeerExchange::GoesDown(const Stream& stream) const {
  return !GoesUp(stream) && replica_.IsOfferedTo(ChildUnit(), stream);
}

// A stream whose older records have been handed over to this node, and which it holds without them:
// as if it were not held, so that its writer sends it whole.
Result<bool> PeerExchange::IsToBeReadAnew(const Stream& stream) const {
  const UnitId& own = replica_.settings().unit;
  if (peer_.is_parent || stream.kind != pb::LINE || stream.unit != peer_.unit ||
      stream.other == own || !replica_.visibility().MayRead(stream, pb::PARENT, own)) {
    return false;
  }
  CHIBO_TRY_VALUE(const StreamSecrets secrets, replica_.log().Secrets(stream.no));
  return !secrets[pb::PARENT];
}

Result<HeldStream> PeerExchange::HeldBranch(const Stream& stream, const BranchRow& branch) const {
  HeldStream held;
  held.id = stream.id;
  held.branch = branch.branch;
  held.forked = stream.forked();
  // What is not signed past cannot be passed on, so it is not offered.
  const bool receiving = GoesUp(stream) != peer_.is_parent;
  held.size = receiving ? branch.peaks.size() : branch.signed_size;
  held.lacking = Lacking(stream, branch.branch, held.size);
  CHIBO_TRY_VALUE(const auto root, RootIn(replica_.streams(), stream, branch.branch, held.size));
  held.root = root.value_or(Hash());
  held.signed_size = std::min(held.size, branch.signed_size);
  if (!peer_.is_parent) {
    return held;
  }
  CHIBO_TRY_VALUE(const auto registered, replica_.log().RegisteredOf(stream.id));
  for (const Registered& entry : registered) {
    if (entry.by != peer_.unit) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto at,
                    RootIn(replica_.streams(), stream, branch.branch, entry.at.size));
    held.registered =
        at == entry.at.root ? std::max(held.registered, entry.at.size) : held.registered;
  }
  return held;
}

// Texts that one side alone may read it cannot have from the other.
std::optional<LackingText> PeerExchange::Lacking(const Stream& stream, std::uint32_t branch,
                                                 std::uint64_t size) const {
  auto lacking = replica_.missing_text().Below(stream, branch, size);
  if (!lacking) {
    return lacking;  // of nearly all, and cheap to know
  }
  const Visibility may = replica_.visibility();
  const bool both = may.MayRead(stream, pb::PARENT, replica_.settings().unit) &&
                    may.MayRead(stream, pb::PARENT, peer_.unit);
  return CHIBO_PLANT(kTextNotAskedAgain, both, false) ? lacking : std::nullopt;
}

Result<HeldStream> PeerExchange::Held(const Stream& stream) const {
  if (stream.branches.empty()) {
    HeldStream held;
    held.id = stream.id;
    return held;
  }
  CHIBO_TRY_VALUE(HeldStream held, HeldBranch(stream, stream.branches.front()));
  if (stream.forked()) {
    std::vector<HeldStream> all;
    for (const BranchRow& branch : stream.branches) {
      CHIBO_TRY_VALUE(const HeldStream one, HeldBranch(stream, branch));
      all.push_back(one);
    }
    held.branches = BranchesRoot(all);
  }
  return held;
}

std::vector<const Stream*> PeerExchange::Candidates(bool upward) const {
  const UnitId& here = replica_.settings().unit;
  // A unit that another keeps since the session began is a child no more, and still asked about.
  if (peer_.is_parent || replica_.authority().KeeperOf(peer_.unit) != here) {
    return replica_.streams().All();
  }
  StreamsByChild& by_child = replica_.by_child();
  std::vector<const Stream*> streams;
  for (const StreamNo no : upward ? by_child.Upward(peer_.unit) : by_child.Downward(peer_.unit)) {
    streams.push_back(replica_.streams().Get(no));
  }
  return streams;
}

Result<std::vector<HeldStream>> PeerExchange::Select(bool upward) const {
  CHIBO_TRY(replica_.Refresh());
  std::vector<const Stream*> chosen;
  for (const Stream* stream : Candidates(upward)) {
    if (stream->branches.empty() || !(upward ? GoesUp(*stream) : GoesDown(*stream))) {
      continue;
    }
    CHIBO_TRY_VALUE(const bool anew, IsToBeReadAnew(*stream));
    if (!anew) {
      chosen.push_back(stream);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const Stream* a, const Stream* b) {
    return Urgency(a->kind) < Urgency(b->kind);
  });
  std::vector<HeldStream> held;
  for (const Stream* stream : chosen) {
    CHIBO_TRY_VALUE(HeldStream one, Held(*stream));
    if (CHIBO_PLANT(kSentMark, true, !upward || one.registered < one.size)) {
      held.push_back(one);
    }
  }
  return held;
}

Result<std::optional<HeldStream>> PeerExchange::Find(ByteView prefix) {
  CHIBO_TRY(replica_.Refresh());
  CHIBO_TRY_VALUE(const Stream* stream, replica_.streams().FindByPrefix(prefix));
  // What may be seen can change in the middle of a session: to its parent a child says of every
  // stream what it holds, a parent only of those that are the child's to know of.
  if (stream == nullptr || (!peer_.is_parent && !GoesUp(*stream) && !GoesDown(*stream))) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const bool anew, IsToBeReadAnew(*stream));
  if (anew) {
    return std::nullopt;
  }
  return Held(*stream);
}

Result<std::vector<HeldStream>> PeerExchange::Branches(const StreamId& id) {
  CHIBO_TRY(replica_.Refresh());
  std::vector<HeldStream> branches;
  const Stream* stream = replica_.streams().Find(id);
  if (stream == nullptr) {
    return branches;
  }
  for (const BranchRow& branch : stream->branches) {
    CHIBO_TRY_VALUE(const HeldStream one, HeldBranch(*stream, branch));
    branches.push_back(one);
  }
  return branches;
}

Result<std::optional<Hash>> PeerExchange::RootAt(const StreamId& id, std::uint32_t branch,
                                                 std::uint64_t size) {
  CHIBO_TRY(replica_.Refresh());
  const Stream* stream = replica_.streams().Find(id);
  if (stream == nullptr) {
    return std::nullopt;
  }
  return RootIn(replica_.streams(), *stream, branch, size);
}

Result<std::optional<LackingText>> PeerExchange::LackingAt(const StreamId& id, std::uint32_t branch,
                                                           std::uint64_t size) {
  CHIBO_TRY(replica_.Refresh());
  const Stream* stream = replica_.streams().Find(id);
  return stream == nullptr ? std::nullopt : Lacking(*stream, branch, size);
}

Result<Bytes> PeerExchange::BodyForPeer(const Stream& stream, const StoredEntry& stored,
                                        const StreamSecrets& secrets) const {
  CHIBO_TRY_VALUE(const Header header, ParseHeader(stored.header, stored.index));
  const Visibility may = replica_.visibility();
  bool withholds = false;
  for (const Slot& slot : header.slots) {
    withholds = withholds || !may.MayRead(stream, slot.reach, peer_.unit);
  }
  if (CHIBO_PLANT(kTextNotWithheld, !withholds, true)) {
    return stored.body;
  }
  CHIBO_TRY_VALUE(Entry entry,
                  DecodeEntry(stream.id, stored.index, stored.header, stored.body, secrets));
  for (std::size_t i = 0; i < header.slots.size(); ++i) {
    if (!may.MayRead(stream, header.slots[i].reach, peer_.unit)) {
      entry.records[i].payload.reset();
    }
  }
  return EncodeBody(entry);
}

Result<std::vector<EntryBytes>> PeerExchange::Read(const StreamId& id, std::uint32_t branch,
                                                   std::uint64_t from, std::uint64_t to,
                                                   std::size_t bytes_max) {
  CHIBO_TRY(replica_.Refresh());
  const Stream* stream = replica_.streams().Find(id);
  CHECK(stream != nullptr && from < to);
  CHIBO_TRY_VALUE(const StreamSecrets secrets, replica_.log().Secrets(stream->no));
  CHIBO_TRY_VALUE(const auto stored,
                  replica_.log().ReadEntries(stream->no, branch, from, to - from, bytes_max));
  std::vector<EntryBytes> entries;
  for (const StoredEntry& entry : stored) {
    CHIBO_TRY_VALUE(Bytes body, BodyForPeer(*stream, entry, secrets));
    entries.push_back({entry.header, std::move(body)});
  }
  return entries;
}

Result<ChunkClose> PeerExchange::Close(const StreamId& id, std::uint32_t branch,
                                       std::uint64_t end) {
  CHIBO_TRY(replica_.Refresh());
  const Stream* stream = replica_.streams().Find(id);
  CHECK(stream != nullptr);
  CHIBO_TRY_VALUE(const auto checkpoint, replica_.log().CheckpointAtLeast(stream->no, branch, end));
  if (!checkpoint || checkpoint->size > stream->size(branch)) {
    return Fail(Code::kBehind, "chunk_without_checkpoint", id.hex());
  }
  ChunkClose close;
  close.signed_size = checkpoint->size;
  close.signature = checkpoint->signature;
  if (checkpoint->size > end) {
    CHIBO_TRY_VALUE(const auto leaves, replica_.log().Leaves(stream->no, branch, checkpoint->size));
    close.proof = ConsistencyProof(leaves, end);
    close.signed_root = MerkleRoot(leaves);
  }
  return close;
}

Result<StreamSecrets> PeerExchange::SecretsFor(const StreamId& id) {
  CHIBO_TRY(replica_.Refresh());
  const Stream* stream = replica_.streams().Find(id);
  CHECK(stream != nullptr);
  CHIBO_TRY_VALUE(StreamSecrets secrets, replica_.log().Secrets(stream->no));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    if (CHIBO_PLANT(kSecretNotWithheld, !replica_.visibility().MayRead(*stream, reach, peer_.unit),
                    false)) {
      secrets[reach].reset();
    }
  }
  return secrets;
}

void PeerExchange::Submit(ReceivedChunk chunk) {
  SubmittedChunk submitted;
  submitted.from = peer_.unit;
  submitted.from_parent = peer_.is_parent;
  submitted.chunk = std::move(chunk);
  submit_(std::move(submitted));
}

Result<std::vector<HeldStream>> PeerExchange::Upward() { return Select(true); }
Result<std::vector<HeldStream>> PeerExchange::Downward() { return Select(false); }

Result<SetDigest> PeerExchange::UpwardDigest(std::span<const StreamId> except) {
  CHIBO_TRY_VALUE(const auto held, Select(true));
  const std::set<StreamId> left_out(except.begin(), except.end());
  std::vector<HeldStream> rest;
  std::copy_if(held.begin(), held.end(), std::back_inserter(rest),
               [&](const HeldStream& stream) { return !left_out.contains(stream.id); });
  return DigestOf(set_key_, rest);
}

Result<SetDigest> PeerExchange::DownwardDigest() {
  CHIBO_TRY_VALUE(const auto held, Select(false));
  return DigestOf(set_key_, held);
}

Bytes PeerExchange::Lineage() {
  if (!peer_.is_parent) {
    return replica_.lineage();
  }
  const auto cursor = replica_.ParentCursor();
  return cursor ? cursor->lineage : Bytes();
}

std::uint64_t PeerExchange::Cursor() {
  if (!peer_.is_parent) {
    return replica_.log().OutboxHead(peer_.unit).value_or(0);
  }
  const auto cursor = replica_.ParentCursor();
  return cursor ? cursor->seq : 0;
}

Result<std::vector<OutboxRange>> PeerExchange::Outbox(std::uint64_t after, std::size_t count_max) {
  CHECK(!peer_.is_parent);
  CHIBO_TRY(replica_.Refresh());
  CHIBO_TRY_VALUE(const auto items, replica_.log().ReadOutbox(peer_.unit, after, count_max));
  std::vector<OutboxRange> ranges;
  for (const OutboxItem& item : items) {
    const Stream* stream = replica_.streams().Get(item.stream);
    CHECK(stream != nullptr);
    // A second device of the unit has its own streams already: an empty range only moves the
    // cursor.
    const bool skip = !GoesDown(*stream);
    ranges.push_back({item.seq, stream->id, item.branch, skip ? item.to : item.from, item.to});
  }
  return ranges;
}

std::vector<std::pair<pb::Spooled, Bytes>> PeerExchange::Spool() { return spool_.Of(peer_.noise); }
void PeerExchange::PutSpool(const pb::ChunkHead& head, ByteView bytes) {
  spool_.Put(peer_.noise, head, bytes);
}
void PeerExchange::DropSpool(ByteView stream) { spool_.Drop(peer_.noise, stream); }

}  // namespace chibo

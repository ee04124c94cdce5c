#include "node/grant.h"

#include <algorithm>

#include "node/enrolment.h"
#include "node/move.h"
#include "node/peer_exchange.h"
#include "proto/limits.h"
#include "proto/message_bytes.h"
#include "sync/chunk.h"

namespace chibo {
namespace {

// A grant holds the streams above a unit: a few kilobytes each. A file larger than this is not one.
constexpr std::size_t kGrantBytesMax = 64 * 1024 * 1024;

Status AddChunks(PeerExchange& exchange, const HeldStream& stream, pb::Grant& grant) {
  std::uint64_t from = 0;
  while (from < stream.size) {
    CHIBO_TRY_VALUE(const auto entries,
                    exchange.Read(stream.id, 0, from, stream.size, limits::kChunkRawBytesMax / 4));
    PackedChunk packed = PackChunk(entries, limits::kChunkPackedBytesAim, kDictionaryNewest);
    CHIBO_TRY_VALUE(const ChunkClose close, exchange.Close(stream.id, 0, from + packed.count));
    pb::GrantChunk& chunk = *grant.add_chunks();
    pb::ChunkHead& head = *chunk.mutable_head();
    head.set_stream(Bytes(stream.id.view()));
    head.set_from(from);
    head.set_count(packed.count);
    head.set_codec(packed.codec);
    head.set_dictionary(packed.dictionary);
    head.set_raw_bytes(packed.raw_bytes);
    head.set_packed_bytes(static_cast<std::uint32_t>(packed.packed.size()));
    head.set_signed_size(close.signed_size);
    head.set_signature(Bytes(close.signature.view()));
    if (close.signed_size > from + packed.count) {
      head.set_signed_root(Bytes(close.signed_root.view()));
      for (const Hash& hash : close.proof) {
        head.add_proof(Bytes(hash.view()));
      }
    }
    if (from == 0) {
      CHIBO_TRY_VALUE(const StreamSecrets secrets, exchange.SecretsFor(stream.id));
      for (const auto& secret : secrets) {
        head.add_secrets(secret ? Bytes(secret->view()) : Bytes());
      }
    }
    chunk.set_packed(std::move(packed.packed));
    from += packed.count;
  }
  return {};
}

Result<SubmittedChunk> OpenChunk(const pb::GrantChunk& chunk, const UnitId& parent) {
  const pb::ChunkHead& head = chunk.head();
  SubmittedChunk submitted;
  submitted.from = parent;
  submitted.from_parent = true;
  ReceivedChunk& received = submitted.chunk;
  received.stream = head.stream();
  received.from = head.from();
  CHIBO_TRY_VALUE(received.entries, UnpackChunk(head.count(), head.codec(), head.dictionary(),
                                                head.raw_bytes(), chunk.packed()));
  const auto signature = Signature::From(head.signature());
  if (!signature) {
    return Fail(Code::kMalformed, "grant_unreadable");
  }
  received.close.signed_size = head.signed_size();
  received.close.signature = *signature;
  received.close.signed_root = Hash::From(head.signed_root()).value_or(Hash());
  for (const std::string& hash : head.proof()) {
    received.close.proof.push_back(Hash::From(hash).value_or(Hash()));
  }
  for (int reach = 0; reach < std::min(head.secrets_size(), 2); ++reach) {
    received.secrets[static_cast<std::size_t>(reach)] = StreamSecret::From(head.secrets(reach));
  }
  return submitted;
}

}  // namespace

Result<Bytes> MakeGrant(Replica& replica, const UnitId& unit, const SignPublicKey& device) {
  ChunkSpool spool;
  Peer peer;
  peer.unit = unit;
  peer.device = device;
  // Nothing is taken in through this exchange, and no digest of it is compared.
  PeerExchange exchange(replica, spool, peer, SecretKey(),
                        [](const SubmittedChunk&) { CHECK(false); });
  pb::Grant grant;
  grant.set_network(Bytes(replica.settings().network.view()));
  grant.set_unit(Bytes(unit.view()));
  grant.set_parent(Bytes(replica.settings().unit.view()));
  grant.set_parent_noise(Bytes(replica.noise_key().view()));
  grant.set_lineage(exchange.Lineage());
  grant.set_cursor(exchange.Cursor());
  CHIBO_TRY_VALUE(const auto streams, exchange.Downward());
  for (const HeldStream& stream : streams) {
    CHIBO_TRY(AddChunks(exchange, stream, grant));
  }
  return grant.SerializeAsString();
}

Status TakeGrant(Replica& replica, ByteView bytes, Timestamp now) {
  pb::Grant grant;
  if (bytes.size() > kGrantBytesMax || !ParseBounded(bytes, grant)) {
    return Fail(Code::kMalformed, "grant_unreadable");
  }
  if (grant.network() != replica.settings().network.view()) {
    return Fail(Code::kWrongNetwork, "grant_of_another_network");
  }
  if (grant.unit() != replica.settings().unit.view()) {
    return Fail(Code::kNotAllowed, "grant_not_for_this_unit");
  }
  CHIBO_TRY_VALUE(const Settings settings, SettingsGrantedBy(replica, grant.parent()));
  std::vector<SubmittedChunk> chunks;
  for (const pb::GrantChunk& chunk : grant.chunks()) {
    CHIBO_TRY_VALUE(SubmittedChunk submitted, OpenChunk(chunk, *settings.parent));
    chunks.push_back(std::move(submitted));
  }
  if (!chunks.empty()) {
    chunks.back().chunk.outbox = grant.cursor();
    chunks.back().chunk.lineage = grant.lineage();
  }
  for (const CommitReport& report : replica.Ingest(std::move(chunks), now)) {
    if (report.error) {
      return tl::unexpected(*report.error);
    }
  }
  const auto current = replica.authority().Current(settings.unit, settings.role);
  const bool certified = std::any_of(
      current.begin(), current.end(),
      [&](const ValidCertificate& certificate) { return certificate.key == replica.device_key(); });
  if (certified && settings.parent == replica.settings().parent) {
    return {};
  }
  if (certified && replica.authority().KeeperOf(settings.unit) == settings.parent) {
    return replica.MoveTo(settings, now);
  }
  return Fail(Code::kNotAllowed, "grant_not_for_this_device");
}

}  // namespace chibo

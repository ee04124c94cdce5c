#include "domain/copy_opening.h"

#include "proto/checkpoint.h"
#include "proto/limits.h"
#include "proto/merkle.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::size_t kOpenedMax = 128;

Result<StreamState> ReadGenesis(const NetworkId& network, const StreamId& id, ByteView header) {
  if (StreamIdOf(header) != id) {
    return Fail(Code::kBadProof, "genesis_of_another_stream");
  }
  CHIBO_TRY_VALUE(const Header parsed, ParseHeader(header, 0));
  const pb::Genesis& genesis = parsed.message.genesis();
  if (NetworkId::From(genesis.network()) != network) {
    return Fail(Code::kWrongNetwork, "stream_of_another_network");
  }
  StreamState state;
  state.id = id;
  state.kind = genesis.kind();
  const auto unit = UnitId::From(genesis.unit());
  const auto device = SignPublicKey::From(genesis.device());
  if (!unit || !device) {
    return Fail(Code::kMalformed, "header_malformed");
  }
  state.unit = *unit;
  state.other = UnitId::From(genesis.other()).value_or(UnitId());
  state.device = *device;
  CHIBO_TRY_VALUE(pb::Record certificate,
                  ParseRecord(pb::Record::kCertificate, genesis.certificate()));
  state.certificate_id = CertificateId::FromChecked(BodyDigest(certificate).view());
  state.certificate = std::make_shared<const pb::Record>(std::move(certificate));
  return state;
}

// The entry as the copy gives it: one payload, the rest commitments.
Result<Entry> EntryOf(const pb::Copy& copy) {
  Entry entry;
  entry.header = copy.header();
  for (const Bytes& bytes : copy.commitments()) {
    const auto commitment = Commitment::From(bytes);
    if (!commitment) {
      return Fail(Code::kMalformed, "copy_malformed");
    }
    entry.records.push_back({std::nullopt, *commitment});
  }
  return entry;
}

Result<Position> ProvenPoint(const StreamId& stream, const Hash& leaf, const pb::Copy& copy) {
  std::vector<Hash> proof;
  for (const Bytes& bytes : copy.proof()) {
    const auto hash = Hash::From(bytes);
    if (!hash) {
      return Fail(Code::kMalformed, "copy_malformed");
    }
    proof.push_back(*hash);
  }
  if (copy.index() >= copy.size()) {
    return Fail(Code::kBadProof, "copy_outside_checkpoint");
  }
  CHIBO_TRY_VALUE(const Hash root, RootFromInclusion(leaf, copy.index(), copy.size(), proof));
  return Position{stream, copy.size(), root};
}

}  // namespace

Result<OpenedCopy> OpenCopy(const NetworkId& network, const pb::Copy& copy) {
  const auto stream = StreamId::From(copy.stream());
  const auto signature = Signature::From(copy.signature());
  if (!stream || !signature || copy.salt().size() != 16 || copy.index() == 0 ||
      copy.commitments_size() > static_cast<int>(limits::kEntryRecordsMax)) {
    return Fail(Code::kMalformed, "copy_malformed");
  }
  OpenedCopy opened;
  CHIBO_TRY_VALUE(opened.stream, ReadGenesis(network, *stream, copy.genesis()));
  CHIBO_TRY_VALUE(const Header header, ParseHeader(copy.header(), copy.index()));
  if (header.message.min_reader() > kReaderVersion) {
    return Fail(Code::kUnsupported, "copy_of_newer_entry");
  }
  CHIBO_TRY_VALUE(const Entry entry, EntryOf(copy));
  if (header.slots.size() != entry.records.size() || copy.position() >= header.slots.size()) {
    return Fail(Code::kMalformed, "copy_malformed");
  }
  const Slot& slot = header.slots[copy.position()];
  const KindTraits* traits = TraitsOf(slot.kind);
  if (traits != nullptr && !traits->open) {
    return Fail(Code::kNotAllowed, "copy_of_closed_kind");
  }
  if (CommitmentOf(copy.salt(), slot.kind, copy.payload()) !=
      entry.records[copy.position()].commitment) {
    return Fail(Code::kBadProof, "copy_payload_unproven");
  }
  CHIBO_TRY_VALUE(opened.proven,
                  ProvenPoint(*stream, EntryLeaf(*stream, copy.index(), entry), copy));
  CHIBO_TRY(VerifyCheckpoint(opened.stream.device, network, opened.proven, *signature));
  CHIBO_TRY_VALUE(pb::Record record, ParseRecord(slot.kind, copy.payload()));

  Fact& fact = opened.original;
  fact.name = {*stream, copy.index(), copy.position()};
  fact.stream_kind = opened.stream.kind;
  fact.unit = opened.stream.unit;
  fact.other = opened.stream.other;
  fact.kind = slot.kind;
  fact.reach = slot.reach;
  fact.claimed = header.claimed;
  fact.pack = header.message.pack();
  fact.content = ContentDigest(slot.kind, copy.payload());
  fact.record = std::make_shared<const pb::Record>(std::move(record));
  return opened;
}

std::shared_ptr<const Result<OpenedCopy>> OpenedCopies::Open(const Fact& copy) {
  const Hash content =
      copy.content.is_zero() ? ContentDigest(copy.kind, PayloadOf(*copy.record)) : copy.content;
  if (opened_.size() >= kOpenedMax && !opened_.contains(content)) {
    opened_.clear();
  }
  auto& opened = opened_[content];
  if (opened == nullptr) {
    opened = std::make_shared<const Result<OpenedCopy>>(OpenCopy(network_, copy.record->copy()));
  }
  return opened;
}

std::uint32_t KindOfOriginal(const pb::Copy& copy) {
  const auto header = ParseHeader(copy.header(), copy.index());
  return header && copy.position() < header->slots.size() ? header->slots[copy.position()].kind : 0;
}

}  // namespace chibo

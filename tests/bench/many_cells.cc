#include "tests/bench/many_cells.h"

#include <iterator>

#include "proto/checkpoint.h"
#include "proto/limits.h"
#include "proto/record.h"

namespace chibo::bench {
namespace {

pb::Record CertificateFor(SimNode& parent, const EnrolledCell& cell, Random& random) {
  pb::CertificateBody body;
  body.set_unit(Bytes(cell.unit.view()));
  body.set_role(pb::SECRETARY);
  pb::Key& sign = *body.add_keys();
  sign.set_usage(pb::SIGN);
  sign.set_algorithm(1);
  sign.set_key(Bytes(cell.device.public_key().view()));
  pb::Key& noise = *body.add_keys();
  noise.set_usage(pb::NOISE);
  noise.set_algorithm(2);
  noise.set_key(random.Draw(DhPublicKey::kSize));
  return MakeCertificate(parent.replica().settings().network, parent.officer(), std::move(body));
}

}  // namespace

std::vector<EnrolledCell> EnrolCells(SimNode& parent, const std::string& prefix, std::size_t count,
                                     Random& random, Timestamp now) {
  std::vector<UnitPlan> plans(count);
  for (std::size_t i = 0; i < count; ++i) {
    plans[i].code = prefix + std::to_string(i);
    plans[i].name = "Chi bộ " + std::to_string(i);
    plans[i].kind = pb::CELL;
  }
  CHECK(AddUnits(parent.replica(), parent.officer(), plans, now));
  std::vector<EnrolledCell> cells;
  for (const UnitPlan& plan : plans) {
    const auto unit = parent.replica().projector().organisation().FindByCode(plan.code);
    CHECK(unit.has_value());
    cells.push_back({*unit, SigningKey(SecretKey::Draw(random)), {}});
    cells.back().certificate = CertificateFor(parent, cells.back(), random);
  }
  const Status certified = parent.replica().Transact(now, [&](StreamWriter& writer) -> Status {
    for (const EnrolledCell& cell : cells) {
      Draft draft;
      draft.claimed = now;
      draft.Add(cell.certificate);
      CHIBO_TRY(writer.Append(pb::TO, cell.unit, std::move(draft)));
    }
    return {};
  });
  CHECK(certified.has_value());
  return cells;
}

Line::Line(const NetworkId& network, const UnitId& parent, const EnrolledCell& cell, Random& random)
    : network_(network), cell_(cell) {
  pb::EntryHeader header;
  header.set_boot(random.Draw(8));
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(network.view()));
  genesis.set_device(Bytes(cell.device.public_key().view()));
  genesis.set_certificate(PayloadOf(cell.certificate));
  genesis.set_kind(pb::LINE);
  genesis.set_unit(Bytes(cell.unit.view()));
  genesis.set_other(Bytes(parent.view()));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets_[reach] = random.DrawFixed<StreamSecret>();
    genesis.add_salts(Bytes(SecretCommitment(reach, *secrets_[reach]).view()));
  }
  genesis.set_incarnation(random.Draw(16));
  Entry entry;
  entry.header = header.SerializeAsString();
  id_ = StreamIdOf(entry.header);
  Add(std::move(entry));
}

void Line::Append(const Draft& draft) {
  pb::EntryHeader header;
  header.set_claimed_s(ClaimedSeconds(draft.claimed));
  auto entry = MakeEntry(id_, size(), std::move(header), draft.records, draft.reaches, secrets_);
  CHECK(entry.has_value());
  Add(*std::move(entry));
}

void Line::Add(Entry entry) {
  const std::uint64_t index = size();
  peaks_.Append(EntryLeaf(id_, index, entry));
  signatures_.push_back(SignCheckpoint(cell_.device, network_, {id_, index + 1, peaks_.Root()}));
  entries_.push_back({entry.header, EncodeBody(entry)});
}

std::vector<Line::Packed> Line::Pack() const {
  std::vector<Packed> chunks;
  std::uint64_t from = 0;
  while (from < entries_.size()) {
    const std::vector<EntryBytes> rest(
        std::next(entries_.begin(), static_cast<std::ptrdiff_t>(from)), entries_.end());
    PackedChunk chunk = PackChunk(rest, limits::kChunkPackedBytesAim, kDictionaryNewest);
    const std::uint64_t to = from + chunk.count;
    chunks.push_back({from, std::move(chunk), signatures_[to - 1]});
    from = to;
  }
  return chunks;
}

Result<ReceivedChunk> Line::Received(const Packed& packed) const {
  const PackedChunk& chunk = packed.chunk;
  ReceivedChunk received;
  CHIBO_TRY_VALUE(received.entries, UnpackChunk(chunk.count, chunk.codec, chunk.dictionary,
                                                chunk.raw_bytes, chunk.packed));
  received.stream = Bytes(id_.view().substr(0, 8));
  received.from = packed.from;
  received.close.signature = packed.signature;
  if (packed.from == 0) {
    received.secrets = secrets_;
  }
  return received;
}

}  // namespace chibo::bench

#include "tests/sim/workloads/raw_entries.h"

#include "chibo/entry.pb.h"
#include "proto/checkpoint.h"
#include "proto/message_bytes.h"

namespace chibo::sim {
namespace {

// Genesis by the certificate that an own stream names.
Result<Bytes> GenesisBy(Machine& machine, pb::StreamKind kind, const UnitId& unit,
                        const UnitId& other, const StreamSecrets& secrets) {
  Replica& replica = machine.node().replica();
  const Stream* own = nullptr;
  for (const Stream* stream : replica.streams().All()) {
    own = stream->own ? stream : own;
  }
  if (own == nullptr) {
    return Fail(Code::kNotFound, "stream_not_found");
  }
  pb::EntryHeader header;
  header.set_boot(replica.random().Draw(8));
  pb::Genesis& genesis = *header.mutable_genesis();
  genesis.set_network(Bytes(replica.settings().network.view()));
  genesis.set_device(Bytes(replica.device_key().view()));
  genesis.set_certificate(own->genesis.certificate());
  genesis.set_kind(kind);
  genesis.set_unit(Bytes(unit.view()));
  if (kind == pb::TO) {
    genesis.set_other(Bytes(other.view()));
  }
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    genesis.add_salts(Bytes(SecretCommitment(reach, *secrets[reach]).view()));
  }
  genesis.set_incarnation(replica.random().Draw(16));
  return header.SerializeAsString();
}

}  // namespace

Result<StreamId> BeginRaw(Machine& machine, pb::StreamKind kind, const UnitId& unit,
                          const UnitId& other, const RawRecord& record) {
  Replica& replica = machine.node().replica();
  LogStore& log = replica.log();
  StreamSecrets secrets;
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    secrets[reach] = replica.random().DrawFixed<StreamSecret>();
  }
  CHIBO_TRY_VALUE(const Bytes header, GenesisBy(machine, kind, unit, other, secrets));
  CHIBO_TRY_VALUE(Stream stream, Streams::ReadGenesis(replica.settings().network, header));
  Entry genesis;
  genesis.header = header;
  StoredEntry entry{0, header, EncodeBody(genesis), EntryLeaf(stream.id, 0, genesis)};
  BranchRow row;
  row.peaks.Append(entry.leaf);
  row.signed_size = 1;
  row.signature = SignCheckpoint(machine.node().device().sign, replica.settings().network,
                                 {stream.id, 1, row.peaks.Root()});
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(machine.node().sql()));
  CHIBO_TRY_VALUE(stream.no, log.AddStream(stream.id, true, header));
  for (const pb::Reach reach : {pb::ALL, pb::PARENT}) {
    CHIBO_TRY(log.PutSecret(stream.no, reach, *secrets[reach]));
  }
  CHIBO_TRY(log.PutEntry(stream.no, 0, entry));
  CHIBO_TRY(log.PutBranch(stream.no, row));
  CHIBO_TRY(log.PutCheckpoint(stream.no, 0, {1, *row.signature}));
  CHIBO_TRY(transaction.Commit());
  stream.branches = {row};
  CHIBO_TRY(AppendRaw(machine, stream, record));
  return stream.id;
}

Status AppendRaw(Machine& machine, const Stream& stream, const RawRecord& record) {
  Replica& replica = machine.node().replica();
  LogStore& log = replica.log();
  CHECK(stream.branches.size() == 1);
  BranchRow row = stream.branches.front();
  const std::uint64_t index = row.peaks.size();
  pb::EntryHeader header;
  header.add_slots(record.kind << 3 | pb::ALL);
  StoredEntry entry;
  entry.index = index;
  entry.header = CanonicalBytes(header);
  AppendVarint(entry.body, record.payload.size() + 1);
  entry.body += record.payload;
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log.Secrets(stream.no));
  CHIBO_TRY_VALUE(const Entry decoded,
                  DecodeEntry(stream.id, index, entry.header, entry.body, secrets));
  entry.leaf = EntryLeaf(stream.id, index, decoded);
  row.peaks.Append(entry.leaf);
  row.signed_size = index + 1;
  row.signature = SignCheckpoint(machine.node().device().sign, replica.settings().network,
                                 {stream.id, row.signed_size, row.peaks.Root()});
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(machine.node().sql()));
  CHIBO_TRY(log.PutEntry(stream.no, 0, entry));
  CHIBO_TRY(log.PutBranch(stream.no, row));
  CHIBO_TRY(log.PutCheckpoint(stream.no, 0, {row.signed_size, *row.signature}));
  return transaction.Commit();
}

}  // namespace chibo::sim

#include "tests/sim/workloads/raw_entries.h"

#include "chibo/entry.pb.h"
#include "proto/checkpoint.h"
#include "proto/message_bytes.h"

namespace chibo::sim {

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

#include "node/copies.h"

#include "proto/merkle.h"

namespace chibo {

Result<pb::Record> MakeCopy(const Streams& streams, const LogStore& log, const RecordName& name) {
  const Stream* stream = streams.Find(name.stream);
  if (stream == nullptr || name.index >= stream->size()) {
    return Fail(Code::kNotFound, "record_not_held", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto checkpoint, log.CheckpointAtLeast(stream->no, 0, name.index + 1));
  if (!checkpoint || checkpoint->size > stream->size()) {
    return Fail(Code::kBehind, "record_not_signed_yet", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto stored, log.ReadEntries(stream->no, 0, name.index, 1, 0));
  CHIBO_TRY_VALUE(const auto genesis, log.ReadEntries(stream->no, 0, 0, 1, 0));
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log.Secrets(stream->no));
  CHECK(stored.size() == 1 && genesis.size() == 1);
  CHIBO_TRY_VALUE(const Entry entry,
                  DecodeEntry(stream->id, name.index, stored[0].header, stored[0].body, secrets));
  CHIBO_TRY_VALUE(const Header header, ParseHeader(entry.header, name.index));
  if (name.position >= entry.records.size() || !entry.records[name.position].payload) {
    return Fail(Code::kNotFound, "record_not_held", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto leaves, log.Leaves(stream->no, 0, checkpoint->size));

  pb::Record record;
  pb::Copy& copy = *record.mutable_copy();
  copy.set_stream(Bytes(stream->id.view()));
  copy.set_index(name.index);
  copy.set_position(name.position);
  copy.set_header(entry.header);
  for (const HeldRecord& held : entry.records) {
    copy.add_commitments(Bytes(held.commitment.view()));
  }
  copy.set_payload(*entry.records[name.position].payload);
  const auto& secret = secrets[header.slots[name.position].reach];
  CHECK(secret.has_value());
  copy.set_salt(RecordSalt(*secret, name.index, name.position));
  for (const Hash& hash : InclusionProof(leaves, name.index)) {
    copy.add_proof(Bytes(hash.view()));
  }
  copy.set_size(checkpoint->size);
  copy.set_signature(Bytes(checkpoint->signature.view()));
  copy.set_genesis(genesis[0].header);
  return record;
}

}  // namespace chibo

#include "node/copies.h"

#include "proto/merkle.h"
#include "proto/message_bytes.h"
#include "proto/record.h"

namespace chibo {

Result<pb::Record> MakeCopy(const Streams& streams, const LogStore& log, const Fact& fact) {
  const RecordName& name = fact.name;
  const Stream* stream = streams.Find(name.stream);
  if (stream == nullptr || name.index >= stream->size(fact.branch)) {
    return Fail(Code::kNotFound, "record_not_held", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto checkpoint,
                  log.CheckpointAtLeast(stream->no, fact.branch, name.index + 1));
  if (!checkpoint || checkpoint->size > stream->size(fact.branch)) {
    return Fail(Code::kBehind, "record_not_signed_yet", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto stored, log.ReadEntries(stream->no, fact.branch, name.index, 1, 0));
  CHIBO_TRY_VALUE(const auto genesis, log.ReadEntries(stream->no, 0, 0, 1, 0));
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log.Secrets(stream->no));
  CHECK(stored.size() == 1 && genesis.size() == 1);
  CHIBO_TRY_VALUE(const Entry entry,
                  DecodeEntry(stream->id, name.index, stored[0].header, stored[0].body, secrets));
  CHIBO_TRY_VALUE(const Header header, ParseHeader(entry.header, name.index));
  if (name.position >= entry.records.size() || !entry.records[name.position].payload) {
    return Fail(Code::kNotFound, "record_not_held", ToString(name));
  }
  // A fact may be known from a copy, of a branch that is not held here.
  const auto read = ParseRecord(fact.kind, *entry.records[name.position].payload);
  if (!read || fact.record == nullptr || CanonicalBytes(*read) != CanonicalBytes(*fact.record)) {
    return Fail(Code::kNotFound, "record_not_held", ToString(name));
  }
  CHIBO_TRY_VALUE(const auto leaves, log.Leaves(stream->no, fact.branch, checkpoint->size));

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

std::string PlaceHere(const Fact& fact) {
  const std::string name = ToString(fact.name);
  return fact.branch == 0 ? name : name + "/" + std::to_string(fact.branch);
}

}  // namespace chibo

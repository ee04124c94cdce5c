#ifndef CHIBO_TESTS_PROTO_SAMPLE_H_
#define CHIBO_TESTS_PROTO_SAMPLE_H_

#include <vector>

#include "proto/crypto.h"
#include "proto/entry.h"
#include "proto/kind.h"

// One complete record of every kind and one small stream, always the same bytes.
namespace chibo::sample {

NetworkId Network();
const SigningKey& DeviceKey();
const SigningKey& AuthorityKey();
StreamSecrets Secrets();

// `text` with the first `what`, which it has, replaced.
std::string Replaced(std::string text, std::string_view what, std::string_view with);

// By kind, in the order of their numbers; those that carry signatures are signed by AuthorityKey.
std::vector<pb::Record> Records();
// A second one of some kinds, with the fields that stand in place of those in Records.
std::vector<pb::Record> OtherRecords();
pb::Record RecordOf(Kind kind);

pb::EntryHeader GenesisHeader();
// The stream of that genesis.
StreamId Stream();
// A header with everything that one after the first may have.
pb::EntryHeader HeaderOf(std::int64_t claimed_s);
// Entry 1 of the stream: a meeting, its minutes and its tally, the last two of parent reach.
Entry MeetingEntry();

}  // namespace chibo::sample

#endif  // CHIBO_TESTS_PROTO_SAMPLE_H_

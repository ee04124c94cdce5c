// Two programs read the same formats, each with code of its own: what one takes the other takes,
// and understands alike.
#include "proto/entry.h"
#include "proto/limits.h"
#include "tests/fuzz/reader.h"
#include "tests/fuzz/targets.h"
#include "tests/proto/sample.h"
#include "tools/verify/format.h"

namespace chibo::fuzz {

void VerifyEntry(ByteView bytes) {
  Reader reader(bytes);
  const std::uint64_t index = reader.Byte();
  const std::size_t header_bytes = reader.U16() % (limits::kGenesisBytesMax + 100);
  const ByteView header = reader.Take(header_bytes);
  const ByteView body = reader.Rest();
  const StreamSecrets secrets = sample::Secrets();
  const auto entry = DecodeEntry(sample::Stream(), index, header, body, secrets);
  const auto read_header = verify::ReadHeader(header, index);
  const auto read =
      read_header ? verify::ReadBody(body, *read_header, header.size())
                  : Result<std::vector<verify::HeldRecord>>(tl::unexpected(read_header.error()));
  // Whose genesis it is chibo-verify looks at when it reads the stream.
  const bool of_another =
      index == 0 && verify::StreamIdOf(header).view() != sample::Stream().view();
  CHECK(entry.has_value() == (read.has_value() && !of_another));
  if (!entry) {
    return;
  }
  CHECK(entry->records.size() == read->size());
  std::vector<verify::Digest> commitments;
  for (std::size_t i = 0; i < read->size(); ++i) {
    const HeldRecord& ours = entry->records[i];
    const verify::HeldRecord& theirs = (*read)[i];
    CHECK(ours.payload.has_value() == theirs.payload.has_value());
    if (!theirs.payload) {
      commitments.push_back(theirs.commitment);
      continue;
    }
    CHECK(*ours.payload == *theirs.payload);
    const verify::Slot& slot = read_header->slots[i];
    const auto& secret = secrets[slot.reach];
    CHECK(secret.has_value());
    const Bytes salt = verify::Salt(secret->view(), index, static_cast<std::uint32_t>(i));
    commitments.push_back(verify::Commitment(salt, slot.kind, *theirs.payload));
  }
  const auto stream = verify::Digest::FromChecked(sample::Stream().view());
  CHECK(verify::EntryLeaf(stream, index, commitments, header).view() ==
        EntryLeaf(sample::Stream(), index, *entry).view());
}

}  // namespace chibo::fuzz

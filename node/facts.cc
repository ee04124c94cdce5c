#include "node/facts.h"

#include <utility>

#include "proto/record.h"

namespace chibo {
namespace {

// Reads the record of a fact, if this program can.
void Interpret(const Bytes& payload, std::uint32_t min_reader, Fact& fact) {
  fact.content = ContentDigest(fact.kind, payload);
  if (min_reader > kReaderVersion) {
    fact.standing = SetAside::kNotUnderstood;
    return;
  }
  auto record = ParseRecord(fact.kind, payload);
  if (!record) {
    fact.standing =
        record.error().code == Code::kUnsupported ? SetAside::kNotUnderstood : SetAside::kNotMeant;
    return;
  }
  fact.record = std::make_shared<const pb::Record>(*std::move(record));
}

}  // namespace

std::vector<Fact> FactsOfEntry(const Stream& stream, std::uint32_t branch, std::uint64_t index,
                               const Entry& entry) {
  std::vector<Fact> facts;
  const auto header = ParseHeader(entry.header, index);
  CHECK(header);
  CHECK(header->slots.size() == entry.records.size());
  for (std::size_t position = 0; position < entry.records.size(); ++position) {
    Fact fact;
    fact.name = {stream.id, index, static_cast<std::uint32_t>(position)};
    fact.branch = branch;
    fact.stream_kind = stream.kind;
    fact.unit = stream.unit;
    fact.other = stream.other;
    fact.kind = header->slots[position].kind;
    fact.reach = header->slots[position].reach;
    fact.claimed = header->claimed;
    fact.pack = header->message.pack();
    if (entry.records[position].payload) {
      Interpret(*entry.records[position].payload, header->message.min_reader(), fact);
    }
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace chibo

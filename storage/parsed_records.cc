#include "storage/parsed_records.h"

#include <utility>

namespace chibo {
namespace {

// Of one generation, as payloads; parsed they take a few times as much.
constexpr std::size_t kBytesMax = 256 * 1024;

}  // namespace

std::shared_ptr<const pb::Record> ParsedRecords::Find(const Hash& content) {
  if (const auto found = newer_.find(content); found != newer_.end()) {
    return found->second.record;
  }
  const auto found = older_.find(content);
  if (found == older_.end()) {
    return nullptr;
  }
  const Parsed parsed = found->second;
  Put(content, parsed.record, parsed.payload_bytes);
  return parsed.record;
}

void ParsedRecords::Put(const Hash& content, std::shared_ptr<const pb::Record> record,
                        std::size_t payload_bytes) {
  const bool added = newer_.try_emplace(content, Parsed{std::move(record), payload_bytes}).second;
  newer_bytes_ += added ? payload_bytes : 0;
  if (newer_bytes_ > kBytesMax) {
    older_ = std::exchange(newer_, {});
    newer_bytes_ = 0;
  }
}

}  // namespace chibo

#include "node/entry_packer.h"

#include <utility>

#include "proto/limits.h"
#include "proto/record.h"

namespace chibo {
namespace {

constexpr std::size_t kBytesMax = limits::kEntryBytesMax - limits::kHeaderBytesMax;

}  // namespace

Status EntryPacker::Add(std::vector<pb::Record> together) {
  std::size_t more = 0;
  for (const pb::Record& record : together) {
    more += PayloadOf(record).size() + 8;
  }
  if (bytes_ + more > kBytesMax ||
      draft_.records.size() + together.size() > limits::kEntryRecordsMax) {
    CHIBO_TRY(Close());
  }
  bytes_ += more;
  for (pb::Record& record : together) {
    draft_.Add(std::move(record));
  }
  return {};
}

Status EntryPacker::Close() {
  bytes_ = 0;
  if (draft_.records.empty()) {
    return {};
  }
  draft_.claimed = claimed_;
  CHIBO_TRY(writer_.Append(kind_, other_, std::exchange(draft_, Draft())));
  ++entries_;
  return {};
}

}  // namespace chibo

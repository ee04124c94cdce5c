#include "node/stream_records.h"

#include "proto/record.h"

namespace chibo {

std::vector<std::pair<std::uint32_t, pb::Record>> RecordsIn(const std::vector<Slot>& slots,
                                                            ByteView body) {
  std::vector<std::pair<std::uint32_t, pb::Record>> records;
  for (std::uint32_t position = 0; position < slots.size(); ++position) {
    const auto length = TakeVarint(body);
    const auto bytes = length ? Take(body, *length == 0 ? Commitment::kSize
                                                        : static_cast<std::size_t>(*length - 1))
                              : std::nullopt;
    if (!bytes) {
      return records;
    }
    if (*length > 0) {
      if (auto record = ParseRecord(slots[position].kind, *bytes)) {
        records.emplace_back(position, *std::move(record));
      }
    }
  }
  return records;
}

}  // namespace chibo

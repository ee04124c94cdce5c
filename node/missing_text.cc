#include "node/missing_text.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace chibo {
namespace {

constexpr std::string_view kPrefix = "missing-text/";

std::string KeyFor(StreamNo no, std::uint32_t branch) {
  return std::string(kPrefix) + std::to_string(no) + "/" + std::to_string(branch);
}

bool LacksText(const Entry& entry) {
  return std::any_of(entry.records.begin(), entry.records.end(),
                     [](const HeldRecord& record) { return !record.payload; });
}

}  // namespace

Status MissingText::Load() {
  from_.clear();
  CHIBO_TRY_VALUE(const auto keys, log_.KeysBelow(kPrefix));
  for (const std::string& key : keys) {
    CHIBO_TRY_VALUE(const auto value, log_.Value(key));
    Place place;
    const char* const end = key.data() + key.size();
    const auto no = std::from_chars(key.data() + kPrefix.size(), end, place.first);
    const bool two = no.ec == std::errc() && no.ptr != end && *no.ptr == '/';
    if (!two || std::from_chars(no.ptr + 1, end, place.second).ptr != end || !value ||
        value->size() != 8) {
      return Fail(Code::kDamaged, "store_damaged", key);
    }
    from_[place] = ReadU64(*value);
  }
  return {};
}

std::optional<std::uint64_t> MissingText::From(StreamNo no, std::uint32_t branch) const {
  const auto found = from_.find({no, branch});
  return found == from_.end() ? std::nullopt : std::optional(found->second);
}

Status MissingText::CameFromAbove(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                                  std::span<const Entry> entries) {
  if (entries.empty() || From(stream.no, branch)) {
    return {};
  }
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream.no));
  if (stream.genesis.salts_size() > pb::PARENT && !secrets[pb::PARENT]) {
    // Without it also what follows cannot be read; it travels with the first entry.
    return Put({stream.no, branch}, 0);
  }
  const auto lacking = std::find_if(entries.begin(), entries.end(), LacksText);
  if (lacking == entries.end()) {
    return {};
  }
  return Put({stream.no, branch}, first + static_cast<std::uint64_t>(lacking - entries.begin()));
}

Status MissingText::CameAgain(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                              std::uint64_t count) {
  // Each part of the way is held by the branch that wrote it.
  std::uint64_t end = first + count;
  for (const BranchRow* row = stream.FindBranch(branch); row != nullptr && first < end;
       row = stream.FindBranch(row->parent)) {
    const Place place{stream.no, row->branch};
    const auto from = From(place.first, place.second);
    const std::uint64_t next = std::max(from.value_or(end), row->fork_at);
    if (next >= first && next < end) {
      // What is still withheld does not come from anywhere.
      if (end < row->peaks.size()) {
        CHIBO_TRY(Put(place, end));
      } else {
        CHIBO_TRY(Erase(place));
      }
    }
    if (row->fork_at == 0) {
      break;
    }
    end = std::min(end, row->fork_at);
  }
  return {};
}

Status MissingText::CutBack(StreamNo no, std::uint32_t branch, std::uint64_t size) {
  const auto from = From(no, branch);
  return from && *from >= size ? Erase({no, branch}) : Status();
}

Status MissingText::Erase(const Place& place) {
  from_.erase(place);
  return log_.EraseValue(KeyFor(place.first, place.second));
}

Status MissingText::Put(const Place& place, std::uint64_t from) {
  from_[place] = from;
  Bytes value;
  AppendU64(value, from);
  return log_.PutValue(KeyFor(place.first, place.second), value);
}

}  // namespace chibo

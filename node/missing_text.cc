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

Result<bool> MissingText::CameAgain(const Stream& stream, std::uint64_t first,
                                    std::span<const Entry> entries) {
  bool filled = false;
  for (const BranchRow& branch : stream.branches) {
    const Place place{stream.no, branch.branch};
    auto from = From(place.first, place.second);
    for (std::uint64_t i = 0; i < entries.size() && from; ++i) {
      if (first + i != std::max(*from, branch.fork_at)) {
        continue;
      }
      const Status replaced =
          log_.ReplaceBody(stream.no, branch.branch, first + i, EncodeBody(entries[i]));
      if (!replaced && replaced.error().code == Code::kBadProof) {
        break;  // of another branch
      }
      CHIBO_TRY(replaced);
      filled = true;
      // What is still withheld does not come from anywhere.
      *from = first + i + 1;
    }
    if (from && *from != From(place.first, place.second)) {
      CHIBO_TRY(Put(place, *from));
    }
    if (from && *from >= branch.peaks.size()) {
      from_.erase(place);
      CHIBO_TRY(log_.EraseValue(KeyFor(place.first, place.second)));
    }
  }
  return filled;
}

Status MissingText::Put(const Place& place, std::uint64_t from) {
  from_[place] = from;
  Bytes value;
  AppendU64(value, from);
  return log_.PutValue(KeyFor(place.first, place.second), value);
}

}  // namespace chibo

#include "node/missing_text.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace chibo {
namespace {

constexpr std::string_view kPrefix = "missing-text/";
constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kPageBytes = 256 * 1024;
constexpr std::size_t kRunBytes = 16;

using Runs = std::map<std::uint64_t, std::uint64_t>;

std::string KeyFor(StreamNo no, std::uint32_t branch) {
  return std::string(kPrefix) + std::to_string(no) + "/" + std::to_string(branch);
}

// Nothing when the value is none that this or an older program has written.
std::optional<Runs> ReadRuns(ByteView value) {
  if (value.size() == sizeof(std::uint64_t)) {
    // Before single entries were told apart: anything from there on may be missing its text.
    return Runs{{ReadU64(value), kNoEnd}};
  }
  Runs runs;
  std::uint64_t end = 0;
  for (; value.size() >= kRunBytes; value.remove_prefix(kRunBytes)) {
    const std::uint64_t first = ReadU64(value);
    if ((!runs.empty() && first <= end) || ReadU64(value.substr(8)) <= first) {
      return std::nullopt;
    }
    end = ReadU64(value.substr(8));
    runs.emplace_hint(runs.end(), first, end);
  }
  return runs.empty() || !value.empty() ? std::nullopt : std::optional(runs);
}

void Cut(Runs& runs, const EntryRun& cut) {
  auto run = runs.upper_bound(cut.first);
  if (run != runs.begin()) {
    --run;
  }
  while (run != runs.end() && run->first < cut.end) {
    const auto [first, end] = *run;
    if (end <= cut.first) {
      ++run;
      continue;
    }
    run = runs.erase(run);
    if (first < cut.first) {
      runs[first] = cut.first;
    }
    if (end > cut.end) {
      runs[cut.end] = end;
    }
  }
}

// None of it is there yet.
void Add(Runs& runs, EntryRun added) {
  const auto after = runs.find(added.end);
  if (after != runs.end()) {
    added.end = after->second;
    runs.erase(after);
  }
  auto before = runs.lower_bound(added.first);
  if (before != runs.begin() && (--before)->second == added.first) {
    before->second = added.end;
  } else {
    runs[added.first] = added.end;
  }
}

// The part of [0, end) along the branch that each branch on the way holds, the last one first.
template <typename Visit>
void EachPart(const Stream& stream, std::uint32_t branch, std::uint64_t end, const Visit& visit) {
  for (const BranchRow* row = stream.FindBranch(branch); row != nullptr;
       row = stream.FindBranch(row->parent)) {
    if (row->fork_at < end) {
      visit(row->branch, EntryRun{row->fork_at, end});
    }
    end = std::min(end, row->fork_at);
    if (end == 0) {
      return;
    }
  }
}

}  // namespace

bool LacksText(const Entry& entry) {
  return std::any_of(entry.records.begin(), entry.records.end(),
                     [](const HeldRecord& record) { return !record.payload; });
}

Status MissingText::Load() {
  missing_.clear();
  CHIBO_TRY_VALUE(const auto keys, log_.KeysBelow(kPrefix));
  for (const std::string& key : keys) {
    CHIBO_TRY_VALUE(const auto value, log_.Value(key));
    Place place;
    const char* const end = key.data() + key.size();
    const auto no = std::from_chars(key.data() + kPrefix.size(), end, place.first);
    const bool two = no.ec == std::errc() && no.ptr != end && *no.ptr == '/';
    const auto runs = ReadRuns(value.value_or(Bytes()));
    if (!two || std::from_chars(no.ptr + 1, end, place.second).ptr != end || !runs) {
      return Fail(Code::kDamaged, "store_damaged", key);
    }
    missing_[place] = *runs;
  }
  return {};
}

bool MissingText::Concerns(StreamNo no) const {
  const auto first = missing_.lower_bound({no, 0});
  return first != missing_.end() && first->first.first == no;
}

std::optional<LackingText> MissingText::Below(const Stream& stream, std::uint32_t branch,
                                              std::uint64_t size) const {
  if (!Concerns(stream.no)) {
    return std::nullopt;
  }
  Runs along;
  EachPart(stream, branch, size, [&](std::uint32_t holder, const EntryRun& part) {
    const auto missing = missing_.find({stream.no, holder});
    if (missing == missing_.end()) {
      return;
    }
    for (const auto& [from, to] : missing->second) {
      const EntryRun run{std::max(from, part.first), std::min(to, part.end)};
      if (run.first < run.end) {
        Add(along, run);
      }
    }
  });
  std::vector<EntryRun> runs;
  for (const auto& [from, to] : along) {
    runs.push_back({from, to});
  }
  return LackingEntries(runs);
}

Status MissingText::Note(const Stream& stream, std::uint32_t branch, const EntryRun& run,
                         std::span<const std::uint64_t> missing) {
  Status noted;
  EachPart(stream, branch, run.end, [&](std::uint32_t holder, EntryRun part) {
    part.first = std::max(part.first, run.first);
    const auto known = missing_.find({stream.no, holder});
    Runs runs = known == missing_.end() ? Runs() : known->second;
    if (part.first == 0) {
      ++part.first;  // which is the secret's
    }
    if (part.first >= part.end) {
      return;
    }
    Cut(runs, part);
    for (const std::uint64_t index : missing) {
      if (index >= part.first && index < part.end) {
        Add(runs, {index, index + 1});
      }
    }
    if (noted) {
      noted = Put({stream.no, holder}, std::move(runs));
    }
  });
  return noted;
}

Status MissingText::NoteSecret(const Stream& stream, bool missing) {
  const Place place{stream.no, 0};
  const auto known = missing_.find(place);
  Runs runs = known == missing_.end() ? Runs() : known->second;
  Cut(runs, {0, 1});
  if (missing) {
    Add(runs, {0, 1});
  }
  return Put(place, std::move(runs));
}

Status MissingText::LookThrough(const Stream& stream) {
  CHIBO_TRY_VALUE(const StreamSecrets secrets, log_.Secrets(stream.no));
  for (const BranchRow& row : stream.branches) {
    std::vector<std::uint64_t> missing;
    const std::uint64_t size = row.peaks.size();
    for (std::uint64_t at = row.fork_at; at < size;) {
      CHIBO_TRY_VALUE(const auto page,
                      log_.ReadEntries(stream.no, row.branch, at, size - at, kPageBytes));
      for (const StoredEntry& stored : page) {
        CHIBO_TRY_VALUE(const Entry entry,
                        DecodeEntry(stream.id, stored.index, stored.header, stored.body, secrets));
        if (LacksText(entry)) {
          missing.push_back(stored.index);
        }
      }
      at += page.size();
    }
    CHIBO_TRY(Note(stream, row.branch, {row.fork_at, size}, missing));
  }
  return {};
}

Status MissingText::CutBack(StreamNo no, std::uint32_t branch, std::uint64_t size) {
  const auto known = missing_.find({no, branch});
  if (known == missing_.end()) {
    return {};
  }
  Runs runs = known->second;
  Cut(runs, {size, kNoEnd});
  return Put({no, branch}, std::move(runs));
}

Status MissingText::Put(const Place& place, Runs runs) {
  const auto known = missing_.find(place);
  if (known == missing_.end() ? runs.empty() : runs == known->second) {
    return {};
  }
  const std::string key = KeyFor(place.first, place.second);
  if (runs.empty()) {
    missing_.erase(known);
    return log_.EraseValue(key);
  }
  Bytes value;
  for (const auto& [first, end] : runs) {
    AppendU64(value, first);
    AppendU64(value, end);
  }
  missing_[place] = std::move(runs);
  return log_.PutValue(key, value);
}

}  // namespace chibo

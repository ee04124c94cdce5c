#include "node/recorded_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr std::string_view kFilesPrefix = "secret/recorded/";
constexpr std::string_view kChainTag = "chibo/recorded-file/v0";
constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kEntryNameBytes = StreamId::kSize + 8;
constexpr std::size_t kFileBytes = 8 + Hash::kSize + 3 * 8 + 2 * kEntryNameBytes + 8;

std::string FileKey(std::uint64_t number) {
  return std::string(kFilesPrefix) + std::to_string(number % RecordedFiles::kFilesMax);
}

std::string_view WithoutBlanks(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlank);
  return begin == std::string_view::npos
             ? std::string_view()
             : line.substr(begin, line.find_last_not_of(kBlank) + 1 - begin);
}

// One digest for each line that holds something: of all lines up to it.
std::vector<Hash> DigestsOf(std::span<const std::string> lines) {
  std::vector<Hash> digests;
  Hash before = Sha256(kChainTag);
  for (const std::string& line : lines) {
    if (HoldsSomething(line)) {
      before = Sha256({before.view(), WithoutBlanks(line)});
      digests.push_back(before);
    }
  }
  return digests;
}

void AppendName(Bytes& out, const RecordName& name) {
  out += name.stream.view();
  AppendU64(out, name.index);
}

RecordName ReadName(ByteView bytes) {
  return {StreamId::FromChecked(bytes.substr(0, StreamId::kSize)),
          ReadU64(bytes.substr(StreamId::kSize)), 0};
}

}  // namespace

struct RecordedFiles::Kept {
  Hash digest;
  RecordedFile file;
};

bool HoldsSomething(std::string_view line) { return !WithoutBlanks(line).empty(); }

// By number: the newest last. What does not open or has another size says nothing about files, and
// recording does not wait for it; scrubbing names it.
Result<std::map<std::uint64_t, RecordedFiles::Kept>> RecordedFiles::ReadAll() const {
  std::map<std::uint64_t, Kept> all;
  CHIBO_TRY_VALUE(const auto keys, log_.KeysBelow(kFilesPrefix));
  for (const std::string& key : keys) {
    const auto value = log_.Value(key);
    if (!value && value.error().code != Code::kDamaged) {
      return tl::unexpected(value.error());
    }
    if (!value || !*value || (*value)->size() != kFileBytes) {
      continue;
    }
    ByteView rest = **value;
    const auto number = [&rest] {
      const std::uint64_t read = ReadU64(rest);
      rest.remove_prefix(8);
      return read;
    };
    const auto name = [&rest] {
      const RecordName read = ReadName(rest);
      rest.remove_prefix(kEntryNameBytes);
      return read;
    };
    Kept& kept = all[number()];
    kept.digest = Hash::FromChecked(rest.substr(0, Hash::kSize));
    rest.remove_prefix(Hash::kSize);
    kept.file.lines = number();
    kept.file.entries = number();
    kept.file.records = number();
    kept.file.first = name();
    kept.file.last = name();
    kept.file.at = Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(number())));
  }
  return all;
}

bool RecordedFiles::IsHeld(const RecordName& name) const {
  const Stream* stream = streams_.Find(name.stream);
  return stream != nullptr && name.index < stream->size();
}

Result<std::optional<RecordedFile>> RecordedFiles::Find(std::span<const std::string> lines) const {
  const std::vector<Hash> digests = DigestsOf(lines);
  CHIBO_TRY_VALUE(const auto all, ReadAll());
  std::optional<RecordedFile> found;
  for (const auto& [number, kept] : all) {
    const RecordedFile& file = kept.file;
    if (file.lines >= 1 && file.lines <= digests.size() && kept.digest == digests[file.lines - 1] &&
        (!found || file.lines >= found->lines) && IsHeld(file.first) && IsHeld(file.last)) {
      found = file;
    }
  }
  return found;
}

Status RecordedFiles::Remember(std::span<const std::string> lines, const RecordedFile& file) {
  const std::vector<Hash> digests = DigestsOf(lines);
  if (digests.empty()) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto all, ReadAll());
  const auto same = std::find_if(all.begin(), all.end(), [&](const auto& numbered) {
    return numbered.second.digest == digests.back();
  });
  if (same != all.end()) {
    CHIBO_TRY(log_.EraseValue(FileKey(same->first)));
  }
  const std::uint64_t number = all.empty() ? 0 : all.rbegin()->first + 1;
  Bytes kept;
  AppendU64(kept, number);
  kept += digests.back().view();
  AppendU64(kept, digests.size());
  AppendU64(kept, file.entries);
  AppendU64(kept, file.records);
  AppendName(kept, file.first);
  AppendName(kept, file.last);
  AppendU64(kept, static_cast<std::uint64_t>(file.at.time_since_epoch().count()));
  return log_.PutValue(FileKey(number), kept);
}

}  // namespace chibo

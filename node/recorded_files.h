#ifndef CHIBO_NODE_RECORDED_FILES_H_
#define CHIBO_NODE_RECORDED_FILES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "node/streams.h"
#include "proto/ids.h"
#include "storage/log_store.h"

namespace chibo {

// What became of a file of lines that was recorded.
struct RecordedFile {
  std::uint64_t lines = 0;  // that hold something
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  RecordName first;  // of its first entry and of its last
  RecordName last;
  Timestamp at;
};

// The files that `chibo record` took in lately, by what stands in them, so that whoever does not
// know whether a call went through may run it again. Kept with the log in the transaction that
// appends what the file says, a value of its own for each, sealed on a cell: a digest of a few
// words is found out by trying. Writes belong to the caller's transaction. Nothing is remembered
// between calls.
class RecordedFiles {
 public:
  // So many; of more the oldest are forgotten. A cell writes a few a month, and a call that is run
  // again is the last one.
  static constexpr std::uint64_t kFilesMax = 512;

  RecordedFiles(const Streams& streams, LogStore& log) : streams_(streams), log_(log) {}

  // The longest beginning of `lines` that was recorded as a whole file, as far as the log holds
  // what came of it: what was lost since may be recorded once more. Where lines stand, what is
  // around them and which of them are empty makes no difference.
  Result<std::optional<RecordedFile>> Find(std::span<const std::string> lines) const;

  // From now on a file of these lines is known to be recorded. Nothing happens when they hold
  // nothing.
  Status Remember(std::span<const std::string> lines, const RecordedFile& file);

 private:
  struct Kept;

  Result<std::map<std::uint64_t, Kept>> ReadAll() const;
  bool IsHeld(const RecordName& name) const;

  const Streams& streams_;
  LogStore& log_;
};

// Whether a line of such a file holds something.
bool HoldsSomething(std::string_view line);

}  // namespace chibo

#endif  // CHIBO_NODE_RECORDED_FILES_H_

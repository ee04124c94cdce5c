#ifndef CHIBO_NODE_MISSING_TEXT_H_
#define CHIBO_NODE_MISSING_TEXT_H_

#include <map>
#include <optional>
#include <span>
#include <utility>

#include "node/streams.h"
#include "storage/log_store.h"

namespace chibo {

// Branches of which text is missing here that this unit may read: a node that went back in time was
// given them from above, where that text may not be read. Towards those below they count as held
// only up to there, so that whoever has the text sends it again. Remembered in the log store;
// writes belong to the caller's transaction, and after a rollback the caller calls Load.
class MissingText {
 public:
  explicit MissingText(LogStore& log) : log_(log) {}

  Status Load();

  // The first entry of the branch whose text is missing; nothing when none is.
  std::optional<std::uint64_t> From(StreamNo no, std::uint32_t branch) const;

  // Entries [first, …) of a branch, of a stream whose texts this unit may read, came from above.
  Status CameFromAbove(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                       std::span<const Entry> entries);
  // `count` entries from `first` on, held here already along that branch, came again from below,
  // and what of their text was missing has been filled in.
  Status CameAgain(const Stream& stream, std::uint32_t branch, std::uint64_t first,
                   std::uint64_t count);
  // Nothing of the branch is held any more from there on.
  Status CutBack(StreamNo no, std::uint32_t branch, std::uint64_t size);

 private:
  using Place = std::pair<StreamNo, std::uint32_t>;

  Status Put(const Place& place, std::uint64_t from);
  Status Erase(const Place& place);

  LogStore& log_;
  std::map<Place, std::uint64_t> from_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_MISSING_TEXT_H_

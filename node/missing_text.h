#ifndef CHIBO_NODE_MISSING_TEXT_H_
#define CHIBO_NODE_MISSING_TEXT_H_

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "node/streams.h"
#include "storage/log_store.h"
#include "sync/set_digest.h"

namespace chibo {

// Whether a record of the entry is withheld here.
bool LacksText(const Entry& entry);

// Entries of which a text is not here that this unit may read: a node that went back in time was
// given them by somebody who may not read it, or who had lost it as well. Entry 0 stands for the
// secret that travels with it, without which nothing that follows can be read. Both sides of a
// session tell each other, so that whoever has a text sends it. Remembered in the log store; writes
// belong to the caller's transaction, and after a rollback the caller calls Load.
class MissingText {
 public:
  explicit MissingText(LogStore& log) : log_(log) {}

  Status Load();

  // Whether any text of the stream is missing.
  bool Concerns(StreamNo no) const;
  // What of the first `size` entries along the branch is missing; nothing: no text is.
  std::optional<LackingText> Below(const Stream& stream, std::uint32_t branch,
                                   std::uint64_t size) const;

  // Of the entries `run` along the branch these are missing a text now, and no others.
  Status Note(const Stream& stream, std::uint32_t branch, const EntryRun& run,
              std::span<const std::uint64_t> missing);
  Status NoteSecret(const Stream& stream, bool missing);
  // Notes whatever is missing of a stream, from its entries.
  Status LookThrough(const Stream& stream);
  // Nothing of the branch is held any more from there on.
  Status CutBack(StreamNo no, std::uint32_t branch, std::uint64_t size);

 private:
  using Place = std::pair<StreamNo, std::uint32_t>;
  // Ascending, and none touches the next: ends by beginnings.
  using Runs = std::map<std::uint64_t, std::uint64_t>;

  Status Put(const Place& place, Runs runs);

  LogStore& log_;
  std::map<Place, Runs> missing_;  // by the branch that holds them; none is empty
};

}  // namespace chibo

#endif  // CHIBO_NODE_MISSING_TEXT_H_

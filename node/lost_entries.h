#ifndef CHIBO_NODE_LOST_ENTRIES_H_
#define CHIBO_NODE_LOST_ENTRIES_H_

#include <string>
#include <vector>

#include "storage/quarantine.h"

namespace chibo {

// Entries that stand one after the other in quarantine and have not come back.
struct LostEntries {
  enum class State {
    kElsewhere,   // others hold them, and give them back at the next session
    kReadable,    // only here: can be written out and recorded again
    kUnreadable,  // only here, and damaged: lost
    kGivenUp,     // somebody has acknowledged that
  };
  StreamId stream;
  std::uint32_t branch = 0;
  bool own = false;
  State state = State::kElsewhere;
  std::uint64_t from = 0;
  std::uint64_t to = 0;       // past the last
  std::uint64_t records = 0;  // as far as their headers say
};

// By stream, branch and index. What a register entry names, or others wrote, is elsewhere.
Result<std::vector<LostEntries>> ReadLost(const Quarantine& quarantine, const LogStore& log);

// Of those that are only here and readable: one line for each entry, an action of `chibo record`.
// What the node itself writes is left out, for it writes it again. References among them become
// labels, since they will stand elsewhere.
Result<std::vector<std::string>> LinesOfReadable(const Quarantine& quarantine, const LogStore& log);

}  // namespace chibo

#endif  // CHIBO_NODE_LOST_ENTRIES_H_

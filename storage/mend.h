#ifndef CHIBO_STORAGE_MEND_H_
#define CHIBO_STORAGE_MEND_H_

#include <utility>
#include <vector>

#include "storage/scrub.h"

namespace chibo {

// An entry's row as it lies, believed in nothing.
struct RawEntry {
  std::uint64_t index = 0;
  bool there = false;
  Bytes leaf;
  Bytes header;
  Bytes body;
};
// A row that cannot be read is not there.
Result<RawEntry> ReadRaw(SqlConnection& sql, StreamNo no, std::uint32_t branch,
                         std::uint64_t index);
// Of the rows that are there, sorted.
Result<std::vector<std::uint64_t>> IndicesOf(SqlConnection& sql, StreamNo no, std::uint32_t branch);
Result<std::vector<std::uint32_t>> BranchesWithEntries(SqlConnection& sql, StreamNo no);

// Sets right what can be, and moves what is not whole into quarantine, with all that stood on it.
// In the caller's transaction. A stream of which nothing is whole is not held any more.
Status MendStream(SqlConnection& sql, AtRest& at_rest, const ScrubbedStream& scrubbed);
// Of streams whose own row is gone: it is made again of entry 0, which says the same, or of the id
// alone, which `ids` has by number. What belongs to a stream whose id nothing tells is taken out:
// returns how many entries that were. In the caller's transaction.
Result<std::uint64_t> RestoreStreams(SqlConnection& sql,
                                     const std::vector<std::pair<StreamNo, Bytes>>& ids,
                                     const SignPublicKey& device);
// After all streams: nothing is offered to anybody past what is held and signed.
Status MendOutbox(SqlConnection& sql);

}  // namespace chibo

#endif  // CHIBO_STORAGE_MEND_H_

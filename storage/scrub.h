#ifndef CHIBO_STORAGE_SCRUB_H_
#define CHIBO_STORAGE_SCRUB_H_

#include <set>
#include <vector>

#include "storage/log_store.h"

namespace chibo {

// What a branch turned out to be when every row of it was held against its hashes and signatures.
struct ScrubbedBranch {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
  std::uint64_t fork_at = 0;
  std::uint64_t end = 0;   // past the last entry that is, or should be, there
  std::uint64_t kept = 0;  // whole up to here; not above fork_at: nothing of its own is
  // The head there.
  MerklePeaks peaks;
  std::uint64_t signed_size = 0;
  std::optional<Signature> signature;
  // What can be set right here: the contents vouch for it.
  bool head_differs = false;
  std::set<std::uint64_t> leaves_differ;
  std::set<std::uint64_t> bad_checkpoints;
  // Rows at places so far past all others that nobody can have written so much: their number is
  // what changed.
  std::vector<std::uint64_t> strays;
  // Entries past `kept` that fit their leaves.
  std::set<std::uint64_t> whole;
  std::vector<Hash> leaves;  // its own, up to `kept`

  bool is_cut() const { return kept < end; }
  bool is_held() const { return branch == 0 ? kept > 0 : kept > fork_at; }
};

struct ScrubbedStream {
  StreamNo no = 0;
  StreamId id;
  bool own = false;
  Bytes genesis;
  bool row_differs = false;              // id or genesis, which lie there twice
  bool first_entry_differs = false;      // is nothing but the genesis again
  bool secrets_bad = false;              // what they open cannot be checked: nothing is kept
  std::vector<ScrubbedBranch> branches;  // by number

  bool is_cut() const;
  bool is_damaged() const;
};

// Looks at every row of every stream: each entry against its leaf, the leaves against head and
// checkpoints, secrets against what the genesis commits to. Takes a head, a signature, a leaf or an
// entry as damaged when the others contradict it. Outside of a transaction: a row that cannot be
// read ends one.
Result<std::vector<ScrubbedStream>> ScrubStreams(SqlConnection& sql, const AtRest& at_rest,
                                                 const NetworkId& network);

}  // namespace chibo

#endif  // CHIBO_STORAGE_SCRUB_H_

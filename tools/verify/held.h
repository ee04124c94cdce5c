#ifndef CHIBO_TOOLS_VERIFY_HELD_H_
#define CHIBO_TOOLS_VERIFY_HELD_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chibo/entry.pb.h"
#include "tools/verify/crypto.h"
#include "tools/verify/report.h"

namespace chibo::verify {

// Leaves of a branch as found to be right: its own, from `fork_at` on; those below are those of
// `parent`, an earlier branch (of branch 0: itself).
struct HeldBranch {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
  std::uint64_t fork_at = 0;
  std::vector<Digest> leaves;
  // False: entries are missing, so no root past them is known.
  bool whole = true;

  std::uint64_t size() const { return fork_at + leaves.size(); }
};

struct HeldStream {
  std::int64_t no = 0;
  Digest id;
  pb::Genesis genesis;
  Digest device;
  std::vector<HeldBranch> branches;  // by number

  const HeldBranch* Find(std::uint32_t branch) const;
  // The first `size` leaves of a branch, or fewer where fewer are known.
  std::vector<Digest> LeavesOf(const HeldBranch& branch, std::uint64_t size) const;
};

using HeldStreams = std::map<Digest, HeldStream>;

// Somebody says that a stream had this root at this size.
struct PositionClaim {
  Digest stream;
  std::uint64_t size = 0;
  Digest root;
  Place place;            // where it is said
  std::string_view what;  // finding when the stream here says otherwise
  std::string_view more;  // note when less is here; empty: nothing is noted
};

// Compares every claim with the streams held; a claim holds when it holds on some branch.
void CheckClaims(const HeldStreams& held, const std::vector<PositionClaim>& claims, Report& report);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_HELD_H_

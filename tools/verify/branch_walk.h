#ifndef CHIBO_TOOLS_VERIFY_BRANCH_WALK_H_
#define CHIBO_TOOLS_VERIFY_BRANCH_WALK_H_

#include <optional>
#include <utility>
#include <vector>

#include "tools/verify/held.h"
#include "tools/verify/merkle.h"

namespace chibo::verify {

// What the store says of a branch.
struct BranchRow {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
  std::uint64_t fork_at = 0;
  std::uint64_t size = 0;
  Bytes peaks;
  std::uint64_t signed_size = 0;
  std::optional<Bytes> signature;
};

// A signature over the branch's first `size` entries; `head`: the one the branch row holds.
struct SignedSize {
  std::uint64_t size = 0;
  Bytes signature;
  bool head = false;
};

// Builds the Merkle tree of one branch, leaf by leaf, and holds every checkpoint and the head
// against it. An entry that does not fit its stored leaf gives two leaves: whichever of the two
// leads to what was signed is taken for the right one, so that one damage is told once.
class BranchWalk {
 public:
  // `device`: nothing when the genesis cannot be read; then no signature can be checked. `entries`:
  // place of the branch.
  BranchWalk(const Digest& network, const Digest& stream, std::optional<Digest> device,
             BranchRow row, std::vector<SignedSize> checkpoints, Report& report);

  // What the branch shares with the one it left: its first `fork_at` leaves, or fewer.
  void StartWith(const std::vector<Digest>& shared);
  // The next entry: its stored leaf (nothing when it is no hash), and the leaf of what it holds
  // (nothing when that cannot be told).
  void Append(const std::optional<Digest>& stored, const std::optional<Digest>& computed);
  // The entries before `index` are missing or unreadable: what follows cannot be proven.
  void SkipTo(std::uint64_t index);
  // After the last entry.
  HeldBranch Finish();

  // Index of the entry that comes next.
  std::uint64_t next() const { return next_; }

 private:
  void Grow(const Digest& stored, const Digest& computed);
  void CheckHere();
  bool HoldsHere(const Bytes& signature);
  void CheckHead();
  Place PlaceAt(std::uint64_t size) const;

  Digest network_;
  Digest stream_;
  std::optional<Digest> device_;
  BranchRow row_;
  std::vector<SignedSize> checkpoints_;  // by size
  std::size_t checked_ = 0;              // of the checkpoints, those passed
  Report& report_;

  std::uint64_t next_;
  Tree stored_;
  // From the first entry whose leaves differ on.
  std::optional<Tree> computed_;
  std::vector<std::pair<std::size_t, Digest>> differing_;
  // Signatures that hold for the one and for the other since they differ.
  std::uint64_t for_stored_ = 0;
  std::uint64_t for_computed_ = 0;
  std::uint64_t unchecked_ = 0;
  std::vector<Digest> leaves_;
  bool whole_ = true;
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_BRANCH_WALK_H_

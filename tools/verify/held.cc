#include "tools/verify/held.h"

#include <algorithm>
#include <set>

#include "tools/verify/merkle.h"

namespace chibo::verify {
namespace {

using Roots = std::map<std::uint64_t, Digest>;

// Roots of one branch at the sizes wanted, as far as they are known.
Roots RootsAt(const HeldStream& stream, const HeldBranch& branch,
              const std::set<std::uint64_t>& sizes) {
  Roots roots;
  Tree tree;
  auto wanted = sizes.begin();
  for (const Digest& leaf : stream.LeavesOf(branch, branch.size())) {
    tree.Append(leaf);
    while (wanted != sizes.end() && *wanted < tree.size()) {
      ++wanted;
    }
    if (wanted != sizes.end() && *wanted == tree.size()) {
      roots[tree.size()] = tree.Root();
    }
  }
  return roots;
}

void CheckOfStream(const HeldStream& stream, const std::vector<const PositionClaim*>& claims,
                   Report& report) {
  std::set<std::uint64_t> sizes;
  for (const PositionClaim* claim : claims) {
    sizes.insert(claim->size);
  }
  std::vector<Roots> branches;
  std::uint64_t held = 0;
  bool whole = true;
  for (const HeldBranch& branch : stream.branches) {
    branches.push_back(RootsAt(stream, branch, sizes));
    held = std::max(held, branch.size());
    whole = whole && branch.whole;
  }
  const PositionClaim* most = nullptr;
  for (const PositionClaim* claim : claims) {
    const bool agrees = std::any_of(branches.begin(), branches.end(), [&](const Roots& roots) {
      const auto root = roots.find(claim->size);
      return root != roots.end() && root->second == claim->root;
    });
    if (claim->size > held) {
      if (whole && !claim->more.empty() && (most == nullptr || claim->size > most->size)) {
        most = claim;
      }
    } else if (!agrees && whole) {
      report.Problem(claim->what, claim->place,
                     stream.id.hex() + "/" + std::to_string(claim->size));
    }
  }
  if (most != nullptr) {
    report.Note(most->more, most->place, stream.id.hex() + "/" + std::to_string(most->size));
  }
}

}  // namespace

const HeldBranch* HeldStream::Find(std::uint32_t branch) const {
  const auto found =
      std::find_if(branches.begin(), branches.end(),
                   [branch](const HeldBranch& candidate) { return candidate.branch == branch; });
  return found == branches.end() ? nullptr : &*found;
}

std::vector<Digest> HeldStream::LeavesOf(const HeldBranch& branch, std::uint64_t size) const {
  std::vector<Digest> leaves;
  if (branch.branch != 0) {
    const HeldBranch* parent = Find(branch.parent);
    const std::uint64_t shared = std::min(size, branch.fork_at);
    if (parent != nullptr && parent->branch < branch.branch) {
      leaves = LeavesOf(*parent, shared);
    }
    if (leaves.size() < shared) {
      return leaves;
    }
  }
  for (std::size_t i = 0; i < branch.leaves.size() && leaves.size() < size; ++i) {
    leaves.push_back(branch.leaves[i]);
  }
  return leaves;
}

void CheckClaims(const HeldStreams& held, const std::vector<PositionClaim>& claims,
                 Report& report) {
  std::map<Digest, std::vector<const PositionClaim*>> by_stream;
  for (const PositionClaim& claim : claims) {
    by_stream[claim.stream].push_back(&claim);
  }
  for (const auto& [id, of_stream] : by_stream) {
    const auto stream = held.find(id);
    if (stream != held.end()) {
      CheckOfStream(stream->second, of_stream, report);
    }
  }
}

}  // namespace chibo::verify

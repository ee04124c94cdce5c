#include "domain/stream_branches.h"

#include <algorithm>

namespace chibo {
namespace {

bool Same(const BranchState& a, const BranchState& b) {
  return a.branch == b.branch && a.parent == b.parent && a.fork_at == b.fork_at && a.size == b.size;
}

}  // namespace

bool StreamBranches::Put(const StreamId& stream, const std::vector<BranchState>& branches) {
  auto [at, added] = held_.try_emplace(stream);
  Held& held = at->second;
  if (!added && std::equal(held.branches.begin(), held.branches.end(), branches.begin(),
                           branches.end(), Same)) {
    return false;
  }
  held.branches = branches;
  held.roots.clear();
  return true;
}

const std::vector<BranchState>& StreamBranches::Of(const StreamId& stream) const {
  static const std::vector<BranchState> kNone;
  const auto held = held_.find(stream);
  return held == held_.end() ? kNone : held->second.branches;
}

const BranchState* StreamBranches::Find(const StreamId& stream, std::uint32_t branch) const {
  const std::vector<BranchState>& branches = Of(stream);
  const auto found = std::find_if(branches.begin(), branches.end(),
                                  [&](const BranchState& state) { return state.branch == branch; });
  return found == branches.end() ? nullptr : &*found;
}

std::uint32_t StreamBranches::HolderOf(const StreamId& stream, std::uint32_t branch,
                                       std::uint64_t index) const {
  const BranchState* state = Find(stream, branch);
  while (state != nullptr && state->branch != 0 && index < state->fork_at) {
    state = Find(stream, state->parent);
  }
  return state == nullptr ? 0 : state->branch;
}

std::optional<Hash> StreamBranches::Root(const StreamId& stream, std::uint32_t branch,
                                         std::uint64_t size) const {
  const BranchState* state = Find(stream, branch);
  if (state == nullptr || size > state->size) {
    return std::nullopt;
  }
  // What lies below the fork is kept once, with the branch that was left there.
  const std::uint32_t from = size == 0 ? 0 : HolderOf(stream, branch, size - 1);
  auto& roots = held_.find(stream)->second.roots;
  const auto known = roots.find({from, size});
  if (known != roots.end()) {
    return known->second;
  }
  return roots[{from, size}] = root_at_(stream, from, size);
}

bool StreamBranches::Contains(std::uint32_t branch, const Spot& spot) const {
  if (spot.proven) {
    return RunsThrough(branch, *spot.proven);
  }
  return branch == spot.branch || spot.index < PartAt(spot.stream, branch, spot.branch);
}

bool StreamBranches::RunsThrough(std::uint32_t branch, const Position& point) const {
  const auto root = Root(point.stream, branch, point.size);
  return root && *root == point.root;
}

bool StreamBranches::IsBelow(const Spot& spot, const Position& point) const {
  if (spot.stream != point.stream || spot.index >= point.size) {
    return false;
  }
  if (spot.proven == point) {
    return true;
  }
  const std::vector<BranchState>& branches = Of(spot.stream);
  return std::any_of(branches.begin(), branches.end(), [&](const BranchState& state) {
    return RunsThrough(state.branch, point) && Contains(state.branch, spot);
  });
}

std::uint64_t StreamBranches::PartAt(const StreamId& stream, std::uint32_t a,
                                     std::uint32_t b) const {
  const BranchState* first = Find(stream, a);
  const BranchState* second = Find(stream, b);
  if (first == nullptr || second == nullptr) {
    return 0;
  }
  if (a == b) {
    return first->size;
  }
  // Down both lines to where one and the same branch holds both: that far they are one.
  std::uint64_t common = std::min(first->size, second->size);
  while (first->branch != second->branch) {
    const BranchState*& upper = first->branch > second->branch ? first : second;
    common = std::min(common, upper->fork_at);
    upper = Find(stream, upper->parent);
    if (upper == nullptr) {
      return 0;
    }
  }
  return common;
}

}  // namespace chibo

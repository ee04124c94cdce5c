#ifndef CHIBO_DOMAIN_STREAM_BRANCHES_H_
#define CHIBO_DOMAIN_STREAM_BRANCHES_H_

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "domain/authority.h"

namespace chibo {

// Where something stands: an entry of a branch as held here, or, known from a copy alone, an entry
// below a point that the stream's writer has signed.
struct Spot {
  StreamId stream;
  std::uint64_t index = 0;
  std::uint32_t branch = 0;
  std::optional<Position> proven;

  friend auto operator<=>(const Spot&, const Spot&) = default;
};

// The branches of all streams held, and which of them lead to a point. Part of Authority.
class StreamBranches {
 public:
  explicit StreamBranches(Authority::RootAt root_at) : root_at_(std::move(root_at)) {}

  // False when nothing is new. Branch 0 first.
  bool Put(const StreamId& stream, const std::vector<BranchState>& branches);
  // Empty when the stream is not held.
  const std::vector<BranchState>& Of(const StreamId& stream) const;
  bool IsForked(const StreamId& stream) const { return Of(stream).size() > 1; }

  // Whether the branch has this entry (branches share what lies below where they part).
  bool Contains(std::uint32_t branch, const Spot& spot) const;
  // Whether the branch runs through the point. False while that size is not held.
  bool RunsThrough(std::uint32_t branch, const Position& point) const;
  // Whether the entry is one of those the point stands for: its index is below the size, and its
  // branch, or the proof it came with, leads to that very root.
  bool IsBelow(const Spot& spot, const Position& point) const;
  // The first index at which two branches of a stream differ.
  std::uint64_t PartAt(const StreamId& stream, std::uint32_t a, std::uint32_t b) const;

 private:
  struct Held {
    std::vector<BranchState> branches;
    // Asking for a root may cost a walk over the stream; forgotten when the stream grows.
    mutable std::map<std::pair<std::uint32_t, std::uint64_t>, std::optional<Hash>> roots;
  };
  const BranchState* Find(const StreamId& stream, std::uint32_t branch) const;
  // The branch among whose own entries that of `index` lies, as this branch has it.
  std::uint32_t HolderOf(const StreamId& stream, std::uint32_t branch, std::uint64_t index) const;
  std::optional<Hash> Root(const StreamId& stream, std::uint32_t branch, std::uint64_t size) const;

  Authority::RootAt root_at_;
  std::map<StreamId, Held> held_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_STREAM_BRANCHES_H_

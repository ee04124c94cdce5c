#ifndef CHIBO_SYNC_FORK_SEARCH_H_
#define CHIBO_SYNC_FORK_SEARCH_H_

#include <vector>

#include "sync/exchange.h"

namespace chibo {

// Finds, branch by branch, how much of each of our branches of one stream the peer holds in any of
// its own. Asks for 16 sizes at a time: 1,000 entries take three rounds, 2^64 sixteen.
class ForkSearch {
 public:
  explicit ForkSearch(std::vector<HeldStream> branches);

  // The next question; CHECKs !found().
  Result<pb::ForkProbe> Ask(Exchange& exchange) const;
  // kMalformed when the answer is not to what was asked.
  Status HandleAnswer(const pb::ForkProbe& answer);
  bool found() const { return at_ == branches_.size(); }

  struct Shared {
    HeldStream branch;
    std::uint64_t size = 0;  // the peer holds the first `size` entries
  };
  // Once found.
  const std::vector<Shared>& shared() const { return shared_; }
  // The peer's branches that are to be sent here, or again, with what is lacking here of texts, and
  // from where on all that is held here goes to the peer because it lacks texts.
  struct Wanted {
    std::vector<pb::Held> branches;
    std::uint64_t texts_from = UINT64_MAX;
  };
  Result<Wanted> Compare(Exchange& exchange) const;

 private:
  std::vector<std::uint64_t> Sizes() const;
  // Ours that holds all of the peer's branch.
  Result<const HeldStream*> HolderOf(Exchange& exchange, const pb::Held& theirs) const;

  std::vector<HeldStream> branches_;
  std::size_t at_ = 0;
  std::uint64_t agreed_ = 0;   // held by the peer
  std::uint64_t differs_ = 0;  // the smallest size known not to be
  std::vector<Shared> shared_;
  std::vector<pb::Held> theirs_;  // as last answered
};

inline constexpr int kForkSizesMax = 32;
inline constexpr int kForkBranchesMax = 64;

// The responder's side of a search: what is asked about one stream.
class ForkAnswers {
 public:
  // The answer to a question. kMalformed, kTooLarge.
  Result<pb::ForkProbe> Answer(Exchange& exchange, std::span<const HeldStream> branches,
                               const pb::ForkProbe& question);
  // How much of our branch (by its own number) the peer has shown to hold.
  std::uint64_t shared(std::uint32_t branch) const;

 private:
  std::vector<std::pair<std::uint32_t, std::uint64_t>> shared_;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_FORK_SEARCH_H_

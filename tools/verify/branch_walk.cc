#include "tools/verify/branch_walk.h"

#include <algorithm>

#include "tools/verify/format.h"

namespace chibo::verify {

BranchWalk::BranchWalk(const Digest& network, const Digest& stream, std::optional<Digest> device,
                       BranchRow row, std::vector<SignedSize> checkpoints, Report& report)
    : network_(network),
      stream_(stream),
      device_(device),
      row_(std::move(row)),
      checkpoints_(std::move(checkpoints)),
      report_(report),
      next_(row_.fork_at) {
  if (row_.signature.has_value() != (row_.signed_size > 0)) {
    report_.Problem("head_signature_malformed", PlaceAt(row_.signed_size));
  } else if (row_.signature) {
    const bool stands =
        std::any_of(checkpoints_.begin(), checkpoints_.end(), [this](const SignedSize& checkpoint) {
          return checkpoint.size == row_.signed_size && checkpoint.signature == *row_.signature;
        });
    if (!stands) {
      checkpoints_.push_back({row_.signed_size, *row_.signature, true});
    }
  }
  std::stable_sort(checkpoints_.begin(), checkpoints_.end(),
                   [](const SignedSize& a, const SignedSize& b) { return a.size < b.size; });
  while (checked_ < checkpoints_.size() && checkpoints_[checked_].size == 0) {
    report_.Problem("checkpoint_of_nothing", PlaceAt(0));
    ++checked_;
  }
}

Place BranchWalk::PlaceAt(std::uint64_t size) const {
  Place place;
  place.stream = stream_.hex();
  place.branch = row_.branch;
  place.size = size;
  return place;
}

void BranchWalk::StartWith(const std::vector<Digest>& shared) {
  whole_ = shared.size() == row_.fork_at;
  for (const Digest& leaf : shared) {
    Grow(leaf, leaf);
  }
}

void BranchWalk::Append(const std::optional<Digest>& stored,
                        const std::optional<Digest>& computed) {
  const Digest first = stored ? *stored : computed.value_or(Digest());
  const Digest second = computed ? *computed : first;
  if (first != second) {
    if (!computed_) {
      computed_ = stored_;
    }
    differing_.emplace_back(leaves_.size(), second);
  }
  ++next_;
  if (whole_) {
    leaves_.push_back(first);
    Grow(first, second);
  }
}

void BranchWalk::SkipTo(std::uint64_t index) {
  whole_ = false;
  next_ = index;
}

void BranchWalk::Grow(const Digest& stored, const Digest& computed) {
  stored_.Append(stored);
  if (computed_) {
    computed_->Append(computed);
  }
  CheckHere();
}

void BranchWalk::CheckHere() {
  for (; checked_ < checkpoints_.size() && checkpoints_[checked_].size == stored_.size();
       ++checked_) {
    const SignedSize& checkpoint = checkpoints_[checked_];
    if (!device_ || !whole_) {
      ++unchecked_;
      continue;
    }
    report_.checkpoints += checkpoint.head ? 0 : 1;
    if (!HoldsHere(checkpoint.signature)) {
      report_.Problem(checkpoint.head ? "head_signature_bad" : "checkpoint_signature_bad",
                      PlaceAt(checkpoint.size));
    }
  }
}

bool BranchWalk::HoldsHere(const Bytes& signature) {
  const auto holds = [&](const Tree& tree) {
    return SignatureHolds(*device_, CheckpointText(network_, stream_, tree.size(), tree.Root()),
                          signature);
  };
  if (holds(stored_)) {
    for_stored_ += computed_ ? 1 : 0;
    return true;
  }
  if (computed_ && holds(*computed_)) {
    ++for_computed_;
    return true;
  }
  return false;
}

void BranchWalk::CheckHead() {
  Place place = PlaceAt(row_.size);
  if (next_ > row_.size) {
    place.index = row_.size;
    place.to = next_ - 1;
    report_.Problem("entries_past_head", place);
  } else if (next_ < row_.size) {
    place.index = next_;
    place.to = row_.size - 1;
    report_.Problem("entries_missing", place);
  }
  if (whole_ && row_.peaks != stored_.Peaks() && !(computed_ && row_.peaks == computed_->Peaks()) &&
      next_ >= row_.size) {
    report_.Problem("head_root_differs", PlaceAt(row_.size));
  }
}

HeldBranch BranchWalk::Finish() {
  CheckHead();
  for (; checked_ < checkpoints_.size(); ++checked_) {
    if (!whole_ || next_ < row_.size) {
      ++unchecked_;
    } else {
      report_.Problem("checkpoint_past_head", PlaceAt(checkpoints_[checked_].size));
    }
  }
  if (unchecked_ > 0) {
    Place place;
    place.stream = stream_.hex();
    place.branch = row_.branch;
    report_.Note("checkpoints_unchecked", place, std::to_string(unchecked_));
  }
  if (whole_ && row_.signed_size < next_) {
    Place place = PlaceAt(row_.signed_size);
    place.index = row_.signed_size;
    report_.Note("entries_not_signed_yet", place);
  }
  if (for_computed_ > for_stored_) {
    for (const auto& [at, leaf] : differing_) {
      leaves_[at] = leaf;
    }
  }
  return {row_.branch, row_.parent, row_.fork_at, std::move(leaves_), whole_ && next_ >= row_.size};
}

}  // namespace chibo::verify

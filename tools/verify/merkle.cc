#include "tools/verify/merkle.h"

namespace chibo::verify {
namespace {

Digest Join(const Digest& left, const Digest& right) {
  return Sha256({ByteView("\x01", 1), left.view(), right.view()});
}

}  // namespace

Digest LeafHash(ByteView input) { return Sha256({ByteView("\x00", 1), input}); }

void Tree::Append(const Digest& leaf) {
  Digest top = leaf;
  for (std::uint64_t bits = size_; bits % 2 == 1; bits /= 2) {
    top = Join(peaks_.back(), top);
    peaks_.pop_back();
  }
  peaks_.push_back(top);
  ++size_;
}

Digest Tree::Root() const {
  if (peaks_.empty()) {
    return Sha256({});
  }
  Digest root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) {
    root = Join(peaks_[i - 1], root);
  }
  return root;
}

Bytes Tree::Peaks() const {
  Bytes bytes;
  for (const Digest& peak : peaks_) {
    bytes.append(peak.view());
  }
  return bytes;
}

std::optional<Digest> RootFromProof(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Digest> proof) {
  if (index >= size) {
    return std::nullopt;
  }
  // RFC 9162 §2.1.3.2: `at` walks up from the leaf, `last` is the rightmost node of the same level.
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  Digest root = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) {
      return std::nullopt;
    }
    if (at % 2 == 1 || at == last) {
      root = Join(sibling, root);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      root = Join(root, sibling);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 ? std::optional(root) : std::nullopt;
}

}  // namespace chibo::verify

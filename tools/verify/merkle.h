#ifndef CHIBO_TOOLS_VERIFY_MERKLE_H_
#define CHIBO_TOOLS_VERIFY_MERKLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tools/verify/crypto.h"

// RFC 6962 §2.1.
namespace chibo::verify {

Digest LeafHash(ByteView input);

// Grows leaf by leaf and knows its root at every size.
class Tree {
 public:
  void Append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  Digest Root() const;
  // The roots of the perfect subtrees, the largest first, one after the other.
  Bytes Peaks() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

// The root to which an inclusion proof of leaf `index` among `size` leads; nothing when the proof
// has another length than it must have.
std::optional<Digest> RootFromProof(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Digest> proof);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_MERKLE_H_

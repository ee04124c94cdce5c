#ifndef CHIBO_PROTO_MERKLE_H_
#define CHIBO_PROTO_MERKLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/ids.h"

// RFC 6962 §2.1, SHA-256.
namespace chibo {

Hash LeafHash(ByteView leaf_input);
Hash NodeHash(const Hash& left, const Hash& right);

// An append-only tree of which only the peaks are kept: the roots of the perfect subtrees that make
// it up, the largest first; as many as `size` has bits set.
class MerklePeaks {
 public:
  MerklePeaks() = default;
  // Nothing unless there are as many peaks as bits in `size`.
  static std::optional<MerklePeaks> From(std::uint64_t size, std::vector<Hash> peaks);
  // The stored form: the peaks one after the other.
  static std::optional<MerklePeaks> Decode(std::uint64_t size, ByteView bytes);
  Bytes Encode() const;

  void Append(const Hash& leaf);
  std::uint64_t size() const { return size_; }
  Hash Root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

// The root over all of `leaves` (leaf hashes).
Hash MerkleRoot(std::span<const Hash> leaves);

// `leaves` are the leaf hashes of the whole tree of that size. O(n) hashes.
std::vector<Hash> InclusionProof(std::span<const Hash> leaves, std::uint64_t index);
// From the tree of the first `old_size` leaves to all of them; 1 <= old_size <= leaves.size().
std::vector<Hash> ConsistencyProof(std::span<const Hash> leaves, std::uint64_t old_size);

// kBadProof when the proof does not show it.
Status VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                       std::span<const Hash> proof, const Hash& root);
Status VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                         const Hash& root, std::span<const Hash> proof);
// The root that an inclusion proof leads to; kBadProof when its length does not fit.
Result<Hash> RootFromInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash> proof);

}  // namespace chibo

#endif  // CHIBO_PROTO_MERKLE_H_

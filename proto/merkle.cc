#include "proto/merkle.h"

#include <algorithm>
#include <bit>

#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr ByteView kLeafPrefix("\x00", 1);
constexpr ByteView kNodePrefix("\x01", 1);

// Where a tree of n >= 2 leaves splits: the largest power of two below n.
std::size_t SplitOf(std::size_t n) { return std::bit_floor(n - 1); }

}  // namespace

Hash LeafHash(ByteView leaf_input) { return Sha256({kLeafPrefix, leaf_input}); }

Hash NodeHash(const Hash& left, const Hash& right) {
  return Sha256({kNodePrefix, left.view(), right.view()});
}

std::optional<MerklePeaks> MerklePeaks::From(std::uint64_t size, std::vector<Hash> peaks) {
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
    return std::nullopt;
  }
  MerklePeaks tree;
  tree.size_ = size;
  tree.peaks_ = std::move(peaks);
  return tree;
}

std::optional<MerklePeaks> MerklePeaks::Decode(std::uint64_t size, ByteView bytes) {
  if (bytes.size() != static_cast<std::size_t>(std::popcount(size)) * Hash::kSize) {
    return std::nullopt;
  }
  std::vector<Hash> peaks;
  while (!bytes.empty()) {
    peaks.push_back(Hash::FromChecked(*Take(bytes, Hash::kSize)));
  }
  return From(size, std::move(peaks));
}

Bytes MerklePeaks::Encode() const {
  Bytes bytes;
  for (const Hash& peak : peaks_) {
    bytes.append(peak.view());
  }
  return bytes;
}

void MerklePeaks::Append(const Hash& leaf) {
  peaks_.push_back(leaf);
  // Every trailing one bit of the old size is a peak as large as what has just grown on its right.
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    const Hash right = peaks_.back();
    peaks_.pop_back();
    peaks_.back() = NodeHash(peaks_.back(), right);
  }
  ++size_;
}

Hash MerklePeaks::Root() const {
  if (peaks_.empty()) {
    return Sha256(ByteView());
  }
  Hash root = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) {
    root = NodeHash(*peak, root);
  }
  return root;
}

Hash MerkleRoot(std::span<const Hash> leaves) {
  MerklePeaks tree;
  for (const Hash& leaf : leaves) {
    tree.Append(leaf);
  }
  return tree.Root();
}

std::vector<Hash> InclusionProof(std::span<const Hash> leaves, std::uint64_t index) {
  CHECK(index < leaves.size());
  std::vector<Hash> proof;
  while (leaves.size() > 1) {
    const std::size_t split = SplitOf(leaves.size());
    if (index < split) {
      proof.push_back(MerkleRoot(leaves.subspan(split)));
      leaves = leaves.first(split);
    } else {
      proof.push_back(MerkleRoot(leaves.first(split)));
      leaves = leaves.subspan(split);
      index -= split;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

std::vector<Hash> ConsistencyProof(std::span<const Hash> leaves, std::uint64_t old_size) {
  CHECK(old_size >= 1 && old_size <= leaves.size());
  std::vector<Hash> proof;
  // The verifier has the old root already where the walk has only ever gone left.
  bool known = true;
  while (old_size < leaves.size()) {
    const std::size_t split = SplitOf(leaves.size());
    if (old_size <= split) {
      proof.push_back(MerkleRoot(leaves.subspan(split)));
      leaves = leaves.first(split);
    } else {
      proof.push_back(MerkleRoot(leaves.first(split)));
      leaves = leaves.subspan(split);
      old_size -= split;
      known = false;
    }
  }
  if (!known) {
    proof.push_back(MerkleRoot(leaves));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Hash> RootFromInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash> proof) {
  if (index >= size) {
    return Fail(Code::kBadProof, "proof_index_outside");
  }
  Hash root = leaf;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  for (const Hash& sibling : proof) {
    if (last == 0) {
      return Fail(Code::kBadProof, "proof_length_wrong");
    }
    if ((node & 1) != 0 || node == last) {
      root = NodeHash(sibling, root);
      // A last node without a sibling rises as it is until it is a right child.
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      root = NodeHash(root, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) {
    return Fail(Code::kBadProof, "proof_length_wrong");
  }
  return root;
}

Status VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                       std::span<const Hash> proof, const Hash& root) {
  CHIBO_TRY_VALUE(const Hash reached, RootFromInclusion(leaf, index, size, proof));
  if (reached != root) {
    return Fail(Code::kBadProof, "proof_root_differs");
  }
  return {};
}

Status VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                         const Hash& root, std::span<const Hash> proof) {
  if (old_size == 0 || old_size > size) {
    return Fail(Code::kBadProof, "proof_index_outside");
  }
  if (old_size == size) {
    if (!proof.empty()) {
      return Fail(Code::kBadProof, "proof_length_wrong");
    }
    return old_root == root ? Status() : Fail(Code::kBadProof, "proof_root_differs");
  }
  // Both roots are computed from the same hashes. The walk starts at the old tree's last whole
  // subtree; where that is the whole old tree, its root is the first hash and is not sent.
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  const int whole = std::countr_one(node);
  node >>= whole;
  last >>= whole;
  Hash start = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) {
      return Fail(Code::kBadProof, "proof_length_wrong");
    }
    start = proof.front();
    proof = proof.subspan(1);
  }
  Hash old_reached = start;
  Hash reached = start;
  for (const Hash& sibling : proof) {
    if (last == 0) {
      return Fail(Code::kBadProof, "proof_length_wrong");
    }
    if ((node & 1) != 0 || node == last) {
      old_reached = NodeHash(sibling, old_reached);
      reached = NodeHash(sibling, reached);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      reached = NodeHash(reached, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) {
    return Fail(Code::kBadProof, "proof_length_wrong");
  }
  if (old_reached != old_root || reached != root) {
    return Fail(Code::kBadProof, "proof_root_differs");
  }
  return {};
}

}  // namespace chibo

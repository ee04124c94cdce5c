#ifndef CHIBO_SYNC_SET_DIGEST_H_
#define CHIBO_SYNC_SET_DIGEST_H_

#include <span>

#include "proto/crypto.h"
#include "sync/exchange.h"

namespace chibo {

// The key of the digests between two nodes: the same on both sides, known to nobody else, so that a
// third party who writes streams cannot look for two sets of one digest. Nothing when `theirs` is
// not a proper key.
std::optional<SecretKey> SetDigestKey(const NetworkId& network, const DhKey& ours,
                                      const DhPublicKey& theirs);

// A digest that can be kept up to date: the sum, modulo 2^128, of the first 16 bytes (big-endian)
// of HMAC-SHA-256(key, stream id ‖ u64 size ‖ root) over the set's items; where texts are lacking
// RootWithTexts stands for the root.
class StreamSetDigest {
 public:
  explicit StreamSetDigest(const SecretKey& key) : key_(key) {}
  void Add(const HeldStream& stream);
  void Remove(const HeldStream& stream);  // as it was added
  SetDigest value() const;

 private:
  struct Item {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
  };
  Item ItemOf(const HeldStream& stream) const;

  SecretKey key_;
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

// Streams that are forked count with size 0 and BranchesRoot; streams of which nothing is held do
// not count.
SetDigest DigestOf(const SecretKey& key, std::span<const HeldStream> streams);

// What stands for all branches of one stream: SHA-256 over u64 size ‖ RootWithTexts of each,
// ascending.
Hash BranchesRoot(std::span<const HeldStream> branches);

// The root where no text is lacking, else SHA-256(root ‖ LackingText::entries): equal on both sides
// only when both hold the same entries with the same texts.
Hash RootWithTexts(const HeldStream& branch);

// Entries [first, end).
struct EntryRun {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  friend bool operator==(const EntryRun&, const EntryRun&) = default;
};
// Of runs in ascending order that do not touch each other: the first 8 bytes of SHA-256 over u64
// first ‖ u64 end of each; nothing when there are none.
std::optional<LackingText> LackingEntries(std::span<const EntryRun> runs);

}  // namespace chibo

#endif  // CHIBO_SYNC_SET_DIGEST_H_

#include "sync/set_digest.h"

#include <algorithm>
#include <vector>

namespace chibo {

std::optional<SecretKey> SetDigestKey(const NetworkId& network, const DhKey& ours,
                                      const DhPublicKey& theirs) {
  const std::optional<SecretKey> shared = ours.Agree(theirs);
  if (!shared) {
    return std::nullopt;
  }
  return SecretKey::From(
      HmacSha256(shared->view(), {"chibo/set-digest/v0\n", network.view()}).view());
}

StreamSetDigest::Item StreamSetDigest::ItemOf(const HeldStream& stream) const {
  // Which of several branches a side follows is its own affair.
  Bytes size;
  AppendU64(size, stream.forked ? 0 : stream.size);
  const Hash root = stream.forked ? stream.branches : RootWithTexts(stream);
  const Hash mac = HmacSha256(key_.view(), {stream.id.view(), size, root.view()});
  return {ReadU64(mac.view().substr(0, 8)), ReadU64(mac.view().substr(8, 8))};
}

void StreamSetDigest::Add(const HeldStream& stream) {
  if (stream.size == 0) {
    return;
  }
  const Item item = ItemOf(stream);
  low_ += item.low;
  high_ += item.high + (low_ < item.low ? 1 : 0);
}

void StreamSetDigest::Remove(const HeldStream& stream) {
  if (stream.size == 0) {
    return;
  }
  const Item item = ItemOf(stream);
  high_ -= item.high + (low_ < item.low ? 1 : 0);
  low_ -= item.low;
}

SetDigest StreamSetDigest::value() const {
  Bytes bytes;
  AppendU64(bytes, high_);
  AppendU64(bytes, low_);
  return SetDigest::FromChecked(bytes);
}

SetDigest DigestOf(const SecretKey& key, std::span<const HeldStream> streams) {
  StreamSetDigest digest(key);
  for (const HeldStream& stream : streams) {
    digest.Add(stream);
  }
  return digest.value();
}

Hash BranchesRoot(std::span<const HeldStream> branches) {
  std::vector<std::pair<std::uint64_t, Hash>> heads;
  heads.reserve(branches.size());
  for (const HeldStream& branch : branches) {
    heads.emplace_back(branch.size, RootWithTexts(branch));
  }
  std::sort(heads.begin(), heads.end());
  Bytes bytes;
  for (const auto& [size, root] : heads) {
    AppendU64(bytes, size);
    bytes += root.view();
  }
  return Sha256(bytes);
}

Hash RootWithTexts(const HeldStream& branch) {
  if (!branch.lacking) {
    return branch.root;
  }
  Bytes bytes(branch.root.view());
  bytes += branch.lacking->entries.view();
  return Sha256(bytes);
}

std::optional<LackingText> LackingEntries(std::span<const EntryRun> runs) {
  if (runs.empty()) {
    return std::nullopt;
  }
  Bytes bytes;
  for (const EntryRun& run : runs) {
    AppendU64(bytes, run.first);
    AppendU64(bytes, run.end);
  }
  using Entries = decltype(LackingText::entries);
  return LackingText{runs.front().first,
                     Entries::FromChecked(Sha256(bytes).view().substr(0, Entries::kSize))};
}

}  // namespace chibo

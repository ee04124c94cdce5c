#include "sync/stream_compare.h"

namespace chibo {

Bytes WireName(Exchange& exchange, const StreamId& stream) {
  const ByteView prefix = stream.view().substr(0, kStreamPrefixBytes);
  const auto found = exchange.Find(prefix);
  const bool alone = found && *found && (*found)->id == stream;
  return Bytes(alone ? prefix : stream.view());
}

Bytes RootPrefix(const Hash& root) { return Bytes(root.view().substr(0, kRootPrefixBytes)); }

Bytes DigestPrefix(const SetDigest& digest) {
  return Bytes(digest.view().substr(0, kDigestPrefixBytes));
}

bool IsStreamName(ByteView name) {
  return name.size() == kStreamPrefixBytes || name.size() == StreamId::kSize;
}

pb::Held Tell(Exchange& exchange, const HeldStream& stream) {
  pb::Held held;
  held.set_stream(WireName(exchange, stream.id));
  held.set_size(stream.size);
  held.set_forked(stream.forked);
  if (stream.size > 0) {
    held.set_root(RootPrefix(stream.forked ? stream.branches : stream.root));
  }
  return held;
}

Status CheckHeld(const pb::Held& held, bool named) {
  const bool root_fits = held.root().size() == (held.size() > 0 ? kRootPrefixBytes : 0);
  if (!root_fits || (named && !IsStreamName(held.stream()))) {
    return Fail(Code::kMalformed, "held_malformed");
  }
  return {};
}

Result<Standing> Compare(Exchange& exchange, const std::optional<HeldStream>& mine,
                         const pb::Held& told) {
  if (!mine || mine->size == 0) {
    return told.size() == 0 ? Standing::kSame : Standing::kPeerHasMore;
  }
  if (told.size() == 0) {
    return Standing::kPeerLacks;
  }
  if (mine->forked || told.forked()) {
    const bool same = mine->forked && told.forked() && RootPrefix(mine->branches) == told.root();
    return same ? Standing::kSame : Standing::kForked;
  }
  if (told.size() > mine->size) {
    return Standing::kPeerHasMore;
  }
  CHIBO_TRY_VALUE(const auto root, exchange.RootAt(mine->id, mine->branch, told.size()));
  if (!root || RootPrefix(*root) != told.root()) {
    return Standing::kForked;
  }
  return told.size() == mine->size ? Standing::kSame : Standing::kPeerLacks;
}

Result<bool> HasRootAt(Exchange& exchange, std::span<const HeldStream> branches, std::uint64_t size,
                       ByteView root) {
  for (const HeldStream& branch : branches) {
    if (branch.size < size) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto mine, exchange.RootAt(branch.id, branch.branch, size));
    if (mine && RootPrefix(*mine) == root) {
      return true;
    }
  }
  return false;
}

}  // namespace chibo

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

pb::LackingText ToMessage(const LackingText& lacking) {
  pb::LackingText message;
  message.set_from(lacking.from);
  message.set_entries(Bytes(lacking.entries.view()));
  return message;
}

bool Says(const pb::Held& held, const std::optional<LackingText>& lacking) {
  if (!lacking || !held.has_lacking()) {
    return !lacking && !held.has_lacking();
  }
  return held.lacking().from() == lacking->from &&
         held.lacking().entries() == lacking->entries.view();
}

pb::Held Tell(Exchange& exchange, const HeldStream& stream) {
  pb::Held held;
  held.set_stream(WireName(exchange, stream.id));
  held.set_size(stream.size);
  held.set_forked(stream.forked);
  if (stream.size > 0) {
    held.set_root(RootPrefix(stream.forked ? stream.branches : stream.root));
  }
  if (stream.lacking && !stream.forked) {
    *held.mutable_lacking() = ToMessage(*stream.lacking);
  }
  return held;
}

Status CheckHeld(const pb::Held& held, bool named) {
  const bool root_fits = held.root().size() == (held.size() > 0 ? kRootPrefixBytes : 0);
  const bool lacking_fits = !held.has_lacking() || (held.lacking().from() < held.size() &&
                                                    held.lacking().entries().size() ==
                                                        decltype(LackingText::entries)::kSize);
  if (!root_fits || !lacking_fits || (named && !IsStreamName(held.stream()))) {
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

Result<bool> EndsAgain(Exchange& exchange, const pb::Held& told,
                       const ChunkReceiver::Outcome& stored) {
  const HeldStream& held = *stored.held;
  if (stored.to < told.again() || !held.id.view().starts_with(told.stream())) {
    return false;
  }
  CHIBO_TRY_VALUE(const auto root, exchange.RootAt(held.id, held.branch, told.size()));
  return root && RootPrefix(*root) == told.root();
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

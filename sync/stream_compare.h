#ifndef CHIBO_SYNC_STREAM_COMPARE_H_
#define CHIBO_SYNC_STREAM_COMPARE_H_

#include "sync/chunk_receiver.h"
#include "sync/exchange.h"

// How streams and roots are named on the wire, and how two copies of a stream are compared.
namespace chibo {

inline constexpr std::size_t kStreamPrefixBytes = 8;
inline constexpr std::size_t kRootPrefixBytes = 8;
inline constexpr std::size_t kDigestPrefixBytes = 8;

// 8 bytes of the id, all 32 where this side knows another stream that begins so.
Bytes WireName(Exchange& exchange, const StreamId& stream);
Bytes RootPrefix(const Hash& root);
Bytes DigestPrefix(const SetDigest& digest);
bool IsStreamName(ByteView name);

pb::LackingText ToMessage(const LackingText& lacking);
// Whether the message says the same.
bool Says(const pb::Held& held, const std::optional<LackingText>& lacking);

// A stream as it is told in Hello and Inventory.
pb::Held Tell(Exchange& exchange, const HeldStream& stream);
// kMalformed unless stream, root and what is lacking have the sizes they may have; `named`: the
// stream must be there.
Status CheckHeld(const pb::Held& held, bool named);

enum class Standing {
  kSame,
  kPeerLacks,    // what was told is the beginning of what is held here
  kPeerHasMore,  // by size alone; the peer can tell whether ours is the beginning of its copy
  kForked,       // the copies part somewhere, or a side has several branches and not the same
};

// What is held here beside what the peer told of the same stream.
Result<Standing> Compare(Exchange& exchange, const std::optional<HeldStream>& mine,
                         const pb::Held& told);

// Whether the chunk that was stored ends what was to be sent again (`again`) along the branch that
// has the root told.
Result<bool> EndsAgain(Exchange& exchange, const pb::Held& told,
                       const ChunkReceiver::Outcome& stored);

// Whether a branch of `stream` held here has this root at this size.
Result<bool> HasRootAt(Exchange& exchange, std::span<const HeldStream> branches, std::uint64_t size,
                       ByteView root);

}  // namespace chibo

#endif  // CHIBO_SYNC_STREAM_COMPARE_H_

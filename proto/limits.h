#ifndef CHIBO_PROTO_LIMITS_H_
#define CHIBO_PROTO_LIMITS_H_

#include <cstddef>
#include <cstdint>

// Every size and count that outside bytes may reach, each with its reason.
namespace chibo::limits {

// One action, whole, in memory and in one transaction.
inline constexpr std::size_t kEntryBytesMax = 64 * 1024;
inline constexpr std::size_t kEntryRecordsMax = 256;
// A record on which the standing of others rests: so that a copy of it with its proof, the header
// and commitments of its entry and a genesis still is one entry.
inline constexpr std::size_t kOpenRecordBytesMax = 40 * 1024;
// Points in one record: half of that.
inline constexpr int kPointsMax = 256;
inline constexpr std::size_t kHeaderBytesMax = 4 * 1024;
// Genesis holds the certificate of its writer.
inline constexpr std::size_t kGenesisBytesMax = 8 * 1024;
inline constexpr std::size_t kCertificateBytesMax = 4 * 1024;
// Protobuf's own default is 100; nothing of ours nests deeper than this.
inline constexpr int kNestingMax = 16;
// Root set, then one certificate a level: deeper than any organisation, short enough to walk.
inline constexpr std::uint32_t kChainDepthMax = 12;
// A note with more signatures than this is somebody's joke; C2SP asks for at least 16.
inline constexpr std::size_t kNoteSignaturesMax = 64;
inline constexpr std::size_t kNoteBytesMax = 16 * 1024;
// A province writes a to(V) stream for each of thousands of units.
inline constexpr std::size_t kStreamsPerDeviceMax = 65536;
// Names of people and units: long enough for any, short enough for a table.
inline constexpr std::size_t kNameBytesMax = 256;

// One SealedText's contents, and a record that is to be sealed for somebody: what is left of an
// entry is room for its header and what sealing adds.
inline constexpr std::size_t kSealedTextBytesMax = kEntryBytesMax - 8 * 1024;
// Copies that one entry of an introduction carries (node/introductions.h).
inline constexpr std::size_t kCopiesBytesMax = 32 * 1024;

// A chunk on the wire and unpacked. 24 kB packed is what is made, so that a cell's year is one
// chunk; the rest is room for other programs.
inline constexpr std::size_t kChunkPackedBytesMax = 128 * 1024;
inline constexpr std::size_t kChunkRawBytesMax = 1024 * 1024;
inline constexpr std::size_t kChunkPackedBytesAim = 24 * 1000;
// What a receiver lets be under way before it has committed.
inline constexpr std::size_t kWindowBytes = 1024 * 1024;
// News in the first handshake message: one AEAD message before any answer.
inline constexpr std::size_t kHandshakeNewsBytesMax = 4 * 1024;
// Streams told in one Inventory message; more pages follow.
inline constexpr std::size_t kInventoryPage = 1024;
// Noise's own limit of one message.
inline constexpr std::size_t kNoiseMessageBytesMax = 65535;
// A frame holds at most one chunk part or one page of an inventory.
inline constexpr std::size_t kFrameBytesMax = 64 * 1024;

// Silence after which a session is given up: 2G pauses for tens of seconds and comes back.
inline constexpr std::int64_t kSilenceMsMax = 90'000;
// Before the handshake is done nobody has shown a key: less patience.
inline constexpr std::int64_t kHandshakeMsMax = 45'000;

}  // namespace chibo::limits

#endif  // CHIBO_PROTO_LIMITS_H_

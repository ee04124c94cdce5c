#ifndef CHIBO_TOOLS_VERIFY_FORMAT_H_
#define CHIBO_TOOLS_VERIFY_FORMAT_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "chibo/entry.pb.h"
#include "tools/verify/crypto.h"

// Entries and checkpoints as bytes: written from the description of the formats, apart from the
// code that writes them. Reasons of failures are keys of the catalogue (text.cc).
namespace chibo::verify {

inline constexpr std::size_t kReaches = 2;
inline constexpr std::size_t kCertificateBytesMax = 4 * 1024;
inline constexpr std::size_t kRecordsMax = 256;
inline constexpr std::size_t kEntryBytesMax = 64 * 1024;
inline constexpr int kNestingMax = 16;
inline constexpr std::size_t kUnitBytes = 16;
inline constexpr std::uint32_t kEd25519 = 1;
// The newest EntryHeader.min_reader that this program understands.
inline constexpr std::uint32_t kReader = 0;

struct Slot {
  std::uint32_t kind = 0;
  std::uint32_t reach = 0;
};

struct Header {
  pb::EntryHeader message;
  std::vector<Slot> slots;
};
Result<Header> ReadHeader(ByteView bytes, std::uint64_t index);

// One record of a body: its payload, or only its commitment.
struct HeldRecord {
  std::optional<ByteView> payload;
  Digest commitment;  // of a withheld record
};
// The views live as long as `body` does.
Result<std::vector<HeldRecord>> ReadBody(ByteView body, const Header& header,
                                         std::size_t header_bytes);

Digest StreamIdOf(ByteView genesis_header);
Digest SecretCommitment(std::uint32_t reach, ByteView secret);
Bytes Salt(ByteView secret, std::uint64_t index, std::uint32_t position);
Digest Commitment(ByteView salt, std::uint32_t kind, ByteView payload);
Digest EntryLeaf(const Digest& stream, std::uint64_t index, const std::vector<Digest>& commitments,
                 ByteView header);
// SHA-256(varint kind ‖ payload).
Digest ContentDigest(std::uint32_t kind, ByteView payload);

// The three signed lines.
std::string CheckpointText(const Digest& network, const Digest& stream, std::uint64_t size,
                           const Digest& root);

// Parses the whole of `bytes`, nested at most kNestingMax deep.
bool Parse(ByteView bytes, google::protobuf::Message& message);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_FORMAT_H_

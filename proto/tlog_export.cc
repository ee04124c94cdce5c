#include "proto/tlog_export.h"

#include <algorithm>

#include "proto/checkpoint.h"
#include "proto/lines.h"
#include "proto/merkle.h"

namespace chibo {
namespace {

constexpr std::string_view kProofMagic = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kIndexPrefix = "index ";
constexpr std::string_view kExtraPrefix = "extra ";
// A tree of 2^64 entries is 64 levels high.
constexpr std::size_t kProofHashesMax = 64;

// Three digits an element, so that no directory holds more than a thousand names.
std::string PathOf(std::uint64_t number, std::size_t width) {
  CHECK(width >= 1 && width <= kTileWidth);
  std::string path = std::to_string(1000 + number % 1000).substr(1);
  for (number /= 1000; number > 0; number /= 1000) {
    path = "x" + std::to_string(1000 + number % 1000).substr(1) + "/" + path;
  }
  return width == kTileWidth ? path : path + ".p/" + std::to_string(width);
}

Bytes Joined(std::span<const Hash> hashes) {
  Bytes bytes;
  for (const Hash& hash : hashes) {
    bytes.append(hash.view());
  }
  return bytes;
}

}  // namespace

std::string TilePath(std::uint32_t level, std::uint64_t number, std::size_t width) {
  return "tile/" + std::to_string(level) + "/" + PathOf(number, width);
}

std::string EntryBundlePath(std::uint64_t number, std::size_t width) {
  return "tile/entries/" + PathOf(number, width);
}

std::vector<ExportFile> HashTiles(std::span<const Hash> leaves) {
  std::vector<ExportFile> tiles;
  std::vector<Hash> hashes(leaves.begin(), leaves.end());
  for (std::uint32_t level = 0; !hashes.empty(); ++level) {
    std::vector<Hash> above;
    for (std::size_t from = 0; from < hashes.size(); from += kTileWidth) {
      const std::size_t width = std::min(kTileWidth, hashes.size() - from);
      const auto tile = std::span<const Hash>(hashes).subspan(from, width);
      tiles.push_back({TilePath(level, from / kTileWidth, width), Joined(tile)});
      // Only a full tile is a hash of the level above.
      if (width == kTileWidth) {
        above.push_back(MerkleRoot(tile));
      }
    }
    hashes = std::move(above);
  }
  return tiles;
}

ExportFile EntryBundle(std::uint64_t number, std::span<const Bytes> leaf_inputs) {
  Bytes bundle;
  for (const Bytes& leaf_input : leaf_inputs) {
    CHECK(leaf_input.size() <= UINT16_MAX);
    AppendU16(bundle, static_cast<std::uint16_t>(leaf_input.size()));
    bundle.append(leaf_input);
  }
  return {EntryBundlePath(number, leaf_inputs.size()), std::move(bundle)};
}

std::string TlogProof(std::uint64_t index, std::span<const Hash> proof, std::string_view note) {
  std::string text(kProofMagic);
  text.append("\n").append(kIndexPrefix).append(std::to_string(index)).append("\n");
  for (const Hash& hash : proof) {
    text.append(ToBase64(hash.view())).append("\n");
  }
  return text.append("\n").append(note);
}

Result<std::uint64_t> OpenTlogProof(std::string_view text, ByteView leaf_input,
                                    const NetworkId& network, const SignPublicKey& key) {
  const auto malformed = Fail(Code::kMalformed, "proof_text_malformed");
  if (TakeLine(text) != kProofMagic) {
    return malformed;
  }
  auto line = TakeLine(text);
  if (line && line->starts_with(kExtraPrefix)) {
    line = TakeLine(text);
  }
  if (!line || !line->starts_with(kIndexPrefix)) {
    return malformed;
  }
  const auto index = ParseDecimal(line->substr(kIndexPrefix.size()));
  if (!index) {
    return malformed;
  }
  std::vector<Hash> proof;
  for (line = TakeLine(text); line && !line->empty(); line = TakeLine(text)) {
    const auto bytes = FromBase64(*line);
    const auto hash = bytes ? Hash::From(*bytes) : std::nullopt;
    if (!hash || proof.size() == kProofHashesMax) {
      return malformed;
    }
    proof.push_back(*hash);
  }
  if (!line) {
    return malformed;
  }
  CHIBO_TRY_VALUE(const Position at, OpenCheckpointNote(text, network, key));
  CHIBO_TRY(VerifyInclusion(LeafHash(leaf_input), *index, at.size, proof, at.root));
  return *index;
}

}  // namespace chibo

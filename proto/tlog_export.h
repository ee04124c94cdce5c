#ifndef CHIBO_PROTO_TLOG_EXPORT_H_
#define CHIBO_PROTO_TLOG_EXPORT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/ids.h"

// A stream in the files of c2sp.org/tlog-tiles, and one entry with its proof as
// c2sp.org/tlog-proof, for auditors with tools of their own. The bytes only: writing files is the
// caller's.
namespace chibo {

// Hashes or entries in one full tile.
inline constexpr std::size_t kTileWidth = 256;

struct ExportFile {
  std::string path;  // below the export directory, with slashes
  Bytes bytes;
};

// "tile/0/x001/x234/067", with ".p/<width>" after it when the tile is not full. 1 <= width <=
// kTileWidth.
std::string TilePath(std::uint32_t level, std::uint64_t number, std::size_t width);
std::string EntryBundlePath(std::uint64_t number, std::size_t width);

// Every hash tile, full or partial, of the tree of these leaf hashes. None for an empty tree.
std::vector<ExportFile> HashTiles(std::span<const Hash> leaves);
// Entry bundle `number`, of the leaf inputs from number * kTileWidth on: 1 to kTileWidth of them,
// each under 64 KiB, as they are by the limit on headers.
ExportFile EntryBundle(std::uint64_t number, std::span<const Bytes> leaf_inputs);

// `note` is a checkpoint (proto/checkpoint.h) of the tree that `proof` leads to.
std::string TlogProof(std::uint64_t index, std::span<const Hash> proof, std::string_view note);

// The index at which this proof shows the leaf input to stand, after all of it has been checked:
// note, signature by the key, inclusion. An `extra` line is allowed and dropped. Errors as
// OpenCheckpointNote, and kBadProof.
Result<std::uint64_t> OpenTlogProof(std::string_view text, ByteView leaf_input,
                                    const NetworkId& network, const SignPublicKey& key);

}  // namespace chibo

#endif  // CHIBO_PROTO_TLOG_EXPORT_H_

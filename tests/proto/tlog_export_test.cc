#include "proto/tlog_export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "proto/checkpoint.h"
#include "proto/merkle.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

std::vector<Bytes> SomeInputs(std::size_t count) {
  std::vector<Bytes> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    inputs.push_back("leaf input " + std::to_string(i));
  }
  return inputs;
}

std::vector<Hash> LeavesOf(const std::vector<Bytes>& inputs) {
  std::vector<Hash> leaves;
  for (const Bytes& input : inputs) {
    leaves.push_back(LeafHash(input));
  }
  return leaves;
}

TEST(TilePath, HasThreeDigitsAnElement) {
  EXPECT_EQ(TilePath(0, 0, 256), "tile/0/000");
  EXPECT_EQ(TilePath(1, 999, 256), "tile/1/999");
  EXPECT_EQ(TilePath(0, 1000, 256), "tile/0/x001/000");
  EXPECT_EQ(TilePath(63, 1234067, 256), "tile/63/x001/x234/067");
  EXPECT_EQ(TilePath(0, 1234067, 1), "tile/0/x001/x234/067.p/1");
  EXPECT_EQ(EntryBundlePath(273, 112), "tile/entries/273.p/112");
  EXPECT_EQ(EntryBundlePath(1273, 256), "tile/entries/x001/273");
}

std::vector<std::string> PathsOf(std::size_t leaves) {
  std::vector<std::string> paths;
  for (const ExportFile& file : HashTiles(std::vector<Hash>(leaves))) {
    paths.push_back(file.path);
  }
  return paths;
}

TEST(HashTiles, AreThoseOfTheSize) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(PathsOf(0), Paths());
  EXPECT_EQ(PathsOf(1), Paths{"tile/0/000.p/1"});
  EXPECT_EQ(PathsOf(255), Paths{"tile/0/000.p/255"});
  EXPECT_EQ(PathsOf(256), (Paths{"tile/0/000", "tile/1/000.p/1"}));
  EXPECT_EQ(PathsOf(257), (Paths{"tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"}));
  const Paths large = PathsOf(70'000);
  EXPECT_EQ(large.size(), 273U + 1 + 1 + 1 + 1);
  for (const char* path :
       {"tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"}) {
    EXPECT_NE(std::find(large.begin(), large.end(), path), large.end()) << path;
  }
}

TEST(HashTiles, HoldTheHashesOfTheTree) {
  const std::vector<Hash> leaves = LeavesOf(SomeInputs(700));
  std::map<std::string, Bytes> tiles;
  for (const ExportFile& file : HashTiles(leaves)) {
    tiles[file.path] = file.bytes;
  }
  ASSERT_EQ(tiles.at("tile/0/002.p/188").size(), 188U * 32);
  EXPECT_EQ(tiles.at("tile/0/002.p/188").substr(0, 32), leaves[512].view());
  EXPECT_EQ(tiles.at("tile/0/001").substr(255 * 32), leaves[511].view());
  const std::span<const Hash> all(leaves);
  EXPECT_EQ(tiles.at("tile/1/000.p/2"), Bytes(MerkleRoot(all.first(256)).view()) +
                                            Bytes(MerkleRoot(all.subspan(256, 256)).view()));
}

TEST(EntryBundle, IsEntriesBehindTheirLengths) {
  const ExportFile bundle = EntryBundle(3, std::vector<Bytes>{"ab", "", Bytes(300, 'x')});
  EXPECT_EQ(bundle.path, "tile/entries/003.p/3");
  EXPECT_EQ(bundle.bytes, Bytes("\0\2ab\0\0\x01\x2c", 8) + Bytes(300, 'x'));
  EXPECT_EQ(EntryBundle(0, SomeInputs(256)).path, "tile/entries/000");
}

struct Log {
  std::vector<Bytes> inputs = SomeInputs(11);
  std::vector<Hash> leaves = LeavesOf(inputs);
  Position at{sample::Stream(), 11, MerkleRoot(leaves)};
  std::string note = CheckpointNote(sample::Network(), at, sample::DeviceKey().public_key(),
                                    SignCheckpoint(sample::DeviceKey(), sample::Network(), at));
};

Result<std::uint64_t> OpenProof(std::string_view text, ByteView input) {
  return OpenTlogProof(text, input, sample::Network(), sample::DeviceKey().public_key());
}

TEST(TlogProof, ShowsEveryEntry) {
  const Log log;
  for (std::uint64_t i = 0; i < log.inputs.size(); ++i) {
    const std::string text = TlogProof(i, InclusionProof(log.leaves, i), log.note);
    EXPECT_EQ(OpenProof(text, log.inputs[i]), i);
    EXPECT_EQ(OpenProof(text, log.inputs[(i + 1) % 11]).error().code, Code::kBadProof);
  }
}

TEST(TlogProof, IsTheTextOfTheFormat) {
  const std::vector<Hash> proof = {Hash::FromChecked(Bytes(32, 'r'))};
  EXPECT_EQ(TlogProof(7, proof, "note\n"),
            "c2sp.org/tlog-proof@v1\nindex 7\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n"
            "\nnote\n");
}

TEST(TlogProof, AllowsAnExtraLine) {
  const Log log;
  const std::string text = TlogProof(4, InclusionProof(log.leaves, 4), log.note);
  EXPECT_EQ(OpenProof(sample::Replaced(text, "index ", "extra YWJj\nindex "), log.inputs[4]), 4U);
}

TEST(TlogProof, RefusesWhatIsChangedOrCut) {
  const Log log;
  const std::string text = TlogProof(4, InclusionProof(log.leaves, 4), log.note);
  const auto code = [&](const std::string& other) {
    return OpenProof(other, log.inputs[4]).error().code;
  };
  EXPECT_EQ(code(sample::Replaced(text, "@v1", "@v2")), Code::kMalformed);
  EXPECT_EQ(code(sample::Replaced(text, "index 4", "index 04")), Code::kMalformed);
  EXPECT_EQ(code(sample::Replaced(text, "index 4", "place 4")), Code::kMalformed);
  EXPECT_EQ(code(sample::Replaced(text, "index 4\n", "index 4\nAAAA\n")), Code::kMalformed);
  EXPECT_EQ(code(sample::Replaced(text, "index 4", "index 5")), Code::kBadProof);
  EXPECT_EQ(code(sample::Replaced(text, "index 4", "index 11")), Code::kBadProof);
  EXPECT_EQ(code(sample::Replaced(text, "\n11\n", "\n12\n")), Code::kBadSignature);
  EXPECT_EQ(code(TlogProof(4, std::vector<Hash>(65), log.note)), Code::kMalformed);
  EXPECT_EQ(code(TlogProof(4, {}, log.note)), Code::kBadProof);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(OpenProof(text.substr(0, size), log.inputs[4])) << size;
  }
}

}  // namespace
}  // namespace chibo

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "proto/checkpoint.h"
#include "proto/merkle.h"
#include "proto/tlog_export.h"
#include "tests/proto/sample.h"

// What is exported must verify with the transparency log code of the Go project, which nobody here
// wrote (tests/go). Skipped where Go is not installed.
namespace chibo {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

void WriteFile(const fs::path& path, ByteView bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// A stream of `size` entries, exported below `dir`, with the proof of one of them.
void Export(const fs::path& dir, std::uint64_t size, std::uint64_t proven) {
  const StreamId stream = sample::Stream();
  std::vector<Bytes> inputs;
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < size; ++i) {
    inputs.push_back(LeafInput(stream, i, Sha256(std::to_string(i)), Bytes(i % 50, 'h')));
    leaves.push_back(LeafHash(inputs.back()));
  }
  const SigningKey& key = sample::DeviceKey();
  const Position at{stream, size, MerkleRoot(leaves)};
  const std::string note = CheckpointNote(sample::Network(), at, key.public_key(),
                                          SignCheckpoint(key, sample::Network(), at));
  WriteFile(dir / "checkpoint", note);
  WriteFile(dir / "vkey", Vkey(sample::Network(), stream, key.public_key()) + "\n");
  for (const ExportFile& file : HashTiles(leaves)) {
    WriteFile(dir / file.path, file.bytes);
  }
  for (std::uint64_t from = 0; from < size; from += kTileWidth) {
    const std::uint64_t width = std::min<std::uint64_t>(kTileWidth, size - from);
    const auto bundle =
        EntryBundle(from / kTileWidth, std::span<const Bytes>(inputs).subspan(from, width));
    WriteFile(dir / bundle.path, bundle.bytes);
  }
  WriteFile(dir / "one.tlog-proof", TlogProof(proven, InclusionProof(leaves, proven), note));
  WriteFile(dir / "one.entry", inputs[proven]);
}

int Audit(const fs::path& dir) {
  const std::string d = dir.string();
  const std::string command = CHIBO_SOURCE_DIR "/tests/go/run.sh " + d + " " + d +
                              "/one.tlog-proof " + d + "/one.entry >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class GoAuditor : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "chibo-export-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  fs::path dir_;
};

TEST_F(GoAuditor, AcceptsExportsOfEverySortOfSize) {
  for (const std::uint64_t size : {1, 2, 255, 256, 257, 700}) {
    const fs::path dir = dir_ / std::to_string(size);
    Export(dir, size, size / 3);
    const int status = Audit(dir);
    if (status == kSkipped) {
      GTEST_SKIP() << "go or golang-golang-x-mod-dev is not installed";
    }
    EXPECT_EQ(status, 0) << size;
  }
}

TEST_F(GoAuditor, RefusesAnExportWithOneByteChanged) {
  for (const char* file :
       {"checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000",
        "tile/entries/001.p/44", "one.tlog-proof", "one.entry"}) {
    Export(dir_, 300, 150);
    std::fstream changed(dir_ / file, std::ios::binary | std::ios::in | std::ios::out);
    const auto middle = static_cast<std::streamoff>(fs::file_size(dir_ / file) / 2);
    changed.seekg(middle);
    const int byte = changed.get();
    changed.seekp(middle);
    changed.put(byte == 'A' ? 'B' : 'A');
    changed.close();
    ASSERT_TRUE(changed) << file;
    const int status = Audit(dir_);
    if (status == kSkipped) {
      GTEST_SKIP() << "go or golang-golang-x-mod-dev is not installed";
    }
    EXPECT_EQ(status, 1) << file;
  }
}

}  // namespace
}  // namespace chibo

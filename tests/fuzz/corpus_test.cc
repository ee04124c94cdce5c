// Every target over its seeds and over what fuzzing once found, in every build. The programs that
// look for more are made with the preset "fuzz".
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "proto/crypto.h"
#include "tests/fuzz/targets.h"

namespace chibo::fuzz {
namespace {

const std::filesystem::path kFound = CHIBO_SOURCE_DIR "/tests/fuzz/found";

class Corpus : public testing::TestWithParam<Target> {
 protected:
  static void SetUpTestSuite() { InitCrypto(); }
};

TEST_P(Corpus, SeedsAreTakenWhole) {
  const auto seeds = SeedsOf(GetParam().name);
  EXPECT_FALSE(seeds.empty());
  for (const auto& [name, bytes] : seeds) {
    SCOPED_TRACE(name);
    GetParam().run(bytes);
  }
}

TEST_P(Corpus, SeedsCutShortAndDamagedAreTakenToo) {
  SeededRandom random(5);
  for (const auto& [name, bytes] : SeedsOf(GetParam().name)) {
    SCOPED_TRACE(name);
    for (int i = 0; i < 60; ++i) {
      Bytes changed = bytes.substr(0, bytes.size() - (i % 3 == 0 ? random.Below(bytes.size()) : 0));
      for (std::uint64_t flips = random.Below(4); flips > 0; --flips) {
        changed[random.Below(changed.size())] ^= static_cast<char>(1 << random.Below(8));
      }
      GetParam().run(changed);
    }
  }
}

TEST_P(Corpus, WhatWasFoundOnceStaysMended) {
  const std::filesystem::path folder = kFound / GetParam().name;
  if (!std::filesystem::exists(folder)) {
    return;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(file.path());
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    GetParam().run(bytes.str());
  }
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, testing::ValuesIn(Targets().begin(), Targets().end()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace chibo::fuzz

#include "node/cli/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "node/cli/files.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

class ContinuityTest : public testing::Test {
 protected:
  ContinuityTest() {
    root_ = testing::TempDir() + "/continuity" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ + "/dir");
    setenv("XDG_STATE_HOME", (root_ + "/state").c_str(), 1);
    SeededRandom random(1);
    device_ = SigningKey(SecretKey::Draw(random)).public_key();
  }
  ~ContinuityTest() override { fs::remove_all(root_); }

  Continuity At(const std::string& path) {
    auto continuity = Continuity::At(DataDirectory(path), device_);
    EXPECT_TRUE(continuity) << ToString(continuity.error());
    return *std::move(continuity);
  }
  // One run of the program: opens, writes until there are so many entries, ends.
  void Run(const std::string& path, Continuity::Numbers& store, std::uint64_t entries) {
    Continuity continuity = At(path);
    bool proven = false;
    ASSERT_TRUE(Start(continuity, store, kNoCrash, proven));
    store.entries = entries;
    continuity.Wrote(entries, true);
  }
  // Where a start ends, as far as the store is concerned.
  enum Crash { kBeforeCount, kAfterCount, kBeforeOpen, kAfterOpen, kNoCrash };
  Status Start(Continuity& continuity, Continuity::Numbers& store, Crash crash, bool& proven) {
    const Error stopped{Code::kIo, "stopped", ""};
    const std::uint64_t drawn = ++drawn_;
    return continuity.Start(
        Continuity::Numbers(store), drawn,
        [&]() -> Status {
          if (crash == kBeforeCount) {
            return tl::unexpected(stopped);
          }
          store.opened = drawn;
          return crash == kAfterCount ? tl::unexpected(stopped) : Status();
        },
        [&](bool goes_on) -> Status {
          proven = goes_on;
          if (crash == kBeforeOpen) {
            return tl::unexpected(stopped);
          }
          retired_ = retired_ || !goes_on;
          return crash == kAfterOpen ? tl::unexpected(stopped) : Status();
        });
  }

  std::string dir() const { return root_ + "/dir"; }

  std::string root_;
  SignPublicKey device_;
  std::uint64_t drawn_ = 0;  // as different as random ones
  bool retired_ = false;
};

TEST_F(ContinuityTest, NothingKeptProvesNothing) { EXPECT_FALSE(At(dir()).Proves({1, 5})); }

TEST_F(ContinuityTest, ProvesADirectoryThatGoesOn) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  EXPECT_TRUE(At(dir()).Proves(store));
  Run(dir(), store, 9);
  EXPECT_TRUE(At(dir()).Proves(store));
}

TEST_F(ContinuityTest, AnOlderStateProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  const Continuity::Numbers older = store;
  Run(dir(), store, 5);
  EXPECT_FALSE(At(dir()).Proves(older)) << "opened once more since";
  EXPECT_TRUE(At(dir()).Proves(store));
}

// With a count of starts the second would pass: it has been opened as often as the first by then.
TEST_F(ContinuityTest, TwoOlderStatesPutBackInTurnProveNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  Continuity::Numbers first = store;
  Run(dir(), store, 6);
  const Continuity::Numbers second = store;
  Run(dir(), store, 7);
  {
    Continuity continuity = At(dir());
    bool proven = true;
    ASSERT_TRUE(Start(continuity, first, kNoCrash, proven));
    EXPECT_FALSE(proven);
  }
  EXPECT_FALSE(At(dir()).Proves(second));
}

TEST_F(ContinuityTest, AStateCopiedWhileItRanProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  Continuity::Numbers copied = store;
  copied.entries = 4;
  EXPECT_FALSE(At(dir()).Proves(copied));
}

TEST_F(ContinuityTest, ACopyElsewhereProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  fs::create_directories(root_ + "/copy");
  EXPECT_FALSE(At(root_ + "/copy").Proves(store));
}

TEST_F(ContinuityTest, AnotherDirectoryAtTheSamePlaceProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  fs::rename(dir(), root_ + "/old");
  fs::create_directories(dir());
  EXPECT_FALSE(At(dir()).Proves(store));
}

TEST_F(ContinuityTest, AnotherDeviceProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  SeededRandom random(2);
  device_ = SigningKey(SecretKey::Draw(random)).public_key();
  EXPECT_FALSE(At(dir()).Proves(store));
}

// However often it is stopped while it starts, wherever.
TEST_F(ContinuityTest, ACrashWhileOpeningLosesNoProof) {
  const std::vector<Crash> crashes{kBeforeCount, kAfterCount, kBeforeOpen, kAfterOpen, kNoCrash};
  Continuity::Numbers store;
  Run(dir(), store, 5);
  for (const Crash first : crashes) {
    for (const Crash second : crashes) {
      for (const Crash third : crashes) {
        for (const Crash crash : {first, second, third}) {
          Continuity continuity = At(dir());
          bool proven = true;
          static_cast<void>(Start(continuity, store, crash, proven));
          ASSERT_TRUE(proven) << first << second << third;
        }
        ASSERT_TRUE(At(dir()).Proves(store)) << first << second << third;
      }
    }
  }
  EXPECT_FALSE(retired_);
}

// An older state put back is found out at every start until its streams are retired; a crash before
// that does not make it pass.
TEST_F(ContinuityTest, ACrashWhileOpeningGainsNoProof) {
  for (const Crash crash : {kBeforeCount, kAfterCount, kBeforeOpen}) {
    for (const std::uint64_t lost : {0, 1}) {
      for (const int runs_lost : {1, 2, 3}) {
        retired_ = false;
        Continuity::Numbers store;
        Run(dir(), store, 5);
        Continuity::Numbers older = store;
        for (int i = 0; i < runs_lost; ++i) {
          Run(dir(), store, store.entries + lost);
        }
        for (int again = 0; again < 3 && !retired_; ++again) {
          Continuity continuity = At(dir());
          bool proven = false;
          static_cast<void>(Start(continuity, older, crash, proven));
          EXPECT_FALSE(proven) << crash << " " << lost << " " << runs_lost << " " << again;
        }
        Continuity continuity = At(dir());
        bool proven = true;
        ASSERT_TRUE(Start(continuity, older, kNoCrash, proven));
        EXPECT_FALSE(proven);
        EXPECT_TRUE(At(dir()).Proves(older)) << "retired: it goes on in new streams";
        ASSERT_TRUE(At(dir()).Forget());
      }
    }
  }
}

TEST_F(ContinuityTest, AStoreThatIsAheadIsProven) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  // Killed between a commit and the note about it.
  ++store.entries;
  EXPECT_TRUE(At(dir()).Proves(store));
}

TEST_F(ContinuityTest, ForgottenIsNotProven) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  ASSERT_TRUE(At(dir()).Forget());
  EXPECT_FALSE(At(dir()).Proves(store));
}

TEST_F(ContinuityTest, ADamagedFileProvesNothing) {
  Continuity::Numbers store;
  Run(dir(), store, 5);
  const std::string path = At(dir()).path();
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_FALSE(At(dir()).Proves(store));
}

TEST_F(ContinuityTest, SaysWhenItCannotBeKept) {
  std::ofstream(root_ + "/file") << "x";
  setenv("XDG_STATE_HOME", (root_ + "/file").c_str(), 1);
  const auto continuity = Continuity::At(DataDirectory(dir()), device_);
  ASSERT_FALSE(continuity);
  EXPECT_EQ(continuity.error().reason, "state_not_writable");
}

TEST_F(ContinuityTest, ASecondHolderIsRefused) {
  const DataDirectory directory(dir());
  {
    const auto first = DirectoryLock::Take(directory);
    ASSERT_TRUE(first);
    const auto second = DirectoryLock::Take(directory);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kInUse);
  }
  EXPECT_TRUE(DirectoryLock::Take(directory));
}

TEST_F(ContinuityTest, KeyFilesAreTheOwnersAlone) {
  umask(077);
  const DataDirectory directory(root_ + "/new/node");
  ASSERT_TRUE(directory.Create());
  pb::KeyFile file;
  ASSERT_TRUE(directory.WriteKey("device", file));
  struct stat about = {};
  ASSERT_EQ(stat(directory.key("device").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat(directory.keys().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
  ASSERT_EQ(stat(directory.path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
  EXPECT_EQ(directory.Create().error().reason, "directory_taken");
}

TEST_F(ContinuityTest, TellsWhatIsNoNode) {
  EXPECT_EQ(DataDirectory(root_ + "/nowhere").CheckNode().error().reason, "directory_not_found");
  EXPECT_EQ(DataDirectory(dir()).CheckNode().error().reason, "directory_without_store");
}

}  // namespace
}  // namespace chibo

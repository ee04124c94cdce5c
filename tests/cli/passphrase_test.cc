#include "node/cli/passphrase.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace chibo {
namespace {

class PassphraseTest : public testing::Test {
 protected:
  PassphraseTest() {
    folder_ = testing::TempDir() + "/passphrase" + std::to_string(getpid());
    std::filesystem::create_directories(folder_);
  }
  ~PassphraseTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name) << content;
    return folder_ + "/" + name;
  }

  std::string folder_;
};

std::string Found(Passphrases& passphrases, const std::string& key) {
  const auto found = passphrases.For(key);
  return found ? std::string(found->view()) : "(" + std::string(found.error().reason) + ")";
}

TEST_F(PassphraseTest, TheFirstLineOfAFileIsForAllKeys) {
  Passphrases passphrases;
  ASSERT_TRUE(passphrases.AddFile(File("all", "mật khẩu dài\r\nanother line\n")));
  EXPECT_EQ(Found(passphrases, "device"), "mật khẩu dài");
  EXPECT_EQ(Found(passphrases, "S1"), "mật khẩu dài");
}

TEST_F(PassphraseTest, ANamedFileIsForOneKey) {
  Passphrases passphrases;
  ASSERT_TRUE(passphrases.AddFile("S1=" + File("one", "of S1")));
  EXPECT_EQ(Found(passphrases, "S1"), "of S1");
  EXPECT_EQ(Found(passphrases, "device"), "(passphrase_needed)");
  ASSERT_TRUE(passphrases.AddFile(File("all", "of all")));
  EXPECT_EQ(Found(passphrases, "S1"), "of S1");
  EXPECT_EQ(Found(passphrases, "device"), "of all");
}

TEST_F(PassphraseTest, ReadsADescriptor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "secret\n", 7), 7);
  close(ends[1]);
  Passphrases passphrases;
  ASSERT_TRUE(passphrases.AddDescriptor(ends[0]));
  close(ends[0]);
  EXPECT_EQ(Found(passphrases, "device"), "secret");
}

TEST_F(PassphraseTest, RefusesAnEmptyOneAndAMissingFile) {
  Passphrases passphrases;
  EXPECT_EQ(passphrases.AddFile(File("empty", "\nsecond\n")).error().reason, "passphrase_empty");
  EXPECT_EQ(passphrases.AddFile(folder_ + "/none").error().reason, "passphrase_file_unreadable");
}

TEST_F(PassphraseTest, APersonIsAskedOnceAKey) {
  int asked = 0;
  Passphrases passphrases([&](std::string_view key, bool again) -> Result<Secret> {
    ++asked;
    return Secret(std::string(key) + (again ? " new" : ""));
  });
  EXPECT_EQ(Found(passphrases, "S1"), "S1");
  EXPECT_EQ(Found(passphrases, "S1"), "S1");
  EXPECT_EQ(Found(passphrases, "S2"), "S2");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(passphrases.ForNew("S3")->view(), "S3 new");
}

}  // namespace
}  // namespace chibo

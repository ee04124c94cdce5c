// The program as people run it: options, exit codes, what it prints and leaves behind.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "tests/verify/network.h"
#include "tests/verify/sealed.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int exit = 0;
  std::string printed;
};

Ran RunProgram(const std::string& options) {
  const std::string command = std::string(CHIBO_VERIFY_PROGRAM " ").append(options).append(" 2>&1");
  std::FILE* out = popen(command.c_str(), "r");
  CHECK(out != nullptr);
  Ran ran;
  std::array<char, 4096> buffer;
  for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), out)) > 0;) {
    ran.printed.append(buffer.data(), size);
  }
  ran.exit = WEXITSTATUS(pclose(out));
  return ran;
}

class Program : public ::testing::Test {
 protected:
  static const SmallNetwork& network() { return SmallNetwork::Shared(); }
  static std::string Of(const std::string& directory) {
    return "--dir " + directory + " --network " + network().network().hex();
  }
  TempFolder folder_;
};

TEST_F(Program, SaysWhenNothingIsWrong) {
  const Ran text = RunProgram(Of(network().commune()) + " --lang vi");
  EXPECT_EQ(text.exit, 0) << text.printed;
  EXPECT_NE(text.printed.find("Không thấy gì sai."), std::string::npos) << text.printed;
  const Ran json = RunProgram(Of(network().commune()) + " --json");
  EXPECT_EQ(json.exit, 0);
  EXPECT_TRUE(json.printed.starts_with("{\"ok\":true,\"streams\":")) << json.printed;
}

TEST_F(Program, LeavesNothingBehind) {
  const std::string directory = folder_.Sub("commune");
  CopyStore(network().commune(), directory);
  EXPECT_EQ(RunProgram(Of(directory)).exit, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), fs::directory_iterator()), 1);
}

TEST_F(Program, NamesWhatIsDamagedAndExitsThree) {
  const std::string directory = folder_.Sub("commune");
  CopyStore(network().commune(), directory);
  RawStore store(directory);
  const auto columns = ValuesIn(store);
  const StoredValue& value = columns.at(2).front();
  Flip(store, value, 5, 1);
  const Ran text = RunProgram(Of(directory) + " --lang=en");
  EXPECT_EQ(text.exit, 3);
  EXPECT_NE(text.printed.find("Stream " + value.stream + ", entry 0: "), std::string::npos)
      << text.printed;
  const Ran json = RunProgram(Of(directory) + " --json");
  EXPECT_EQ(json.exit, 3);
  EXPECT_NE(json.printed.find("\"stream\":\"" + value.stream + "\",\"index\":0,\"what\":"),
            std::string::npos)
      << json.printed;
}

TEST_F(Program, OpensACellWithItsPassphraseFile) {
  const std::string directory = folder_.Sub("cell");
  SeededRandom random(3);
  WriteSealed(network().cell(), directory, random);
  const std::string file = folder_.path() + "/passphrase";
  std::FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  std::fprintf(out, "%s\n", kSealedPassphrase);
  std::fclose(out);
  const Ran opened = RunProgram(Of(directory) + " --passphrase-file " + file + " --json");
  EXPECT_EQ(opened.exit, 0) << opened.printed;
  EXPECT_EQ(opened.printed.find("sealed_unchecked"), std::string::npos);
  const Ran locked = RunProgram(Of(directory) + " --json < /dev/null");
  EXPECT_EQ(locked.exit, 4);
  EXPECT_TRUE(locked.printed.starts_with("{\"ok\":null,")) << locked.printed;
  EXPECT_NE(locked.printed.find("sealed_unchecked"), std::string::npos);
  const Ran told = RunProgram(Of(directory) + " --lang en < /dev/null");
  EXPECT_EQ(told.exit, 4);
  EXPECT_EQ(told.printed.find("Nothing is wrong"), std::string::npos) << told.printed;
  EXPECT_NE(told.printed.find("Not everything could be checked"), std::string::npos);
  const std::string whole = Of(directory) + " --json 9< " + file;
  setenv("CHIBO_PASSPHRASE_FD", "9", 1);
  EXPECT_EQ(RunProgram(whole).exit, 0);
  setenv("CHIBO_PASSPHRASE_FD", "nine", 1);
  EXPECT_EQ(RunProgram(whole).exit, 1);
  unsetenv("CHIBO_PASSPHRASE_FD");
  EXPECT_EQ(RunProgram(Of(directory) + " --passphrase-file " + directory + "/chibo.db").exit, 5);
}

TEST_F(Program, ExitCodesOfWhatCannotBeDone) {
  EXPECT_EQ(RunProgram("").exit, 1);
  EXPECT_EQ(RunProgram("--dir").exit, 1);
  EXPECT_EQ(RunProgram("--wrong x").exit, 1);
  EXPECT_EQ(RunProgram("--dir x --network 00").exit, 1);
  EXPECT_EQ(RunProgram(Of(folder_.path() + "/none")).exit, 6);
  EXPECT_EQ(RunProgram(Of(folder_.Sub("empty"))).exit, 6);
  const std::string other = folder_.Sub("other");
  RawStore(other).Run("CREATE TABLE t(x)");
  EXPECT_EQ(RunProgram(Of(other)).exit, 6);
}

TEST_F(Program, HelpHasAnExample) {
  const Ran help = RunProgram("--help --lang vi");
  EXPECT_EQ(help.exit, 0);
  EXPECT_NE(help.printed.find("Ví dụ:"), std::string::npos);
  EXPECT_NE(help.printed.find("chibo-verify --dir"), std::string::npos);
}

// A write that was cut off leaves a journal; what it began is undone before anything is read.
TEST_F(Program, ReadsAStoreWithAnInterruptedWrite) {
  const std::string directory = folder_.Sub("cell");
  CopyStore(network().cell(), directory);
  const std::string cut = folder_.Sub("cut");
  {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((directory + "/chibo.db").c_str(), &db), SQLITE_OK);
    // A small cache makes pages reach the file before the commit.
    ASSERT_EQ(sqlite3_exec(db,
                           "PRAGMA journal_mode=DELETE; PRAGMA cache_size=1; BEGIN; "
                           "UPDATE entry SET leaf = randomblob(32);",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    fs::copy_file(directory + "/chibo.db", cut + "/chibo.db");
    ASSERT_TRUE(fs::exists(directory + "/chibo.db-journal"));
    fs::copy_file(directory + "/chibo.db-journal", cut + "/chibo.db-journal");
    sqlite3_close(db);
  }
  const Ran ran = RunProgram(Of(cut));
  EXPECT_EQ(ran.exit, 0) << ran.printed;
  EXPECT_TRUE(fs::exists(cut + "/chibo.db-journal"));
}

}  // namespace
}  // namespace chibo

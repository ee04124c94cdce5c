#include "node/cli/backup_manifest.h"

#include <gtest/gtest.h>

namespace chibo {
namespace {

constexpr const char* kWhole =
    R"({"format":"chibo-backup/0","files":[{"file":"chibo.db","sha256":"00"},
       {"file":"keys/device.key","sha256":"ff"}]})";

TEST(BackupManifest, NamesTheFilesOfABackup) {
  const auto items = ReadManifest(kWhole, "manifest.json");
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ((*items)[1].name, "keys/device.key");
  EXPECT_EQ((*items)[1].sha256, "ff");
}

TEST(BackupManifest, RefusesWhatIsNone) {
  for (const char* text : {
           "",
           "[]",
           "5",
           R"({"format":5,"files":[]})",
           R"({"format":"chibo-backup/1","files":[]})",
           R"({"format":"chibo-backup/0"})",
           R"({"format":"chibo-backup/0","files":{}})",
           R"({"format":"chibo-backup/0","files":[5]})",
           R"({"format":"chibo-backup/0","files":[{"file":5,"sha256":"00"}]})",
           R"({"format":"chibo-backup/0","files":[{"file":"../chibo.db","sha256":"00"}]})",
           R"({"format":"chibo-backup/0","files":[{"file":"keys/../x.key","sha256":"00"}]})",
           R"({"format":"chibo-backup/0","files":[{"file":"keys/x\u0000.key","sha256":"00"}]})",
       }) {
    const auto items = ReadManifest(text, "manifest.json");
    ASSERT_FALSE(items) << text;
    EXPECT_EQ(items.error().code, Code::kMalformed);
  }
}

}  // namespace
}  // namespace chibo

#include "tools/verify/text.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "tools/verify/sentences.h"

namespace chibo::verify {
namespace {

// Every key that the program's own sources report under.
std::set<std::string> KeysInSources() {
  std::set<std::string> keys;
  const std::regex key("\"([a-z]+(_[a-z0-9]+)+)\"");
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(CHIBO_SOURCE_DIR) + "/tools/verify")) {
    const std::string name = file.path().filename().string();
    if (file.path().extension() != ".cc" || name == "sentences.cc" || name == "main.cc") {
      continue;
    }
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator found(text.begin(), text.end(), key), end; found != end; ++found) {
      keys.insert((*found)[1]);
    }
  }
  // Tables of the store and kinds of records.
  for (const char* other : {"node_value", "person_key"}) {
    keys.erase(other);
  }
  return keys;
}

TEST(VerifyText, EveryFindingHasItsSentence) {
  const std::set<std::string> keys = KeysInSources();
  EXPECT_GT(keys.size(), 60u);
  for (const std::string& key : keys) {
    EXPECT_TRUE(HasSentence(key)) << key;
  }
}

TEST(VerifyText, NamesThePlaceFirst) {
  Finding finding;
  finding.place.stream = "ab";
  finding.place.branch = 1;
  finding.place.index = 7;
  finding.place.to = 9;
  finding.what = "entries_missing";
  EXPECT_EQ(Say(finding, Language::kEnglish),
            "Stream ab, branch 1, entry 7 to 9: Entries are missing.");
  EXPECT_EQ(Say(finding, Language::kVietnamese), "Sổ ab, nhánh 1, mục 7 đến 9: Thiếu mục.");
}

TEST(VerifyText, ANumberOfOneReadsRight) {
  Report report;
  report.streams = 1;
  report.entries = 2;
  report.Problem("database_damaged", {}, "");
  const std::string english = AsText(report, Language::kEnglish);
  EXPECT_NE(english.find("Checked: streams 1, entries 2, records 0, "), std::string::npos)
      << english;
  EXPECT_TRUE(english.ends_with("\nProblems: 1.\n")) << english;
  const std::string vietnamese = AsText(report, Language::kVietnamese);
  EXPECT_NE(vietnamese.find("Đã kiểm tra: 1 sổ, 2 mục, 0 bản ghi, "), std::string::npos)
      << vietnamese;
  EXPECT_TRUE(vietnamese.ends_with("\n1 chỗ sai.\n")) << vietnamese;
}

TEST(VerifyText, JsonQuotesWhatItMust) {
  Report report;
  report.Problem("database_damaged", {}, "a \"page\"\n\\ a\xff\xc3 ở\xf0\x80");
  const std::string json = AsJson(report, Language::kEnglish);
  EXPECT_NE(json.find("a \\\"page\\\"\\u000a\\\\ a\ufffd\ufffd ở\ufffd\ufffd"), std::string::npos)
      << json;
  EXPECT_NE(
      json.find("\"problems\":[{\"stream\":null,\"index\":null,\"what\":\"database_damaged\""),
      std::string::npos)
      << json;
}

}  // namespace
}  // namespace chibo::verify

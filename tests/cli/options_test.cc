#include "node/cli/options.h"

#include <gtest/gtest.h>

#include "proto/crypto.h"

namespace chibo {
namespace {

const Catalogue& English() { return Catalogue::In(Language::kEnglish); }

// Splits as a shell does, as far as examples need it.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  for (const char letter : line) {
    if (letter == '"') {
      quoted = !quoted;
      begun = true;
    } else if (!quoted && (letter == ' ' || letter == '\n' || letter == '\\')) {
      if (begun || !word.empty()) {
        words.push_back(word);
      }
      word.clear();
      begun = false;
    } else {
      word += letter;
    }
  }
  if (begun || !word.empty()) {
    words.push_back(word);
  }
  return words;
}

// An example's calls, each without "chibo".
std::vector<std::vector<std::string>> Calls(const std::string& example) {
  std::vector<std::vector<std::string>> calls(1);
  for (const std::string& word : Words(example)) {
    if (word == "chibo") {
      calls.emplace_back();
    } else {
      calls.back().push_back(word);
    }
  }
  return calls;
}

TEST(Options, EveryExampleParses) {
  for (const CommandSpec& command : AllCommands()) {
    SCOPED_TRACE(command.path);
    EXPECT_FALSE(command.example.empty());
    for (const auto& words : Calls(command.example)) {
      const auto invocation = ParseWords(words, English());
      ASSERT_TRUE(invocation) << ToString(invocation.error());
      ASSERT_NE(invocation->command, nullptr);
      EXPECT_EQ(invocation->command->path, command.path);
    }
  }
}

TEST(Options, EveryCommandAndOptionHasItsTextInBothLanguages) {
  for (const Language language : {Language::kVietnamese, Language::kEnglish}) {
    const Catalogue& texts = Catalogue::In(language);
    for (const CommandSpec& command : AllCommands()) {
      EXPECT_TRUE(texts.Has("commands", command.text_key())) << command.text_key();
      // Of several words the first is a command of its own in the help: "device".
      const std::string group = command.path.substr(0, command.path.find(' '));
      EXPECT_TRUE(texts.Has("commands", group)) << group;
      for (const OptionSpec& option : command.options) {
        std::string key = option.text.empty() ? option.name : option.text;
        for (char& letter : key) {
          letter = letter == '-' ? '_' : static_cast<char>(std::tolower(letter));
        }
        EXPECT_TRUE(texts.Has("options", key)) << command.path << " " << key;
      }
    }
  }
}

TEST(Options, HelpHoldsTheExample) {
  const auto invocation = ParseWords({"device", "approve", "--help"}, English());
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->command, nullptr);
  EXPECT_NE(invocation->help.find("chibo device approve --dir XA01 request.bin --out cert.bin"),
            std::string::npos);
}

TEST(Options, SaysWhatIsMissingOrUnknown) {
  const auto reason = [](std::vector<std::string> words) {
    const auto invocation = ParseWords(words, English());
    EXPECT_FALSE(invocation);
    return invocation ? std::string()
                      : std::string(invocation.error().reason) + " " + invocation.error().where;
  };
  EXPECT_EQ(reason({}), "usage_command_missing ");
  EXPECT_EQ(reason({"status"}), "usage_option_missing --dir");
  EXPECT_EQ(reason({"fly"}), "usage_words_unknown fly");
  EXPECT_EQ(reason({"status", "--dir", "D", "--fast"}), "usage_words_unknown --fast");
  EXPECT_EQ(reason({"status", "--dir"}), "usage_option_without_value --dir");
  EXPECT_EQ(reason({"status", "--dir", "--json"}), "usage_option_without_value --dir");
  EXPECT_EQ(reason({"device", "list", "--unit", "--dir", "D"}),
            "usage_option_without_value --unit");
  EXPECT_EQ(reason({"status", "--dir=a", "--dir", "b"}), "usage_option_twice --dir");
  EXPECT_EQ(reason({"member", "import", "--dir", "D"}), "usage_option_missing ROSTER");
}

TEST(Options, AWordLikeAnOptionIsAValueWhereItIsSaidToBe) {
  const auto invocation = ParseWords({"status", "--dir=--json", "--json"}, English());
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->arguments.One("dir"), "--json");
  EXPECT_TRUE(invocation->json());
}

TEST(Options, OptionsThatRepeatTakeOneValueEach) {
  const auto invocation = ParseWords({"record", "--dir", "D", "--passphrase-file", "a", "x.jsonl",
                                      "--passphrase-file", "b", "y.jsonl"},
                                     English());
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->arguments.All("passphrase-file"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(invocation->arguments.All("FILE"), (std::vector<std::string>{"x.jsonl", "y.jsonl"}));
}

TEST(Options, TheLanguageIsThatOfTheWordsThenOfTheEnvironment) {
  EXPECT_EQ(LanguageWanted({"--lang", "vi"}, "en_US.UTF-8"), Language::kVietnamese);
  EXPECT_EQ(LanguageWanted({"--lang=en"}, "vi_VN.UTF-8"), Language::kEnglish);
  EXPECT_EQ(LanguageWanted({}, "vi_VN.UTF-8"), Language::kVietnamese);
  EXPECT_EQ(LanguageWanted({}, "en_GB.UTF-8"), Language::kEnglish);
  EXPECT_EQ(LanguageWanted({}, "C.UTF-8"), Language::kVietnamese);
  EXPECT_EQ(LanguageWanted({}, nullptr), Language::kVietnamese);
}

TEST(Catalogue, AnErrorIsOneSentenceThatSaysWhere) {
  const Error error{Code::kBadInput, "date_does_not_exist", "line 3"};
  EXPECT_NE(English().Say(error).find("(line 3)"), std::string::npos);
  EXPECT_EQ(English().Say(Error{Code::kBadInput, "date_does_not_exist", ""}).find('('),
            std::string::npos);
  // A reason of a newer peer falls back to its code.
  EXPECT_EQ(English().Say(Error{Code::kBusy, "never_heard_of", ""}),
            English().Say(Error{Code::kBusy, "nor_of_this", ""}));
}

TEST(Catalogue, WritesNumbersAsTheLanguageDoes) {
  const Catalogue& vietnamese = Catalogue::In(Language::kVietnamese);
  EXPECT_EQ(vietnamese.Number(5560), "5.560");
  EXPECT_EQ(English().Number(1234567), "1,234,567");
  EXPECT_EQ(vietnamese.Percent(1572), "15,72 %");
  EXPECT_EQ(English().Percent(5), "0.05 %");
  EXPECT_EQ(vietnamese.Date(20241113), "13/11/2024");
  // 13 November 2024, 15:02 in UTC+7.
  EXPECT_EQ(vietnamese.Time(1731484920000), "15 giờ 02, ngày 13/11/2024");
  EXPECT_EQ(IsoTime(1731484920000), "2024-11-13T15:02:00+07:00");
  EXPECT_EQ(IsoTime(-1000), "1970-01-01T06:59:59+07:00");
}

}  // namespace
}  // namespace chibo

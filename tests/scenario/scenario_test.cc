#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

constexpr const char* kPeople =
    "unit tinh province\n"
    "unit xa grassroots-body under tinh\n"
    "unit cb-1 cell under xa\n"
    "member \"Lò Văn Sính\" in cb-1\n"
    "on 20/11/2024\n";

std::string Read(const std::string& path) {
  std::ifstream in(std::string(CHIBO_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// "4:7 what" of each problem.
std::vector<std::string> ProblemsOf(const std::string& text) {
  std::vector<std::string> problems;
  for (const Problem& one : ReadStory(text).problems) {
    problems.push_back(std::to_string(one.line) + ":" + std::to_string(one.column) + " " +
                       one.what);
  }
  return problems;
}

// White space of every kind is one blank.
std::string Flat(const std::string& text) {
  std::istringstream in(text);
  std::string flat;
  for (std::string word; in >> word;) {
    flat += word + " ";
  }
  return flat;
}

TEST(ScenarioText, SaysWhereAndWhatMayStandThere) {
  const auto problems = ProblemsOf(std::string(kPeople) +
                                   "cb-1 proposes goood for \"Lò Văn Sính\"\n"
                                   "cb-1 proposes good for \"Lò Văn Sinh\"\n"
                                   "cb-9 syncs\n"
                                   "cb-1 syncs, cut after many bytes\n"
                                   "unit xa cell under tinh\n"
                                   "cb-1 syncs now\n");
  ASSERT_EQ(problems.size(), 6U);
  EXPECT_EQ(
      problems[0],
      "6:15 “goood” cannot stand here; allowed: excellent | good | fulfilled | not_fulfilled");
  EXPECT_TRUE(
      problems[1].starts_with("7:24 \"Lò Văn Sinh\" cannot stand here; allowed: a member "
                              "(Lò Văn Sính), a unit (cb-1, tinh, xa)"));
  EXPECT_TRUE(problems[2].starts_with("8:1 “cb-9” cannot stand here; allowed: a device (cb-1, "));
  EXPECT_EQ(problems[3], "9:23 “many” cannot stand here; allowed: a number");
  EXPECT_TRUE(problems[4].starts_with("10:6 “xa” cannot stand here; allowed: a code that is not"));
  EXPECT_EQ(problems[5], "11:12 “now” cannot stand here; allowed: ,, the end of the sentence");
}

TEST(ScenarioText, TellsWhatIsNotClosedAndTimeThatGoesBack) {
  EXPECT_EQ(ProblemsOf("title \"Không đóng\nperiod 2024\n"),
            std::vector<std::string>{"1:7 the quotation mark is not closed on this line"});
  EXPECT_EQ(ProblemsOf("cb-1 records { \"a\": {}\n")[0], "1:14 the brace is not closed");
  EXPECT_EQ(ProblemsOf("on 02/11/2024\non 01/11/2024\n"),
            std::vector<std::string>{"2:4 time only goes forward: an earlier day stood above"});
  EXPECT_EQ(ProblemsOf("on 31/02/2024\n")[0],
            "1:4 “31/02/2024” cannot stand here; allowed: a date (31/12/2024)");
}

TEST(ScenarioText, SentencesGoOnOverLinesAndRemarksAreLeftOut) {
  const Story story = ReadStory(std::string("\xef\xbb\xbf") + kPeople +
                                "cb-1 proposes good   # a remark\n"
                                "  for \"Lò Văn Sính\"\n"
                                "\n"
                                "cb-1 records {\n"
                                "\"opinion\": {\"text\": \"a } # b\"}\n"
                                "}\n");
  EXPECT_TRUE(story.problems.empty());
  ASSERT_EQ(story.sentences.size(), 7U);
  EXPECT_EQ(story.sentences[5].text, "cb-1 proposes good for \"Lò Văn Sính\"");
  EXPECT_EQ(story.sentences[5].line, 6U);
  EXPECT_EQ(story.sentences[6].line, 9U);
}

TEST(ScenarioText, TheManualHasEveryFormAndEveryWordOfOne) {
  const std::string page = Flat(Read("docs/scenarios.md"));
  for (const Form& form : AllForms()) {
    EXPECT_NE(page.find(Flat(std::string(form.pattern))), std::string::npos) << form.pattern;
  }
}

TEST(ScenarioText, TheManualsExampleComesOutAsItSays) {
  const std::string page = Read("docs/scenarios.md");
  const std::size_t begin = page.find("```\ntitle ");
  ASSERT_NE(begin, std::string::npos);
  const std::string example = page.substr(begin + 4, page.find("```", begin + 4) - begin - 4);
  const Story story = ReadStory(example);
  ASSERT_TRUE(story.problems.empty()) << ProblemsOf(example).front();
  Player player(story);
  player.Play();
  for (const Difference& one : player.differences()) {
    ADD_FAILURE() << one.line << ": " << one.expected << "\n  found: " << one.found;
  }
}

// Each line that begins with "expect" or holds "cannot" is wrong there: a form that can never fail
// would be missing among the differences.
TEST(Scenario, EveryExpectationCanFail) {
  const Story story = ReadStory(Read("tests/scenario/all_wrong.scenario"));
  ASSERT_TRUE(story.problems.empty())
      << story.problems.front().line << " " << story.problems.front().what;
  std::set<std::string_view> untried;
  for (const Form& form : AllForms()) {
    if (form.pattern.starts_with("expect ")) {
      untried.insert(form.pattern);
    }
  }
  std::vector<std::uint32_t> wrong;
  for (const Sentence& sentence : story.sentences) {
    untried.erase(sentence.form->pattern);
    if (sentence.negated || sentence.form->pattern.starts_with("expect ")) {
      wrong.push_back(sentence.line);
    }
  }
  // Its like, "a fork of", is tried; a fork takes two devices that can prove the same past.
  EXPECT_EQ(untried, std::set<std::string_view>{"expect <device> : no fork of <unit>"});
  Player player(story);
  player.Play();
  std::vector<std::uint32_t> differ;
  for (const Difference& one : player.differences()) {
    differ.push_back(one.line);
    EXPECT_FALSE(one.found.empty()) << one.line;
  }
  EXPECT_EQ(differ, wrong);
}

TEST(Scenario, PlaysTheSameEveryTime) {
  const std::string text = Read("tests/scenarios/04_late_record.scenario");
  std::vector<std::string> outcomes;
  for (int i = 0; i < 2; ++i) {
    const Story story = ReadStory(text);
    Player player(story);
    player.Play();
    outcomes.push_back(player.Outcome().dump());
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
}

TEST(Scenario, WhatCannotBeSetUpEndsTheStoryWithoutHarm) {
  for (const char* text : {"unit a province\nunit b cell\n",
                           "unit a province\nunit b cell under a\nunit c cell under b\n",
                           "unit a province\ncollective c under a\ndevice d of c\n",
                           "unit a province\nmember m in a { \"birth\": \"x\" }\n",
                           "unit a province\na sets rules \"R\" for 2024 { \"x\": 5 }\n",
                           "unit a province\na sets rules \"R\" for 2024 "
                           "{ \"x\": { \"value\": \"5\", \"verified\": \"yes\" } }\n",
                           "unit a province\na syncs\na decides all that agree\na returns x\n"}) {
    const Story story = ReadStory(text);
    Player player(story);
    player.Play();
    EXPECT_FALSE(player.differences().empty() && story.problems.empty()) << text;
  }
}

}  // namespace
}  // namespace chibo::scenario

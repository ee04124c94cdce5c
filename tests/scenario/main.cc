// Plays scenario files. tools/scenario builds it and hands its words over; docs/scenarios.md says
// what a file may hold.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "proto/crypto.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

constexpr int kAsExpected = 0;
constexpr int kOtherwise = 1;
constexpr int kUnreadable = 2;

constexpr const char* kUsage =
    "chibo-scenario [--json] FILE…    plays each; docs/scenarios.md says what a file may hold\n"
    "chibo-scenario --forms           all sentences there are\n";

// What came of one file. Problems and differences are printed at once unless all of it goes into
// JSON.
Json PlayFile(const std::string& path, bool quiet, int& exit_code) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  Json json{{"file", path}};
  Json problems = Json::array();
  const auto problem = [&](std::uint32_t line, std::uint32_t column, const std::string& what) {
    problems.push_back(Json{{"line", line}, {"column", column}, {"what", what}});
    if (!quiet) {
      std::printf("%s:%u:%u: %s\n", path.c_str(), line, column, what.c_str());
    }
    exit_code = kUnreadable;
  };
  if (!in.good() && !in.eof()) {
    problem(1, 1, "the file cannot be read");
    json["problems"] = problems;
    return json;
  }
  const Story story = ReadStory(text.str());
  for (const Problem& one : story.problems) {
    problem(one.line, one.column, one.what);
  }
  json["problems"] = problems;
  if (!story.problems.empty()) {
    return json;
  }
  Player player(story);
  player.Play();
  Json differences = Json::array();
  for (const Difference& one : player.differences()) {
    differences.push_back(
        Json{{"line", one.line}, {"expected", one.expected}, {"found", one.found}});
    if (!quiet) {
      std::printf("%s:%u: expected: %s\n    found: %s\n", path.c_str(), one.line,
                  one.expected.c_str(), one.found.c_str());
    }
  }
  if (!differences.empty() && exit_code == kAsExpected) {
    exit_code = kOtherwise;
  }
  if (!quiet) {
    std::printf("%s: %zu sentences, %zu otherwise than expected\n", path.c_str(),
                story.sentences.size(), player.differences().size());
  }
  json["differences"] = differences;
  json["outcome"] = player.Outcome();
  return json;
}

int Run(const std::vector<std::string>& words) {
  bool as_json = false;
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (word == "--json") {
      as_json = true;
    } else if (word == "--forms") {
      for (const Form& form : AllForms()) {
        std::printf("%s\n", std::string(form.pattern).c_str());
      }
      return kAsExpected;
    } else if (word.starts_with("--")) {
      std::fputs(kUsage, stderr);
      return kUnreadable;
    } else {
      files.push_back(word);
    }
  }
  if (files.empty()) {
    std::fputs(kUsage, stderr);
    return kUnreadable;
  }
  int exit_code = kAsExpected;
  Json all = Json::array();
  for (const std::string& file : files) {
    all.push_back(PlayFile(file, as_json, exit_code));
  }
  if (as_json) {
    std::printf("%s\n", all.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
  }
  return exit_code;
}

}  // namespace
}  // namespace chibo::scenario

int main(int argc, char** argv) {
  chibo::InitCrypto();
  return chibo::scenario::Run(std::vector<std::string>(argv + 1, argv + argc));
}

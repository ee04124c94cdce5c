#ifndef CHIBO_TESTS_SCENARIO_STORY_H_
#define CHIBO_TESTS_SCENARIO_STORY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenario/pattern.h"

namespace chibo::scenario {

class Player;
struct Sentence;

// How a sentence came out.
struct Played {
  bool done = true;
  std::string found;                 // what was found or went wrong, for people, when not done
  std::vector<std::string> reasons;  // rules and reasons, as "cannot" sentences name them
};

// One form of sentence: what a line may say, and what happens then.
struct Form {
  std::string_view pattern;  // as docs/scenarios.md has it
  Played (*play)(Player& player, const Meaning& meaning);
};

// By what they are about; a new sentence is a line in one of them.
std::vector<Form> SetupForms();
std::vector<Form> RecordForms();
std::vector<Form> MeetingForms();
std::vector<Form> AuthorityForms();
std::vector<Form> OrganisationForms();
std::vector<Form> MishapForms();
std::vector<Form> OutcomeExpectations();
std::vector<Form> StoreExpectations();
// All of them, in this order.
const std::vector<Form>& AllForms();

struct Sentence {
  const Form* form = nullptr;
  Meaning meaning;
  bool negated = false;              // "cannot": it is expected not to work
  std::vector<std::string> reasons;  // and why
  std::uint32_t line = 0;
  std::string text;  // as written, on one line
};

struct Story {
  std::vector<Sentence> sentences;
  std::vector<Problem> problems;  // by line; nothing is played while there are any
};

// Reads a whole file. Never fails: what cannot be meant is in `problems`, with what may stand there
// instead.
Story ReadStory(std::string_view text);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_STORY_H_

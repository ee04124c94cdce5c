// Stories that people write (docs/scenarios.md): reading them, not playing them.
#include "base/check.h"
#include "tests/fuzz/targets.h"
#include "tests/scenario/story.h"

namespace chibo::fuzz {

void TakeScenario(ByteView bytes) {
  const scenario::Story story = scenario::ReadStory(bytes);
  for (const scenario::Sentence& sentence : story.sentences) {
    CHECK(sentence.form != nullptr && sentence.line > 0 && !sentence.text.empty());
  }
  for (const scenario::Problem& problem : story.problems) {
    CHECK(problem.line > 0 && problem.column > 0 && !problem.what.empty());
  }
  // What was understood is understood again, word for word.
  std::string again;
  for (const scenario::Sentence& sentence : story.sentences) {
    again += sentence.text + "\n";
  }
  if (story.problems.empty() && again.size() < scenario::kTextMax) {
    CHECK(scenario::ReadStory(again).sentences.size() == story.sentences.size());
  }
}

}  // namespace chibo::fuzz

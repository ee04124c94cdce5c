#include "tests/scenario/story.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/check.h"
#include "node/typed_value.h"

namespace chibo::scenario {
namespace {

constexpr std::size_t kProblemsMax = 50;

struct Known {
  Form form;
  Pattern pattern;
};

const std::vector<Known>& Patterns() {
  static const std::vector<Known> kPatterns = [] {
    std::vector<Known> known;
    for (const Form& form : AllForms()) {
      known.push_back({form, Pattern(form.pattern)});
    }
    return known;
  }();
  return kPatterns;
}

std::string Describe(const Token& token) {
  return token.kind == Token::Kind::kEnd    ? "the sentence ends here"
         : token.kind == Token::Kind::kText ? "\"" + token.text + "\" cannot stand here"
         : token.kind == Token::Kind::kJson ? "{ … } cannot stand here"
                                            : "“" + token.text + "” cannot stand here";
}

std::string TextOf(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::kEnd) {
      break;
    }
    text += text.empty() || token.kind == Token::Kind::kSign ? "" : " ";
    text += token.kind == Token::Kind::kText ? "\"" + token.text + "\"" : token.text;
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

class Reader {
 public:
  Story Run(std::string_view text) {
    for (std::vector<Token>& tokens : SplitSentences(text, story_.problems)) {
      if (story_.problems.size() >= kProblemsMax) {
        break;
      }
      Read(tokens);
    }
    std::stable_sort(story_.problems.begin(), story_.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return std::move(story_);
  }

 private:
  void Read(std::vector<Token>& tokens) {
    Sentence sentence;
    sentence.line = tokens.front().line;
    sentence.text = TextOf(tokens);
    TakeCannot(tokens, sentence);
    Understood understood;
    for (const Known& known : Patterns()) {
      Meaning meaning;
      if (known.pattern.Match(tokens, names_, sentence.negated, meaning, understood)) {
        sentence.form = &known.form;
        sentence.meaning = std::move(meaning);
        Declare(known.pattern, sentence.meaning);
        CheckTime(tokens, sentence.meaning);
        story_.sentences.push_back(std::move(sentence));
        return;
      }
    }
    const Token& token = tokens[understood.tokens];
    std::string what = Describe(token) + "; allowed:";
    for (const std::string& allowed : understood.allowed) {
      what += (what.ends_with(':') ? " " : ", ") + allowed;
    }
    story_.problems.push_back({token.line, token.column, std::move(what)});
  }

  // "cb-1 cannot sync: NotKnown" is "cb-1 syncs", expected not to work, and why.
  static void TakeCannot(std::vector<Token>& tokens, Sentence& sentence) {
    if (tokens.size() < 3 || !tokens[1].is_word("cannot")) {
      return;
    }
    sentence.negated = true;
    tokens.erase(tokens.begin() + 1);
    const auto colon = std::find_if(tokens.begin(), tokens.end(),
                                    [](const Token& token) { return token.is_sign(":"); });
    if (colon == tokens.end()) {
      return;
    }
    for (auto at = colon + 1; at != tokens.end(); ++at) {
      if (at->is_name()) {
        sentence.reasons.push_back(at->text);
      }
    }
    tokens.erase(colon, tokens.end() - 1);
  }

  void Declare(const Pattern& pattern, const Meaning& meaning) {
    for (const auto& [slot, key] : pattern.slots()) {
      if (!meaning.Has(key)) {
        continue;
      }
      for (const Names::Kind kind : slot->declares) {
        for (const Token& token : meaning.All(key)) {
          names_.Add(kind, token.text);
        }
      }
    }
  }

  // Days follow each other.
  void CheckTime(const std::vector<Token>& tokens, const Meaning& meaning) {
    if (!tokens.front().is_word("on")) {
      return;
    }
    const std::string time = meaning.Has("time") ? meaning.One("time") : "08:00";
    const auto now = TimeFrom(meaning.One("date") + " " + time);
    CHECK(now.has_value());
    if (*now < now_) {
      story_.problems.push_back(
          {tokens[1].line, tokens[1].column, "time only goes forward: an earlier day stood above"});
    }
    now_ = *now;
  }

  Story story_;
  Names names_;
  std::int64_t now_ = 0;
};

}  // namespace

const std::vector<Form>& AllForms() {
  static const std::vector<Form> kAll = [] {
    std::vector<Form> all;
    for (const auto& forms :
         {SetupForms(), RecordForms(), MeetingForms(), AuthorityForms(), OrganisationForms(),
          MishapForms(), OutcomeExpectations(), StoreExpectations()}) {
      all.insert(all.end(), forms.begin(), forms.end());
    }
    return all;
  }();
  return kAll;
}

Story ReadStory(std::string_view text) { return Reader().Run(text); }

}  // namespace chibo::scenario

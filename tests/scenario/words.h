#ifndef CHIBO_TESTS_SCENARIO_WORDS_H_
#define CHIBO_TESTS_SCENARIO_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A scenario's text as sentences of tokens. A line that begins with white space goes on with the
// sentence before it, and so does one within braces.
namespace chibo::scenario {

struct Token {
  enum class Kind : std::uint8_t {
    kWord,  // cb-1, syncs, 12/11/2024, 15:00
    kText,  // "Lò Văn Sính": without its quotes, in NFC
    kSign,  // : and ,
    kJson,  // {…} as it stands
    kEnd,   // of the sentence
  };
  Kind kind = Kind::kEnd;
  std::string text;
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // in characters, from 1

  bool is_word(std::string_view word) const { return kind == Kind::kWord && text == word; }
  bool is_sign(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
  // A name: a word or a quoted text.
  bool is_name() const { return kind == Kind::kWord || kind == Kind::kText; }
};

// Something in the text that cannot be meant.
struct Problem {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string what;
};

inline constexpr std::size_t kTextMax = 1 << 20;

// Sentences, each with a kEnd token last. A sentence with something that cannot be read is left
// out, and told in `problems`.
std::vector<std::vector<Token>> SplitSentences(std::string_view text,
                                               std::vector<Problem>& problems);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_WORDS_H_

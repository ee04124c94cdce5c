#ifndef CHIBO_TESTS_SCENARIO_PATTERN_H_
#define CHIBO_TESTS_SCENARIO_PATTERN_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenario/slots.h"

namespace chibo::scenario {

// What a sentence says, once it has been recognised.
class Meaning {
 public:
  // Whether a place was filled.
  bool Has(std::string_view key) const { return values_.contains(key); }
  // Whether a word of the pattern was said.
  bool Says(std::string_view word) const { return words_.contains(word); }
  // The tokens of a place; of a list all of them, without its commas.
  const std::vector<Token>& All(std::string_view key) const;
  // The first of them, which is there.
  const std::string& One(std::string_view key) const { return All(key).front().text; }

 private:
  friend class Pattern;
  std::map<std::string, std::vector<Token>, std::less<>> values_;
  std::set<std::string, std::less<>> words_;
};

// How far sentences were understood, over all patterns tried: the best of them is told.
struct Understood {
  std::size_t tokens = 0;
  std::set<std::string> allowed;  // at that token
};

// The form of a sentence, as docs/scenarios.md writes it:
//   word            stands as it is
//   <date>          a slot (slots.h); <unit:from> is one whose value is kept as "from"
//   <member+>       one or more, with commas
//   [ in <unit> ]   may be left out
//   { a | b <c> }   any of these, in any order, each once
// All parts are set apart by spaces.
class Pattern {
 public:
  explicit Pattern(std::string_view text);

  // Whether all of the tokens (the last is kEnd) fit. `negated`: verbs stand without their s.
  bool Match(std::span<const Token> tokens, const Names& names, bool negated, Meaning& meaning,
             Understood& understood) const;
  // Slots of the pattern with their keys, whatever is optional.
  std::vector<std::pair<const Slot*, std::string>> slots() const;

 private:
  struct Element {
    enum class Kind : std::uint8_t { kWord, kSlot, kOptional, kAnyOrder };
    Kind kind = Kind::kWord;
    std::string text;  // word or sign; of a slot its key
    const Slot* slot = nullptr;
    bool list = false;
    std::vector<std::vector<Element>> parts;
  };
  using Elements = std::vector<Element>;
  struct Run;

  static Elements Read(const std::vector<std::string>& words, std::size_t& at);
  static void Collect(const Elements& elements,
                      std::vector<std::pair<const Slot*, std::string>>& out);

  Elements elements_;
};

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_PATTERN_H_

#include "tests/scenario/pattern.h"

#include <sstream>
#include <utility>

#include "base/check.h"

namespace chibo::scenario {

const std::vector<Token>& Meaning::All(std::string_view key) const {
  const auto at = values_.find(key);
  CHECK(at != values_.end());
  return at->second;
}

Pattern::Pattern(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) {
    words.push_back(word);
  }
  std::size_t at = 0;
  elements_ = Read(words, at);
  CHECK(at == words.size());
}

// Up to the word that closes the group it is called for.
Pattern::Elements Pattern::Read(const std::vector<std::string>& words, std::size_t& at) {
  Elements elements;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    Element element;
    if (word == "]" || word == "}" || word == "|") {
      break;
    }
    if (word == "[" || word == "{") {
      element.kind = word == "[" ? Element::Kind::kOptional : Element::Kind::kAnyOrder;
      do {
        element.parts.push_back(Read(words, ++at));
        CHECK(at < words.size() && !element.parts.back().empty());
      } while (words[at] == "|");
    } else if (word.starts_with("<")) {
      CHECK(word.ends_with(">"));
      std::string name = word.substr(1, word.size() - 2);
      element.list = name.find('+') != std::string::npos;
      std::erase(name, '+');
      const std::size_t colon = name.find(':');
      element.kind = Element::Kind::kSlot;
      element.slot = &SlotNamed(name.substr(0, colon));
      element.text = colon == std::string::npos ? name : name.substr(colon + 1);
    } else {
      element.text = word;
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

void Pattern::Collect(const Elements& elements,
                      std::vector<std::pair<const Slot*, std::string>>& out) {
  for (const Element& element : elements) {
    if (element.kind == Element::Kind::kSlot) {
      out.emplace_back(element.slot, element.text);
    }
    for (const Elements& part : element.parts) {
      Collect(part, out);
    }
  }
}

std::vector<std::pair<const Slot*, std::string>> Pattern::slots() const {
  std::vector<std::pair<const Slot*, std::string>> slots;
  Collect(elements_, slots);
  return slots;
}

// One attempt. A group is entered when its first element fits, and then has to fit whole.
struct Pattern::Run {
  std::span<const Token> tokens;
  const Names& names;
  bool negated;
  Meaning& meaning;
  Understood& understood;
  std::size_t at = 0;

  void Allow(const std::string& what) {
    if (at > understood.tokens) {
      understood = {at, {}};
    }
    if (at == understood.tokens) {
      understood.allowed.insert(what);
    }
  }

  bool Fits(const std::string& word) const {
    const Token& token = tokens[at];
    if (token.is_word(word) || token.is_sign(word)) {
      return true;
    }
    return negated && at == 1 && token.is_word(word.substr(0, word.size() - 1)) &&
           word.ends_with("s");
  }

  // Whether the element fits here; nothing is taken when it does not.
  bool One(const Element& element) {
    if (element.kind == Element::Kind::kWord) {
      if (!Fits(element.text)) {
        Allow(element.text);
        return false;
      }
      meaning.words_.insert(element.text);
      ++at;
      return true;
    }
    const std::size_t taken = element.slot->take(tokens.subspan(at), names);
    if (taken == 0) {
      Allow(element.slot->allowed(names));
      return false;
    }
    auto& values = meaning.values_[element.text];
    for (std::size_t i = 0; i < taken; ++i) {
      values.push_back(tokens[at++]);
    }
    if (element.list && tokens[at].is_sign(",")) {
      ++at;
      return One(element);
    }
    if (element.list) {
      Allow(",");
    }
    return true;
  }

  bool AnyOrder(const Element& element) {
    std::vector<bool> used(element.parts.size(), false);
    for (bool entered = true; entered;) {
      entered = false;
      for (std::size_t i = 0; i < element.parts.size() && !entered; ++i) {
        if (used[i] || !One(element.parts[i].front())) {
          continue;
        }
        used[i] = true;
        entered = true;
        if (!All(std::span(element.parts[i]).subspan(1))) {
          return false;
        }
      }
    }
    return true;
  }

  bool All(std::span<const Element> elements) {
    for (const Element& element : elements) {
      if (element.kind == Element::Kind::kAnyOrder) {
        if (!AnyOrder(element)) {
          return false;
        }
      } else if (element.kind == Element::Kind::kOptional) {
        if (One(element.parts.front().front()) &&
            !All(std::span(element.parts.front()).subspan(1))) {
          return false;
        }
      } else if (!One(element)) {
        return false;
      }
    }
    return true;
  }
};

bool Pattern::Match(std::span<const Token> tokens, const Names& names, bool negated,
                    Meaning& meaning, Understood& understood) const {
  Run run{tokens, names, negated, meaning, understood};
  if (!run.All(elements_)) {
    return false;
  }
  run.Allow("the end of the sentence");
  return tokens[run.at].kind == Token::Kind::kEnd;
}

}  // namespace chibo::scenario

#ifndef CHIBO_TESTS_SCENARIO_SLOTS_H_
#define CHIBO_TESTS_SCENARIO_SLOTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenario/words.h"

namespace chibo::scenario {

// What a scenario has given a name to so far.
class Names {
 public:
  enum class Kind : std::uint8_t { kUnit, kDevice, kMember, kRecord, kCopy };

  void Add(Kind kind, const std::string& name) { known_[kind].insert(name); }
  bool Knows(Kind kind, const std::string& name) const {
    const auto at = known_.find(kind);
    return at != known_.end() && at->second.contains(name);
  }
  // "ban-mai, cb-1, …": some of them, for people.
  std::string Some(Kind kind) const;

 private:
  std::map<Kind, std::set<std::string>> known_;
};

// What may stand in a place of a sentence: <date>, <device>, <grade> …
struct Slot {
  std::string_view name;
  // How many tokens from the front of these (the last is kEnd) it takes; 0: it does not fit.
  std::size_t (*take)(std::span<const Token> tokens, const Names& names);
  // What may stand here, for people.
  std::string (*allowed)(const Names& names);
  // What its token names from here on.
  std::vector<Names::Kind> declares = {};
};

// CHECKs that there is one of that name.
const Slot& SlotNamed(std::string_view name);
std::span<const Slot> AllSlots();

// The number a word of that slot stands for ("good" in <grade> is 3); nothing when it is none.
std::optional<int> NumberOf(std::string_view slot, std::string_view word);
// The word for a number.
std::string WordFor(std::string_view slot, int number);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_SLOTS_H_

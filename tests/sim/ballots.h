#ifndef CHIBO_TESTS_SIM_BALLOTS_H_
#define CHIBO_TESTS_SIM_BALLOTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/bytes.h"

namespace chibo::sim {

// What was announced of each count in the rooms of this world: ballots issued, returned and valid,
// then the votes for each level. What each one wrote on a paper, and in which order the papers were
// opened, no machine is told.
class Ballots {
 public:
  using Count = std::vector<std::uint32_t>;
  void Announce(ByteView person, Count count) {
    announced_[Bytes(person)].insert(std::move(count));
  }
  // Nothing when nobody has voted about that person.
  const std::set<Count>* About(ByteView person) const {
    const auto found = announced_.find(Bytes(person));
    return found == announced_.end() ? nullptr : &found->second;
  }

 private:
  std::map<Bytes, std::set<Count>> announced_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_BALLOTS_H_

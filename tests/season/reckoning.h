#ifndef CHIBO_TESTS_SEASON_RECKONING_H_
#define CHIBO_TESTS_SEASON_RECKONING_H_

#include <array>
#include <map>
#include <string>
#include <vector>

#include "tests/season/season.h"

namespace chibo::sim {

// What a node holds of all streams, or of those it has written; read by SQL of its own.
Held HeldAt(SimNode& node, bool own_only);
// Whether all that this node has written lies at the network's top to the last entry, and whether
// its superior's register says so to it. What is wrong, a line each.
std::vector<std::string> CheckReceipts(SimNode& node, const Held& top);

// What has to come of a season, counted from what was drawn, apart from the product's code.
class Reckoning {
 public:
  void Add(const Cell& cell);

  // Everybody's level and state in a node's view, nobody more and nobody less, and no case open.
  std::vector<std::string> CheckLevels(SimNode& node) const;
  // The members' table as that node prints it.
  std::vector<std::string> CheckTable(SimNode& node) const;

 private:
  std::map<Bytes, pb::Grade> due_;  // by person
  std::array<std::uint64_t, 5> levels_{};
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SEASON_RECKONING_H_

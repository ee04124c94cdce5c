#include "tests/sim/checkers/i17_clock.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "tests/sim/seen.h"

namespace chibo::sim {
namespace {

// Faults that strike at a byte or a disk operation strike elsewhere when a message or a row is a
// byte longer: then two runs differ for no reason of the clock's.
constexpr std::array kKept{FaultKind::kCrash, FaultKind::kRestore, FaultKind::kClone,
                           FaultKind::kSleep, FaultKind::kBusy,    FaultKind::kHostile,
                           FaultKind::kNewer, FaultKind::kOlder,   FaultKind::kRewrite,
                           FaultKind::kTwin,  FaultKind::kFlood,   FaultKind::kRoam};

using Seen = std::vector<std::vector<std::string>>;

Seen WhatAllSee(World& world) {
  Seen seen;
  for (const auto& machine : world.machines()) {
    seen.push_back(WhatIsSeen(machine->node().replica()));
  }
  return seen;
}

std::string FirstDifference(const std::vector<std::string>& one,
                            const std::vector<std::string>& other) {
  std::vector<std::string> differing;
  std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(),
                                std::back_inserter(differing));
  return differing.empty() ? "" : differing.front();
}

}  // namespace

std::optional<Violation> CompareClocks(Options options) {
  std::set<FaultKind> faults;
  for (const FaultKind kind : kKept) {
    if (options.Has(kind)) {
      faults.insert(kind);
    }
  }
  options.faults = std::move(faults);
  options.even_lines = true;
  Seen seen[2];
  std::vector<std::string> names;
  for (const bool other : {false, true}) {
    options.other_clocks = other;
    World world(options);
    if (auto violation = world.Run()) {
      return violation;
    }
    seen[other ? 1 : 0] = WhatAllSee(world);
    names.clear();
    for (const auto& machine : world.machines()) {
      names.push_back(machine->name());
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i >= seen[0].size() || seen[0][i] != seen[1][i]) {
      return Violation{"I17", names[i] + " sees something else when the clocks show other years: " +
                                  (i < seen[0].size() ? FirstDifference(seen[0][i], seen[1][i])
                                                      : "it is there at all")};
    }
  }
  return std::nullopt;
}

}  // namespace chibo::sim

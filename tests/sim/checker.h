#ifndef CHIBO_TESTS_SIM_CHECKER_H_
#define CHIBO_TESTS_SIM_CHECKER_H_

#include <memory>
#include <string_view>
#include <vector>

#include "tests/sim/ledger.h"

namespace chibo::sim {

class World;

// Holds one invariant (its number is that of docs/testing.md) against what lies in the stores, with
// an oracle that shares no code with the product. Says World::Violate and nothing else.
class Checker {
 public:
  virtual ~Checker() = default;
  virtual std::string_view invariant() const = 0;

  // An entry was seen for the first time since that machine's store was last read whole.
  virtual void SeeEntry(World&, Machine&, const SeenEntry&) {}
  // After each step that changed a disk, after its entries.
  virtual void AfterStep(World&, Machine&) {}
  // The machine came up and its store was read whole.
  virtual void AfterStart(World&, Machine&) {}
  // The machine's disk was put back to an older state; it is down.
  virtual void AfterPutBack(World&, Machine&) {}
  // Faults are over and everybody has talked until nothing moved.
  virtual void AtRest(World&) {}
};

std::vector<std::unique_ptr<Checker>> AllCheckers();

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_CHECKER_H_

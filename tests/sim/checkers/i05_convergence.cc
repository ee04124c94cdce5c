// I5: two nodes of one unit that hold the same set of entries have the same view, to the byte.
#include <set>

#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// Records of which the entry is held without the text: a device that was put back has its own
// entries again from above, where not all may be read.
std::set<RecordName> WithoutText(Machine& machine) {
  std::set<RecordName> names;
  static_cast<void>(machine.node().replica().view().VisitFacts([&names](const Fact& fact) {
    if (fact.content == Hash()) {
      names.insert(fact.name);
    }
    return true;
  }));
  return names;
}

class ConvergenceChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I5"; }

  void AfterStep(World& world, Machine& machine) override {
    for (const auto& other : world.machines()) {
      // Two servers that run from one disk have each other's entries from above, without the texts.
      const bool twins = machine.allowance().copy && world.seat(machine).role == pb::SERVER;
      if (other.get() != &machine && other->up() && !twins &&
          world.seat(*other).unit == world.seat(machine).unit) {
        Compare(world, machine, *other);
      }
    }
  }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        AfterStep(world, *machine);
      }
    }
  }

 private:
  void Compare(World& world, Machine& one, Machine& other) {
    if (one.older() != other.older() || one.allowance().rotten || other.allowance().rotten ||
        world.ledger().held(one) != world.ledger().held(other)) {
      return;
    }
    world.Reached("equal_sets_compared");
    const auto a = one.node().replica().ViewDigest();
    const auto b = other.node().replica().ViewDigest();
    if (a && b && *a != *b && WithoutText(one) == WithoutText(other)) {
      world.Violate(invariant(), one.name() + " and " + other.name() +
                                     " hold the same entries and see different things");
    }
  }
};

}  // namespace

std::unique_ptr<Checker> Convergence() { return std::make_unique<ConvergenceChecker>(); }

}  // namespace chibo::sim

// I8: of two different entries at one place of a stream never both count on one node, and a node
// that holds both lists the one that does not.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class ForksChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I8"; }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        Check(world, *machine);
      }
    }
  }

 private:
  void Check(World& world, Machine& machine) {
    std::map<std::pair<StreamId, std::uint64_t>, std::set<Hash>> leaves;
    for (const EntryKey& key : world.ledger().held(machine)) {
      leaves[{key.stream, key.index}].insert(key.leaf);
    }
    std::map<std::pair<StreamId, std::uint64_t>, std::set<std::uint32_t>> counting;
    const Status read = machine.node().replica().view().VisitFacts([&](const Fact& fact) {
      // A copy stands as its original does, wherever it is written.
      if (fact.standing == SetAside::kCounts && fact.kind != pb::Record::kCopy) {
        counting[{fact.name.stream, fact.name.index}].insert(fact.branch);
      }
      return true;
    });
    CHECK(read.has_value());
    for (const auto& [place, different] : leaves) {
      if (different.size() < 2) {
        continue;
      }
      world.Reached("fork_held");
      if (counting[place].size() > 1) {
        world.Violate(invariant(), machine.name() + " counts two entries at " +
                                       std::to_string(place.second) + " of stream " +
                                       place.first.hex().substr(0, 16));
      }
    }
  }
};

}  // namespace

std::unique_ptr<Checker> Forks() { return std::make_unique<ForksChecker>(); }

}  // namespace chibo::sim

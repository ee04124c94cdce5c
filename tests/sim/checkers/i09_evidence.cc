// I9: two entries at one place of a stream accuse its writer. No writer is accused whose disk was
// not run twice (or who does not forge): a directory that was put back begins new streams.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class EvidenceChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I9"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    if (!entry.own || machine.allowance().copy || machine.allowance().hostile) {
      return;
    }
    const auto [at, fresh] =
        first_.try_emplace({entry.key.stream, entry.key.index}, entry.key.leaf);
    if (!fresh && at->second != entry.key.leaf) {
      world.Violate(invariant(), machine.name() + " has written two entries at " +
                                     std::to_string(entry.key.index) + " of stream " +
                                     entry.key.stream.hex().substr(0, 16));
    }
  }

 private:
  std::map<std::pair<StreamId, std::uint64_t>, Hash> first_;
};

}  // namespace

std::unique_ptr<Checker> Evidence() { return std::make_unique<EvidenceChecker>(); }

}  // namespace chibo::sim

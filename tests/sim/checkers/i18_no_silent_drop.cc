// I18: every record of every entry held either counts or stands in the list of what is set aside,
// once, with a reason; and in the end nothing waits that could be judged.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class NoSilentDropChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I18"; }

  void SeeEntry(World&, Machine& machine, const SeenEntry& entry) override {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(entry.header));
    records_[machine.number()][{entry.key, entry.branch}] = header.slots_size();
  }

  void AfterPutBack(World&, Machine& machine) override { records_.erase(machine.number()); }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up() && !machine->allowance().hostile) {
        Check(world, *machine);
      }
    }
  }

 private:
  void Check(World& world, Machine& machine) {
    std::int64_t records = 0;
    for (const auto& [entry, count] : records_[machine.number()]) {
      records += count;
    }
    std::int64_t counted = 0;
    std::int64_t listed = 0;
    const ViewStore& view = machine.node().replica().view();
    CHECK(view.VisitFacts([&](const Fact& fact) {
      counted += fact.standing == SetAside::kCounts ? 1 : 0;
      return true;
    }));
    CHECK(view.VisitSetAside([&](const Fact& fact) {
      listed += fact.standing != SetAside::kCounts ? 1 : 0;
      world.Reached("set_aside_" + std::string(Name(fact.standing)));
      return true;
    }));
    if (counted + listed != records) {
      world.Violate(invariant(), machine.name() + " holds " + std::to_string(records) +
                                     " records, counts " + std::to_string(counted) + " and lists " +
                                     std::to_string(listed));
    }
  }

  std::map<std::size_t, std::map<std::pair<EntryKey, std::uint32_t>, int>> records_;
};

}  // namespace

std::unique_ptr<Checker> NoSilentDrop() { return std::make_unique<NoSilentDropChecker>(); }

}  // namespace chibo::sim

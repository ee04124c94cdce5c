// I14: what a node once knew of others' durable copies (register entries) and of forks it never
// forgets, unless its disk was put back; and then it has learned it again at rest.
#include <algorithm>

#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// By stream and unit; of a fork the number of branches, by stream and nobody.
using Known = std::map<std::pair<Bytes, Bytes>, std::int64_t>;

Known KnowledgeOf(Machine& machine) {
  Known known;
  for (const std::string_view sql :
       {std::string_view("SELECT stream, unit, size FROM registered"),
        std::string_view("SELECT stream.id, x'', COUNT(*) FROM branch JOIN stream ON "
                         "stream.no = branch.stream_no GROUP BY stream.id")}) {
    const auto prepared = machine.node().sql().Prepare(sql);
    CHECK(prepared.has_value());
    SqlStatement& rows = **prepared;
    for (auto row = rows.Step(); row && *row; row = rows.Step()) {
      std::int64_t& size = known[{Bytes(rows.BytesAt(0)), Bytes(rows.BytesAt(1))}];
      size = std::max(size, rows.Int(2));
    }
    rows.Reset();
  }
  return known;
}

// Whether the office has two histories: what it registered in the one that lost is void.
bool HasTwoHistories(Machine& machine, const Bytes& unit) {
  const auto streams = machine.node().replica().streams().All();
  return std::any_of(streams.begin(), streams.end(), [&unit](const Stream* stream) {
    return stream->forked() && stream->unit.view() == unit;
  });
}

class KnowledgeChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I14"; }

  void AfterStart(World& world, Machine& machine) override {
    Known now = KnowledgeOf(machine);
    Known& before = known_[machine.number()];
    for (const auto& [about, size] : before) {
      const auto still = now.find(about);
      if ((still == now.end() || still->second < size) && !HasTwoHistories(machine, about.second)) {
        world.Violate(invariant(), machine.name() + " no longer knows what it knew of stream " +
                                       ToHex(about.first).substr(0, 16));
        return;
      }
    }
    before = std::move(now);
  }

  void AfterPutBack(World&, Machine& machine) override { known_.erase(machine.number()); }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        AfterStart(world, *machine);
      }
    }
  }

 private:
  std::map<std::size_t, Known> known_;
};

}  // namespace

std::unique_ptr<Checker> Knowledge() { return std::make_unique<KnowledgeChecker>(); }

}  // namespace chibo::sim

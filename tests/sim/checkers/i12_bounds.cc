// I12: what a process has in memory and what lies on its disk stay below what the entries held and
// the connections open account for, whatever peers send, cut off and send again. Memory is counted
// at operator new, the disk by the length of its files.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// A node without anything; and what projecting, standing and heads cost an entry, its keys and
// indexes included.
constexpr std::int64_t kMemoryOfANode = 256 * 1024;
constexpr std::int64_t kMemoryOfAnEntry = 4 * 1024;
// Parts of chunks that were cut, by peer: of eight streams at most, and chunks are small here.
constexpr std::int64_t kMemoryOfAPeer = 32 * 1024;
// What is under way; a window would allow 1 MiB of it, and what that takes unpacked.
constexpr std::int64_t kMemoryOfASession = 1024 * 1024;
// The store itself: empty tables, a page a table at least; an entry with its facts, rows and
// indexes beside itself. Besides it lies a journal, which SQLite begins anew at 1,000 pages of one
// commit.
constexpr std::uint64_t kDiskOfANode = 128 * 1024;
constexpr std::uint64_t kDiskOfAJournal = 8 * 1024 * 1024;
constexpr std::uint64_t kDiskOfAnEntry = 4 * 1024;
constexpr std::uint64_t kDiskOfAByte = 6;

class BoundsChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I12"; }

  void AfterStep(World& world, Machine& machine) override { Check(world, machine); }
  void AfterStart(World& world, Machine& machine) override { Check(world, machine); }
  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        Check(world, *machine);
        CheckStore(world, *machine);
      }
    }
  }

 private:
  static std::uint64_t StoreMax(World& world, Machine& machine) {
    return kDiskOfANode + kDiskOfAnEntry * world.ledger().held(machine).size() +
           kDiskOfAByte * world.ledger().bytes(machine);
  }

  void CheckStore(World& world, Machine& machine) {
    const std::uint64_t bytes = machine.Backup().at("/chibo.db").size();
    if (bytes > StoreMax(world, machine)) {
      world.Violate(invariant(),
                    machine.name() + " has a store of " + std::to_string(bytes) + " bytes with " +
                        std::to_string(world.ledger().held(machine).size()) + " entries");
    }
  }

  void Check(World& world, Machine& machine) {
    const auto entries = static_cast<std::int64_t>(world.ledger().held(machine).size());
    const auto bytes = static_cast<std::int64_t>(world.ledger().bytes(machine));
    const auto peers = static_cast<std::int64_t>(world.Children(machine)) + 1;
    const auto sessions = static_cast<std::int64_t>(world.OpenLines(machine));
    const Machine::Memory& memory = machine.memory();
    const std::int64_t memory_max = kMemoryOfANode + kMemoryOfAPeer * peers +
                                    kMemoryOfASession * sessions + kMemoryOfAnEntry * entries +
                                    bytes;
    const std::uint64_t disk_max = StoreMax(world, machine) + kDiskOfAJournal;
    if (memory.session > kMemoryOfASession) {
      world.Violate(invariant(), "a session of " + machine.name() + " held " +
                                     std::to_string(memory.session) + " bytes");
    } else if (memory.bytes > memory_max) {
      world.Violate(invariant(), machine.name() + " has " + std::to_string(memory.bytes) +
                                     " bytes in memory with " + std::to_string(entries) +
                                     " entries and " + std::to_string(sessions) + " connections");
    } else if (machine.disk_bytes() > disk_max) {
      world.Violate(invariant(), machine.name() + " has " + std::to_string(machine.disk_bytes()) +
                                     " bytes on its disk with " + std::to_string(entries) +
                                     " entries of " + std::to_string(bytes) + " bytes");
    }
  }
};

}  // namespace

std::unique_ptr<Checker> Bounds() { return std::make_unique<BoundsChecker>(); }

}  // namespace chibo::sim

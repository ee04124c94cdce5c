// Bytes on a disk change by themselves: in an entry, in a checkpoint, in the head of a stream.
// Whoever reads them notices, nothing of it reaches another machine (I2, I4), and once the operator
// puts a copy back the node is whole again.
#include <array>

#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

struct Place {
  std::string_view table;
  std::string_view column;
};
constexpr std::array kPlaces{Place{"entry", "body"}, Place{"entry", "header"},
                             Place{"entry", "leaf"}, Place{"checkpoint", "signature"},
                             Place{"branch", "peaks"}};

class RotsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "rots"; }

  void Start(World& world) override {
    dice_ = world.Dice("rots");
    Machine* machine = world.machines()[dice_.Below(world.machines().size())].get();
    world.AtTimes(dice_, 1, [this, &world, machine] { Rot(world, *machine); });
  }

 private:
  void Rot(World& world, Machine& machine) {
    const Place& place = kPlaces[dice_.Below(kPlaces.size())];
    const std::uint64_t row = dice_.Below(1'000'000);
    const std::uint64_t bit = dice_.Below(1'000'000);
    if (machine.allowance().copy || machine.allowance().hostile || machine.disk_full()) {
      return;
    }
    if (machine.up()) {
      machine.Crash(false, Duration(60'000));
    }
    auto whole = std::make_shared<test::FaultVfs::Image>(machine.Backup());
    if (!machine.ChangeStore([&](SqlConnection& sql) { return Flip(sql, place, row, bit); })) {
      return;
    }
    machine.allowance().rotten = true;
    world.Note(machine.name() + " rots in " + std::string(place.table));
    world.Reached("rotten_" + std::string(place.table));
    const bool in_entry = place.table == "entry";
    world.events().After(
        Duration(3'600'000 + dice_.Below(18'000'000)),
        [&world, &machine, whole, in_entry] { Heal(world, machine, *whole, in_entry); });
  }

  // A bit of one row's value.
  static Status Flip(SqlConnection& sql, const Place& place, std::uint64_t row, std::uint64_t bit) {
    const std::string from = " FROM " + std::string(place.table);
    const std::string column(place.column);
    CHIBO_TRY_VALUE(SqlStatement * count, sql.Prepare("SELECT COUNT(*)" + from));
    CHIBO_TRY(count->Step());
    const auto rows = static_cast<std::uint64_t>(count->Int(0));
    count->Reset();
    CHIBO_TRY_VALUE(SqlStatement * read, sql.Prepare("SELECT " + column + from +
                                                     " ORDER BY stream_no LIMIT 1 OFFSET $1"));
    read->BindInt(1, static_cast<std::int64_t>(row % std::max<std::uint64_t>(rows, 1)));
    CHIBO_TRY_VALUE(const bool found, read->Step());
    Bytes value = found ? Bytes(read->BytesAt(0)) : Bytes();
    read->Reset();
    if (value.empty()) {
      return Fail(Code::kNotFound, "record_not_held");
    }
    const Bytes before = value;
    const std::size_t at = static_cast<std::size_t>(bit / 8 % value.size());
    value[at] = static_cast<char>(value[at] ^ (1 << (bit % 8)));
    CHIBO_TRY_VALUE(SqlStatement * write,
                    sql.Prepare("UPDATE " + std::string(place.table) + " SET " + column +
                                " = $1 WHERE " + column + " = $2"));
    write->BindBytes(1, value);
    write->BindBytes(2, before);
    CHIBO_TRY(write->Step());
    write->Reset();
    return {};
  }

  // What everybody does who looks: reads all entries.
  static bool IsNoticed(const Replica& replica) {
    for (const Stream* stream : replica.streams().All()) {
      for (const BranchRow& branch : stream->branches) {
        const auto read =
            replica.log().ReadEntries(stream->no, branch.branch, 0, SIZE_MAX, SIZE_MAX);
        if (!read && read.error().code == Code::kDamaged) {
          return true;
        }
      }
    }
    return false;
  }

  static void Heal(World& world, Machine& machine, const test::FaultVfs::Image& whole,
                   bool in_entry) {
    if (!machine.allowance().rotten) {
      return;  // put back for another reason meanwhile
    }
    world.Reached(machine.up() ? "rotten_and_running" : "rotten_and_refused");
    if (machine.up() && in_entry && !IsNoticed(machine.node().replica())) {
      world.Violate("I2", machine.name() + " has a changed entry on its disk and reads it");
      return;
    }
    if (machine.up()) {
      machine.Crash(false, Duration(60'000));
    }
    machine.PutBack(whole);
    world.Note(machine.name() + " is put back whole");
    world.Reached("rot_healed");
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Rots() { return std::make_unique<RotsWorkload>(); }

}  // namespace chibo::sim

// I10: text that is not for all of a stream's holders lies with nobody else than whom it is for:
// of a line its unit and that unit's superior; of a stream to V its unit, V, and the superiors of
// both. Nor does the secret that would open a guess. Who that is, is the tree as the simulator
// planted it. And at rest whoever it is for has it.
#include <algorithm>

#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

bool IsFor(const World& world, const StreamFacts& stream, const UnitId& reader) {
  const auto near = [&](const UnitId& unit) {
    return reader == unit || world.Superior(unit) == reader;
  };
  switch (stream.kind) {
    case pb::LINE:
      return near(stream.unit);
    case pb::TO:
      return near(stream.unit) || near(stream.other);
    default:
      return true;
  }
}

class ConfidentialityChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I10"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    const StreamFacts& stream = world.ledger().streams().at(entry.key.stream);
    const bool reads = IsFor(world, stream, world.seat(machine).unit);
    pb::EntryHeader header;
    CHECK(header.ParseFromString(entry.header));
    ByteView body = entry.body;
    for (const std::uint32_t slot : header.slots()) {
      const auto size = TakeVarint(body);
      CHECK(size.has_value());
      const std::uint64_t bytes = *size == 0 ? 32 : *size - 1;
      CHECK(bytes <= body.size());
      body.remove_prefix(static_cast<std::size_t>(bytes));
      const bool for_all = slot % 8 == pb::ALL;
      if (*size > 0 && !for_all && !reads) {
        world.Violate(invariant(), machine.name() + " holds a text that is not for it, in entry " +
                                       std::to_string(entry.key.index) + " of stream " +
                                       entry.key.stream.hex().substr(0, 16));
      }
      if (*size == 0 && reads && !for_all) {
        lacking_[machine.number()].insert(entry.key);
      }
    }
  }

  void AfterStart(World& world, Machine& machine) override { LookForSecrets(world, machine); }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        LookForSecrets(world, *machine);
      }
      // Texts come to a server from those below.
      const bool alone = world.seat(*machine).role == pb::SERVER && world.Children(*machine) == 0;
      if (machine->up() && !machine->allowance().revoked && !machine->allowance().hostile &&
          !alone) {
        LookForTexts(world, *machine);
      }
    }
  }

 private:
  void LookForSecrets(World& world, Machine& machine) {
    const auto prepared = machine.node().sql().Prepare(
        "SELECT stream.id FROM secret JOIN stream ON stream.no = secret.stream_no "
        "WHERE secret.reach = 1");
    CHECK(prepared.has_value());
    SqlStatement& secrets = **prepared;
    for (auto row = secrets.Step(); row && *row; row = secrets.Step()) {
      const StreamId id = StreamId::FromChecked(secrets.BytesAt(0));
      const auto stream = world.ledger().streams().find(id);
      if (stream != world.ledger().streams().end() &&
          !IsFor(world, stream->second, world.seat(machine).unit)) {
        world.Violate(invariant(), machine.name() + " holds the secret of stream " +
                                       id.hex().substr(0, 16) + ", which is not for it");
      }
    }
    secrets.Reset();
  }

  // All stores have been read anew: what was lacking then may have been filled in since.
  void LookForTexts(World& world, Machine& machine) {
    for (const EntryKey& key : lacking_[machine.number()]) {
      if (world.ledger().held(machine).contains(key) && !HasText(world, machine, key) &&
          IsToBeHadBy(world, machine, key)) {
        world.Violate(invariant(), machine.name() + " lacks a text that is for it, in entry " +
                                       std::to_string(key.index) + " of stream " +
                                       key.stream.hex().substr(0, 16));
      }
    }
  }

  // Texts go between a committee and those below, so who lacks one is to have it from whom it talks
  // to. Nobody is asked for what all of these have lost: a cell and its committee that were both
  // put back have it from nowhere, and a server that ran twice has nothing of the cells that talk
  // to the other. Beyond the unit and its committee a text travels sealed, from its writer.
  static bool IsToBeHadBy(World& world, Machine& machine, const EntryKey& key) {
    const bool beside =
        std::any_of(world.machines().begin(), world.machines().end(), [&](const auto& other) {
          const bool linked =
              world.parent(*other) == &machine || world.parent(machine) == other.get();
          return linked && !other->allowance().hostile && HasText(world, *other, key);
        });
    const StreamFacts& stream = world.ledger().streams().at(key.stream);
    const UnitId& unit = world.seat(machine).unit;
    const bool sealed = unit != stream.unit && world.Superior(stream.unit) != unit;
    return beside || (sealed && HeldByItsWriter(world, key));
  }

  static bool HeldByItsWriter(World& world, const EntryKey& key) {
    const auto first = world.ledger().known().find(key);
    Machine& writer = *world.machines()[first->second];
    // Of a server that ran twice nobody below holds both histories' texts.
    const bool twin = writer.allowance().copy && world.seat(writer).role == pb::SERVER;
    return !twin && HasText(world, writer, key);
  }

  // Whoever is let in: with a revoked device's text nobody is served.
  static bool HasText(World& world, Machine& machine, const EntryKey& key) {
    if (!machine.up() || machine.allowance().revoked ||
        !world.ledger().held(machine).contains(key)) {
      return false;
    }
    const Stream* stream = machine.node().replica().streams().Find(key.stream);
    CHECK(stream != nullptr);
    const auto prepared = machine.node().sql().Prepare(
        "SELECT header, body FROM entry WHERE stream_no = $1 AND idx = $2 AND leaf = $3");
    CHECK(prepared.has_value());
    SqlStatement& entry = **prepared;
    entry.BindInt(1, stream->no);
    entry.BindInt(2, static_cast<std::int64_t>(key.index));
    entry.BindBytes(3, key.leaf.view());
    const auto row = entry.Step();
    CHECK(row && *row);
    const bool lacks = Lacks(entry.BytesAt(0), entry.BytesAt(1));
    entry.Reset();
    return !lacks;
  }

  static bool Lacks(ByteView header_bytes, ByteView body) {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(Bytes(header_bytes)));
    for (int i = 0; i < header.slots_size(); ++i) {
      const auto size = TakeVarint(body);
      CHECK(size.has_value());
      if (*size == 0) {
        return true;
      }
      body.remove_prefix(static_cast<std::size_t>(*size - 1));
    }
    return false;
  }

  std::map<std::size_t, std::set<EntryKey>> lacking_;
};

}  // namespace

std::unique_ptr<Checker> Confidentiality() { return std::make_unique<ConfidentialityChecker>(); }

}  // namespace chibo::sim

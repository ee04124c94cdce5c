// I2: what stands at (stream, index) with a given hash has the same bytes on every machine, for
// ever: the header to the last byte, each record's payload where it is held, else its commitment.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

struct Slot {
  std::optional<Bytes> payload;
  std::optional<Bytes> commitment;
};

// The body's bytes as docs/protocol.md states them, read once more: per record varint(0) and 32
// bytes, or varint(size + 1) and the payload.
std::optional<std::vector<Slot>> SlotsOf(ByteView body) {
  std::vector<Slot> slots;
  while (!body.empty()) {
    std::uint64_t number = 0;
    int shift = 0;
    bool more = true;
    while (more) {
      if (body.empty() || shift > 63) {
        return std::nullopt;
      }
      const auto byte = static_cast<unsigned char>(body.front());
      body.remove_prefix(1);
      number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      shift += 7;
      more = (byte & 0x80) != 0;
    }
    const std::size_t size = number == 0 ? 32 : static_cast<std::size_t>(number - 1);
    if (size > body.size()) {
      return std::nullopt;
    }
    Slot slot;
    (number == 0 ? slot.commitment : slot.payload) = Bytes(body.substr(0, size));
    body.remove_prefix(size);
    slots.push_back(std::move(slot));
  }
  return slots;
}

class ImmutabilityChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I2"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    auto slots = SlotsOf(entry.body);
    if (!slots) {
      Violate(world, machine, entry, "a body that cannot be read");
      return;
    }
    const auto [first, fresh] = first_.try_emplace(entry.key, First{entry.header, *slots});
    if (fresh) {
      return;
    }
    if (first->second.header != entry.header) {
      Violate(world, machine, entry, "another header than was first seen");
    }
    if (first->second.slots.size() != slots->size()) {
      Violate(world, machine, entry, "another number of records than was first seen");
      return;
    }
    for (std::size_t i = 0; i < slots->size(); ++i) {
      Slot& known = first->second.slots[i];
      Slot& seen = (*slots)[i];
      if ((known.payload && seen.payload && known.payload != seen.payload) ||
          (known.commitment && seen.commitment && known.commitment != seen.commitment)) {
        Violate(world, machine, entry, "another record than was first seen");
      }
      known.payload = known.payload ? known.payload : seen.payload;
      known.commitment = known.commitment ? known.commitment : seen.commitment;
    }
  }

 private:
  struct First {
    Bytes header;
    std::vector<Slot> slots;
  };

  void Violate(World& world, const Machine& machine, const SeenEntry& entry, const char* what) {
    world.Violate(invariant(), machine.name() + " holds at " + std::to_string(entry.key.index) +
                                   " of stream " + entry.key.stream.hex().substr(0, 16) + " " +
                                   what);
  }

  std::map<EntryKey, First> first_;
};

}  // namespace

std::unique_ptr<Checker> Immutability() { return std::make_unique<ImmutabilityChecker>(); }

}  // namespace chibo::sim

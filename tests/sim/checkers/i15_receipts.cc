// I15: a register entry says that its writer durably held so much of a stream; it did, with that
// root. The root is computed here from the entries' hashes (RFC 6962).
#include "proto/crypto.h"
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

Hash RootOf(const std::vector<Hash>& leaves, std::size_t from, std::size_t to) {
  if (to - from == 1) {
    return leaves[from];
  }
  std::size_t half = 1;
  while (half * 2 < to - from) {
    half *= 2;
  }
  return Sha256({ByteView("\x01", 1), RootOf(leaves, from, from + half).view(),
                 RootOf(leaves, from + half, to).view()});
}

class ReceiptsChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I15"; }

  void SeeEntry(World&, Machine& machine, const SeenEntry& entry) override {
    if (entry.own && seen_.insert(entry.key).second) {
      fresh_.push_back({machine.number(), entry});
    }
  }

  // Not before the step's other entries are known too.
  void AfterStep(World& world, Machine& machine) override {
    for (const auto& [number, entry] : std::exchange(fresh_, {})) {
      pb::EntryHeader header;
      if (number != machine.number() || machine.allowance().hostile ||
          !header.ParseFromString(entry.header) || header.slots_size() != 1 ||
          header.slots(0) / 8 != static_cast<std::uint32_t>(pb::Record::kRegister)) {
        continue;
      }
      pb::Register record;
      ByteView body = entry.body;
      const auto size = TakeVarint(body);
      if (size && *size > 0 && record.ParseFromString(Bytes(body))) {
        for (const pb::Point& point : record.received()) {
          Check(world, machine, point);
        }
      }
    }
  }

 private:
  void Check(World& world, Machine& machine, const pb::Point& point) {
    const auto stream = StreamId::From(point.stream());
    const auto root = Hash::From(point.root());
    // By place; of a fork more than one, and then the root tells.
    std::map<std::uint64_t, std::vector<Hash>> places;
    for (auto at = world.ledger().held(machine).lower_bound({stream.value_or(StreamId()), 0, {}});
         at != world.ledger().held(machine).end() && stream && at->stream == *stream; ++at) {
      places[at->index].push_back(at->leaf);
    }
    bool forked = false;
    std::vector<Hash> leaves;
    for (std::uint64_t index = 0; index < point.size() && places.contains(index); ++index) {
      forked = forked || places[index].size() > 1;
      leaves.push_back(places[index].front());
    }
    const bool whole = stream && leaves.size() == point.size() && !leaves.empty();
    if (!whole || (!forked && RootOf(leaves, 0, leaves.size()) != root)) {
      world.Violate(invariant(), machine.name() + " has registered " +
                                     std::to_string(point.size()) + " entries of stream " +
                                     ToHex(point.stream()).substr(0, 16) +
                                     " and does not hold them");
    }
    world.Reached("register_entry_checked");
  }

  std::set<EntryKey> seen_;
  std::vector<std::pair<std::size_t, SeenEntry>> fresh_;
};

}  // namespace

std::unique_ptr<Checker> Receipts() { return std::make_unique<ReceiptsChecker>(); }

}  // namespace chibo::sim

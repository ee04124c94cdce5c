// I3: nothing counts that its writer might not say. Who wrote what, in which role, and what was
// revoked when, the simulator knows itself: it enrolled and revoked the devices. The other way
// round too: what a device in good standing has written counts for whoever can read it.
#include <algorithm>

#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

std::string Place(const Fact& fact) {
  const KindTraits* traits = TraitsOf(fact.kind);
  return std::to_string(fact.name.index) + " of stream " + fact.name.stream.hex().substr(0, 16) +
         " (" + (traits == nullptr ? "unknown kind" : std::string(traits->name)) + ")";
}

class AuthorityChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I3"; }

  void SeeEntry(World&, Machine& machine, const SeenEntry& entry) override {
    if (entry.own) {
      writers_[entry.key.stream].insert(machine.number());
    }
  }

  void AtRest(World& world) override {
    for (const auto& machine : world.machines()) {
      if (machine->up() && !machine->allowance().revoked && !machine->allowance().hostile) {
        Check(world, *machine);
      }
    }
  }

 private:
  void Check(World& world, Machine& machine) {
    const Status read = machine.node().replica().view().VisitFacts([&](const Fact& fact) {
      Judge(world, machine, fact);
      return !world.violated();
    });
    CHECK(read.has_value());
  }

  void Judge(World& world, Machine& machine, const Fact& fact) {
    const bool counts = fact.standing == SetAside::kCounts;
    if (world.IsDisowned(fact.name.stream)) {
      if (counts) {
        world.Violate(invariant(), machine.name() + " counts entry " + Place(fact) +
                                       ", begun in another unit's name");
      }
      return;
    }
    const auto writers = writers_.find(fact.name.stream);
    if (writers == writers_.end()) {
      if (counts) {
        world.Violate(invariant(), machine.name() + " counts entry " + Place(fact) +
                                       ", of a device that nobody enrolled");
      }
      return;
    }
    bool good = true;
    for (const std::size_t number : writers->second) {
      const Machine::Allowance& writer = world.machines()[number]->allowance();
      good = good && !writer.hostile && !writer.copy && !writer.revoked &&
             !(writer.officer_replaced && IsSigned(fact)) &&
             !(writer.approved_anew && AnyOfficerReplaced(world)) &&
             !(fact.kind == static_cast<std::uint32_t>(pb::Record::kCopy) &&
               AnyOfficerReplaced(world));
      JudgeRevoked(world, machine, *world.machines()[number], fact);
    }
    if (good && !counts && !IsUnsigned(fact) && fact.record != nullptr &&
        !IsForked(machine, fact)) {
      world.Violate(invariant(), machine.name() + " does not count entry " + Place(fact) +
                                     " of a device in good standing (" +
                                     std::string(Name(fact.standing)) + ")");
    }
  }

  void JudgeRevoked(World& world, const Machine& machine, const Machine& writer, const Fact& fact) {
    const Machine::Allowance& allowance = writer.allowance();
    // Who ended it may have gone back to a time before, and then nobody need know of it.
    if (!allowance.revoked || world.machines()[allowance.revoked_by]->allowance().went_back ||
        allowance.copy || allowance.hostile || fact.record == nullptr) {
      return;
    }
    const auto kept = allowance.kept.find(fact.name.stream);
    const bool keeps = kept != allowance.kept.end() && fact.name.index < kept->second;
    if (keeps && IsUnsigned(fact)) {
      return;
    }
    if (keeps != (fact.standing == SetAside::kCounts)) {
      world.Violate(invariant(), machine.name() + (keeps ? " does not count" : " counts") +
                                     " entry " + Place(fact) + " of a revoked device");
    }
    world.Reached(keeps ? "kept_before_revocation" : "cut_by_revocation");
  }

  // The people of this world sign nothing with keys of their own, and one cell writes a kind that
  // nobody knows yet.
  static bool IsUnsigned(const Fact& fact) {
    return fact.standing == SetAside::kBadAttestation || fact.standing == SetAside::kNotUnderstood;
  }

  // A copy stands as its original, which may be signed by an officer of anywhere. And a certificate
  // that its server has forgotten lies in geneses alone, which vouch for nothing once its officer
  // was replaced (decision 0032).
  static bool AnyOfficerReplaced(const World& world) {
    return std::any_of(world.machines().begin(), world.machines().end(),
                       [](const auto& machine) { return machine->allowance().officer_replaced; });
  }

  static bool IsSigned(const Fact& fact) {
    const KindTraits* traits = TraitsOf(fact.kind);
    return traits != nullptr && !traits->object.empty();
  }

  static bool IsForked(Machine& machine, const Fact& fact) {
    const Stream* stream = machine.node().replica().streams().Find(fact.name.stream);
    return stream != nullptr && stream->forked();
  }

  std::map<StreamId, std::set<std::size_t>> writers_;
};

}  // namespace

std::unique_ptr<Checker> Competence() { return std::make_unique<AuthorityChecker>(); }

}  // namespace chibo::sim

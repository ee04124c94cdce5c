// I4: nobody holds an entry that the machine with its writer's key did not write. An entry first
// seen on another machine than one that writes the stream was made up. Who forges may hold what it
// made up: nobody else does.
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class AuthenticityChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I4"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    if (written_.contains(entry.key) || (machine.allowance().hostile && !entry.own)) {
      return;
    }
    if (!entry.own) {
      world.Violate(invariant(), machine.name() + " holds entry " +
                                     std::to_string(entry.key.index) + " of stream " +
                                     entry.key.stream.hex().substr(0, 16) +
                                     ", which nobody has written");
    }
    written_.insert(entry.key);
  }

 private:
  std::set<EntryKey> written_;
};

}  // namespace

std::unique_ptr<Checker> Authenticity() { return std::make_unique<AuthenticityChecker>(); }

}  // namespace chibo::sim

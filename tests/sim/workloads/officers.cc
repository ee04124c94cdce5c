// A committee's officer is replaced: the one above certifies the new key and ends the old one,
// keeping what is held of what it signed. Somebody makes sure first that everything has arrived.
#include "node/revoke.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class OfficersWorkload final : public Workload {
 public:
  std::string_view name() const override { return "officers"; }

  void Start(World& world) override {
    dice_ = world.Dice("officers");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (world.seat(*raw).role == pb::SERVER && raw != &world.top() && dice_.Below(3) == 0) {
        world.AtTimes(dice_, 5, [&world, raw] { Replace(world, *raw); });
      }
    }
  }

 private:
  static bool HasAllOf(World& world, const Machine& above, const Machine& server) {
    const std::set<EntryKey>& there = world.ledger().held(above);
    for (const EntryKey& key : world.ledger().held(server)) {
      if (world.ledger().streams().at(key.stream).unit == world.seat(server).unit &&
          !there.contains(key)) {
        return false;
      }
    }
    return true;
  }

  static void Replace(World& world, Machine& server) {
    Machine& above = *world.parent(server);
    if (server.allowance().officer_replaced || server.allowance().copy || !server.up() ||
        !above.up() || !HasAllOf(world, above, server)) {
      return;
    }
    const UnlockedKey key = SimNode::MakeOfficerKey(server.random());
    const UnitId unit = world.seat(server).unit;
    const bool done = world.Act(above, "replaces an officer", [&](Replica& replica) -> Status {
      const auto before = replica.authority().Current(unit, pb::AUTHORITY);
      CHIBO_TRY_VALUE(const Issuer officer, above.node().FindOfficer());
      if (before.size() != 1) {
        return Fail(Code::kNotFound, "certificate_unknown");
      }
      pb::CertificateBody body;
      body.set_unit(Bytes(unit.view()));
      body.set_role(pb::AUTHORITY);
      pb::Key& named = *body.add_keys();
      named.set_usage(pb::SIGN);
      named.set_algorithm(1);
      named.set_key(Bytes(key.sign.public_key().view()));
      body.set_label("Người thay");
      body.set_replaces(Bytes(before.front().id.view()));
      Draft draft;
      draft.claimed = above.Wall();
      draft.Add(MakeCertificate(replica.settings().network, officer, std::move(body)));
      CHIBO_TRY(replica.Transact(above.Wall(), [&](StreamWriter& writer) -> Status {
        CHIBO_TRY(writer.Append(pb::TO, unit, std::move(draft)));
        return {};
      }));
      CHIBO_TRY(
          RevokeDevice(replica, officer, before.front().id, true, "Thôi giữ chức", above.Wall()));
      return {};
    });
    if (done && server.up()) {
      server.node().TakeOfficerKey(key);
      server.allowance().officer_replaced = true;
      world.Reached("officer_replaced");
      server.SyncNow();
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Officers() { return std::make_unique<OfficersWorkload>(); }

}  // namespace chibo::sim

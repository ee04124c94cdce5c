// Devices come and go: a lost laptop's certificate is ended by the committee (its holder writes on
// and tries to sync), and the cell gets another device.
#include "node/revoke.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class DevicesWorkload final : public Workload {
 public:
  std::string_view name() const override { return "devices"; }

  void Start(World& world) override {
    dice_ = world.Dice("devices");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (world.seat(*raw).role == pb::DEPUTY && dice_.Below(2) == 0) {
        world.AtTimes(dice_, 1, [this, &world, raw] { Lose(world, *raw); });
      }
    }
  }

 private:
  void Lose(World& world, Machine& lost) {
    Machine& server = *world.parent(lost);
    const bool keep = dice_.Below(2) == 0;
    const UnitId unit = world.seat(lost).unit;
    const SignPublicKey key = lost.node().device().sign.public_key();
    const bool done = world.Act(server, "revokes", [&](Replica& replica) -> Status {
      for (const ValidCertificate& one : replica.authority().Current(unit, pb::DEPUTY)) {
        if (one.key == key) {
          CHIBO_TRY_VALUE(const RevokedAt revoked,
                          RevokeDevice(replica, server.node().officer(), one.id, keep, "Mất máy",
                                       server.Wall()));
          for (const Position& point : revoked.kept) {
            lost.allowance().kept[point.stream] = point.size;
          }
        }
      }
      return {};
    });
    if (!done) {
      return;
    }
    world.Reached(keep ? "device_revoked_keeping_its_past" : "device_revoked_altogether");
    lost.allowance().revoked = true;
    // The lines it has open stay open until they end by themselves.
    if (server.up() && !server.disk_full() && dice_.Below(2) == 0) {
      world.Enrol(server, unit, pb::DEPUTY);
      world.Reached("device_replaced");
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Devices() { return std::make_unique<DevicesWorkload>(); }

}  // namespace chibo::sim

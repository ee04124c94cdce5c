// Devices come and go: a lost laptop's certificate is ended by the committee or from above it (its
// holder writes on and tries to sync), and the cell gets another device.
#include "node/revoke.h"
#include "tests/sim/workloads/all.h"
#include "tests/sim/workloads/papers.h"
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
      const pb::Role role = world.seat(*raw).role;
      const bool lost = (role == pb::DEPUTY && dice_.Below(2) == 0) ||
                        (role == pb::SECRETARY && dice_.Below(8) == 0);
      if (lost) {
        // Ended by the committee, or by the one above it, of which the committee hears later:
        // what the device writes and brings in until then is past the end.
        const bool from_above = dice_.Below(2) == 0;
        world.AtTimes(dice_, 1, [this, &world, raw, from_above] { Lose(world, *raw, from_above); });
      }
    }
  }

 private:
  void Lose(World& world, Machine& lost, bool from_above) {
    Machine& server = *world.parent(lost);
    Machine& by = from_above ? *world.parent(server) : server;
    const bool keep = dice_.Below(3) != 0;
    const UnitId unit = world.seat(lost).unit;
    if (!lost.up() || lost.allowance().copy) {
      return;
    }
    const SignPublicKey key = lost.node().device().sign.public_key();
    bool found = false;
    const bool done = world.Act(by, "revokes", [&](Replica& replica) -> Status {
      CHIBO_TRY_VALUE(const Issuer officer, by.node().FindOfficer());
      for (const ValidCertificate& one : replica.authority().Current(unit, world.seat(lost).role)) {
        if (one.key == key) {
          CHIBO_TRY_VALUE(const RevokedAt revoked,
                          RevokeDevice(replica, officer, one.id, keep, "Mất máy", by.Wall()));
          found = true;
          for (const Position& point : revoked.kept) {
            lost.allowance().kept[point.stream] = point.size;
          }
        }
      }
      return {};
    });
    if (!done && !by.up()) {
      // The crash may have come after the commit.
      LookLater(world, lost, by);
    }
    if (!done || !found) {
      return;
    }
    world.Reached(keep ? "device_revoked_keeping_its_past" : "device_revoked_altogether");
    if (from_above) {
      world.Reached("device_revoked_from_above");
    }
    MarkRevoked(world, lost, by);
    // The lines it has open stay open until they end by themselves.
    const bool replaced = dice_.Below(2) == 0;
    if (replaced && server.up() && !server.disk_full() && !server.allowance().rotten &&
        server.node().FindOfficer()) {
      world.Enrol(server, unit, world.seat(lost).role);
      world.Reached("device_replaced");
    }
  }

  // Whether that machine holds a revocation of the device; notes what it keeps.
  static bool IsRevokedBy(Machine& lost, Machine& by) {
    std::set<CertificateId> certificates;
    for (const Stream* stream : lost.node().replica().streams().All()) {
      if (stream->own) {
        certificates.insert(Streams::StateOf(*stream).certificate_id);
      }
    }
    const auto revocations = by.node().replica().view().FactsOf(KeyOfKind(pb::Record::kRevocation));
    CHECK(revocations.has_value());
    for (const Fact& fact : *revocations) {
      const pb::RevocationBody& body = fact.record->revocation().body();
      const auto ended = CertificateId::From(body.certificate());
      if (ended && certificates.contains(*ended)) {
        for (const pb::Point& point : body.kept()) {
          lost.allowance().kept[*StreamId::From(point.stream())] = point.size();
        }
        return true;
      }
    }
    return false;
  }

  void LookLater(World& world, Machine& lost, Machine& by) {
    world.events().After(Duration(3'600'000), [this, &world, &lost, &by] {
      if (!by.up() || !lost.up()) {
        LookLater(world, lost, by);
      } else if (IsRevokedBy(lost, by)) {
        MarkRevoked(world, lost, by);
      }
    });
  }

  void MarkRevoked(World& world, Machine& lost, const Machine& by) {
    lost.allowance().revoked = true;
    lost.allowance().revoked_by = by.number();
    GoOn(world, lost);
  }

  // Who has it writes on and asks to be let in.
  void GoOn(World& world, Machine& lost) {
    for (std::uint64_t i = 1 + dice_.Below(3); i > 0; --i) {
      const Duration wait(1 + dice_.Below(3'600'000));
      world.events().After(wait, [this, &world, &lost] {
        if (world.Act(lost, "writes on", [&](Replica& replica) {
              return Record(replica, ReviewOf(dice_.DrawFixed<PersonId>(), 0), {}, lost.Wall());
            })) {
          world.Reached("lost_device_writes_on");
        }
        lost.SyncNow();
      });
    }
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Devices() { return std::make_unique<DevicesWorkload>(); }

}  // namespace chibo::sim

// Sending and receiving, and what goes wrong.
#include "node/revoke.h"
#include "node/typed_value.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

sim::Machine& DeviceOf(Player& player, const Meaning& meaning) {
  return player.device(meaning.One("device"));
}

Played Syncs(Player& player, const Meaning& meaning) {
  if (meaning.Has("number")) {
    player.set_lines({std::stoull(meaning.One("number")), std::nullopt});
  }
  return player.Sync(DeviceOf(player, meaning));
}

// One connection, cut: what came through stays, and whether it was enough is not asked.
Played IsCut(Player& player, const Meaning& meaning) {
  player.set_lines({std::stoull(meaning.One("number")), 1});
  static_cast<void>(player.Sync(DeviceOf(player, meaning)));
  return {};
}

Played SyncsAll(Player& player, const Meaning&) { return player.SyncAll(); }

Played GoesOffline(Player& player, const Meaning& meaning) {
  player.offline().insert(meaning.One("device"));
  return {};
}
Played GoesOnline(Player& player, const Meaning& meaning) {
  player.offline().erase(meaning.One("device"));
  return {};
}

Played Crash(Player& player, const Meaning& meaning, bool power) {
  sim::Machine& machine = DeviceOf(player, meaning);
  if (!machine.up()) {
    return NotDone("the device is not running");
  }
  machine.Crash(power, std::chrono::minutes(1));
  player.world().RunDry();
  return machine.up() ? Played() : NotDone("it does not start again");
}
Played LosesPower(Player& player, const Meaning& meaning) { return Crash(player, meaning, true); }
Played IsKilled(Player& player, const Meaning& meaning) { return Crash(player, meaning, false); }

Played KeepsCopy(Player& player, const Meaning& meaning) {
  player.copies()[meaning.One("new-copy")] = DeviceOf(player, meaning).Backup();
  return {};
}

Played GoesBack(Player& player, const Meaning& meaning) {
  sim::Machine& machine = DeviceOf(player, meaning);
  machine.Crash(false, std::chrono::minutes(1));
  machine.PutBack(player.copies().at(meaning.One("copy")));
  player.world().RunDry();
  return machine.up() ? Played() : NotDone("it does not start again");
}

Played IsCopied(Player& player, const Meaning& meaning) {
  player.AddCopy(meaning.One("new-device"), DeviceOf(player, meaning), meaning.Says("whole"));
  return {};
}

Played SetsClock(Player& player, const Meaning& meaning) {
  sim::Machine& machine = DeviceOf(player, meaning);
  const Timestamp shown(Duration(*TimeFrom(meaning.One("date") + " 08:00")));
  machine.clock().Jump(player.world().now(), shown - machine.Wall(), 1);
  return {};
}
Played StopsClock(Player& player, const Meaning& meaning) {
  DeviceOf(player, meaning).clock().Jump(player.world().now(), Duration(0), 0);
  return {};
}
Played RightsClock(Player& player, const Meaning& meaning) {
  sim::Machine& machine = DeviceOf(player, meaning);
  const Timestamp right = player.world().options().begins + player.world().now().time_since_epoch();
  machine.clock().Jump(player.world().now(), right - machine.Wall(), 1);
  return {};
}

Played FillsDisk(Player& player, const Meaning& meaning) {
  DeviceOf(player, meaning).FillDisk(true);
  return {};
}
Played FreesDisk(Player& player, const Meaning& meaning) {
  DeviceOf(player, meaning).FillDisk(false);
  return {};
}

Played Revokes(Player& player, const Meaning& meaning) {
  sim::Machine& machine = DeviceOf(player, meaning);
  sim::Machine& lost = player.device(meaning.One("lost"));
  const sim::World::Seat& seat = player.world().seat(lost);
  return player.ActAsOfficer(
      machine, "revokes", [&](Replica& replica, const Issuer& officer) -> Status {
        const SignPublicKey key = lost.node().device().sign.public_key();
        for (const ValidCertificate& one : replica.authority().Current(seat.unit, seat.role)) {
          if (one.key == key) {
            CHIBO_TRY(RevokeDevice(replica, officer, one.id, meaning.Says("keeping"),
                                   meaning.One("text"), machine.Wall()));
            lost.allowance().revoked = true;
            return {};
          }
        }
        return Fail(Code::kNotFound, "certificate_unknown", lost.name());
      });
}

}  // namespace

std::vector<Form> MishapForms() {
  return {
      {"<device> syncs [ , cut after <number> bytes ]", Syncs},
      {"<device> tries to sync , cut after <number> bytes", IsCut},
      {"everybody syncs", SyncsAll},
      {"<device> is offline", GoesOffline},
      {"<device> is online", GoesOnline},
      {"<device> loses power", LosesPower},
      {"<device> is killed", IsKilled},
      {"<device> keeps a copy as <new-copy>", KeepsCopy},
      {"<device> goes back to <copy>", GoesBack},
      {"<device> is copied [ whole ] as <new-device>", IsCopied},
      {"<device> has a clock that shows <date>", SetsClock},
      {"<device> has a clock that stands still", StopsClock},
      {"<device> has the right time", RightsClock},
      {"<device> has a full disk", FillsDisk},
      {"<device> has room on its disk", FreesDisk},
      {"<device> revokes <device:lost> [ keeping what it holds ] because <text>", Revokes},
  };
}

}  // namespace chibo::scenario

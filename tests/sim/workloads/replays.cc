// A stranger on the way has recorded what children sent and says it again, to a fresh connection,
// whole or in part.
#include "tests/sim/workloads/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

class ReplaysWorkload final : public Workload {
 public:
  std::string_view name() const override { return "replays"; }

  void Start(World& world) override {
    dice_ = world.Dice("replays");
    for (const auto& machine : world.machines()) {
      Machine* raw = machine.get();
      if (world.seat(*raw).role == pb::SERVER) {
        world.AtTimes(dice_, dice_.Below(8), [this, &world, raw] { Replay(world, *raw); });
      }
    }
  }

 private:
  void Replay(World& world, Machine& server) {
    const auto& recordings = world.recordings(server);
    if (!server.up() || server.asleep() || recordings.empty()) {
      return;
    }
    const Bytes& bytes = recordings[dice_.Below(recordings.size())];
    const std::size_t size = dice_.Below(2) == 0 ? bytes.size() : dice_.Below(bytes.size() + 1);
    world.ReplayInto(server, bytes.substr(0, size));
    world.Reached("session_replayed");
  }

  SeededRandom dice_{0};
};

}  // namespace

std::unique_ptr<Workload> Replays() { return std::make_unique<ReplaysWorkload>(); }

}  // namespace chibo::sim

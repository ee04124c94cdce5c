#include "tests/sim/workloads/all.h"

#include "tests/sim/world.h"

namespace chibo::sim {

std::vector<std::unique_ptr<Workload>> WorkloadsFor(const World& world) {
  const Options& options = world.options();
  std::vector<std::unique_ptr<Workload>> workloads;
  workloads.push_back(Reviews());
  workloads.push_back(Members());
  workloads.push_back(Meetings());
  workloads.push_back(Devices());
  workloads.push_back(Officers());
  workloads.push_back(Reorganisations());
  workloads.push_back(Windows());
  const auto when = [&](FaultKind kind, std::unique_ptr<Workload> (*make)()) {
    if (options.Has(kind)) {
      workloads.push_back(make());
    }
  };
  when(FaultKind::kCrash, Crashes);
  when(FaultKind::kFull, FullDisks);
  when(FaultKind::kRestore, Restores);
  when(FaultKind::kClone, Clones);
  when(FaultKind::kClock, WrongClocks);
  when(FaultKind::kSleep, Sleeps);
  when(FaultKind::kReplay, Replays);
  when(FaultKind::kHostile, Forgers);
  when(FaultKind::kHostile, Liars);
  when(FaultKind::kHostile, Outsiders);
  when(FaultKind::kNewer, Newer);
  when(FaultKind::kOlder, Olders);
  when(FaultKind::kRewrite, Rewriters);
  when(FaultKind::kTwin, Twins);
  when(FaultKind::kFlood, Floods);
  when(FaultKind::kRot, Rots);
  when(FaultKind::kRoam, Roamers);
  return workloads;
}

}  // namespace chibo::sim

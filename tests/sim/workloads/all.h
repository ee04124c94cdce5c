#ifndef CHIBO_TESTS_SIM_WORKLOADS_ALL_H_
#define CHIBO_TESTS_SIM_WORKLOADS_ALL_H_

#include <memory>

#include "tests/sim/workload.h"

// One a file; what it does stands there.
namespace chibo::sim {

std::unique_ptr<Workload> Windows();          // windows.cc: when which node syncs
std::unique_ptr<Workload> Reviews();          // reviews.cc
std::unique_ptr<Workload> Meetings();         // meetings.cc
std::unique_ptr<Workload> Members();          // members.cc
std::unique_ptr<Workload> Devices();          // devices.cc
std::unique_ptr<Workload> Officers();         // officers.cc
std::unique_ptr<Workload> Reorganisations();  // reorganisations.cc
std::unique_ptr<Workload> Crashes();          // crashes.cc
std::unique_ptr<Workload> FullDisks();        // full_disks.cc
std::unique_ptr<Workload> Restores();         // restores.cc
std::unique_ptr<Workload> Clones();           // clones.cc
std::unique_ptr<Workload> WrongClocks();      // wrong_clocks.cc
std::unique_ptr<Workload> Sleeps();           // sleeps.cc
std::unique_ptr<Workload> Replays();          // replays.cc
std::unique_ptr<Workload> Liars();            // liars.cc
std::unique_ptr<Workload> Newer();            // newer.cc
std::unique_ptr<Workload> Forgers();          // forgers.cc
std::unique_ptr<Workload> Outsiders();        // outsiders.cc
std::unique_ptr<Workload> Olders();           // olders.cc
std::unique_ptr<Workload> Rewriters();        // rewriters.cc
std::unique_ptr<Workload> Twins();            // twins.cc
std::unique_ptr<Workload> Floods();           // floods.cc
std::unique_ptr<Workload> Rots();             // rots.cc
std::unique_ptr<Workload> Roamers();          // roamers.cc

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_WORKLOADS_ALL_H_

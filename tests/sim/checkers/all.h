#ifndef CHIBO_TESTS_SIM_CHECKERS_ALL_H_
#define CHIBO_TESTS_SIM_CHECKERS_ALL_H_

#include <memory>

#include "tests/sim/checker.h"

// One invariant a file; its words stand there.
namespace chibo::sim {

std::unique_ptr<Checker> Durability();         // i01_durability.cc
std::unique_ptr<Checker> Immutability();       // i02_immutability.cc
std::unique_ptr<Checker> Competence();         // i03_authority.cc
std::unique_ptr<Checker> Authenticity();       // i04_authenticity.cc
std::unique_ptr<Checker> Convergence();        // i05_convergence.cc
std::unique_ptr<Checker> OrderIndependence();  // i06_order.cc
std::unique_ptr<Checker> Forks();              // i08_forks.cc
std::unique_ptr<Checker> Evidence();           // i09_evidence.cc
std::unique_ptr<Checker> Confidentiality();    // i10_confidentiality.cc
std::unique_ptr<Checker> BallotSecrecy();      // i11_ballots.cc
std::unique_ptr<Checker> Bounds();             // i12_bounds.cc
std::unique_ptr<Checker> Progress();           // i13_progress.cc
std::unique_ptr<Checker> Knowledge();          // i14_knowledge.cc
std::unique_ptr<Checker> Receipts();           // i15_receipts.cc
std::unique_ptr<Checker> Grading();            // i16_grading.cc
std::unique_ptr<Checker> Upgrade();            // i19_upgrade.cc
std::unique_ptr<Checker> NoSilentDrop();       // i18_no_silent_drop.cc

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_CHECKERS_ALL_H_

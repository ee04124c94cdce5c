#include "tests/sim/checkers/all.h"

namespace chibo::sim {

std::vector<std::unique_ptr<Checker>> AllCheckers() {
  std::vector<std::unique_ptr<Checker>> checkers;
  checkers.push_back(Durability());
  checkers.push_back(Immutability());
  checkers.push_back(Authenticity());
  checkers.push_back(Evidence());
  checkers.push_back(Confidentiality());
  checkers.push_back(BallotSecrecy());
  checkers.push_back(Bounds());
  checkers.push_back(Knowledge());
  checkers.push_back(Receipts());
  checkers.push_back(Progress());
  checkers.push_back(Convergence());
  checkers.push_back(OrderIndependence());
  checkers.push_back(Forks());
  checkers.push_back(Competence());
  checkers.push_back(Grading());
  checkers.push_back(NoSilentDrop());
  checkers.push_back(Upgrade());
  return checkers;
}

}  // namespace chibo::sim

#ifndef CHIBO_TESTS_ORDERS_ORDERS_H_
#define CHIBO_TESTS_ORDERS_ORDERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tests/node/observer.h"

namespace chibo::orders {

// Merging alone, without sessions and disks: the entries of a random province, with revocations,
// moves, copies, adoptions, rulings and forks among them, are taken in by nodes that hold nothing
// yet, in random orders, batches and with restarts. Nodes that hold the same entries have to have
// the same view. Each signature is checked once, whichever node asks again
// (remembered_signatures.h).
class Orders {
 public:
  explicit Orders(std::uint64_t seed);
  ~Orders();

  // One set of entries, drawn from all of the province's, in `orders` orders. What differed, or
  // nothing.
  std::optional<std::string> Run(std::uint64_t set, std::uint32_t orders);

  std::uint64_t entries() const { return entries_; }    // taken in, over all runs
  std::uint64_t early() const { return early_; }        // that came before what they rest on
  std::uint64_t restarts() const { return restarts_; }  // in the middle
  std::uint64_t forks() const { return forks_; }        // streams with more than one branch, ditto

 private:
  struct Province;
  struct Piece;
  using Parts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // of branches in order: end

  Observer& BeginAnew(Random& random);
  std::vector<Piece> Shuffled(const Parts& parts, SeededRandom& dice) const;
  void Feed(std::vector<Piece> waiting, Observer& observer, SeededRandom& dice);

  std::unique_ptr<Province> province_;
  std::unique_ptr<Observer> observer_;
  std::uint64_t entries_ = 0;
  std::uint64_t early_ = 0;
  std::uint64_t restarts_ = 0;
  std::uint64_t forks_ = 0;
};

}  // namespace chibo::orders

#endif  // CHIBO_TESTS_ORDERS_ORDERS_H_

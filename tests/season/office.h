#ifndef CHIBO_TESTS_SEASON_OFFICE_H_
#define CHIBO_TESTS_SEASON_OFFICE_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/disk/fault_vfs.h"
#include "tests/sim/sim_node.h"

namespace chibo::sim {

// A node and its directory: while it is closed, nothing of it but its keys and the bytes of its
// files lies in memory.
class Office {
 public:
  // What `make` founds or enrols on this office's disk runs at once.
  explicit Office(std::uint64_t seed) : random_(seed) {}
  void Begin(std::unique_ptr<SimNode> node) { node_ = std::move(node); }

  SimNode::Place place() const { return {"/chibo.db", disk_.name()}; }
  Random& random() { return random_; }
  SimNode& node() { return *node_; }
  void Open();
  void Close();
  // Of its files, as they lie there while it is closed.
  std::size_t directory_bytes() const;

 private:
  SeededRandom random_;
  test::FaultVfs disk_;
  test::FaultVfs::Image closed_;
  std::unique_ptr<SimNode> node_;
};

// Open while it lives.
class Opened {
 public:
  explicit Opened(Office& office) : office_(office) { office_.Open(); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() { office_.Close(); }
  SimNode& node() { return office_.node(); }

 private:
  Office& office_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SEASON_OFFICE_H_

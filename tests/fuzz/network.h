#ifndef CHIBO_TESTS_FUZZ_NETWORK_H_
#define CHIBO_TESTS_FUZZ_NETWORK_H_

#include <memory>

#include "tests/disk/fault_vfs.h"
#include "tests/sim/sim_node.h"

namespace chibo::fuzz {

// A small network that targets ask: a province, and a cell of it that has recorded something. Made
// once, the same in every run; who asks leaves it as it was.
struct SmallNetwork {
  SmallNetwork();

  SeededRandom random{17};
  Timestamp now{std::chrono::milliseconds(1'575'500'000'000)};  // 5 December 2019
  std::unique_ptr<SimNode> province;
  std::unique_ptr<SimNode> cell;
  Bytes request;  // of the cell's device, long approved
  Bytes grant;    // what it was given
  // The cell's disk, closed.
  test::FaultVfs::Image store;
};
SmallNetwork& TheNetwork();

inline constexpr const char* kStorePath = "/chibo.db";

}  // namespace chibo::fuzz

#endif  // CHIBO_TESTS_FUZZ_NETWORK_H_

#ifndef CHIBO_TESTS_BENCH_LINK_H_
#define CHIBO_TESTS_BENCH_LINK_H_

#include <optional>

#include "tests/sim/sim_node.h"

namespace chibo::bench {

// A connection in virtual time, both nodes in this thread.
// When everything that is measured happens: 2 January 2026.
inline const Timestamp kNow{Duration(1'767'300'000'000)};

struct LinkOptions {
  std::int64_t one_way_us = 1;
  std::uint64_t bytes_per_s = 0;  // each way; 0 = without limit
  // The connection ends after that many bytes, both ways together.
  std::optional<std::uint64_t> cut_after_bytes;
  std::optional<std::int64_t> cut_after_us;
  std::size_t fragment = 1400;
  Pace pace;
};

struct LinkRun {
  Status child;
  bool opened = false;  // Welcome had arrived
  // What the link carried.
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::uint64_t bytes() const { return bytes_up + bytes_down; }
  // Of these, what had been carried when the handshake was done on both sides.
  std::uint64_t handshake_bytes = 0;
  // From the first byte until the child knew that all is well (or was cut off).
  std::int64_t elapsed_us = 0;
  // CPU time in the parent's half.
  std::int64_t parent_cpu_ns = 0;
  SessionCounts child_counts;
  SessionCounts parent_counts;
};

// One connection between a child and its parent, until both have nothing to say.
LinkRun Connect(SimNode& child, SimNode& parent, Timestamp now, const LinkOptions& options = {});

// CPU time of this thread.
std::int64_t CpuNs();

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_LINK_H_

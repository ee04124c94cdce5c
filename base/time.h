#ifndef CHIBO_BASE_TIME_H_
#define CHIBO_BASE_TIME_H_

#include <chrono>
#include <cstdint>

namespace chibo {

using Duration = std::chrono::milliseconds;

// Milliseconds since 1970 UTC. A claim of somebody's clock: shown to people, never a reason to
// accept or refuse.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Milliseconds on a clock that never jumps; only differences mean something. Time-outs and
// schedules use it.
using Tick = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Time comes into the core through this port and as arguments; the operating system's clock is read
// in node/net and node/cli only.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
  virtual Tick Elapsed() const = 0;
};

}  // namespace chibo

#endif  // CHIBO_BASE_TIME_H_

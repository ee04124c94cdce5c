#ifndef CHIBO_TESTS_SIM_EVENT_QUEUE_H_
#define CHIBO_TESTS_SIM_EVENT_QUEUE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/time.h"

namespace chibo::sim {

// Virtual time: what is to happen, ordered by time and then by the order in which it was planned.
class EventQueue {
 public:
  using Work = std::function<void()>;

  Tick now() const { return now_; }
  void After(Duration wait, Work work) {
    queue_.emplace(std::pair(now_ + wait, next_++), std::move(work));
  }
  // Time of the next event; `otherwise` when there is none.
  Tick Next(Tick otherwise) const {
    return queue_.empty() ? otherwise : queue_.begin()->first.first;
  }
  bool empty() const { return queue_.empty(); }
  // Moves the time to the next event and lets it happen.
  void RunOne() {
    auto next = queue_.extract(queue_.begin());
    now_ = next.key().first;
    next.mapped()();
  }
  // Nothing of what was planned happens.
  void Clear() { queue_.clear(); }
  // Nothing happens meanwhile.
  void Skip(Tick to) { now_ = std::max(now_, to); }

 private:
  Tick now_{};
  std::uint64_t next_ = 0;
  std::map<std::pair<Tick, std::uint64_t>, Work> queue_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_EVENT_QUEUE_H_

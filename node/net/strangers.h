#ifndef CHIBO_NODE_NET_STRANGERS_H_
#define CHIBO_NODE_NET_STRANGERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace chibo {

// Connections whose other end has not shown yet who it is. When there are too many the one that
// came first has to go: whoever says at once who it is gets in, however many sit there and say
// nothing.
class Strangers : public std::enable_shared_from_this<Strangers> {
 public:
  // Held for as long as the connection is a stranger's; keeps the Strangers alive.
  using Place = std::shared_ptr<void>;

  explicit Strangers(std::size_t most) : most_(most) {}

  // `turn_out` closes the connection; called at most once, never after its Place is gone.
  Place Enter(std::function<void()> turn_out) {
    while (!waiting_.empty() && waiting_.size() >= most_) {
      const auto out = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      out();
    }
    const std::uint64_t turn = turns_++;
    waiting_.emplace(turn, std::move(turn_out));
    return Place(nullptr, [self = shared_from_this(), turn](void*) { self->waiting_.erase(turn); });
  }

 private:
  std::size_t most_;
  std::uint64_t turns_ = 0;
  std::map<std::uint64_t, std::function<void()>> waiting_;  // by when they came
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_STRANGERS_H_

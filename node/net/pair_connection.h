#ifndef CHIBO_NODE_NET_PAIR_CONNECTION_H_
#define CHIBO_NODE_NET_PAIR_CONNECTION_H_

#include <functional>
#include <memory>
#include <utility>

#include "node/net/wire.h"

namespace chibo {

// A pairing and the wire it speaks over.
class PairConnection final : public Wire<Pairing> {
 public:
  // The status is ok only when the pairing was done; the pairing then has its reply.
  using OnEnd = std::function<void(const Status&, const Pairing&)>;

  PairConnection(const Clock& clock, asio::ip::tcp::socket socket, std::unique_ptr<Pairing> pairing,
                 OnEnd on_end)
      : Wire(clock, std::move(socket), *pairing),
        pairing_(std::move(pairing)),
        on_end_(std::move(on_end)) {}

 private:
  void Ended(const Status& status) override {
    if (on_end_) {
      std::exchange(on_end_, nullptr)(status, *pairing_);
    }
  }

  std::unique_ptr<Pairing> pairing_;
  OnEnd on_end_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_PAIR_CONNECTION_H_

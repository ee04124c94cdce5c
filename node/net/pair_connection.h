#ifndef CHIBO_NODE_NET_PAIR_CONNECTION_H_
#define CHIBO_NODE_NET_PAIR_CONNECTION_H_

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "node/net/connection.h"
#include "sync/pairing.h"

namespace chibo {

// Moves bytes between one socket and one pairing; nothing else. Lives as long as an operation on
// its socket does.
class PairConnection : public std::enable_shared_from_this<PairConnection> {
 public:
  // The status is ok only when the pairing was done; the pairing then has its reply.
  using OnEnd = std::function<void(const Status&, const Pairing&)>;

  PairConnection(SyncLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<Pairing> pairing,
                 OnEnd on_end)
      : loop_(loop),
        socket_(std::move(socket)),
        timer_(loop.io()),
        pairing_(std::move(pairing)),
        on_end_(std::move(on_end)) {}

  void Start(ByteView already_read = {});

 private:
  void Read();
  void Heard(const Status& status);
  void Write();
  void ArmTimer();
  void Close(const Status& status);

  SyncLoop& loop_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::unique_ptr<Pairing> pairing_;
  OnEnd on_end_;
  std::array<char, 4096> incoming_{};
  Bytes outgoing_;
  Status failed_;  // why it is to end once it has said so
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_PAIR_CONNECTION_H_

#ifndef CHIBO_NODE_NET_SYNC_SERVER_H_
#define CHIBO_NODE_NET_SYNC_SERVER_H_

#include <asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "node/net/address.h"
#include "node/net/connection.h"
#include "node/net/door.h"
#include "node/net/strangers.h"

namespace chibo {

// Listens for children and gives each connection a session, or a pairing where a device has no
// certificate yet. On the loop's only thread.
class SyncServer {
 public:
  using OnEnd = std::function<void(const std::optional<Peer>&, const Connection::End&)>;

  // `descriptors`: how many this process may have open (system.h); bounds how many connections it
  // takes.
  SyncServer(SyncLoop& loop, std::size_t descriptors);

  // kIo "address_not_to_be_had" with the address.
  Status Listen(const NetAddress& address, OnEnd on_end);
  // The port that was bound (for port 0).
  std::uint16_t port();
  void Close() { door_.Close(); }

 private:
  class Greeting;
  void Greeted(asio::ip::tcp::socket socket, const Bytes& said);
  void StartPairing(asio::ip::tcp::socket socket, const Bytes& said);
  void StartSession(asio::ip::tcp::socket socket, const Bytes& said);

  SyncLoop& loop_;
  Door<asio::ip::tcp> door_;
  OnEnd on_end_;
  std::size_t sessions_max_;
  std::shared_ptr<Strangers> strangers_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYNC_SERVER_H_

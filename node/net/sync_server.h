#ifndef CHIBO_NODE_NET_SYNC_SERVER_H_
#define CHIBO_NODE_NET_SYNC_SERVER_H_

#include <asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "node/net/connection.h"

namespace chibo {

// "host:port", "[v6]:port".
struct NetAddress {
  std::string host;
  std::string port;

  // kBadInput "address_unreadable".
  static Result<NetAddress> Parse(std::string_view text);
};

// Listens for children and gives each connection a session, or a pairing where a device has no
// certificate yet. On the loop's only thread.
class SyncServer {
 public:
  using OnEnd = std::function<void(const std::optional<Peer>&, const Connection::End&)>;

  explicit SyncServer(SyncLoop& loop) : loop_(loop), acceptor_(loop.io()) {}

  // kIo "address_not_to_be_had" with the address.
  Status Listen(const NetAddress& address, OnEnd on_end);
  // The port that was bound (for port 0).
  std::uint16_t port() const;
  void Close();

 private:
  void Accept();
  class Greeting;
  void Greeted(asio::ip::tcp::socket socket, const Bytes& preface);
  void StartSession(asio::ip::tcp::socket socket, const Bytes& preface);

  SyncLoop& loop_;
  asio::ip::tcp::acceptor acceptor_;
  OnEnd on_end_;
  // Connections that have not said yet what they are.
  std::shared_ptr<std::size_t> greetings_ = std::make_shared<std::size_t>(0);
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_SYNC_SERVER_H_

#include "node/net/sync_server.h"

#include <utility>

namespace chibo {
namespace {

// More at once are told to come back: a session holds at most a window of unpacked chunks in
// memory.
constexpr std::size_t kSessionsMax = 512;
constexpr std::uint32_t kRetryAfterSeconds = 20;

}  // namespace

Result<NetAddress> NetAddress::Parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size() ||
      text.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
    return Fail(Code::kBadInput, "address_unreadable", std::string(text));
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) {
    return Fail(Code::kBadInput, "address_unreadable", std::string(text));
  }
  return NetAddress{std::string(host), std::string(text.substr(colon + 1))};
}

Status SyncServer::Listen(const NetAddress& address, OnEnd on_end) {
  on_end_ = std::move(on_end);
  asio::error_code error;
  asio::ip::tcp::resolver resolver(loop_.io());
  const auto found =
      resolver.resolve(address.host, address.port, asio::ip::tcp::resolver::passive, error);
  if (!error && !found.empty()) {
    const asio::ip::tcp::endpoint endpoint = *found.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
  }
  if (error || found.empty()) {
    return Fail(Code::kIo, "address_not_to_be_had", address.host + ":" + address.port);
  }
  Accept();
  return {};
}

std::uint16_t SyncServer::port() const {
  asio::error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void SyncServer::Close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
}

void SyncServer::Accept() {
  acceptor_.async_accept([this](const asio::error_code& error, asio::ip::tcp::socket socket) {
    if (!acceptor_.is_open()) {
      return;
    }
    if (!error) {
      Start(std::move(socket));
    }
    Accept();
  });
}

void SyncServer::Start(asio::ip::tcp::socket socket) {
  const std::uint32_t retry_after = loop_.size() >= kSessionsMax ? kRetryAfterSeconds : 0;
  auto link = loop_.engine().Accept(retry_after, loop_.clock().Elapsed());
  // The peer is known only when the session has read its key: asked for when the connection ends.
  auto* raw = link.get();
  auto connection = std::make_shared<Connection>(loop_, std::move(socket), std::move(link),
                                                 [this, raw](const Connection::End& end) {
                                                   if (on_end_) {
                                                     on_end_(raw->peer(), end);
                                                   }
                                                 });
  connection->Start();
}

}  // namespace chibo

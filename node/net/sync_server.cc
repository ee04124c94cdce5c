#include "node/net/sync_server.h"

#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <utility>

#include "node/net/pair_connection.h"
#include "proto/limits.h"

namespace chibo {
namespace {

// More at once are told to come back: a session holds at most a window of unpacked chunks in
// memory.
constexpr std::size_t kSessionsMax = 512;
constexpr std::uint32_t kRetryAfterSeconds = 20;
// Connections that have not said yet what they are: a socket and 8 bytes each.
constexpr std::size_t kGreetingsMax = 1024;

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

// The first bytes of a connection, which say what it is to be.
class SyncServer::Greeting : public std::enable_shared_from_this<Greeting> {
 public:
  Greeting(SyncServer& server, asio::ip::tcp::socket socket)
      : server_(server),
        socket_(std::move(socket)),
        timer_(server.loop_.io()),
        waiting_(server.greetings_),
        preface_(kPrefaceBytes, '\0') {
    ++*waiting_;
  }
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;
  ~Greeting() { --*waiting_; }

  void Start() {
    timer_.expires_after(std::chrono::milliseconds(limits::kHandshakeMsMax));
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      asio::error_code ignored;
      if (!error) {
        self->socket_.close(ignored);
      }
    });
    asio::async_read(socket_, asio::buffer(preface_),
                     [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                       self->timer_.cancel();
                       if (!error && self->server_.acceptor_.is_open()) {
                         self->server_.Greeted(std::move(self->socket_), self->preface_);
                       }
                     });
  }

 private:
  SyncServer& server_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<std::size_t> waiting_;  // the loop may outlive the server
  Bytes preface_;
};

void SyncServer::Accept() {
  acceptor_.async_accept([this](const asio::error_code& error, asio::ip::tcp::socket socket) {
    if (!acceptor_.is_open()) {
      return;
    }
    if (!error && *greetings_ < kGreetingsMax) {
      std::make_shared<Greeting>(*this, std::move(socket))->Start();
    }
    Accept();
  });
}

void SyncServer::Greeted(asio::ip::tcp::socket socket, const Bytes& preface) {
  if (PatternOf(preface) != NoisePattern::kXx) {
    StartSession(std::move(socket), preface);
    return;
  }
  auto pairing =
      loop_.engine().AcceptPairing([this] { return loop_.clock().Now(); }, loop_.clock().Elapsed());
  std::make_shared<PairConnection>(loop_.clock(), std::move(socket), std::move(pairing), nullptr)
      ->Start(preface);
}

void SyncServer::StartSession(asio::ip::tcp::socket socket, const Bytes& preface) {
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
  connection->Start(preface);
}

}  // namespace chibo

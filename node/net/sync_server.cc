#include "node/net/sync_server.h"

#include <algorithm>
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
// Greetings and pairings: a socket and at most two buffers of some kilobytes each.
constexpr std::size_t kStrangersMax = 1024;
// Descriptors kept for what is not a child's: the store's files, the way upward, commands.
constexpr std::size_t kDescriptorsOwn = 48;

std::size_t ForChildren(std::size_t descriptors) {
  return descriptors > kDescriptorsOwn ? descriptors - kDescriptorsOwn : 1;
}

}  // namespace

// What a connection says first: what it is to be, and the first message of its handshake. Only when
// that is whole there is more than these bytes for it: a child's first message shows who it is.
class SyncServer::Greeting : public std::enable_shared_from_this<Greeting> {
 public:
  Greeting(SyncServer& server, asio::ip::tcp::socket socket)
      : server_(server), socket_(std::move(socket)), timer_(server.loop_.io()) {}

  void Start() {
    place_ = server_.strangers_->Enter([self = weak_from_this()] {
      if (const auto here = self.lock()) {
        here->Drop();
      }
    });
    timer_.expires_after(std::chrono::milliseconds(limits::kHandshakeMsMax));
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error) {
        self->Drop();
      }
    });
    Read(kPrefaceBytes, &Greeting::HeardPreface);
  }

 private:
  void Drop() {
    asio::error_code ignored;
    socket_.close(ignored);
  }

  void Read(std::size_t size, void (Greeting::*then)()) {
    const std::size_t before = said_.size();
    said_.resize(before + size);
    asio::async_read(socket_, asio::buffer(said_.data() + before, size),
                     [self = shared_from_this(), then](const asio::error_code& error, std::size_t) {
                       if (error || !self->socket_.is_open()) {
                         self->timer_.cancel();
                         return;
                       }
                       (*self.*then)();
                     });
  }

  void HeardPreface() {
    if (!PatternOf(said_)) {
      Done();
      return;
    }
    Read(kMessageSizeBytes, &Greeting::HeardSize);
  }

  void HeardSize() {
    const std::size_t size = ReadU16(ByteView(said_).substr(kPrefaceBytes));
    if (size == 0 || size > kHandshakeMessageBytesMax) {
      Done();
      return;
    }
    Read(size, &Greeting::Done);
  }

  void Done() {
    timer_.cancel();
    place_ = nullptr;
    if (server_.door_.is_open()) {
      server_.Greeted(std::move(socket_), said_);
    }
  }

  SyncServer& server_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  Strangers::Place place_;
  Bytes said_;
};

// Half for strangers, a third for sessions; the rest is for those who are told to come back.
SyncServer::SyncServer(SyncLoop& loop, std::size_t descriptors)
    : loop_(loop),
      door_(loop.io()),
      sessions_max_(std::min(kSessionsMax, ForChildren(descriptors) / 3 + 1)),
      strangers_(
          std::make_shared<Strangers>(std::min(kStrangersMax, ForChildren(descriptors) / 2 + 1))) {}

Status SyncServer::Listen(const NetAddress& address, OnEnd on_end) {
  on_end_ = std::move(on_end);
  asio::error_code error;
  asio::ip::tcp::resolver resolver(loop_.io());
  const auto found =
      resolver.resolve(address.host, address.port, asio::ip::tcp::resolver::passive, error);
  if (!error && !found.empty()) {
    const asio::ip::tcp::endpoint endpoint = *found.begin();
    auto& acceptor = door_.acceptor();
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
      acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor.bind(endpoint, error);
    }
    if (!error) {
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
  }
  if (error || found.empty()) {
    return Fail(Code::kIo, "address_not_to_be_had", address.host + ":" + address.port);
  }
  door_.LetIn([this](asio::ip::tcp::socket socket) {
    std::make_shared<Greeting>(*this, std::move(socket))->Start();
  });
  return {};
}

std::uint16_t SyncServer::port() {
  asio::error_code ignored;
  return door_.acceptor().local_endpoint(ignored).port();
}

void SyncServer::Greeted(asio::ip::tcp::socket socket, const Bytes& said) {
  if (PatternOf(said) == NoisePattern::kXx) {
    StartPairing(std::move(socket), said);
  } else {
    StartSession(std::move(socket), said);
  }
}

void SyncServer::StartPairing(asio::ip::tcp::socket socket, const Bytes& said) {
  auto pairing =
      loop_.engine().AcceptPairing([this] { return loop_.clock().Now(); }, loop_.clock().Elapsed());
  // Whoever pairs shows no certificate: a stranger to the end.
  const auto place = std::make_shared<Strangers::Place>();
  const auto connection = std::make_shared<PairConnection>(
      loop_.clock(), std::move(socket), std::move(pairing),
      [place](const Status&, const Pairing&) { *place = nullptr; });
  *place = strangers_->Enter([weak = std::weak_ptr<PairConnection>(connection)] {
    if (const auto open = weak.lock()) {
      open->Close(Fail(Code::kCut, "connection_cut"));
    }
  });
  connection->Start(said);
}

void SyncServer::StartSession(asio::ip::tcp::socket socket, const Bytes& said) {
  const std::uint32_t retry_after = loop_.size() >= sessions_max_ ? kRetryAfterSeconds : 0;
  auto link = loop_.engine().Accept(retry_after, loop_.clock().Elapsed());
  // The peer is known only when the session has read its key: asked for when the connection ends.
  auto* raw = link.get();
  auto connection = std::make_shared<Connection>(loop_, std::move(socket), std::move(link),
                                                 [this, raw](const Connection::End& end) {
                                                   if (on_end_) {
                                                     on_end_(raw->peer(), end);
                                                   }
                                                 });
  connection->Start(said);
}

}  // namespace chibo

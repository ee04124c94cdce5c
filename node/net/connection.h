#ifndef CHIBO_NODE_NET_CONNECTION_H_
#define CHIBO_NODE_NET_CONNECTION_H_

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "node/sync_engine.h"

namespace chibo {

class Connection;

// Runs the engine's commits on the event loop: one transaction for everything that sessions
// submitted since the last one. One per engine; all of it on the loop's only thread.
class SyncLoop {
 public:
  SyncLoop(asio::io_context& io, SyncEngine& engine, const Clock& clock)
      : io_(io), engine_(engine), clock_(clock) {}

  asio::io_context& io() { return io_; }
  SyncEngine& engine() { return engine_; }
  const Clock& clock() const { return clock_; }

  void Add(const std::shared_ptr<Connection>& connection);
  void Remove(const Connection& connection);
  std::size_t size() const { return connections_.size(); }
  // Called when sessions may have submitted something.
  void CommitSoon();
  void CloseAll();

 private:
  void Commit();

  asio::io_context& io_;
  SyncEngine& engine_;
  const Clock& clock_;
  std::map<SyncLink*, std::weak_ptr<Connection>> connections_;
  bool scheduled_ = false;
};

// Moves bytes between one socket and one session; nothing else. Lives as long as an operation on
// its socket does.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct End {
    Status status;  // ok only when the session was done
    SessionCounts counts;
    bool opened = false;  // the handshake was done
    std::optional<std::uint32_t> retry_after_s;
  };
  using OnEnd = std::function<void(const End&)>;

  Connection(SyncLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<SyncLink> link,
             OnEnd on_end);

  // `already_read`: what came before this object was made.
  void Start(ByteView already_read = {});
  // The session has changed: send what it has to say.
  void Pump();
  void Close(Status status);
  SyncLink& link() { return *link_; }

 private:
  void Read();
  void Write();
  void ArmTimer();
  void Heard(const Status& status);

  SyncLoop& loop_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::unique_ptr<SyncLink> link_;
  OnEnd on_end_;
  std::array<char, 16 * 1024> incoming_{};
  Bytes outgoing_;
  Status failed_;  // why the session is to end once it has said so
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_CONNECTION_H_

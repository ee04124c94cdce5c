#ifndef CHIBO_NODE_NET_CONNECTION_H_
#define CHIBO_NODE_NET_CONNECTION_H_

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>

#include "node/net/wire.h"
#include "node/sync_attempts.h"
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

// A session and the wire it speaks over.
class Connection final : public Wire<Session> {
 public:
  using End = AttemptEnd;
  using OnEnd = std::function<void(const End&)>;

  Connection(SyncLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<SyncLink> link,
             OnEnd on_end);

  SyncLink& link() { return *link_; }

 private:
  void Started() override;
  void Heard() override;
  void Ended(const Status& status) override;

  SyncLoop& loop_;
  std::unique_ptr<SyncLink> link_;
  OnEnd on_end_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_CONNECTION_H_

#include "node/net/connection.h"

#include <asio/post.hpp>
#include <utility>
#include <vector>

namespace chibo {

void SyncLoop::Add(const std::shared_ptr<Connection>& connection) {
  connections_[&connection->link()] = connection;
}

void SyncLoop::Remove(const Connection& connection) {
  connections_.erase(&const_cast<Connection&>(connection).link());
}

void SyncLoop::CommitSoon() {
  if (scheduled_ || !engine_.pending()) {
    return;
  }
  scheduled_ = true;
  // Behind what is ready to be read now: sessions that have something too come into the same
  // transaction.
  asio::post(io_, [this] {
    scheduled_ = false;
    Commit();
  });
}

void SyncLoop::Commit() {
  const std::vector<SyncLink*> told = engine_.Commit(clock_.Now(), clock_.Elapsed());
  for (SyncLink* link : told) {
    const auto found = connections_.find(link);
    if (found == connections_.end()) {
      continue;
    }
    if (const auto connection = found->second.lock()) {
      connection->Pump();
    }
  }
  CommitSoon();
}

void SyncLoop::CloseAll() {
  std::vector<std::shared_ptr<Connection>> open;
  for (const auto& [link, connection] : connections_) {
    if (auto held = connection.lock()) {
      open.push_back(std::move(held));
    }
  }
  for (const auto& connection : open) {
    connection->Close(Fail(Code::kCut, "connection_cut"));
  }
}

Connection::Connection(SyncLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<SyncLink> link,
                       OnEnd on_end)
    : Wire(loop.clock(), std::move(socket), link->session()),
      loop_(loop),
      link_(std::move(link)),
      on_end_(std::move(on_end)) {}

void Connection::Started() { loop_.Add(std::static_pointer_cast<Connection>(shared_from_this())); }

void Connection::Heard() { loop_.CommitSoon(); }

void Connection::Ended(const Status& status) {
  const Session& session = link_->session();
  const End end{status, session.counts(), session.opened(), session.retry_after_s()};
  loop_.Remove(*this);
  if (on_end_) {
    std::exchange(on_end_, nullptr)(end);
  }
}

}  // namespace chibo

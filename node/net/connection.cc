#include "node/net/connection.h"

#include <asio/post.hpp>
#include <asio/write.hpp>
#include <utility>
#include <vector>

namespace chibo {
namespace {

constexpr std::size_t kWriteBytesMax = 64 * 1024;

}  // namespace

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
    : loop_(loop),
      socket_(std::move(socket)),
      timer_(loop.io()),
      link_(std::move(link)),
      on_end_(std::move(on_end)) {}

void Connection::Start(ByteView already_read) {
  loop_.Add(shared_from_this());
  asio::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!already_read.empty()) {
    Heard(link_->session().HandleBytes(already_read, loop_.clock().Elapsed()));
  }
  if (closed_) {
    return;
  }
  Read();
  Pump();
}

void Connection::Read() {
  socket_.async_read_some(
      asio::buffer(incoming_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        if (self->closed_) {
          return;
        }
        if (error) {
          self->Close(self->link_->session().HandleClosed());
          return;
        }
        self->Heard(self->link_->session().HandleBytes({self->incoming_.data(), size},
                                                       self->loop_.clock().Elapsed()));
        if (!self->closed_) {
          self->Read();
        }
      });
}

void Connection::Heard(const Status& status) {
  if (!status && failed_) {
    failed_ = status;
  }
  loop_.CommitSoon();
  Pump();
}

void Connection::Pump() {
  if (closed_) {
    return;
  }
  ArmTimer();
  if (!writing_) {
    Write();
  }
}

void Connection::Write() {
  outgoing_.clear();
  link_->session().PollTransmit(kWriteBytesMax, outgoing_);
  if (outgoing_.empty()) {
    if (!failed_) {
      Close(failed_);
    } else if (link_->session().done()) {
      Close({});
    }
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                      self->writing_ = false;
                      if (self->closed_) {
                        return;
                      }
                      if (error) {
                        self->Close(self->link_->session().HandleClosed());
                        return;
                      }
                      self->Pump();
                    });
}

void Connection::ArmTimer() {
  const auto timeout = link_->session().NextTimeout();
  if (!timeout) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(asio::steady_timer::time_point(*timeout));
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (error || self->closed_) {
      return;
    }
    self->Heard(self->link_->session().HandleTimeout(self->loop_.clock().Elapsed()));
  });
}

void Connection::Close(Status status) {
  if (closed_) {
    return;
  }
  closed_ = true;
  timer_.cancel();
  asio::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  const Session& session = link_->session();
  const End end{std::move(status), session.counts(), session.opened(), session.retry_after_s()};
  loop_.Remove(*this);
  if (on_end_) {
    std::exchange(on_end_, nullptr)(end);
  }
}

}  // namespace chibo

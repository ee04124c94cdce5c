#include "node/net/sync_client.h"

#include <asio/connect.hpp>
#include <utility>

namespace chibo {
namespace {

void AddTo(SessionCounts& sum, const SessionCounts& more) {
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
  sum.entries_in += more.entries_in;
  sum.entries_out += more.entries_out;
  sum.bytes_resumed += more.bytes_resumed;
}

// Cut off before one byte came back: what listens there may not know what to do with us.
bool HungUp(const Connection::End& end) {
  return !end.status && end.status.error().code == Code::kCut && end.counts.bytes_out > 0 &&
         end.counts.bytes_in == 0;
}

}  // namespace

void SyncClient::Start(const SyncPlan& plan, OnAttempt on_attempt, OnEnd on_end) {
  CHECK(!running_);
  plan_ = plan;
  on_attempt_ = std::move(on_attempt);
  on_end_ = std::move(on_end);
  report_ = {};
  attempts_.emplace(loop_.engine(), plan_.fruitless_max);
  running_ = true;
  if (auto begun = attempts_->Begin(); !begun) {
    Finish(std::move(begun));
    return;
  }
  Attempt();
}

void SyncClient::Stop() {
  if (!running_) {
    return;
  }
  // What ends now is not followed by another attempt.
  running_ = false;
  timer_.cancel();
  resolver_.cancel();
  const Status cut =
      Fail(Code::kCut, "connection_cut", plan_.parent.host + ":" + plan_.parent.port);
  if (const auto socket = connecting_.lock()) {
    asio::error_code ignored;
    socket->close(ignored);
  }
  if (const auto connection = connection_.lock()) {
    connection->Close(cut);
  }
  Finish(cut);
}

void SyncClient::Attempt() {
  ++report_.attempts;
  const std::string where = plan_.parent.host + ":" + plan_.parent.port;
  resolver_.async_resolve(
      plan_.parent.host, plan_.parent.port,
      [this, where](const asio::error_code& error, const auto& endpoints) {
        if (!running_) {
          return;
        }
        if (error) {
          AttemptEnded({Fail(Code::kUnreachable, "parent_unreachable", where), {}, false, {}});
          return;
        }
        auto socket = std::make_shared<asio::ip::tcp::socket>(loop_.io());
        connecting_ = socket;
        asio::async_connect(
            *socket, endpoints, [this, socket, where](const asio::error_code& failed, const auto&) {
              if (!running_) {
                return;
              }
              if (failed) {
                AttemptEnded(
                    {Fail(Code::kUnreachable, "parent_unreachable", where), {}, false, {}});
                return;
              }
              Connected(std::move(*socket));
            });
      });
}

void SyncClient::Connected(asio::ip::tcp::socket socket) {
  auto link = loop_.engine().Dial(attempts_->pace(), loop_.clock().Elapsed());
  if (!link) {
    Finish(tl::unexpected(link.error()));
    return;
  }
  auto connection = std::make_shared<Connection>(
      loop_, std::move(socket), *std::move(link), [this](Connection::End end) {
        if (HungUp(end)) {
          end.status = Fail(Code::kCut, "peer_hung_up");
        }
        if (!end.status && end.status.error().where.empty()) {
          end.status.error().where = plan_.parent.host + ":" + plan_.parent.port;
        }
        AttemptEnded(end);
      });
  connection_ = connection;
  connection->Start();
}

void SyncClient::AttemptEnded(const Connection::End& end) {
  if (!running_) {
    return;
  }
  AddTo(report_.counts, end.counts);
  if (on_attempt_) {
    on_attempt_(report_, end.status);
  }
  const bool cut = !end.status && (end.status.error().code == Code::kCut ||
                                   end.status.error().code == Code::kSilent);
  report_.cuts += cut && end.counts.bytes_in > 0 ? 1 : 0;
  SyncAttempts::Next next = attempts_->After(end);
  if (next.finished) {
    Finish(*std::move(next.finished));
    return;
  }
  timer_.expires_after(next.wait);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error && running_) {
      Attempt();
    }
  });
}

void SyncClient::Finish(Status status) {
  running_ = false;
  report_.status = std::move(status);
  if (on_end_) {
    const OnEnd on_end = std::exchange(on_end_, nullptr);
    on_end(report_);
  }
}

}  // namespace chibo

#include "node/net/sync_client.h"

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

void SyncClient::Start(const SyncPlan& plan, OnSilence on_silence, OnAttempt on_attempt,
                       OnEnd on_end) {
  CHECK(!running_);
  plan_ = plan;
  on_silence_ = std::move(on_silence);
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
  dial_.Stop();
  const Status cut = Fail(Code::kCut, "connection_cut", plan_.parent.text());
  if (const auto connection = connection_.lock()) {
    connection->Close(cut);
  }
  Finish(cut);
}

void SyncClient::Attempt() {
  ++report_.attempts;
  WatchSilence(loop_.clock().Elapsed(), 0);
  dial_.Start(plan_.parent, [this](Result<asio::ip::tcp::socket> socket) {
    if (socket) {
      Connected(*std::move(socket));
    } else {
      AttemptEnded({tl::unexpected(std::move(socket).error()), {}, false, {}});
    }
  });
}

void SyncClient::WatchSilence(Tick heard, std::uint64_t bytes_in) {
  silence_.expires_after(kSilenceTold);
  silence_.async_wait([this, heard, bytes_in](const asio::error_code& error) {
    if (error || !running_) {
      return;
    }
    const Tick now = loop_.clock().Elapsed();
    const auto connection = connection_.lock();
    const std::uint64_t in = connection ? connection->link().session().counts().bytes_in : 0;
    const auto due =
        connection ? connection->link().session().NextTimeout() : std::optional(heard + kDialMax);
    if (in != bytes_in) {
      WatchSilence(now, in);
      return;
    }
    if (due) {
      on_silence_({report_.attempts, connection != nullptr, now - heard, *due - heard});
    }
    WatchSilence(heard, in);
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
          end.status.error().where = plan_.parent.text();
        }
        AttemptEnded(end);
      });
  connection_ = connection;
  WatchSilence(loop_.clock().Elapsed(), 0);
  connection->Start();
}

void SyncClient::AttemptEnded(const Connection::End& end) {
  if (!running_) {
    return;
  }
  silence_.cancel();
  AddTo(report_.counts, end.counts);
  const bool cut = !end.status && (end.status.error().code == Code::kCut ||
                                   end.status.error().code == Code::kSilent);
  report_.cuts += cut && end.counts.bytes_in > 0 ? 1 : 0;
  SyncAttempts::Next next = attempts_->After(end);
  report_.wait = next.wait;
  if (on_attempt_) {
    on_attempt_(report_, end.status);
  }
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
  silence_.cancel();
  report_.status = std::move(status);
  if (on_end_) {
    const OnEnd on_end = std::exchange(on_end_, nullptr);
    on_end(report_);
  }
}

}  // namespace chibo

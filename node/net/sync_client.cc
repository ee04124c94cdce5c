#include "node/net/sync_client.h"

#include <algorithm>
#include <asio/connect.hpp>
#include <utility>

namespace chibo {
namespace {

constexpr Duration kWaitFirst{250};
constexpr Duration kWaitMax{30'000};
// Sessions that ended well although the register does not cover everything yet: a relay may still
// be committing.
constexpr std::uint32_t kUncoveredMax = 3;

void AddTo(SessionCounts& sum, const SessionCounts& more) {
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
  sum.entries_in += more.entries_in;
  sum.entries_out += more.entries_out;
  sum.bytes_resumed += more.bytes_resumed;
}

bool WorthRetrying(Code code) {
  return code == Code::kCut || code == Code::kSilent || code == Code::kUnreachable ||
         code == Code::kBusy || code == Code::kBehind || code == Code::kMalformed ||
         code == Code::kBadSignature;
}

// What has been reached with the parent, whatever was said on the way. `resumed`: bytes the parent
// held already of a chunk cut earlier.
Result<SyncReached> Reached(SyncEngine& engine, std::uint64_t resumed) {
  const Replica& replica = engine.replica();
  SyncReached reached;
  for (const Stream* stream : replica.streams().All()) {
    for (const BranchRow& branch : stream->branches) {
      reached.held += branch.peaks.size();
    }
    CHIBO_TRY_VALUE(const auto registered, replica.log().RegisteredOf(stream->id));
    for (const Registered& entry : registered) {
      reached.registered += entry.by == replica.settings().parent ? entry.at.size : 0;
    }
  }
  CHIBO_TRY_VALUE(const Replica::Cursor cursor, replica.ParentCursor());
  reached.lineage = cursor.lineage;
  reached.cursor = cursor.seq;
  reached.parts = {engine.SpooledFromParent(), resumed};
  return reached;
}

}  // namespace

bool SyncReached::Raise(const SyncReached& now) {
  const bool lasting = now.registered > registered || now.held > held ||
                       (now.lineage == lineage && now.cursor > cursor);
  const bool parts_grew = now.parts[0] > parts[0] || now.parts[1] > parts[1];
  const auto best = parts;
  *this = now;
  if (!lasting) {
    // Bounded by the size of a chunk, so that one which never comes through does not go on for
    // good.
    parts = {std::max(best[0], now.parts[0]), std::max(best[1], now.parts[1])};
  }
  return lasting || parts_grew;
}

void SyncClient::Start(const SyncPlan& plan, OnAttempt on_attempt, OnEnd on_end) {
  CHECK(!running_);
  plan_ = plan;
  on_attempt_ = std::move(on_attempt);
  on_end_ = std::move(on_end);
  report_ = {};
  fruitless_ = 0;
  uncovered_ = 0;
  pace_ = {};
  running_ = true;
  auto reached = Reached(loop_.engine(), 0);
  if (!reached) {
    Finish(tl::unexpected(std::move(reached).error()));
    return;
  }
  reached_ = *std::move(reached);
  Attempt();
}

void SyncClient::Stop() {
  if (!running_) {
    return;
  }
  timer_.cancel();
  resolver_.cancel();
  if (const auto connection = connection_.lock()) {
    connection->Close(Fail(Code::kCut, "connection_cut"));
  }
  Finish(Fail(Code::kCut, "connection_cut"));
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
  auto link = loop_.engine().Dial(pace_, loop_.clock().Elapsed());
  if (!link) {
    Finish(tl::unexpected(link.error()));
    return;
  }
  auto connection = std::make_shared<Connection>(
      loop_, std::move(socket), *std::move(link), [this](Connection::End end) {
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
  if (end.status) {
    const auto status =
        ReadStatus(loop_.engine().replica().settings(), loop_.engine().replica().streams(),
                   loop_.engine().replica().log());
    if (!status) {
      Finish(tl::unexpected(status.error()));
    } else if (status->covered()) {
      Finish({});
    } else if (++uncovered_ >= kUncoveredMax) {
      Finish(Fail(Code::kNotReceived, "register_does_not_cover"));
    } else {
      RetryIn(kWaitFirst);
    }
    return;
  }
  if (!WorthRetrying(end.status.error().code)) {
    Finish(end.status);
    return;
  }
  report_.cuts += end.counts.bytes_in > 0 ? 1 : 0;
  const auto reached = Reached(loop_.engine(), end.counts.bytes_resumed);
  if (!reached) {
    Finish(tl::unexpected(reached.error()));
    return;
  }
  fruitless_ = reached_.Raise(*reached) ? 0 : fruitless_ + 1;
  if (fruitless_ >= plan_.fruitless_max) {
    Finish(end.status);
    return;
  }
  if (end.counts.bytes_out > 0 && end.status.error().code != Code::kBusy) {
    pace_ = AfterCut(pace_, end.opened);
  }
  RetryIn(end.retry_after_s ? Duration(1000 * *end.retry_after_s)
                            : std::min(kWaitMax, kWaitFirst * (1 << std::min(fruitless_, 7U))));
}

void SyncClient::RetryIn(Duration wait) {
  // Spread: children cut off together must not come back together.
  const auto jitter =
      loop_.engine().replica().random().Below(static_cast<std::uint64_t>(wait.count()) / 2 + 1);
  timer_.expires_after(wait + Duration(jitter));
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

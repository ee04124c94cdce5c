#include "node/sync_attempts.h"

#include <algorithm>
#include <utility>

#include "node/status.h"

namespace chibo {
namespace {

constexpr Duration kWaitFirst{250};
constexpr Duration kWaitMax{30'000};
// Sessions that ended well although the register does not cover everything yet: a relay may still
// be committing.
constexpr std::uint32_t kUncoveredMax = 3;
// Answers that were not ours: a line that damages them comes and goes, a wrong address stays.
constexpr std::uint32_t kNotChiboMax = 3;
// Connections on which nothing was ever heard: each costs the whole patience of a handshake, and a
// machine that has stopped is not back before a person would rather try later.
constexpr std::uint32_t kUnheardMax = 3;

bool WorthRetrying(Code code) {
  return code == Code::kCut || code == Code::kSilent || code == Code::kUnreachable ||
         code == Code::kBusy || code == Code::kBehind || code == Code::kMalformed ||
         code == Code::kBadSignature || code == Code::kNotChibo;
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

Duration Spread(Duration wait, Random& random) {
  return wait + Duration(random.Below(static_cast<std::uint64_t>(wait.count()) / 2 + 1));
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

Status SyncAttempts::Begin() {
  CHIBO_TRY_VALUE(reached_, Reached(engine_, 0));
  return {};
}

SyncAttempts::Next SyncAttempts::After(const AttemptEnd& end) {
  if (end.status) {
    return AfterDone();
  }
  if (!WorthRetrying(end.status.error().code)) {
    return {end.status, {}};
  }
  const auto reached = Reached(engine_, end.counts.bytes_resumed);
  if (!reached) {
    return {tl::unexpected(reached.error()), {}};
  }
  fruitless_ = reached_.Raise(*reached) ? 0 : fruitless_ + 1;
  const Code code = end.status.error().code;
  const std::uint32_t most = code == Code::kNotChibo                             ? kNotChiboMax
                             : code == Code::kSilent && end.counts.bytes_in == 0 ? kUnheardMax
                                                                                 : fruitless_max_;
  if (fruitless_ >= std::min(most, fruitless_max_)) {
    return {end.status, {}};
  }
  if (end.counts.bytes_out > 0 && code != Code::kBusy) {
    pace_ = AfterCut(pace_, end.opened);
  }
  const Duration wait = end.retry_after_s
                            ? Duration(1000 * *end.retry_after_s)
                            : std::min(kWaitMax, kWaitFirst * (1 << std::min(fruitless_, 7U)));
  return {std::nullopt, Spread(wait, engine_.replica().random())};
}

SyncAttempts::Next SyncAttempts::AfterDone() {
  Replica& replica = engine_.replica();
  const auto status = ReadStatus(replica.settings(), replica.streams(), replica.log());
  if (!status) {
    return {tl::unexpected(status.error()), {}};
  }
  if (status->covered()) {
    return {Status(), {}};
  }
  if (++uncovered_ >= kUncoveredMax) {
    return {Fail(Code::kNotReceived, "register_does_not_cover"), {}};
  }
  return {std::nullopt, Spread(kWaitFirst, replica.random())};
}

}  // namespace chibo

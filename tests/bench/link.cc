#include "tests/bench/link.h"

#include <time.h>

#include <deque>

#include "base/check.h"

namespace chibo::bench {
namespace {

// One direction: bytes leave one after the other and arrive later in the same order.
class Pipe {
 public:
  explicit Pipe(const LinkOptions& options) : options_(options) {}

  bool free(std::int64_t at_us) const { return free_at_us_ <= at_us; }
  void Send(Bytes bytes, std::int64_t at_us) {
    std::int64_t takes_us = 0;
    if (options_.bytes_per_s > 0) {
      takes_us = static_cast<std::int64_t>(bytes.size() * 1'000'000 / options_.bytes_per_s);
    }
    free_at_us_ = std::max(free_at_us_, at_us) + takes_us;
    under_way_.push_back({free_at_us_ + options_.one_way_us, std::move(bytes)});
  }
  std::optional<Bytes> TakeArrived(std::int64_t at_us) {
    if (under_way_.empty() || under_way_.front().at_us > at_us) {
      return std::nullopt;
    }
    Bytes bytes = std::move(under_way_.front().bytes);
    under_way_.pop_front();
    return bytes;
  }
  // When something can happen next, after `at_us`.
  std::optional<std::int64_t> Next(std::int64_t at_us) const {
    std::optional<std::int64_t> next;
    if (!under_way_.empty()) {
      next = under_way_.front().at_us;
    }
    if (free_at_us_ > at_us) {
      next = std::min(next.value_or(free_at_us_), free_at_us_);
    }
    return next;
  }

 private:
  struct Parcel {
    std::int64_t at_us = 0;
    Bytes bytes;
  };
  const LinkOptions& options_;
  std::int64_t free_at_us_ = 0;
  std::deque<Parcel> under_way_;
};

class Run {
 public:
  Run(SimNode& child, SimNode& parent, Timestamp now, const LinkOptions& options)
      : child_(child),
        parent_(parent),
        now_(now),
        options_(options),
        up_(options),
        down_(options) {}

  LinkRun Go() {
    auto dialled = child_.engine().Dial(options_.pace, TickNow());
    CHECK(dialled.has_value());
    upper_ = *std::move(dialled);
    OnParent([&] { lower_ = parent_.engine().Accept(0, TickNow()); });
    while (!cut_) {
      Transmit();
      Note();
      const auto up = up_.Next(at_us_);
      const auto down = down_.Next(at_us_);
      if (!up && !down) {
        break;
      }
      at_us_ = std::min(up.value_or(down.value_or(0)), down.value_or(up.value_or(0)));
      if (options_.cut_after_us && at_us_ > *options_.cut_after_us) {
        at_us_ = *options_.cut_after_us;
        break;
      }
      Deliver();
    }
    Finish();
    return std::move(run_);
  }

 private:
  Tick TickNow() const { return Tick(Duration(at_us_ / 1000)); }

  template <typename Work>
  void OnParent(const Work& work) {
    const std::int64_t before = CpuNs();
    work();
    run_.parent_cpu_ns += CpuNs() - before;
  }

  void Transmit() {
    for (bool moved = true; moved;) {
      moved = false;
      if (up_.free(at_us_)) {
        Bytes bytes;
        upper_->session().PollTransmit(options_.fragment, bytes);
        moved = Put(up_, std::move(bytes)) || moved;
      }
      if (down_.free(at_us_)) {
        Bytes bytes;
        OnParent([&] { lower_->session().PollTransmit(options_.fragment, bytes); });
        moved = Put(down_, std::move(bytes)) || moved;
      }
    }
  }
  bool Put(Pipe& pipe, Bytes bytes) {
    if (bytes.empty()) {
      return false;
    }
    pipe.Send(std::move(bytes), at_us_);
    return true;
  }

  void Deliver() {
    while (auto bytes = cut_ ? std::nullopt : up_.TakeArrived(at_us_)) {
      Cut(*bytes);
      run_.bytes_up += bytes->size();
      OnParent([&] {
        static_cast<void>(lower_->session().HandleBytes(*bytes, TickNow()));
        if (parent_.engine().pending()) {
          parent_.engine().Commit(now_, TickNow());
        }
      });
    }
    while (auto bytes = cut_ ? std::nullopt : down_.TakeArrived(at_us_)) {
      Cut(*bytes);
      run_.bytes_down += bytes->size();
      heard_ = upper_->session().HandleBytes(*bytes, TickNow());
      if (run_.handshake_bytes == 0 && upper_->session().opened()) {
        run_.handshake_bytes = run_.bytes();
      }
      if (child_.engine().pending()) {
        child_.engine().Commit(now_, TickNow());
      }
    }
  }
  void Cut(Bytes& bytes) {
    if (options_.cut_after_bytes && run_.bytes() + bytes.size() >= *options_.cut_after_bytes) {
      bytes.resize(*options_.cut_after_bytes - run_.bytes());
      cut_ = true;
    }
  }
  void Note() {
    if (!ended_ && upper_->session().done()) {
      ended_ = true;
      run_.elapsed_us = at_us_;
    }
  }

  void Finish() {
    Note();
    if (!ended_) {
      run_.elapsed_us = at_us_;
    }
    run_.child = heard_ ? upper_->session().HandleClosed() : heard_;
    run_.opened = upper_->session().opened();
    run_.child_counts = upper_->session().counts();
    run_.parent_counts = lower_->session().counts();
    upper_.reset();
    OnParent([&] {
      static_cast<void>(lower_->session().HandleClosed());
      lower_.reset();
    });
  }

  SimNode& child_;
  SimNode& parent_;
  Timestamp now_;
  const LinkOptions& options_;
  Pipe up_;
  Pipe down_;
  std::unique_ptr<SyncLink> upper_;
  std::unique_ptr<SyncLink> lower_;
  LinkRun run_;
  Status heard_;
  std::int64_t at_us_ = 0;
  bool cut_ = false;
  bool ended_ = false;
};

}  // namespace

LinkRun Connect(SimNode& child, SimNode& parent, Timestamp now, const LinkOptions& options) {
  return Run(child, parent, now, options).Go();
}

std::int64_t CpuNs() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

}  // namespace chibo::bench

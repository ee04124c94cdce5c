#include "tests/sim/line.h"

#include <utility>

#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

constexpr std::size_t kWriteBytesMax = 64 * 1024;
constexpr std::size_t kRecordingMax = 256 * 1024;

}  // namespace

Line::Line(World& world, Machine* child, Machine& parent, const LineShape& shape)
    : world_(world), shape_(shape) {
  ends_[kChild].machine = child;
  ends_[kChild].life = child == nullptr ? 0 : child->life();
  ends_[kParent].machine = &parent;
  ends_[kParent].life = parent.life();
}

void Line::At(Side side, Duration wait, std::function<void()> work) {
  world_.events().After(wait, [self = shared_from_this(), side, work = std::move(work)] {
    const End& end = self->ends_[side];
    if (!self->Alive(end)) {
      return;
    }
    if (end.machine->asleep()) {
      self->At(side, end.machine->wakes() - self->world_.now(), work);
      return;
    }
    work();
  });
}

bool Line::Dial(const Pace& pace) {
  Machine& child = *ends_[kChild].machine;
  {
    const Machine::Working working(child);
    auto link = child.node().engine().Dial(pace, child.Mono());
    if (!link) {
      return false;
    }
    ends_[kChild].link = *std::move(link);
  }
  ends_[kChild].open = true;
  Accept(shape_.retry_after_s);
  At(kChild, Duration(0), [this] { Pump(kChild); });
  At(kParent, shape_.latency, [this] { Pump(kParent); });
  return true;
}

void Line::Accept(std::uint32_t retry_after_s) {
  Machine& parent = *ends_[kParent].machine;
  const Machine::Working working(parent);
  ends_[kParent].link = parent.node().engine().Accept(retry_after_s, parent.Mono());
  ends_[kParent].open = true;
}

void Line::Replay(Bytes bytes) {
  Accept(0);
  Send(kChild, std::move(bytes));
  At(kParent, Duration(60'000), [this] { PeerClosed(kParent); });
}

void Line::Pump(Side side) {
  End& end = ends_[side];
  if (!Alive(end) || end.writing) {
    return;
  }
  ArmTimer(side);
  // What is to be sent is the line's, not the session's.
  Bytes bytes;
  bytes.reserve(kWriteBytesMax);
  {
    const Machine::Working working(*end.machine);
    end.link->session().PollTransmit(kWriteBytesMax, bytes);
  }
  if (bytes.empty()) {
    if (!end.failed || end.link->session().done()) {
      Close(side, end.failed);
    }
    return;
  }
  if (side == kChild && recording_.size() < kRecordingMax) {
    recording_ += bytes;
  }
  Send(side, std::move(bytes));
}

void Line::Send(Side from, Bytes bytes) {
  const Side to = from == kChild ? kParent : kChild;
  if (shape_.flip_at && *shape_.flip_at < bytes.size()) {
    const auto at = static_cast<std::size_t>(*shape_.flip_at);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    shape_.flip_at.reset();
    world_.Reached("bit_flipped_on_the_way");
  } else if (shape_.flip_at) {
    *shape_.flip_at -= bytes.size();
  }
  bool breaks = false;
  if (!broken_ && shape_.cut_after && passed_ + bytes.size() > *shape_.cut_after) {
    bytes.resize(static_cast<std::size_t>(*shape_.cut_after - passed_));
    breaks = true;
  }
  passed_ += bytes.size();
  Tick& free = free_[from];
  free = std::max(free, world_.now());
  for (std::size_t at = 0; at < bytes.size() && !broken_; at += shape_.fragment) {
    Bytes piece = bytes.substr(at, shape_.fragment);
    free += Duration(static_cast<Duration::rep>(piece.size() * 1000 / shape_.bytes_per_s));
    At(to, free - world_.now() + shape_.latency,
       [this, to, piece = std::move(piece)] { Deliver(to, piece); });
  }
  if (ends_[from].machine != nullptr) {
    ends_[from].writing = true;
    At(from, free - world_.now(), [this, from] {
      ends_[from].writing = false;
      Pump(from);
    });
  }
  if (breaks) {
    Break();
  }
}

// What was sent before the break still arrives: the news of it comes after.
void Line::Break() {
  broken_ = true;
  const Tick last = std::max({free_[kChild], free_[kParent], world_.now()});
  const Duration wait = last - world_.now() + shape_.latency + Duration(1);
  world_.Reached(shape_.deaf == 0 ? "connection_cut" : "connection_half_open");
  for (const Side side : {kChild, kParent}) {
    if (shape_.deaf != side + 1) {
      At(side, wait, [this, side] { PeerClosed(side); });
    }
  }
}

void Line::Deliver(Side to, Bytes bytes) {
  End& end = ends_[to];
  Status heard;
  const bool alive = end.machine->Step(
      "bytes", [&] { heard = end.link->session().HandleBytes(bytes, end.machine->Mono()); });
  if (alive) {
    Heard(to, heard);
  }
}

void Line::Heard(Side side, const Status& status) {
  End& end = ends_[side];
  if (!status && end.failed) {
    end.failed = status;
  }
  end.machine->CommitSoon();
  Pump(side);
}

void Line::ArmTimer(Side side) {
  End& end = ends_[side];
  const auto timeout = end.link->session().NextTimeout();
  if (!timeout || end.timer == timeout) {
    return;
  }
  end.timer = timeout;
  At(side, std::max(Duration(0), *timeout - end.machine->Mono()),
     [this, side] { TimerFired(side); });
}

void Line::TimerFired(Side side) {
  End& end = ends_[side];
  end.timer.reset();
  const auto timeout = end.link->session().NextTimeout();
  if (!timeout) {
    return;
  }
  if (*timeout > end.machine->Mono()) {
    ArmTimer(side);
    return;
  }
  world_.Reached("session_timed_out");
  const Status heard = [&] {
    const Machine::Working working(*end.machine);
    return end.link->session().HandleTimeout(end.machine->Mono());
  }();
  Heard(side, heard);
}

void Line::Told(const SyncLink* link) {
  for (const Side side : {kChild, kParent}) {
    if (ends_[side].open && ends_[side].link.get() == link) {
      At(side, Duration(0), [this, side] { Pump(side); });
    }
  }
}

void Line::Close(Side side, const Status& status) {
  End& end = ends_[side];
  const Session& session = end.link->session();
  const AttemptEnd how{status, session.counts(), session.opened(), session.retry_after_s()};
  end.open = false;
  const std::int64_t before = HeapBytes();
  {
    const Machine::Working working(*end.machine);
    end.link.reset();
  }
  end.machine->SessionFreed(before - HeapBytes());
  const Side other = side == kChild ? kParent : kChild;
  if (!broken_) {
    const Tick last = std::max(free_[side], world_.now());
    At(other, last - world_.now() + shape_.latency, [this, other] { PeerClosed(other); });
  }
  if (how.counts.bytes_resumed > 0) {
    world_.Reached("chunk_resumed_inside");
  }
  if (side == kChild && !shape_.beside) {
    end.machine->SessionEnded(how);
  }
}

void Line::PeerClosed(Side side) {
  End& end = ends_[side];
  if (end.open) {
    const Status closed = end.link->session().HandleClosed();
    Close(side, end.failed ? closed : end.failed);
  }
}

void Line::Lost(const Machine& machine, bool tells) {
  for (const Side side : {kChild, kParent}) {
    End& end = ends_[side];
    if (end.machine != &machine || !end.open) {
      continue;
    }
    end.open = false;
    end.link.reset();
    broken_ = true;
    const Side other = side == kChild ? kParent : kChild;
    if (tells && ends_[other].open) {
      At(other, shape_.latency, [this, other] { PeerClosed(other); });
    }
  }
}

bool Line::Touches(const Machine& machine) const {
  return ends_[kChild].machine == &machine || ends_[kParent].machine == &machine;
}

}  // namespace chibo::sim

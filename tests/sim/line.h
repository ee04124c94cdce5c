#ifndef CHIBO_TESTS_SIM_LINE_H_
#define CHIBO_TESTS_SIM_LINE_H_

#include <memory>
#include <optional>
#include <string>

#include "tests/sim/machine.h"

namespace chibo::sim {

// How one connection behaves, drawn when it is made.
struct LineShape {
  Duration latency{20};
  std::uint64_t bytes_per_s = 1'000'000;
  std::size_t fragment = 65536;  // at most so many bytes arrive at a time
  // The line ends when so many bytes, of both directions, have passed.
  std::optional<std::uint64_t> cut_after;
  // Then one end is not told: 0 = both hear of it, 1 = the child does not, 2 = the parent does not.
  int deaf = 0;
  // A bit of the n-th byte changes.
  std::optional<std::uint64_t> flip_at;
  std::uint32_t retry_after_s = 0;
  bool beside = false;  // a further connection of a child that has one already
};

// One connection in virtual time: moves bytes between two sessions as node/net does, and breaks as
// its shape says.
class Line : public std::enable_shared_from_this<Line> {
 public:
  enum Side { kChild = 0, kParent = 1 };

  Line(World& world, Machine* child, Machine& parent, const LineShape& shape);
  // False when the child's engine cannot dial.
  bool Dial(const Pace& pace);
  // A stranger sends the bytes that some child once sent, to a fresh session.
  void Replay(Bytes bytes);

  // The process at that end is gone; with `tells`, the operating system tells the other end.
  void Lost(const Machine& machine, bool tells);
  void Told(const SyncLink* link);
  bool open() const { return ends_[kChild].open || ends_[kParent].open; }
  bool Touches(const Machine& machine) const;
  // What the child sent, for a replay later.
  const Bytes& recording() const { return recording_; }
  Machine& parent() const { return *ends_[kParent].machine; }

 private:
  struct End {
    Machine* machine = nullptr;
    std::uint64_t life = 0;
    std::unique_ptr<SyncLink> link;
    bool open = false;
    bool writing = false;
    Status failed;
    std::optional<Tick> timer;  // of the machine's own clock
  };

  bool Alive(const End& end) const {
    return end.open && end.machine->up() && end.machine->life() == end.life;
  }
  void Accept(std::uint32_t retry_after_s);
  void Pump(Side side);
  void Send(Side from, Bytes bytes);
  void Deliver(Side to, Bytes bytes);
  void Heard(Side side, const Status& status);
  void ArmTimer(Side side);
  void TimerFired(Side side);
  void Close(Side side, const Status& status);
  void PeerClosed(Side side);
  void Break();
  // The event happens when that machine is awake; void when its process is another by then.
  void At(Side side, Duration wait, std::function<void()> work);

  World& world_;
  LineShape shape_;
  End ends_[2];
  std::uint64_t passed_ = 0;
  bool broken_ = false;
  Tick free_[2] = {};
  Bytes recording_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_LINE_H_

#ifndef CHIBO_TESTS_SIM_WORLD_H_
#define CHIBO_TESTS_SIM_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/ballots.h"
#include "tests/sim/checker.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/line.h"
#include "tests/sim/machine.h"
#include "tests/sim/options.h"
#include "tests/sim/trace.h"
#include "tests/sim/workload.h"

namespace chibo::sim {

struct Violation {
  std::string invariant;
  std::string what;
};

// One seed's network: machines, lines and people in virtual time, in one thread. Two phases: first
// everything may go wrong and what must never happen is watched after every step; then nothing goes
// wrong any more, everybody talks, and what must happen in the end is looked for.
class World {
 public:
  explicit World(const Options& options);
  ~World();

  // Nothing: all invariants held.
  std::optional<Violation> Run();

  const Options& options() const { return options_; }
  EventQueue& events() { return events_; }
  Tick now() const { return events_.now(); }
  // Faults are over.
  bool calm() const { return calm_; }
  SeededRandom Dice(std::string_view purpose) const { return DiceFor(options_.seed, purpose); }
  void Note(const std::string& line) { trace_.Note(now(), line); }
  void Reached(const std::string& probe) { probes_.Reached(probe); }
  const Trace& trace() const { return trace_; }
  const Probes& probes() const { return probes_; }
  void Violate(std::string_view invariant, const std::string& what);
  bool violated() const { return violation_.has_value(); }
  const std::optional<Violation>& violation() const { return violation_; }

  // ---- who there is
  struct Seat {
    UnitId unit;
    pb::Role role = pb::ROLE_NONE;
    std::size_t parent = 0;  // machine number; the topmost is its own
    int depth = 0;
  };
  const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }
  Machine& top() { return *machines_.front(); }
  const Seat& seat(const Machine& machine) const { return seats_[machine.number()]; }
  Machine* parent(const Machine& machine);
  // From now on it connects to that one.
  void Reseat(const Machine& machine, const Machine& parent);
  // The topmost unit's machine, of a network that has none yet.
  Machine& Found(const std::string& name, const NetworkPlan& plan);
  // A further machine with a device for that unit, enrolled where `parent` is; both in good order.
  // Without a name it gets one.
  Machine& Enrol(Machine& parent, const UnitId& unit, pb::Role role, std::string name = {});
  Machine& AddCopy(Machine& of, bool with_sidecar, std::string name = {});
  // How many machines connect to this one, and how many of its connections are open.
  std::size_t Children(const Machine& machine) const;
  std::size_t OpenLines(const Machine& machine) const;
  // A stream that was begun in another unit's name: nobody is to believe it, nor need hold it.
  void Disown(const StreamId& stream) { disowned_.insert(stream); }
  bool IsDisowned(const StreamId& stream) const { return disowned_.contains(stream); }
  // The unit directly above; nothing for the topmost.
  std::optional<UnitId> Superior(const UnitId& unit) const;
  // Whether `unit` is `above` or below it, as the simulator has arranged it.
  bool Within(const UnitId& unit, const UnitId& above) const;

  // ---- what happens
  // A person does something on a machine that is up and awake; false when it did not come off.
  bool Act(Machine& machine, std::string_view what, const std::function<Status(Replica&)>& act);
  // A connection from the machine to its parent; false when there is no way now.
  bool Connect(Machine& child, const Pace& pace) { return Connect(child, pace, false); }
  // A second one while the first is open: the laptop came up under another address.
  bool ConnectBeside(Machine& child) { return Connect(child, Pace(), true); }
  void ReplayInto(Machine& parent, const Bytes& bytes);
  void LinesLost(const Machine& machine, bool tells);
  void LinesTold(const std::vector<SyncLink*>& links);
  const std::vector<Bytes>& recordings(const Machine& parent) {
    return recordings_[parent.number()];
  }
  // At `count` times of the first phase, drawn from `dice`.
  void AtTimes(SeededRandom& dice, std::uint64_t count, const std::function<void()>& work);
  // Lets happen what is planned, until nothing is.
  void RunDry();
  // Who plays by hand, without Run, says how each connection is; nothing: there is no way.
  using Shaping =
      std::function<std::optional<LineShape>(const Machine& child, const Machine& parent)>;
  void ShapeLinesBy(Shaping shaping) { shaping_ = std::move(shaping); }

  // For machines: they have changed their disk; they have come up; they went back.
  void Stepped(Machine& machine);
  void Started(Machine& machine);
  void WentBack(Machine& machine);
  Ledger& ledger() { return ledger_; }
  Ballots& ballots() { return ballots_; }

 private:
  bool Connect(Machine& child, const Pace& pace, bool beside);
  void Build();
  void FirstPhase();
  void CalmDown();
  void SecondPhase();
  // One session upward for everybody of whom it would not be the same that moved nothing before, in
  // the order of depth; whether anything moved.
  bool Round(bool upward, bool first);
  bool ApprovedAnew(Machine& machine);
  void RunUntil(Tick end);
  LineShape DrawShape(const Machine& parent);

  Options options_;
  EventQueue events_;
  Trace trace_;
  Probes probes_;
  Ledger ledger_;
  Ballots ballots_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<Seat> seats_;
  std::map<UnitId, UnitId> superior_;
  // By number: the changes on a machine's disk and on its superior's when a session of theirs moved
  // nothing at last.
  std::map<std::size_t, std::pair<std::uint64_t, std::uint64_t>> quiet_;
  std::set<StreamId> disowned_;
  std::vector<std::shared_ptr<Line>> lines_;
  std::map<std::size_t, std::vector<Bytes>> recordings_;
  SeededRandom line_dice_;
  Shaping shaping_;
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::vector<std::unique_ptr<Workload>> workloads_;
  bool calm_ = true;
  std::optional<Violation> violation_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_WORLD_H_

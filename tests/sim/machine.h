#ifndef CHIBO_TESTS_SIM_MACHINE_H_
#define CHIBO_TESTS_SIM_MACHINE_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "node/sync_attempts.h"
#include "tests/disk/fault_vfs.h"
#include "tests/sim/heap.h"
#include "tests/sim/program.h"
#include "tests/sim/sim_node.h"

namespace chibo::sim {

class World;

// The clock on the wall of one machine: as wrong as a fault makes it.
class WallClock {
 public:
  explicit WallClock(Timestamp begins) : wall_(begins.time_since_epoch()) {}
  Timestamp At(Tick now) const {
    return Timestamp(wall_ + Duration(rate_ * (now - since_).count()));
  }
  // Jumps by `by` and from then on runs at `rate`: 1, 0 (stands still) or -1 (backwards).
  void Jump(Tick now, Duration by, int rate) {
    wall_ = At(now).time_since_epoch() + by;
    since_ = now;
    rate_ = rate;
  }

 private:
  Duration wall_;
  Tick since_{};
  int rate_ = 1;
};

// The file outside the data directory that proves that it goes on where it stopped (node/cli's
// Continuity, as its header states it; written here again because there it is files).
struct Sidecar {
  bool there = false;
  std::uint64_t opened = 0;
  std::uint64_t next = 0;
  std::uint64_t entries = 0;
  std::uint64_t durable_entries = 0;  // what a power cut may bring back
};

// A computer: a disk, clocks, and (while it is up) the process of one node. It survives what
// happens to its process.
class Machine {
 public:
  Machine(World& world, std::size_t number, std::string name);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::size_t number() const { return number_; }
  const std::string& name() const { return name_; }
  bool up() const { return node_ != nullptr && node_->running(); }
  SimNode& node() { return *node_; }
  Random& random() { return random_; }
  SimNode::Place place() const { return {"/chibo.db", disk_.name()}; }
  Timestamp Wall() const;
  // Stands while the machine sleeps.
  Tick Mono() const;
  WallClock& clock() { return clock_; }
  // Which start of the process this is; what an earlier one had planned is void.
  std::uint64_t life() const { return life_; }

  // A node that was founded or enrolled on this machine's disk, running.
  void Adopt(std::unique_ptr<SimNode> node);
  // Another machine's disk and keys, and (when `with_sidecar`: the whole computer was copied) its
  // proof of continuity. Stopped.
  void CopyFrom(Machine& other, bool with_sidecar);

  // From the next start, which is now, it runs an older program, or the one of today.
  void RunProgram(bool older);
  bool older() const { return older_; }

  // What the process has in memory (but for SQLite's own), and the most that went when one of its
  // sessions ended.
  struct Memory {
    std::int64_t bytes = 0;
    std::int64_t session = 0;
  };
  const Memory& memory() const { return memory_; }
  // While it lives, this machine's program runs, and what is allocated is its. The disk, which is
  // memory too, is not.
  class Working {
   public:
    explicit Working(Machine& machine)
        : machine_(machine),
          program_(machine.older_),
          disk_(machine.disk_.Memory()),
          share_(machine.memory_.bytes) {}
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
    ~Working() { machine_.memory_.bytes -= machine_.disk_.Memory() - disk_; }

   private:
    Machine& machine_;
    RunningProgram program_;
    std::int64_t disk_;
    HeapShare share_;
  };
  // The session of a connection is gone, and with it so much memory.
  void SessionFreed(std::int64_t bytes) { memory_.session = std::max(memory_.session, bytes); }
  std::uint64_t disk_bytes() const { return disk_.Size(); }
  std::uint64_t disk_changes() const { return disk_.changes(); }

  // Starts the process on what the disk holds; tries again in a while when that fails.
  void Start();
  // The process ends without a word, and what it had not synced is still there, or with the power
  // anything of it may be gone. It starts again after `pause`.
  void Crash(bool power, Duration pause);
  // Runs `work` on the node, which is up, with the disk fault that is due, and lets everyone look
  // at what it left. False when the machine did not survive it.
  bool Step(std::string_view what, const std::function<void()>& work);

  // Sleeps with everything open, until then.
  void Sleep(Duration time);
  void Wake();
  bool asleep() const;
  Tick wakes() const { return asleep_until_; }

  test::FaultVfs::Image Backup() const { return disk_.Copy(); }
  // The disk goes back to an older state; the sidecar, elsewhere, does not. The machine is down.
  void PutBack(const test::FaultVfs::Image& image);
  // Somebody, or chance, changes the store past the product; the machine is down.
  Status ChangeStore(const std::function<Status(SqlConnection&)>& change);
  // The whole computer with that proof, as somebody copies and puts it back who wants to write
  // again what is written.
  struct Whole {
    test::FaultVfs::Image disk;
    Sidecar sidecar;
  };
  Whole BackupWhole() const { return {disk_.Copy(), sidecar_}; }
  void PutBackWhole(const Whole& whole);
  void FillDisk(bool full);
  bool disk_full() const { return disk_full_; }

  // ---- sync
  // The operator, or a schedule, asks for it: connections upward until the parent has everything.
  void SyncNow();
  bool syncing() const { return syncing_; }
  void SessionEnded(const AttemptEnd& end);
  void CommitSoon();
  // How the last run of SyncNow ended; nothing while it runs or the machine was down.
  const std::optional<Status>& last_sync() const { return last_sync_; }
  std::uint64_t entries_moved() const { return entries_moved_; }

  // Revoked, unfinished copy of another, hostile: what checkers make allowance for.
  struct Allowance {
    bool revoked = false;                    // its certificate was ended
    std::size_t revoked_by = 0;              // then: by the officer at that machine
    std::map<StreamId, std::uint64_t> kept;  // then: how much of what it wrote stays good
    bool hostile = false;                    // it says what it may not
    bool copy = false;  // another machine writes under the same key, or it writes anew itself
    bool officer_replaced = false;  // what its officer signed since may be past the end
    bool rotten = false;            // bytes on its disk have changed by themselves
    bool went_back = false;         // its disk was put back since the start
    bool approved_anew = false;     // the server that let it in has forgotten it in between
  };
  Allowance& allowance() { return allowance_; }
  const Allowance& allowance() const { return allowance_; }

 private:
  void Commit();
  void Attempt();
  void FinishSync(Status status);
  Status TryStart();
  bool Proves(std::uint64_t opened, std::uint64_t entries) const;
  std::uint64_t OwnEntries();
  void PlanDiskFault();

  World& world_;
  std::size_t number_;
  std::string name_;
  SeededRandom random_;  // the node's own
  SeededRandom dice_;    // of the disk's faults
  test::FaultVfs disk_;
  WallClock clock_;
  Sidecar sidecar_;
  std::uint64_t starts_ = 0;
  std::unique_ptr<SimNode> node_;
  std::uint64_t life_ = 0;
  Duration slept_{};
  Tick asleep_until_{};
  bool older_ = false;
  bool program_changed_ = false;
  bool ran_another_program_ = false;
  bool disk_full_ = false;
  bool sync_failed_ = false;  // an fsync failed: read-only until the next start
  test::Fault planned_ = test::Fault::kNone;
  bool commit_planned_ = false;
  bool syncing_ = false;
  std::optional<SyncAttempts> attempts_;
  std::optional<Status> last_sync_;
  std::uint64_t entries_moved_ = 0;
  Allowance allowance_;
  Memory memory_;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_MACHINE_H_

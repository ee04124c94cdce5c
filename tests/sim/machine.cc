#include "tests/sim/machine.h"

#include <algorithm>
#include <utility>

#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// A commit waits for what else is ready, and for the disk.
constexpr std::uint64_t kCommitMsMax = 30;
constexpr Duration kStartAgain = std::chrono::minutes(10);
// One step in so many meets the disk fault that the run has.
constexpr std::uint64_t kStepsPerDiskFault = 40;
constexpr std::uint64_t kOperationsToFault = 60;
// Room made beforehand, so that it is not taken for the machine's.
constexpr std::size_t kLinksMany = 256;

// Up to fifty either way.
Duration YearsOff(const World& world, std::size_t number) {
  if (!world.options().other_clocks) {
    return Duration(0);
  }
  SeededRandom dice = world.Dice("years off " + std::to_string(number));
  return std::chrono::hours(static_cast<std::int64_t>(dice.Below(876'000)) - 438'000);
}

}  // namespace

Machine::Machine(World& world, std::size_t number, std::string name)
    : world_(world),
      number_(number),
      name_(std::move(name)),
      random_(world.Dice("node " + std::to_string(number))),
      dice_(world.Dice("disk " + std::to_string(number))),
      clock_(world.options().begins + YearsOff(world, number)) {}

Timestamp Machine::Wall() const { return clock_.At(world_.now()); }

Tick Machine::Mono() const {
  const Duration ahead = asleep() ? asleep_until_ - world_.now() : Duration(0);
  return world_.now() - slept_ + ahead;
}

bool Machine::asleep() const { return asleep_until_ > world_.now(); }

void Machine::Sleep(Duration time) {
  if (!asleep()) {
    slept_ += time;
    asleep_until_ = world_.now() + time;
  }
}

void Machine::Wake() {
  if (asleep()) {
    slept_ -= asleep_until_ - world_.now();
    asleep_until_ = world_.now();
  }
}

// ---- Life

void Machine::Adopt(std::unique_ptr<SimNode> node) {
  node_ = std::move(node);
  sidecar_ = {true, 0, 0, 0, 0};
  ++life_;
  world_.Started(*this);
}

void Machine::CopyFrom(Machine& other, bool with_sidecar) {
  CHECK(node_ == nullptr);
  disk_.Put(other.disk_.Copy());
  sidecar_ = with_sidecar ? other.sidecar_ : Sidecar();
  node_ = other.node_->CopyAt(place(), random_);
  older_ = other.older_;
  program_changed_ = other.program_changed_;
  ran_another_program_ = other.ran_another_program_;
  allowance_.copy = true;
  allowance_.hostile = other.allowance_.hostile;
  other.allowance_.copy = true;
}

bool Machine::Proves(std::uint64_t opened, std::uint64_t entries) const {
  return sidecar_.there && opened > 0 && (opened == sidecar_.opened || opened == sidecar_.next) &&
         entries >= sidecar_.entries;
}

Status Machine::TryStart() {
  CHIBO_TRY(node_->OpenStore());
  NoProtection plain;
  LogStore log(node_->sql(), plain);
  CHIBO_TRY(log.OpenSchema());
  if (program_changed_) {
    // As where kProjectionVersion has been raised. A cell has its view in memory alone.
    if (node_->role() == pb::SERVER) {
      CHIBO_TRY(node_->sql().Execute(
          "UPDATE view_state SET value = value - 1 WHERE name = 'projection'"));
    }
    program_changed_ = false;
  }
  CHIBO_TRY_VALUE(const auto kept, log.Value("opened"));
  const std::uint64_t opened = kept ? ReadU64(*kept) : 0;
  CHIBO_TRY_VALUE(SqlStatement * sum,
                  node_->sql().Prepare("SELECT SUM(branch.size) FROM branch JOIN stream ON "
                                       "stream.no = branch.stream_no "
                                       "WHERE stream.own = 1 AND branch.branch = 0"));
  CHIBO_TRY(sum->Step());
  const auto entries = static_cast<std::uint64_t>(sum->Int(0));
  sum->Reset();
  const bool proven = Proves(opened, entries) || entries == 0;
  // As different as random ones, also between a life and another that was put back.
  Bytes place;
  AppendU64(place, ++starts_);
  const std::uint64_t drawn = ReadU64(Sha256({"opened", name_, place}).view());
  if (proven) {
    sidecar_ = {true, opened, drawn, entries, entries};
  } else {
    // Until the old streams are retired nothing may prove this store, should the start not end.
    sidecar_ = Sidecar();
  }
  Bytes number;
  AppendU64(number, drawn);
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(node_->sql()));
  CHIBO_TRY(log.PutValue("opened", number));
  CHIBO_TRY(transaction.Commit());
  if (!proven) {
    world_.Reached("start_without_proof");
  }
  CHIBO_TRY(node_->TryStart(proven));
  sidecar_ = {true, drawn, 0, entries, entries};
  return {};
}

void Machine::Start() {
  CHECK(!up());
  PlanDiskFault();
  const Status started = [this] {
    const Working working(*this);
    return TryStart();
  }();
  if (planned_ == test::Fault::kPower && disk_.has_failed()) {
    world_.Reached("power_cut_while_starting");
    Crash(true, kStartAgain);
    return;
  }
  FillDisk(disk_full_);
  if (!started) {
    world_.Note(name_ + " does not start: " + ToString(started.error()));
    world_.Reached("start_refused");
    if (world_.calm() && !allowance_.rotten) {
      world_.Violate("I1", name_ + " does not start though nothing is in its way: " +
                               ToString(started.error()));
      return;
    }
    Crash(false, kStartAgain);
    return;
  }
  world_.Note(name_ + " starts");
  world_.Started(*this);
}

void Machine::Crash(bool power, Duration pause) {
  world_.Note(name_ + (power ? " loses power" : " is killed"));
  world_.Reached(power ? "power_cut" : "process_killed");
  world_.LinesLost(*this, !power);
  ++life_;
  disk_.FailAt(0, test::Fault::kPower, true);
  node_->Stop();
  memory_.bytes = 0;
  disk_.CutPower(power ? 2 + dice_.Below(1'000'000) : 1);
  if (power) {
    sidecar_.entries =
        sidecar_.durable_entries + dice_.Below(sidecar_.entries - sidecar_.durable_entries + 1);
  }
  planned_ = test::Fault::kNone;
  sync_failed_ = false;
  commit_planned_ = false;
  syncing_ = false;
  last_sync_.reset();
  FillDisk(disk_full_);
  world_.events().After(pause, [this, life = life_] {
    if (life == life_ && !up()) {
      Start();
    }
  });
}

void Machine::RunProgram(bool older) {
  world_.Note(name_ + (older ? " runs an older program" : " is brought up to date"));
  older_ = older;
  program_changed_ = true;
  ran_another_program_ = true;
  if (up()) {
    Crash(false, Duration(1000));
  }
}

void Machine::PutBack(const test::FaultVfs::Image& image) {
  CHECK(!up());
  disk_.Put(image);
  FillDisk(disk_full_);
  // The view there may be the other program's.
  program_changed_ = program_changed_ || ran_another_program_;
  allowance_.went_back = true;
  allowance_.rotten = false;
  world_.WentBack(*this);
}

Status Machine::ChangeStore(const std::function<Status(SqlConnection&)>& change) {
  CHECK(!up());
  FillDisk(false);
  CHIBO_TRY(node_->OpenStore());
  const Status changed = change(node_->sql());
  node_->Stop();
  return changed;
}

void Machine::PutBackWhole(const Whole& whole) {
  PutBack(whole.disk);
  sidecar_ = whole.sidecar;
  allowance_.copy = true;
}

void Machine::FillDisk(bool full) {
  disk_full_ = full;
  planned_ = test::Fault::kNone;
  disk_.FailAt(0, full ? test::Fault::kFull : test::Fault::kNone, full);
}

void Machine::PlanDiskFault() {
  if (world_.calm() || disk_full_ || dice_.Below(kStepsPerDiskFault) != 0) {
    return;
  }
  const bool power = world_.options().Has(FaultKind::kPower);
  const bool sync = world_.options().Has(FaultKind::kSyncFails);
  if (!power && !sync) {
    return;
  }
  planned_ = power && (!sync || dice_.Below(2) == 0) ? test::Fault::kPower : test::Fault::kSync;
  disk_.FailAt(dice_.Below(kOperationsToFault), planned_, false);
}

bool Machine::Step(std::string_view what, const std::function<void()>& work) {
  CHECK(up());
  const std::uint64_t before = disk_.changes();
  PlanDiskFault();
  {
    const Working working(*this);
    work();
  }
  const test::Fault planned = std::exchange(planned_, test::Fault::kNone);
  const bool failed = planned != test::Fault::kNone && disk_.has_failed();
  if (failed && planned == test::Fault::kPower) {
    world_.Reached("power_cut_in_" + std::string(what));
    Crash(true, Duration(1000 * (1 + dice_.Below(7200))));
    return false;
  }
  if (failed && planned == test::Fault::kSync) {
    world_.Reached("fsync_failed");
    sync_failed_ = true;
    // Somebody sees the message and starts the computer again.
    world_.events().After(std::chrono::minutes(1 + dice_.Below(120)), [this, life = life_] {
      if (life == life_ && up()) {
        Crash(true, kStartAgain);
      }
    });
  }
  FillDisk(disk_full_);
  if (disk_.changes() != before) {
    std::uint64_t entries = 0;
    for (const Stream* stream : node_->replica().streams().All()) {
      entries += stream->own ? stream->size() : 0;
    }
    sidecar_.entries = entries;
    world_.Stepped(*this);
  }
  return true;
}

// ---- Sync

void Machine::CommitSoon() {
  if (commit_planned_ || !up() || !node_->engine().pending()) {
    return;
  }
  commit_planned_ = true;
  world_.events().After(Duration(dice_.Below(kCommitMsMax)), [this, life = life_] {
    if (life == life_ && up()) {
      Commit();
    }
  });
}

void Machine::Commit() {
  if (asleep()) {
    world_.events().After(asleep_until_ - world_.now(), [this, life = life_] {
      if (life == life_ && up()) {
        Commit();
      }
    });
    return;
  }
  commit_planned_ = false;
  std::vector<SyncLink*> told;
  told.reserve(kLinksMany);
  if (!Step("commit", [&] {
        const auto links = node_->engine().Commit(Wall(), Mono());
        told.insert(told.end(), links.begin(), links.end());
      })) {
    return;
  }
  if (!world_.calm() && world_.options().Has(FaultKind::kCrash) && dice_.Below(60) == 0) {
    world_.Reached("killed_between_commit_and_answer");
    Crash(false, Duration(1000 * (1 + dice_.Below(600))));
    return;
  }
  world_.LinesTold(told);
  CommitSoon();
}

void Machine::SyncNow() {
  if (!up() || syncing_ || world_.parent(*this) == nullptr) {
    return;
  }
  syncing_ = true;
  last_sync_.reset();
  entries_moved_ = 0;
  attempts_.emplace(node_->engine());
  if (auto begun = attempts_->Begin(); !begun) {
    FinishSync(std::move(begun));
    return;
  }
  Attempt();
}

void Machine::Attempt() {
  if (!world_.Connect(*this, attempts_->pace())) {
    SessionEnded({Fail(Code::kUnreachable, "parent_unreachable"), {}, false, {}});
  }
}

void Machine::SessionEnded(const AttemptEnd& end) {
  world_.Note(name_ + " session " + (end.status ? "ok" : ToString(end.status.error())) + " in " +
              std::to_string(end.counts.bytes_in) + " out " + std::to_string(end.counts.bytes_out));
  entries_moved_ += end.counts.entries_in + end.counts.entries_out;
  if (!syncing_) {
    return;
  }
  SyncAttempts::Next next = attempts_->After(end);
  if (next.finished) {
    FinishSync(*std::move(next.finished));
    return;
  }
  world_.events().After(next.wait, [this, life = life_] {
    if (life == life_ && up() && syncing_) {
      Attempt();
    }
  });
}

void Machine::FinishSync(Status status) {
  syncing_ = false;
  last_sync_ = std::move(status);
}

}  // namespace chibo::sim

// I6 and I20: the set of entries that a node holds, fed to an empty node in random order, batches
// and with restarts, gives the same view; so does dropping the view and projecting the log again.
// Asked of one or two machines at rest, and now and then of one in the middle of things.
#include <algorithm>
#include <utility>

#include "proto/merkle.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

template <typename T>
T Must(Result<T> result) {
  CHECK(result.has_value());
  return *std::move(result);
}

// What lies between two checkpoints of a branch, as a chunk of its own.
std::vector<SubmittedChunk> PiecesOf(const Stream& stream, const LogStore& log) {
  std::vector<SubmittedChunk> pieces;
  const StreamSecrets secrets = Must(log.Secrets(stream.no));
  for (const BranchRow& branch : stream.branches) {
    std::uint64_t from = branch.fork_at;
    while (from < branch.signed_size) {
      const auto close = Must(log.CheckpointAtLeast(stream.no, branch.branch, from + 1));
      CHECK(close.has_value());
      SubmittedChunk piece;
      piece.from_parent = true;
      piece.chunk.stream = Bytes(stream.id.view());
      piece.chunk.from = from;
      for (const StoredEntry& entry :
           Must(log.ReadEntries(stream.no, branch.branch, from, close->size - from, SIZE_MAX))) {
        piece.chunk.entries.push_back({entry.header, entry.body});
      }
      piece.chunk.close.signed_size = close->size;
      piece.chunk.close.signature = close->signature;
      piece.chunk.secrets = secrets;
      pieces.push_back(std::move(piece));
      from = close->size;
    }
  }
  return pieces;
}

// A node of the same unit that only takes in.
class Observer {
 public:
  Observer(Settings settings, Random& random)
      : random_(random),
        device_(SecretKey::Draw(random)),
        sql_(Must(OpenSqlite("", MemoryOnly()))) {
    settings.role = pb::SECRETARY;  // it registers nothing
    LogStore log(*sql_, at_rest_);
    CHECK(log.OpenSchema());
    CHECK(PutSettings(settings, log));
    Start();
  }

  void Start() {
    replica_.reset();
    Replica::Parts parts;
    parts.sql = sql_.get();
    parts.at_rest = &at_rest_;
    parts.random = &random_;
    parts.device = &device_;
    parts.view_place = ViewStore::Place::kFile;
    replica_ = Must(Replica::Open(parts));
  }

  // Takes in what it can of the batch; gives back what came too early.
  std::vector<SubmittedChunk> Take(const std::vector<SubmittedChunk>& batch) {
    // Its clock shows any year, another each time (I17).
    const Timestamp now(Duration(random_.Below(4'000'000'000'000)));
    const auto reports = replica_->Ingest(batch, now);
    std::vector<SubmittedChunk> early;
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i].error) {
        early.push_back(batch[i]);
      }
    }
    return early;
  }

  Replica& replica() { return *replica_; }

 private:
  static SqliteOptions MemoryOnly() {
    SqliteOptions options;
    options.kind = SqliteKind::kMemory;
    return options;
  }

  Random& random_;
  SigningKey device_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
};

class OrderChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I6"; }

  void AfterStep(World& world, Machine& machine) override {
    if (world.calm()) {
      return;
    }
    if (!dice_) {
      dice_ = std::make_unique<SeededRandom>(world.Dice("order"));
    }
    if (dice_->Below(400) == 0) {
      Check(world, machine);
    }
  }

  void AtRest(World& world) override {
    if (!dice_) {
      dice_ = std::make_unique<SeededRandom>(world.Dice("order"));
    }
    const auto& machines = world.machines();
    for (int i = 0; i < 2; ++i) {
      Machine& machine = *machines[dice_->Below(machines.size())];
      if (machine.up()) {
        Check(world, machine);
      }
    }
    Rebuild(world, *machines[dice_->Below(machines.size())]);
    for (const auto& machine : machines) {
      if (machine->up() && HoldsFork(*machine)) {
        Rebuild(world, *machine);
      }
    }
  }

 private:
  static bool HoldsFork(Machine& machine) {
    const auto streams = machine.node().replica().streams().All();
    return std::any_of(streams.begin(), streams.end(),
                       [](const Stream* stream) { return stream->forked(); });
  }

  void Rebuild(World& world, Machine& rebuilt) {
    if (!rebuilt.up() || rebuilt.allowance().hostile) {
      return;
    }
    const Machine::Working working(rebuilt);
    const Hash before = Must(rebuilt.node().replica().ViewDigest());
    CHECK(rebuilt.node().replica().RebuildView().has_value());
    if (Must(rebuilt.node().replica().ViewDigest()) != before) {
      world.Violate("I20", rebuilt.name() + " sees something else after rebuilding its view");
    }
  }

  void Check(World& world, Machine& machine) {
    if (machine.allowance().hostile || machine.allowance().rotten) {
      return;  // holds what nobody takes
    }
    const RunningProgram program(machine.older());
    Replica& replica = machine.node().replica();
    const auto seen = replica.ViewDigest();
    if (!seen && seen.error().code == Code::kDiskFailing) {
      return;  // nothing is read any more before it starts again
    }
    std::vector<SubmittedChunk> waiting;
    for (const Stream* stream : replica.streams().All()) {
      for (SubmittedChunk& piece : PiecesOf(*stream, replica.log())) {
        waiting.push_back(std::move(piece));
      }
    }
    for (std::size_t i = waiting.size(); i > 1; --i) {
      std::swap(waiting[i - 1], waiting[dice_->Below(i)]);
    }
    Observer observer(replica.settings(), *dice_);
    for (std::size_t turns = 0; !waiting.empty(); ++turns) {
      const std::size_t size = 1 + dice_->Below(waiting.size());
      const auto split = waiting.begin() + static_cast<std::ptrdiff_t>(size);
      std::vector<SubmittedChunk> batch(std::make_move_iterator(waiting.begin()),
                                        std::make_move_iterator(split));
      waiting.erase(waiting.begin(), split);
      for (SubmittedChunk& early : observer.Take(batch)) {
        waiting.push_back(std::move(early));
      }
      if (dice_->Below(8) == 0) {
        observer.Start();
      }
      if (turns > 2000) {
        world.Violate(invariant(),
                      "an empty node does not take in what " + machine.name() + " holds");
        return;
      }
    }
    world.Reached("order_checked");
    if (Must(observer.replica().ViewDigest()) != Must(seen)) {
      world.Violate(invariant(), machine.name() +
                                     " sees something else than a node that got the same entries "
                                     "in another order");
    }
  }

  std::unique_ptr<SeededRandom> dice_;
};

}  // namespace

std::unique_ptr<Checker> OrderIndependence() { return std::make_unique<OrderChecker>(); }

}  // namespace chibo::sim

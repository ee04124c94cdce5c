// Goal: memory that runs out anywhere in taking in, recording or syncing ends the process, and
// costs nothing else: what was acknowledged stays, nothing is there by half, and the next process
// goes on as if nothing had been. Method: for every n a process of its own, on stores as they were
// before, in which the n-th allocation fails and the new handler ends it, as the program's does
// (node/cli/output.h). Then the nodes are started again on what their stores hold, looked at, and
// asked the same once more. (Everyday: one n in so many; a prime, so that no loop is always met
// alike.)
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <new>

#include "tests/memory/failing_new.h"
#include "tests/must.h"
#include "tests/node/pieces.h"
#include "tests/storage/temp_dir.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

const Timestamp kNow{std::chrono::milliseconds(1'575'500'000'000)};  // 5 December 2019

std::string Member(const std::string& name) {
  return R"({"member":{"person":"@new","name":")" + name +
         R"(","birth":19800201,"admitted":20050301,"official":20060301}})";
}

std::string Proposes(const std::string& name, const std::string& grade) {
  return R"({"proposal":{"subject":{"id":"@person:)" + name +
         R"(|19800201"},"period":"2019","grade":")" + grade + R"("}})";
}

// Of parent reach what is said in it.
std::string Meeting() {
  return R"({"records":[
    {"meeting":{"kinds":["REGULAR"],"start_ms":"1575500000000","chair":"@person:An|19800201","present":["@person:An|19800201"]}},
    {"minutes":{"meeting":{"position":0},"text":"Chi bộ thảo luận việc làm đường thôn, mỗi hộ góp ba ngày công."}}]})";
}

// Everything a node holds and shows: its view, how far each branch goes, what is registered.
using State = std::vector<Bytes>;

State StateOf(SimNode& node) {
  State state{Bytes(node.digest().view())};
  for (const Stream* stream : node.replica().streams().All()) {
    for (const BranchRow& branch : stream->branches) {
      state.push_back(stream->id.hex() + " " + branch.peaks.Root().hex() + " " +
                      std::to_string(branch.signed_size));
    }
    for (const Registered& entry : Must(node.replica().log().RegisteredOf(stream->id))) {
      state.push_back(stream->id.hex() + " by " + entry.by.hex() + " " + entry.at.root.hex());
    }
  }
  return state;
}

// How a process ended.
enum class End { kDone, kRefused, kOutOfMemory };

using Work = std::function<bool()>;

class OutOfMemory : public ::testing::Test {
 protected:
  OutOfMemory() {
    province_ = SimNode::Found("Tỉnh thử", random_, kNow);
    const UnitId commune = province_->AddUnit("xa01", pb::GRASSROOTS_BODY, kNow);
    commune_ =
        SimNode::Join(*province_, commune, pb::SERVER, random_, kNow, {dir_.File("commune"), ""});
    const UnitId cell = commune_->AddUnit("xa01-cb01", pb::CELL, kNow);
    cell_ = SimNode::Join(*commune_, cell, pb::SECRETARY, random_, kNow, {dir_.File("cell"), ""});
  }

  // The nodes start as any process would: on their stores, and with the same dice each time.
  void Start() {
    random_ = SeededRandom(8);
    commune_->Start(true);
    cell_->Start(true);
  }
  void Stop() {
    commune_->Stop();
    cell_->Stop();
  }
  void KeepStores() {
    Stop();
    for (const char* name : {"commune", "cell"}) {
      fs::copy_file(dir_.File(name), dir_.File(name + std::string(".kept")));
    }
    Start();
  }
  void PutStoresBack() {
    Stop();
    for (const std::string name : {"commune", "cell"}) {
      for (const char* ending : {"-wal", "-shm", "-journal"}) {
        fs::remove(dir_.File(name + ending));
      }
      fs::copy_file(dir_.File(name + ".kept"), dir_.File(name),
                    fs::copy_options::overwrite_existing);
    }
  }

  // Runs `work` in a process of its own, in which the nodes start and the n-th allocation of `work`
  // fails; afterwards they are started again here.
  End Run(std::uint64_t n, const Work& work) {
    PutStoresBack();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      Start();
      std::set_new_handler([] { _exit(static_cast<int>(End::kOutOfMemory)); });
      test::FailAllocation(n);
      _exit(static_cast<int>(work() ? End::kDone : End::kRefused));
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    Start();
    return static_cast<End>(WEXITSTATUS(status));
  }

  // Calls `look` with each n, until one is not met any more.
  static void ForEveryAllocation(std::uint64_t everyday,
                                 const std::function<End(std::uint64_t)>& look) {
    const std::uint64_t stride = std::getenv("CHIBO_EVERY_ALLOCATION") != nullptr ? 1 : everyday;
    std::uint64_t n = 0;
    for (End end = End::kOutOfMemory; end == End::kOutOfMemory && !HasFailure(); n += stride) {
      SCOPED_TRACE("allocation " + std::to_string(n));
      end = look(n);
      EXPECT_NE(end, End::kRefused);
    }
    RecordProperty("allocations", std::to_string(n));
    EXPECT_GT(n, 1000U);
  }

  // For work of one transaction on one node: before and after, nothing between, and what comes of
  // asking again is what comes of it where memory never ran out.
  void ExpectAllOrNothing(std::uint64_t everyday, SimNode& node, const Work& work) {
    KeepStores();
    const State before = StateOf(node);
    CHECK(work());
    const State whole = StateOf(node);
    EXPECT_NE(before, whole);
    ForEveryAllocation(everyday, [&](std::uint64_t n) {
      const End end = Run(n, work);
      const State left = StateOf(node);
      EXPECT_TRUE(left == whole || (left == before && end == End::kOutOfMemory));
      ExpectWhole(node);
      if (left == before) {
        EXPECT_TRUE(work());
        EXPECT_EQ(StateOf(node), whole);
      }
      return end;
    });
  }

  // What the node shows is what comes anew of its entries, all of which can be read.
  static void ExpectWhole(SimNode& node) {
    const State state = StateOf(node);
    EXPECT_TRUE(node.replica().RebuildView());
    EXPECT_EQ(StateOf(node), state);
  }

  test::TempDir dir_;
  SeededRandom random_{7};
  std::unique_ptr<SimNode> province_;
  std::unique_ptr<SimNode> commune_;
  std::unique_ptr<SimNode> cell_;
};

// What a node wrote and another does not have yet, as it would come from there.
void AddChunks(SimNode& from, SimNode& to, bool from_parent, std::vector<SubmittedChunk>& chunks) {
  for (const Piece& piece : PiecesOf(from)) {
    const Stream* held = to.replica().streams().Find(piece.stream);
    if (held == nullptr || held->size() <= piece.index) {
      chunks.push_back(ChunkOf(piece));
      chunks.back().from = from.unit();
      chunks.back().from_parent = from_parent;
    }
  }
}

bool TakesAll(SimNode& node, const std::vector<SubmittedChunk>& chunks) {
  const auto reports = node.replica().Ingest(chunks, kNow);
  return std::all_of(reports.begin(), reports.end(),
                     [](const CommitReport& report) { return report.held.has_value(); });
}

std::size_t CasesAt(SimNode& node) {
  std::size_t count = 0;
  Must(node.replica().view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow&) {
    ++count;
    return true;
  }));
  return count;
}

// Register entries of one unit about streams of another.
bool HasRegistered(SimNode& at, const UnitId& by, const UnitId& of) {
  const auto streams = at.replica().streams().All();
  return std::any_of(streams.begin(), streams.end(), [&](const Stream* stream) {
    const auto entries = Must(at.replica().log().RegisteredOf(stream->id));
    return stream->unit == of && std::any_of(entries.begin(), entries.end(),
                                             [&](const auto& entry) { return entry.by == by; });
  });
}

// From below many kinds of record, a case among them, and a cell that ran twice; from above what is
// registered there.
TEST_F(OutOfMemory, AnywhereInIngest) {
  cell_->Record({Member("An"), Member("Bình")}, kNow);
  cell_->Record({Meeting(), Proposes("An", "HTTNV"), Proposes("An", "HTXSNV")}, kNow);
  const UnitId unit = commune_->AddUnit("xa01-cb02", pb::CELL, kNow);
  const auto twice =
      SimNode::Join(*commune_, unit, pb::SECRETARY, random_, kNow, {dir_.File("twice"), ""});
  twice->Record({Member("Chi")}, kNow);
  twice->Stop();
  fs::copy_file(dir_.File("twice"), dir_.File("copy"));
  const auto copy = twice->CopyAt({dir_.File("copy"), ""}, random_);
  twice->Start(true);
  twice->Record({Member("Dung")}, kNow);
  copy->Start(true);
  copy->Record({Member("Giang")}, kNow);
  std::vector<SubmittedChunk> up;
  AddChunks(*commune_, *province_, false, up);
  ASSERT_TRUE(TakesAll(*province_, up));

  std::vector<SubmittedChunk> chunks;
  AddChunks(*cell_, *commune_, false, chunks);
  AddChunks(*province_, *commune_, true, chunks);
  AddChunks(*twice, *commune_, false, chunks);
  AddChunks(*copy, *commune_, false, chunks);
  ExpectAllOrNothing(97, *commune_, [&] { return TakesAll(*commune_, chunks); });

  // What all of this was about.
  const auto streams = commune_->replica().streams().All();
  EXPECT_TRUE(std::any_of(streams.begin(), streams.end(),
                          [](const Stream* stream) { return stream->forked(); }));
  EXPECT_EQ(CasesAt(*commune_), 1U);
  EXPECT_TRUE(HasRegistered(*commune_, commune_->unit(), cell_->unit()));
  EXPECT_TRUE(HasRegistered(*commune_, province_->unit(), commune_->unit()));
}

TEST_F(OutOfMemory, AnywhereInRecording) {
  cell_->Record({Member("An")}, kNow);
  ExpectAllOrNothing(41, *cell_, [&] {
    return RecordLines(cell_->replica(), {Meeting(), Proposes("An", "HTTNV")}, {}, kNow)
        .has_value();
  });
}

// Of several transactions on two nodes any may be done.
TEST_F(OutOfMemory, AnywhereInASession) {
  cell_->Record({Member("An")}, kNow);
  KeepStores();
  const Work work = [&] { return SyncOnce(*cell_, *commune_, kNow).child.has_value(); };
  ForEveryAllocation(41, [&](std::uint64_t n) {
    const End end = Run(n, work);
    EXPECT_TRUE(work());
    EXPECT_TRUE(cell_->status().covered());
    ExpectWhole(*cell_);
    ExpectWhole(*commune_);
    return end;
  });
}

}  // namespace
}  // namespace chibo

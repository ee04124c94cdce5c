#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "proto/limits.h"
#include "sync/chunk.h"
#include "tests/bench/bound.h"
#include "tests/bench/cell_records.h"
#include "tests/bench/figures.h"
#include "tests/bench/link.h"
#include "tests/bench/report.h"

namespace chibo::bench {
namespace {

// Recorded figures of a peer (Automerge 3.5, in memory, neither signed nor encrypted) on the
// cell-year of this shape: up and down.
constexpr double kAutomergeBytes = 28'033 + 130;
// Handshake, signature and receipt of one new meeting.
constexpr double kMeetingOverhead = 400;

// A cell and its parent, enrolled; the cell has recorded nothing.
struct Pair {
  explicit Pair(std::uint64_t seed) : random(seed) {
    parent = SimNode::Found("Tỉnh đo", random, kNow);
    const UnitId unit = parent->AddUnit("cb01", pb::CELL, kNow);
    cell = SimNode::Join(*parent, unit, pb::SECRETARY, random, kNow);
  }

  void Record(const Sitting& sitting) {
    const Status recorded = cell->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
      CHIBO_TRY(writer.Append(pb::LINE, UnitId(), DraftOf(sitting, *ids, Roles::kBodies, random)));
      return {};
    });
    CHECK(recorded.has_value());
  }
  void Record(const CellYear& year) {
    const std::size_t members = year.sittings.front().front().names.size();
    ids = CellIds::Draw(cell->unit(), parent->unit(), members, random);
    for (const Sitting& sitting : year.sittings) {
      Record(sitting);
    }
  }
  // What the cell wrote last, packed alone.
  std::size_t PackedNewest() {
    const Stream& line = *cell->replica().streams().All().back();
    const auto newest = cell->replica().log().ReadEntries(line.no, 0, line.size() - 1, 1,
                                                          limits::kChunkRawBytesMax);
    CHECK(newest.has_value());
    const std::vector<EntryBytes> entry{{newest->front().header, newest->front().body}};
    return PackChunk(entry, limits::kChunkPackedBytesAim, kDictionaryNewest).packed.size();
  }
  LinkRun Sync(const LinkOptions& options = {}) {
    LinkRun run = Connect(*cell, *parent, kNow, options);
    CHECK(run.child.has_value() && cell->status().covered());
    CHECK(run.bytes_up == run.child_counts.bytes_out && run.bytes_up == run.parent_counts.bytes_in);
    CHECK(run.bytes_down == run.child_counts.bytes_in &&
          run.bytes_down == run.parent_counts.bytes_out);
    return run;
  }

  SeededRandom random;
  std::unique_ptr<SimNode> parent;
  std::unique_ptr<SimNode> cell;
  std::optional<CellIds> ids;
};

class Wire {
 public:
  explicit Wire(const Plan& plan)
      : plan_(plan),
        year_(plan.workload.front()),
        bound_({plan.workload.begin() + 1, plan.workload.end()}),
        bound_bytes_(static_cast<double>(bound_.OfYear(year_))) {}

  void Measure() {
    if (plan_.wants("P1")) {
      MeasureFirst();
    }
    if (plan_.wants("P3")) {
      MeasureMeeting();
    }
    if (plan_.wants("P4")) {
      MeasureCuts();
    }
    if (plan_.wants("P5")) {
      MeasureSlowLink();
    }
  }

 private:
  void MeasureFirst() {
    Pair pair(1);
    pair.Record(year_);
    const LinkRun run = pair.Sync();
    Say("P1: the link carried " + std::to_string(run.bytes_up) + " B up and " +
        std::to_string(run.bytes_down) + " B down, counted " +
        std::to_string(run.child_counts.bytes_out) + " and " +
        std::to_string(run.child_counts.bytes_in) + " by the cell's session");
    const auto bytes = static_cast<double>(run.bytes());
    Print({"P1",
           "first cell-year, up and down, all included; limit: " + bound_.how() +
               ", plus 64 B a sitting",
           bytes, "B", bound_bytes_});
    Print({"P1",
           "the same beside Automerge 3.5, neither signed nor encrypted (recorded: 28,033 B up, "
           "130 B down)",
           bytes, "B", kAutomergeBytes, AtMost(0.75)});
  }

  // Meetings nearest to 2 kB, one after the other, each in a session of its own.
  std::vector<Sitting> Meetings() const {
    std::vector<WorkRecord> meetings;
    for (const Sitting& sitting : year_.sittings) {
      std::copy_if(sitting.begin(), sitting.end(), std::back_inserter(meetings),
                   [](const WorkRecord& record) { return record.kind == WorkKind::kMeeting; });
    }
    const auto distance = [](const WorkRecord& meeting) {
      return std::abs(static_cast<long>(meeting.text.size()) - 2000);
    };
    std::stable_sort(meetings.begin(), meetings.end(),
                     [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
    meetings.resize(std::min(meetings.size(), plan_.meetings));
    std::vector<Sitting> sittings;
    for (WorkRecord& meeting : meetings) {
      sittings.push_back({std::move(meeting)});
    }
    return sittings;
  }

  void MeasureMeeting() {
    const std::vector<Sitting> meetings = Meetings();
    if (meetings.empty()) {
      Say("P3: the workload's first cell has no meeting to measure");
      return;
    }
    Pair pair(3);
    pair.Record(year_);
    pair.Sync();
    double bytes = 0;
    double limit = 0;
    double packed = 0;
    double round_trips = 0;
    for (const Sitting& meeting : meetings) {
      pair.Record(meeting);
      const LinkRun run = pair.Sync();
      bytes += static_cast<double>(run.bytes());
      limit += 1.1 * static_cast<double>(bound_.OfSitting(meeting)) + kMeetingOverhead;
      packed += static_cast<double>(pair.PackedNewest());
      round_trips += std::round(static_cast<double>(run.elapsed_us) / 2);
    }
    const auto count = static_cast<double>(meetings.size());
    Print({"P3",
           "one new meeting of 2 kB with signature and receipt, mean of " +
               std::to_string(meetings.size()) +
               "; limit: 1.1 × zstd -19 with dictionary of that record + 400 B",
           bytes / count, "B", limit / count});
    Print({"P3",
           "the same; limit: that entry packed as it travels, with the dictionary a node has and "
           "16 B for each member present, + 400 B",
           bytes / count, "B", packed / count + kMeetingOverhead});
    Print({"P3", "the same, round trips after TCP", round_trips / count, "round trips", 1});
  }

  struct Cuts {
    std::uint64_t bytes = 0;
    std::uint64_t cuts = 0;
  };
  // Connection after connection, each cut after 4 to 12 kB, until all is received.
  Cuts SyncWithCuts(std::uint64_t seed) {
    Pair pair(1);
    pair.Record(year_);
    SeededRandom offsets(seed);
    Cuts result;
    LinkOptions options;
    for (int tries = 0;; ++tries) {
      CHECK(tries < 1000);
      options.cut_after_bytes = 4096 + offsets.Below(8192);
      const LinkRun run = Connect(*pair.cell, *pair.parent, kNow, options);
      result.bytes += run.bytes();
      if (run.child) {
        break;
      }
      ++result.cuts;
      options.pace = AfterCut(options.pace, run.opened);
    }
    CHECK(pair.cell->status().covered());
    CHECK(pair.parent->replica().streams().All().back()->size() == year_.sittings.size() + 1);
    return result;
  }

  void MeasureCuts() {
    Pair pair(1);
    pair.Record(year_);
    const auto uncut = static_cast<double>(pair.Sync().bytes());
    const auto handshake = static_cast<double>(pair.Sync().handshake_bytes);
    double bytes = 0;
    double limit = 0;
    double worst = 0;
    for (std::size_t seed = 0; seed < plan_.cut_seeds; ++seed) {
      const Cuts cut = SyncWithCuts(seed);
      const double its_limit = 1.1 * uncut + static_cast<double>(cut.cuts) * handshake;
      bytes += static_cast<double>(cut.bytes);
      limit += its_limit;
      worst = std::max(worst, static_cast<double>(cut.bytes) / its_limit);
    }
    const auto count = static_cast<double>(plan_.cut_seeds);
    char worst_text[16];
    std::snprintf(worst_text, sizeof worst_text, "%.3f", worst);
    Print({"P4",
           "first cell-year, cut every 8 kB at random offsets, mean of " +
               std::to_string(plan_.cut_seeds) + " runs (the worst at ratio " + worst_text +
               "); limit: 1.10 × uncut + one handshake a cut",
           bytes / count, "B", limit / count});
  }

  void MeasureSlowLink() {
    LinkOptions slow;
    slow.one_way_us = 300'000;
    slow.bytes_per_s = 5000;
    Pair pair(1);
    pair.Record(year_);
    const auto seconds = [](const LinkRun& run, std::int64_t round_trip_us) {
      return static_cast<double>(run.elapsed_us + round_trip_us) / 1e6;
    };
    const std::string link = ", 600 ms, 5 kB/s, virtual time, TCP included; limit: the target";
    Print({"P5", "first cell-year" + link, seconds(pair.Sync(slow), 600'000), "s", 5.8});
    Print({"P5", "nothing new" + link, seconds(pair.Sync(slow), 600'000), "s", 1.3});
    if (const auto meetings = Meetings(); !meetings.empty()) {
      pair.Record(meetings.front());
      Print({"P5", "one meeting" + link, seconds(pair.Sync(slow), 600'000), "s", 2.1});
    }

    LinkOptions slower;
    slower.one_way_us = 500'000;
    slower.bytes_per_s = 2500;
    slower.cut_after_us = 20'000'000;
    Pair other(1);
    other.Record(year_);
    Print({"P5",
           "first cell-year, 1 s, 20 kbit/s, cut every 20 s; limit: 1.5 × (two round trips + the "
           "bound's bytes)",
           seconds(other.Sync(slower), 1'000'000), "s", 1.5 * (2 + bound_bytes_ / 2500)});
  }

  const Plan& plan_;
  const CellYear& year_;
  Bound bound_;
  double bound_bytes_;
};

}  // namespace

void MeasureWire(const Plan& plan) { Wire(plan).Measure(); }

}  // namespace chibo::bench

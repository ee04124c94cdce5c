#include <algorithm>

#include "base/check.h"
#include "tests/bench/figures.h"
#include "tests/bench/link.h"
#include "tests/bench/many_cells.h"
#include "tests/bench/report.h"

namespace chibo::bench {
namespace {

// No growth: what caches make of a table a thousand times as large is left aside.
constexpr double kFlat = 1.15;

// What a sync with nothing new costs a parent of so many cells.
struct Idle {
  double bytes = 0;
  double round_trips = 0;
  double cpu_us = 0;
};

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A parent, on disk as a server, that holds the lines of so many cells, each with one meeting.
Idle MeasureParent(const Plan& plan, std::size_t cells) {
  SeededRandom random(7);
  const std::string path = plan.directory + "/parent-of-" + std::to_string(cells) + ".db";
  auto parent = SimNode::Found("Tỉnh đo", random, kNow, {path, ""});
  const CellYear& year = plan.workload.front();
  const std::size_t members = year.sittings.front().front().names.size();
  if (cells > 1) {
    const auto others = EnrolCells(*parent, "cb", cells - 1, random, kNow);
    std::vector<SubmittedChunk> chunks;
    for (const EnrolledCell& cell : others) {
      Line line(parent->replica().settings().network, parent->unit(), cell, random);
      CellIds ids = CellIds::Draw(cell.unit, parent->unit(), members, random);
      ids.mark = " " + std::to_string(chunks.size());
      line.Append(DraftOf(year.sittings.at(1), ids, Roles::kEnrolled, random));
      for (const Line::Packed& packed : line.Pack()) {
        auto received = line.Received(packed);
        CHECK(received.has_value());
        chunks.push_back({cell.unit, false, *std::move(received)});
      }
    }
    for (const CommitReport& report : parent->replica().Ingest(std::move(chunks), kNow)) {
      CHECK(!report.error);
    }
  }
  const UnitId unit = parent->AddUnit("do", pb::CELL, kNow);
  auto cell = SimNode::Join(*parent, unit, pb::SECRETARY, random, kNow);
  const CellIds ids = CellIds::Draw(cell->unit(), parent->unit(), members, random);
  CHECK(cell->replica().Transact(kNow, [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(writer.Append(pb::LINE, UnitId(),
                            DraftOf(year.sittings.at(1), ids, Roles::kEnrolled, random)));
    return {};
  }));
  CHECK(Connect(*cell, *parent, kNow).child.has_value());

  Idle idle;
  std::vector<double> cpu_us;
  for (std::size_t i = 0; i < plan.idle_runs; ++i) {
    const LinkRun run = Connect(*cell, *parent, kNow);
    CHECK(run.child.has_value());
    idle.bytes = static_cast<double>(run.bytes());
    idle.round_trips = static_cast<double>(run.elapsed_us) / 2;
    cpu_us.push_back(static_cast<double>(run.parent_cpu_ns) / 1000);
  }
  idle.cpu_us = Median(std::move(cpu_us));
  return idle;
}

}  // namespace

void MeasureIdle(const Plan& plan) {
  std::optional<Idle> fewest;
  for (const std::size_t cells : plan.parents) {
    Say("P2, P7: a parent of " + std::to_string(cells) + " cells");
    const Idle idle = MeasureParent(plan, cells);
    const std::string at = "nothing new, parent of " + std::to_string(cells) + " cells";
    if (plan.wants("P2")) {
      Print({"P2", at + ", up and down, with handshake and digest", idle.bytes, "B", 260});
      Print({"P2", at + ", round trips after TCP", idle.round_trips, "round trips", 1});
    }
    if (plan.wants("P7")) {
      Print({"P7", at + ", CPU of the parent, median of " + std::to_string(plan.idle_runs),
             idle.cpu_us, "us", 350});
    }
    if (plan.wants("P7") && fewest) {
      Print({"P7", at + ", beside a parent of " + std::to_string(plan.parents.front()), idle.cpu_us,
             "us", fewest->cpu_us, AtMost(kFlat)});
    }
    fewest = fewest ? fewest : idle;
  }
}

}  // namespace chibo::bench

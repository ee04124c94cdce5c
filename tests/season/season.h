#ifndef CHIBO_TESTS_SEASON_SEASON_H_
#define CHIBO_TESTS_SEASON_SEASON_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chibo/record.pb.h"
#include "tests/season/office.h"

namespace chibo::sim {

struct SeasonPlan {
  std::uint32_t cells = 2300;
  std::uint32_t cells_a_commune = 22;
  std::uint32_t members = 20;  // of a cell, on average
  std::uint64_t seed = 1;
};

// What a person is proposed for, and what has to come of it in the end.
struct Assessed {
  PersonId id;
  pb::Grade proposed = pb::GRADE_NONE;   // none: the cell has proposed nothing
  pb::Grade elsewhere = pb::GRADE_NONE;  // at a second place; none: there is none
  bool above = false;                    // that place is the province, which then decides
  pb::Grade due = pb::GRADE_NONE;        // none: stays open
};

// One part of the province, which goes on by itself: what is drawn there, its clock, and what is
// counted. Whichever part is played first or beside another, the same comes of it.
struct Part {
  explicit Part(std::uint64_t seed) : dice(seed) {}
  Timestamp now() { return clock += std::chrono::seconds(1); }

  SeededRandom dice;
  Timestamp clock{Duration(1'575'500'000'000)};  // 5 December 2019
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::uint64_t sessions = 0;
  std::uint64_t cuts = 0;
  std::uint64_t decided = 0;
  std::vector<std::string> wrong;
};

struct Commune;
struct Cell {
  explicit Cell(std::uint64_t seed) : office(seed) {}
  Office office;
  Commune* commune = nullptr;
  UnitId unit;
  std::vector<Assessed> members;
};
struct Commune {
  explicit Commune(std::uint64_t seed) : part(seed), office(part.dice.Below(UINT64_MAX)) {}
  Part part;
  Office office;
  UnitId unit;
  std::vector<std::unique_ptr<Cell>> cells;
  std::uint64_t decisions = 0;  // numbers given
};

// How far streams are held, by id: how many entries, and the leaf of the last.
using Held = std::map<Bytes, std::pair<std::int64_t, Bytes>>;

struct SeasonCost {
  std::string phase;
  double seconds = 0;
  double cpu_seconds = 0;
};

// A whole province at the end of a year: every cell holds its meeting, takes its votes, sends its
// papers up over a line that is cut now and then; committees decide, and the decisions travel back.
// The nodes are those that ship. Servers run all the time; cells only while they are at work. What
// happens within communes happens in several of them at once.
class Season {
 public:
  explicit Season(const SeasonPlan& plan);

  // Plays it; what does not come out as it must is in `all().wrong` afterwards.
  void Play();

  // Of all parts, once it was played.
  const Part& all() const { return top_; }
  const std::vector<SeasonCost>& costs() const { return costs_; }
  std::uint64_t directory_bytes() const;  // of all cells
  std::uint64_t members() const;
  std::uint64_t records() const { return records_; }  // at the province, in the end

 private:
  void Found();
  void EnrolCommunes();
  void EnrolCells(Commune& commune);
  void DrawMembers(Cell& cell);
  void MeetAndSend(Cell& cell);
  void PostElsewhere(Commune& commune);
  void DecideAll(Commune& commune);
  void DecideAbove();
  void FetchAndCheck(Cell& cell, const Held& province);
  void CheckCommune(Commune& commune, const Held& province);
  void CheckProvince();
  void Decide(SimNode& node, std::uint64_t number, const std::vector<const Assessed*>& differing,
              Part& part);
  void Sync(SimNode& child, SimNode& parent, const std::string& who, Part& part);
  void Phase(const std::string& name, const std::function<void()>& work);
  // Several at once: `work` keeps to its commune.
  void InCommunes(const std::function<void(Commune&)>& work);
  void InCells(const std::function<void(Cell&)>& work);

  SeasonPlan plan_;
  Part top_;
  std::unique_ptr<Office> province_;
  std::vector<std::unique_ptr<Commune>> communes_;
  std::vector<SeasonCost> costs_;
  std::uint64_t records_ = 0;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SEASON_SEASON_H_

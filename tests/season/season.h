#ifndef CHIBO_TESTS_SEASON_SEASON_H_
#define CHIBO_TESTS_SEASON_SEASON_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
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

struct Commune;
struct Cell {
  explicit Cell(std::uint64_t seed) : office(seed) {}
  Office office;
  Commune* commune = nullptr;
  UnitId unit;
  std::vector<Assessed> members;
};
struct Commune {
  explicit Commune(std::uint64_t seed) : office(seed) {}
  Office office;
  UnitId unit;
  std::vector<Cell*> cells;
  std::uint64_t decisions = 0;  // numbers given
};

struct SeasonCost {
  std::string phase;
  double seconds = 0;
  double cpu_seconds = 0;
};

// A whole province at the end of a year: every cell holds its meeting, takes its votes, sends its
// papers up over a line that is cut now and then; committees decide, and the decisions travel back.
// The nodes are those that ship. Servers run all the time; cells only while they are at work.
class Season {
 public:
  explicit Season(const SeasonPlan& plan);

  // Plays it; what does not come out as it must is in `wrong` afterwards.
  void Play();

  const std::vector<std::string>& wrong() const { return wrong_; }
  const std::vector<SeasonCost>& costs() const { return costs_; }
  std::uint64_t bytes_up() const { return bytes_up_; }
  std::uint64_t bytes_down() const { return bytes_down_; }
  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t cuts() const { return cuts_; }
  std::uint64_t directory_bytes() const;  // of all cells
  std::uint64_t members() const;
  std::uint64_t decided() const { return decided_; }
  std::uint64_t records() const { return records_; }  // at the province, in the end

 private:
  void Found();
  void Enrol();
  void DrawMembers(Cell& cell);
  void MeetAndSend(Cell& cell);
  void PostElsewhere(Commune& commune);
  void DecideAll(Commune& commune);
  void DecideAbove();
  void FetchAndCheck(Cell& cell);
  void CheckCommune(Commune& commune);
  void CheckProvince();
  void Decide(SimNode& node, std::uint64_t number, const std::vector<const Assessed*>& differing);
  void Sync(SimNode& child, SimNode& parent, const std::string& who);
  void Phase(const std::string& name, const std::function<void()>& work);
  void Wrong(const std::string& what);
  Timestamp now();

  SeasonPlan plan_;
  SeededRandom dice_;
  Timestamp now_{Duration(1'575'500'000'000)};  // 5 December 2019
  std::unique_ptr<Office> province_;
  std::vector<std::unique_ptr<Commune>> communes_;
  std::vector<std::unique_ptr<Cell>> cells_;
  std::vector<SeasonCost> costs_;
  std::vector<std::string> wrong_;
  std::uint64_t bytes_up_ = 0;
  std::uint64_t bytes_down_ = 0;
  std::uint64_t sessions_ = 0;
  std::uint64_t cuts_ = 0;
  std::uint64_t decided_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SEASON_SEASON_H_

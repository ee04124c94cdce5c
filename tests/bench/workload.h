#ifndef CHIBO_TESTS_BENCH_WORKLOAD_H_
#define CHIBO_TESTS_BENCH_WORKLOAD_H_

#include <array>
#include <istream>
#include <string>
#include <vector>

#include "base/result.h"

// Cell-years as they come in: one JSON object a line, {"cell", "ts", "batch", "type", "body"};
// lines of one cell together, in order. make_workload.py beside this file writes such lines and
// shows each type.
namespace chibo::bench {

enum class WorkKind : std::uint8_t {
  kProfile,     // the cell and its members
  kRoleCert,    // who holds a role, with the key of that role
  kMeeting,     // with its minutes
  kSelfReview,  // of one member
  kOpinion,     // about one member
  kVote,        // on one member
  kCellTally,   // the level the cell gives itself
};

// One record; members are named by their place in the profile's list.
struct WorkRecord {
  WorkKind kind = WorkKind::kProfile;
  std::int64_t time_ms = 0;
  std::string text;                  // name, minutes, review, opinion
  std::string parent;                // profile
  std::uint32_t number = 0;          // year; month of a meeting
  std::vector<std::string> names;    // profile: the members
  std::size_t who = 0;               // the member it is about; chair of a meeting
  std::size_t by = 0;                // author of an opinion; minute-taker of a meeting
  std::vector<std::size_t> present;  // meeting
  std::uint32_t role = 0;            // 0 secretary, 1 deputy, 2 minutes, 3 committee, 4 inspection
  std::string key;                   // role: 32 bytes
  std::uint32_t level = 0;           // 1 (lowest) to 4
  std::uint32_t issued = 0;          // vote: ballots; cell's tally: members
  std::uint32_t returned = 0;
  std::uint32_t invalid = 0;
  std::array<std::uint32_t, 4> votes{};  // for the levels 4, 3, 2, 1
};

// What was written down at one time and is signed together.
using Sitting = std::vector<WorkRecord>;

struct CellYear {
  std::string cell;
  std::vector<Sitting> sittings;

  std::size_t records() const;
};

// kBadInput with the number of the line.
Result<std::vector<CellYear>> ReadWorkload(std::istream& in);

// gen.py's compact form of a sitting, time once: what a careful encoding without ids, signatures
// and framing would spend. `previous_ms` is the time of the sitting before.
std::string CompactForm(const Sitting& sitting, std::int64_t previous_ms);
// Of all sittings of a cell-year.
std::string CompactForm(const CellYear& year);

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_WORKLOAD_H_

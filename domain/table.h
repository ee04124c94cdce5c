#ifndef CHIBO_DOMAIN_TABLE_H_
#define CHIBO_DOMAIN_TABLE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/context.h"

namespace chibo {

// A share is always its two integers; how it prints follows from them.
struct Share {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 0;

  friend auto operator<=>(const Share&, const Share&) = default;
};
// Percent in hundredths, half up: 710/4516 gives 1572. 0 of 0 gives 0.
std::uint64_t HundredthsOf(const Share& share);

// By whose tree a table is cut: as it was on the grading date, or as it is on a given date.
struct Cut {
  std::optional<UnitId> unit;              // nothing: everything this node knows
  std::optional<std::uint32_t> tree_date;  // yyyymmdd; nothing: the grading date of the period
  // The unit's own table, not a part cut out of a larger one: it has to be provable, so reasons
  // stand as they are.
  bool own_table = false;
};

// How much of the input has come in: cells with any proposal or decision of the period, of all
// cells in the cut.
struct Coverage {
  std::uint64_t cells_with_data = 0;
  std::uint64_t cells = 0;
  std::optional<Timestamp> newest;  // of what came in last from any of the cells
  std::optional<Timestamp> oldest;  // of the cell that was heard of longest ago

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// T3 (members) or T1 (grass-roots organisations) by level.
struct LevelTable {
  std::string period;
  std::uint64_t register_total = 0;
  std::uint64_t graded = 0;
  std::array<std::uint64_t, 5> levels{};  // by pb::Grade; [0] stays 0
  std::uint64_t not_graded = 0;
  std::uint64_t pending = 0;
  // By reason. In a table cut by unit, reasons that could name a person are left out here and stand
  // summed in `hidden_reasons`; nothing is left out of the sums above.
  std::map<pb::Reason, std::uint64_t> not_graded_by;
  std::map<pb::Reason, std::uint64_t> pending_by;
  std::uint64_t hidden_reasons = 0;
  std::uint64_t unverified = 0;  // rows that rest on a rule not checked against its text
  Coverage coverage;

  Share ShareOf(pb::Grade grade) const;  // of the graded
  // Levels sum to graded; graded, not graded and pending to the register; reasons to their sums.
  bool AddsUp() const;

  friend bool operator==(const LevelTable&, const LevelTable&) = default;
};

// When a unit was last heard of, from the register of what came in; nothing: never.
using LastReceived = std::function<std::optional<Timestamp>(const UnitId&)>;

// Is called with every row that the table counts, once each.
using RowCounted = std::function<void(const pb::OutcomeRow&)>;

// T3. Every member is counted once, in the unit of the row.
Result<LevelTable> MembersByLevel(const Context& context, const OutcomeSource& rows,
                                  const std::string& period, const Cut& cut,
                                  const LastReceived& last_received = {},
                                  const RowCounted& counted = {});
// T1. Grass-roots bodies and grass-roots cells; those without a row are counted with one that says
// that nobody has proposed anything.
Result<LevelTable> OrganisationsByLevel(const Context& context, const OutcomeSource& rows,
                                        const std::string& period, const Cut& cut,
                                        const LastReceived& last_received = {},
                                        const RowCounted& counted = {});

}  // namespace chibo

#endif  // CHIBO_DOMAIN_TABLE_H_

#include "domain/table.h"

#include <algorithm>

#include "domain/civil_date.h"
#include "domain/organisation.h"
#include "domain/row_reader.h"

namespace chibo {
namespace {

// A reason with fewer people than this in a table of a part names them (the whole table has to be
// provable).
constexpr std::uint64_t kReasonShownFrom = 5;

bool IsGrassroots(const Organisation& organisation, const UnitId& unit, CivilDate day) {
  const auto state = organisation.At(unit, day);
  return state && (state->kind == pb::GRASSROOTS_BODY || state->kind == pb::GRASSROOTS_CELL);
}

class Builder {
 public:
  Builder(std::string period, const RowCounted& counted) : counted_(counted) {
    table_.period = std::move(period);
  }

  void Add(const pb::OutcomeRow& row) {
    if (row.state() == pb::OFF_REGISTER) {
      return;
    }
    if (counted_) {
      counted_(row);
    }
    ++table_.register_total;
    table_.unverified +=
        std::any_of(row.findings().begin(), row.findings().end(),
                    [](const pb::FindingRow& finding) { return !finding.verified(); })
            ? 1
            : 0;
    switch (row.state()) {
      case pb::GRADED:
        ++table_.graded;
        ++table_.levels[static_cast<std::size_t>(row.grade())];
        return;
      case pb::NOT_GRADED:
        ++table_.not_graded;
        ++table_.not_graded_by[row.reason()];
        return;
      default:
        ++table_.pending;
        ++table_.pending_by[row.reason()];
    }
  }

  // Coverage of one cell.
  void AddCell(bool has_data, std::optional<Timestamp> received) {
    ++table_.coverage.cells;
    table_.coverage.cells_with_data += has_data ? 1 : 0;
    if (received) {
      Coverage& coverage = table_.coverage;
      coverage.newest = std::max(coverage.newest.value_or(*received), *received);
      coverage.oldest = std::min(coverage.oldest.value_or(*received), *received);
    }
  }

  // Small reasons go into one sum; where that sum would itself be small, the next larger goes with
  // them.
  void HideSmallReasons() {
    std::vector<std::pair<std::uint64_t, pb::Reason>> by_size;
    for (const auto& [reason, count] : table_.not_graded_by) {
      by_size.emplace_back(count, reason);
    }
    std::sort(by_size.begin(), by_size.end());
    for (const auto& [count, reason] : by_size) {
      const bool sum_is_small =
          table_.hidden_reasons > 0 && table_.hidden_reasons < kReasonShownFrom;
      if (count < kReasonShownFrom || sum_is_small) {
        table_.hidden_reasons += count;
        table_.not_graded_by.erase(reason);
      }
    }
  }

  LevelTable Take() { return std::move(table_); }

 private:
  const RowCounted& counted_;
  LevelTable table_;
};

struct Scope {
  CivilDate day = 0;   // grading date
  CivilDate tree = 0;  // by whose tree
  const Cut& cut;

  bool by_other_tree() const { return tree != day; }
};

Result<Scope> ScopeOf(const std::string& period, const Cut& cut) {
  const auto days = DaysOf(period);
  if (!days) {
    return Fail(Code::kBadInput, "period_unreadable", period);
  }
  return Scope{days->last, cut.tree_date.value_or(days->last), cut};
}

// Whether a row counted in `unit` belongs to the cut by the other day's tree: to where its people
// went since.
bool InCut(const Organisation& organisation, const Scope& scope, const UnitId& unit,
           const pb::OutcomeRow& row) {
  if (!scope.cut.unit) {
    return true;
  }
  UnitId now = unit;
  if (scope.by_other_tree() && !organisation.ExistsOn(unit, scope.tree) &&
      row.subject().kind() == pb::MEMBER) {
    const auto person = PersonId::From(row.subject().id());
    now = organisation.MembersWentTo(unit, person.value_or(PersonId()), scope.tree).value_or(unit);
  }
  return organisation.IsAtOrAbove(*scope.cut.unit, now, scope.tree);
}

std::vector<UnitId> UnitsIn(const Organisation& organisation, const Scope& scope) {
  // By another day's tree a unit's people may have come from anywhere.
  return UnitsOf(organisation, scope.by_other_tree() ? std::nullopt : scope.cut.unit, scope.day);
}

std::optional<Timestamp> Received(const LastReceived& last_received, const UnitId& unit) {
  return last_received ? last_received(unit) : std::nullopt;
}

pb::OutcomeRow NothingProposed(const UnitId& unit, const std::string& period) {
  pb::OutcomeRow row;
  *row.mutable_subject() = SubjectId::Of(pb::ORGANISATION, unit).ToMessage();
  row.set_period(period);
  row.set_unit(Bytes(unit.view()));
  row.set_state(pb::PENDING);
  row.set_reason(pb::REASON_NO_PROPOSAL);
  return row;
}

}  // namespace

std::uint64_t HundredthsOf(const Share& share) {
  if (share.denominator == 0) {
    return 0;
  }
  return (share.numerator * 20000 + share.denominator) / (share.denominator * 2);
}

Share LevelTable::ShareOf(pb::Grade grade) const {
  return {levels[static_cast<std::size_t>(grade)], graded};
}

bool LevelTable::AddsUp() const {
  std::uint64_t by_level = 0;
  for (const std::uint64_t count : levels) {
    by_level += count;
  }
  std::uint64_t reasons = hidden_reasons;
  for (const auto& [reason, count] : not_graded_by) {
    reasons += count;
  }
  std::uint64_t waiting = 0;
  for (const auto& [reason, count] : pending_by) {
    waiting += count;
  }
  return by_level == graded && levels[0] == 0 && reasons == not_graded && waiting == pending &&
         graded + not_graded + pending == register_total;
}

Result<LevelTable> MembersByLevel(const Context& context, const OutcomeSource& rows,
                                  const std::string& period, const Cut& cut,
                                  const LastReceived& last_received, const RowCounted& counted) {
  CHIBO_TRY_VALUE(const Scope scope, ScopeOf(period, cut));
  const Organisation& organisation = context.organisation;
  Builder builder(period, counted);
  for (const UnitId& unit : UnitsIn(organisation, scope)) {
    bool has_data = false;
    bool in_cut = !scope.by_other_tree() || !cut.unit ||
                  organisation.IsAtOrAbove(*cut.unit, unit, scope.tree);
    CHIBO_TRY(rows.VisitUnit(unit, period, [&](const pb::OutcomeRow& row) {
      if (!InCut(organisation, scope, unit, row)) {
        return true;
      }
      in_cut = true;
      has_data = has_data || HasData(row);
      if (row.subject().kind() == pb::MEMBER) {
        builder.Add(row);
      }
      return true;
    }));
    if (in_cut && IsCell(organisation, unit, scope.day)) {
      builder.AddCell(has_data, Received(last_received, unit));
    }
  }
  if (cut.unit && !cut.own_table) {
    builder.HideSmallReasons();
  }
  return builder.Take();
}

Result<LevelTable> OrganisationsByLevel(const Context& context, const OutcomeSource& rows,
                                        const std::string& period, const Cut& cut,
                                        const LastReceived& last_received,
                                        const RowCounted& counted) {
  CHIBO_TRY_VALUE(const Scope scope, ScopeOf(period, cut));
  const Organisation& organisation = context.organisation;
  Builder builder(period, counted);
  for (const UnitId& unit : UnitsIn(organisation, scope)) {
    const bool in_cut = !cut.unit || organisation.IsAtOrAbove(*cut.unit, unit, scope.tree);
    if (!in_cut || !IsGrassroots(organisation, unit, scope.day)) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto row, rows.Find(SubjectId::Of(pb::ORGANISATION, unit), period));
    builder.Add(row ? *row : NothingProposed(unit, period));
    builder.AddCell(row && HasData(*row), Received(last_received, unit));
  }
  return builder.Take();
}

}  // namespace chibo

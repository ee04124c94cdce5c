// How a group that shares a cap stands in the rows.
#include <set>

#include "domain/cap.h"
#include "domain/civil_date.h"
#include "domain/row_reader.h"

namespace chibo {
namespace {

constexpr std::string_view kUnitPrefix = "unit:";
constexpr std::string_view kPeerPrefix = "peer:";

// Decided (or assumed) level, and the one waiting for a decision.
struct Level {
  pb::Grade decided = pb::GRADE_NONE;
  pb::Grade proposed = pb::GRADE_NONE;
};

void CountDecided(pb::Grade grade, CapCount& count) {
  ++count.graded;
  count.good += grade == pb::HTTNV ? 1 : 0;
  count.excellent += grade == pb::HTXSNV ? 1 : 0;
}

class Counter {
 public:
  Counter(const std::map<SubjectId, pb::Grade>& changes, GroupState& state)
      : changes_(changes), state_(state) {}

  void Add(const SubjectId& subject, const pb::OutcomeRow* row) {
    if (!seen_.insert(subject).second) {
      return;
    }
    const auto change = changes_.find(subject);
    Level level;
    if (change != changes_.end()) {
      level.decided = change->second;
    } else if (row != nullptr && row->state() == pb::GRADED) {
      level.decided = row->grade();
    } else if (row != nullptr && row->state() == pb::PENDING) {
      level.proposed = row->proposed();
      ++state_.undecided;
      state_.unknown += level.proposed == pb::GRADE_NONE ? 1 : 0;
    }
    ++state_.members;
    if (level.decided != pb::GRADE_NONE) {
      CountDecided(level.decided, state_.known);
      CountDecided(level.decided, state_.if_as_proposed);
    } else if (level.proposed != pb::GRADE_NONE) {
      CountDecided(level.proposed, state_.if_as_proposed);
      ++state_.known.graded;
      state_.known.good += level.proposed == pb::HTTNV ? 1 : 0;
      state_.known.waiting += level.proposed == pb::HTXSNV ? 1 : 0;
    }
  }

  // Subjects of the group that have no row yet.
  void AddChangesWithoutRow() {
    for (const auto& [subject, grade] : changes_) {
      Add(subject, nullptr);
    }
  }

 private:
  const std::map<SubjectId, pb::Grade>& changes_;
  GroupState& state_;
  std::set<SubjectId> seen_;
};

Status CountUnit(const Context& context, const OutcomeSource& rows, const UnitId& top,
                 pb::SubjectKind kind, const std::string& period, CivilDate day, Counter& counter,
                 GroupState& state) {
  for (const UnitId& unit : UnitsOf(context.organisation, top, day)) {
    bool has_data = false;
    CHIBO_TRY(rows.VisitUnit(unit, period, [&](const pb::OutcomeRow& row) {
      has_data = has_data || HasData(row);
      const auto subject = SubjectId::From(row.subject());
      if (subject && subject->kind == kind && row.cap_group() == state.group) {
        counter.Add(*subject, &row);
      }
      return true;
    }));
    if (IsCell(context.organisation, unit, day)) {
      ++state.cells;
      state.cells_with_data += has_data ? 1 : 0;
    }
  }
  return {};
}

Status CountPeers(const OutcomeSource& rows, const PeerGroup& group, const std::string& period,
                  Counter& counter, GroupState& state) {
  for (const pb::Subject& subject : group.subjects) {
    const auto id = SubjectId::From(subject);
    if (!id) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto row, rows.Find(*id, period));
    ++state.cells;
    state.cells_with_data += row && HasData(*row) ? 1 : 0;
    counter.Add(*id, row ? &*row : nullptr);
  }
  return {};
}

// How many are graded, or about to be, in everything this owner has put into groups of that kind.
Result<std::uint32_t> GradedByOwner(const Context& context, const OutcomeSource& rows,
                                    const PeerGroup& of, const std::string& period,
                                    const std::map<SubjectId, pb::Grade>& changes) {
  GroupState whole;
  Counter counter(changes, whole);
  for (const PeerGroup* group : context.groups.InPeriod(period)) {
    const bool same_kind = !group->subjects.empty() && !of.subjects.empty() &&
                           group->subjects.front().kind() == of.subjects.front().kind();
    if (group->owner == of.owner && same_kind) {
      GroupState ignored;
      CHIBO_TRY(CountPeers(rows, *group, period, counter, ignored));
    }
  }
  return whole.known.graded;
}

const PeerGroup* FindGroup(const Context& context, std::string_view name,
                           const std::string& period) {
  for (const PeerGroup* group : context.groups.InPeriod(period)) {
    if (name == group->owner.hex() + ":" + group->id) {
      return group;
    }
  }
  return nullptr;
}

}  // namespace

Result<GroupState> StateOfGroup(const Context& context, const OutcomeSource& rows,
                                const std::string& group, pb::SubjectKind kind,
                                const std::string& period, const EffectivePack& pack,
                                const std::map<SubjectId, pb::Grade>& changes) {
  const auto days = DaysOf(period);
  GroupState state;
  state.group = group;
  Counter counter(changes, state);
  const std::string_view name = group;
  if (!days) {
    return Fail(Code::kBadInput, "period_unreadable", period);
  }
  if (name.starts_with(kUnitPrefix)) {
    const auto unit = UnitId::FromHexText(name.substr(kUnitPrefix.size()));
    if (!unit) {
      return Fail(Code::kBadInput, "cap_group_unreadable", group);
    }
    CHIBO_TRY(CountUnit(context, rows, *unit, kind, period, days->last, counter, state));
  } else {
    const PeerGroup* peers = name.starts_with(kPeerPrefix)
                                 ? FindGroup(context, name.substr(kPeerPrefix.size()), period)
                                 : nullptr;
    if (peers == nullptr) {
      return Fail(Code::kBadInput, "cap_group_unreadable", group);
    }
    CHIBO_TRY(CountPeers(rows, *peers, period, counter, state));
    if (pack.Word(parameter::kLessThanFiveScope) == "place") {
      CHIBO_TRY_VALUE(state.known.place_graded,
                      GradedByOwner(context, rows, *peers, period, changes));
      state.if_as_proposed.place_graded = state.known.place_graded;
    }
  }
  counter.AddChangesWithoutRow();
  const CapRule rule = CapRuleOf(pack);
  state.cap = CapOf(state.known, rule);
  state.cap_if_as_proposed = CapOf(state.if_as_proposed, rule);
  CapCount all_good = state.known;
  all_good.graded += state.unknown;
  all_good.good += state.unknown;
  state.cap_at_most = CapOf(all_good, rule).cap;
  return state;
}

}  // namespace chibo

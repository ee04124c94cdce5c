// How a group that shares a cap stands in the rows.
#include <map>
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
  Counter(const Changes& changes, GroupState& state) : changes_(changes), state_(state) {}

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
      const std::uint32_t unknown = level.proposed == pb::GRADE_NONE ? 1 : 0;
      state_.known.unknown += unknown;
      state_.if_as_proposed.unknown += unknown;
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

  // Those that are counted elsewhere.
  void PassOver(const std::vector<pb::Subject>& subjects) {
    for (const pb::Subject& subject : subjects) {
      if (const auto id = SubjectId::From(subject)) {
        seen_.insert(*id);
      }
    }
  }

  // Subjects of the group that have no row yet.
  void AddChangesWithoutRow() {
    for (const auto& [subject, grade] : changes_) {
      Add(subject, nullptr);
    }
  }

 private:
  const Changes& changes_;
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

// Everything else this owner has put into groups of that kind.
Result<GroupState> OtherGroups(const Context& context, const OutcomeSource& rows,
                               const PeerGroup& group, const std::string& period,
                               const Changes& changes) {
  const auto kind_of = [](const PeerGroup& one) {
    return one.subjects.empty() ? pb::MEMBER : one.subjects.front().kind();
  };
  GroupState others;
  Counter counter(changes, others);
  counter.PassOver(group.subjects);
  for (const PeerGroup* other : context.groups.InPeriod(period)) {
    if (other->owner == group.owner && kind_of(*other) == kind_of(group)) {
      GroupState coverage;
      CHIBO_TRY(CountPeers(rows, *other, period, counter, coverage));
    }
  }
  return others;
}

// As if everybody of no known level came out good.
CapCount AllGood(CapCount count) {
  count.graded += count.unknown;
  count.good += count.unknown;
  count.unknown = 0;
  return count;
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
                                const Changes& changes, const Changes& elsewhere) {
  const auto days = DaysOf(period);
  GroupState state;
  GroupState others;
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
      CHIBO_TRY_VALUE(others, OtherGroups(context, rows, *peers, period, elsewhere));
    }
  }
  counter.AddChangesWithoutRow();
  const CapRule rule = CapRuleOf(pack);
  state.cap = CapOf(state.known, rule, others.known);
  state.cap_if_as_proposed = CapOf(state.if_as_proposed, rule, others.if_as_proposed);
  state.cap_at_most = CapOf(AllGood(state.known), rule, AllGood(others.known)).cap;
  return state;
}

std::string GroupValue(const std::string& group) {
  return group.starts_with(kPeerPrefix) ? group.substr(group.find(':', kPeerPrefix.size()) + 1)
                                        : group;
}

Result<std::vector<Finding>> CapWarnings(const Context& context, const OutcomeSource& rows,
                                         const std::optional<UnitId>& top, pb::SubjectKind kind,
                                         const std::string& period) {
  const auto days = DaysOf(period);
  if (!days) {
    return Fail(Code::kBadInput, "period_unreadable", period);
  }
  std::map<std::string, UnitId> groups;  // and somebody's unit in it: where its pack is asked for
  for (const UnitId& unit : UnitsOf(context.organisation, top, days->last)) {
    CHIBO_TRY(rows.VisitUnit(unit, period, [&](const pb::OutcomeRow& row) {
      if (row.subject().kind() == kind && !row.cap_group().empty()) {
        groups.emplace(row.cap_group(), unit);
      }
      return true;
    }));
  }
  std::vector<Finding> findings;
  for (const auto& [group, unit] : groups) {
    const EffectivePack pack = context.packs.For(unit, period);
    CHIBO_TRY_VALUE(const GroupState state, StateOfGroup(context, rows, group, kind, period, pack));
    if (!state.cap_if_as_proposed.exceeded) {
      continue;
    }
    Finding finding;
    finding.rule = "R40";
    finding.severity = Severity::kWarn;
    finding.message = "finding_cap_exceeded_as_known";
    finding.values = {GroupValue(group), std::to_string(state.if_as_proposed.excellent),
                      std::to_string(state.cap_if_as_proposed.cap)};
    finding.verified = CapRuleOf(pack).verified;
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace chibo

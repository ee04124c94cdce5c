#include "domain/organisation.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "proto/signed_object.h"

namespace chibo {

struct Organisation::Change {
  Hash digest;
  RecordName name;
  const pb::UnitChangeBody* body = nullptr;
  std::uint32_t follows = 0;  // how many changes it follows, by `previous`
};

namespace {

UnitId IdOf(const Bytes& bytes) { return UnitId::From(bytes).value_or(UnitId()); }

std::vector<UnitId> IdsOf(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::vector<UnitId> units;
  std::transform(ids.begin(), ids.end(), std::back_inserter(units), IdOf);
  return units;
}

bool Has(const std::vector<UnitId>& units, const UnitId& unit) {
  return std::find(units.begin(), units.end(), unit) != units.end();
}

bool Ends(pb::ChangeKind kind) {
  return kind == pb::SPLIT || kind == pb::MERGE || kind == pb::DISSOLVE || kind == pb::DISBAND;
}

bool IsGrassroots(pb::UnitKind kind) {
  return kind == pb::GRASSROOTS_BODY || kind == pb::GRASSROOTS_CELL;
}

// Counted facts of one kind, each record once, under the smallest of its names.
std::map<Hash, const Fact*> ByDigest(const std::vector<Fact>& facts, Kind kind) {
  std::map<Hash, const Fact*> found;
  for (const Fact& fact : facts) {
    if (fact.counts() && fact.record->body_case() == kind) {
      const Fact*& known = found[BodyDigest(*fact.record)];
      known = known == nullptr || fact.name < known->name ? &fact : known;
    }
  }
  return found;
}

std::uint32_t FollowsOf(const Hash& digest, const std::map<Hash, const Fact*>& changes,
                        std::map<Hash, std::uint32_t>& known) {
  const auto before = known.find(digest);
  if (before != known.end()) {
    return before->second;
  }
  std::uint32_t follows = 0;
  const auto change = changes.find(digest);
  if (change != changes.end()) {
    // Digests of bodies cannot go round.
    for (const Bytes& previous : change->second->record->unit_change().body().previous()) {
      const auto hash = Hash::From(previous);
      follows = std::max(follows, hash ? FollowsOf(*hash, changes, known) + 1 : 1);
    }
  }
  return known[digest] = follows;
}

}  // namespace

// ---- Making

Organisation::Organisation(const std::vector<Fact>& facts) {
  Establish(facts);
  const auto by_digest = ByDigest(facts, Kind::kUnitChange);
  std::map<Hash, std::uint32_t> follows;
  std::vector<Change> changes;
  for (const auto& [digest, fact] : by_digest) {
    changes.push_back({digest, fact->name, &fact->record->unit_change().body(),
                       FollowsOf(digest, by_digest, follows)});
  }
  const auto order = [](const Change& change) {
    return std::tuple(change.body->effective(), change.follows, change.digest);
  };
  std::sort(changes.begin(), changes.end(),
            [&](const Change& a, const Change& b) { return order(a) < order(b); });
  for (const Change& change : changes) {
    Apply(change);
  }
  FindContested(changes);
}

void Organisation::Establish(const std::vector<Fact>& facts) {
  struct Establishment {
    CivilDate effective;
    Hash digest;
    const Fact* fact;
  };
  std::vector<Establishment> all;
  for (const auto& [digest, fact] : ByDigest(facts, Kind::kUnit)) {
    all.push_back({fact->record->unit().body().effective(), digest, fact});
  }
  std::sort(all.begin(), all.end(), [](const Establishment& a, const Establishment& b) {
    return std::tie(a.effective, a.digest) < std::tie(b.effective, b.digest);
  });
  for (const Establishment& each : all) {
    const pb::UnitBody& body = each.fact->record->unit().body();
    auto [at, added] = units_.try_emplace(IdOf(body.unit()));
    at->second.history.push_back(each.fact->name);
    if (!added) {
      continue;
    }
    UnitState state;
    state.id = at->first;
    state.code = body.code();
    state.name = body.name();
    state.kind = body.kind();
    state.type = body.type();
    state.parent = UnitId::From(body.parent());
    state.committee = body.committee();
    state.established = body.effective();
    at->second.steps.push_back({body.effective(), state});
    by_code_.try_emplace(body.code(), at->first);
  }
}

void Organisation::Apply(const Change& change) {
  for (const UnitId& unit : IdsOf(change.body->from())) {
    if (units_.contains(unit)) {
      ApplyTo(unit, change);
    }
  }
}

void Organisation::ApplyTo(const UnitId& id, const Change& change) {
  Known& unit = units_.at(id);
  const pb::UnitChangeBody& body = *change.body;
  unit.history.push_back(change.name);
  if (unit.ended() != 0) {
    return;
  }
  Step step = unit.steps.back();
  step.day = std::max(step.day, body.effective());
  const std::vector<UnitId> into = IdsOf(body.into());
  if (body.kind() == pb::RENAME) {
    step.state.name = body.name();
  } else if (body.kind() == pb::MOVE) {
    step.state.parent = UnitId::From(body.parent());
  } else if (Ends(body.kind()) && !Has(into, id)) {
    // A unit without an end day would be there for ever.
    step.state.ended = std::max<CivilDate>(step.day, 1);
    unit.into = into;
    unit.merged = body.kind() == pb::MERGE;
  }
  for (const pb::Allocation& allocation : body.members()) {
    for (const Bytes& person : allocation.persons()) {
      const auto who = PersonId::From(person);
      if (who && IdOf(allocation.unit()) != id) {
        unit.allocated.try_emplace(*who, Gone{step.day, IdOf(allocation.unit())});
      }
    }
  }
  unit.steps.push_back(std::move(step));
}

void Organisation::FindContested(const std::vector<Change>& changes) {
  std::map<std::pair<UnitId, Bytes>, std::vector<RecordName>> followers;
  for (const Change& change : changes) {
    for (int i = 0; i < change.body->from_size(); ++i) {
      const Bytes previous = i < change.body->previous_size() ? change.body->previous(i) : Bytes();
      followers[{IdOf(change.body->from(i)), previous}].push_back(change.name);
    }
  }
  std::set<RecordName> contested;
  for (const auto& [place, names] : followers) {
    if (names.size() > 1) {
      contested.insert(names.begin(), names.end());
    }
  }
  contested_.assign(contested.begin(), contested.end());
}

// ---- Asking

std::optional<UnitId> Organisation::FindByCode(std::string_view code) const {
  const auto found = by_code_.find(code);
  return found == by_code_.end() ? std::nullopt : std::optional(found->second);
}

const Organisation::Known* Organisation::Find(const UnitId& unit) const {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

const UnitState& Organisation::Known::On(CivilDate day) const {
  const auto after = std::upper_bound(steps.begin(), steps.end(), day,
                                      [](CivilDate at, const Step& step) { return at < step.day; });
  return after == steps.begin() ? steps.front().state : std::prev(after)->state;
}

std::optional<UnitState> Organisation::At(const UnitId& unit, CivilDate day) const {
  const Known* known = Find(unit);
  if (known == nullptr) {
    return std::nullopt;
  }
  UnitState state = known->On(day);
  state.ended = known->ended();
  return state;
}

bool Organisation::ExistsOn(const UnitId& unit, CivilDate day) const {
  const Known* known = Find(unit);
  return known != nullptr && known->On(day).established <= day &&
         (known->ended() == 0 || day < known->ended());
}

std::vector<UnitId> Organisation::SortedByCode(std::vector<UnitId> units) const {
  const auto key = [this](const UnitId& unit) {
    return std::tie(units_.at(unit).steps.front().state.code, unit);
  };
  std::sort(units.begin(), units.end(),
            [&](const UnitId& a, const UnitId& b) { return key(a) < key(b); });
  return units;
}

std::vector<UnitId> Organisation::UnitsOn(CivilDate day) const {
  std::vector<UnitId> units;
  for (const auto& [id, unit] : units_) {
    if (ExistsOn(id, day)) {
      units.push_back(id);
    }
  }
  return SortedByCode(std::move(units));
}

std::optional<UnitId> Organisation::StandingSuperior(const UnitId& superior, CivilDate day) const {
  std::set<UnitId> seen;
  UnitId at = superior;
  while (seen.insert(at).second) {
    const Known* known = Find(at);
    if (known == nullptr || known->ended() == 0 || day < known->ended()) {
      return at;
    }
    const std::optional<UnitId>& parent = known->On(day).parent;
    if (known->merged && !known->into.empty()) {
      at = known->into.front();
    } else if (parent) {
      at = *parent;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<UnitId> Organisation::ParentOf(const UnitId& unit, CivilDate day) const {
  const Known* known = Find(unit);
  const auto parent = known == nullptr ? std::nullopt : known->On(day).parent;
  if (!parent) {
    return std::nullopt;
  }
  const auto superior = StandingSuperior(*parent, day);
  return superior == unit ? std::nullopt : superior;
}

template <typename Visit>
void Organisation::VisitAbove(const UnitId& unit, CivilDate day, const Visit& visit) const {
  std::set<UnitId> seen{unit};
  for (auto at = ParentOf(unit, day); at && seen.insert(*at).second; at = ParentOf(*at, day)) {
    if (!visit(*at)) {
      return;
    }
  }
}

std::vector<UnitId> Organisation::AboveOf(const UnitId& unit, CivilDate day) const {
  std::vector<UnitId> above;
  VisitAbove(unit, day, [&above](const UnitId& superior) {
    above.push_back(superior);
    return true;
  });
  return above;
}

bool Organisation::IsAtOrAbove(const UnitId& upper, const UnitId& unit, CivilDate day) const {
  bool found = upper == unit;
  if (!found) {
    VisitAbove(unit, day, [&](const UnitId& superior) { return !(found = superior == upper); });
  }
  return found;
}

std::optional<UnitId> Organisation::LowestCommonSuperior(const std::vector<UnitId>& units,
                                                         CivilDate day) const {
  if (units.empty()) {
    return std::nullopt;
  }
  std::vector<UnitId> common = AboveOf(units.front(), day);
  for (const UnitId& unit : units) {
    const std::vector<UnitId> above = AboveOf(unit, day);
    std::erase_if(common, [&](const UnitId& superior) { return !Has(above, superior); });
  }
  return common.empty() ? std::nullopt : std::optional(common.front());
}

std::optional<UnitId> Organisation::GrassrootsOf(const UnitId& unit, CivilDate day) const {
  std::vector<UnitId> upwards = AboveOf(unit, day);
  upwards.insert(upwards.begin(), unit);
  std::optional<UnitId> commune;
  for (const UnitId& at : upwards) {
    const auto state = At(at, day);
    if (state && IsGrassroots(state->kind)) {
      return at;
    }
    if (state && state->kind == pb::COMMUNE && !commune) {
      commune = at;
    }
  }
  return commune;
}

// ---- What became of a unit

std::optional<Organisation::Leave> Organisation::LeaveOf(const UnitId& unit, const PersonId& person,
                                                         CivilDate since) const {
  const Known* known = Find(unit);
  if (known == nullptr) {
    return std::nullopt;
  }
  const CivilDate ended = known->ended();
  const auto gone = known->allocated.find(person);
  // Who came back after an allocation is not moved by it again.
  if (gone != known->allocated.end() && gone->second.day >= since &&
      (ended == 0 || gone->second.day <= ended)) {
    return Leave{gone->second.day, gone->second.to, gone->second.day == ended};
  }
  if (ended == 0) {
    return std::nullopt;
  }
  const std::vector<UnitId>& into = known->into;
  return Leave{ended, into.size() == 1 ? std::optional(into.front()) : std::nullopt, true};
}

std::optional<UnitId> Organisation::MembersWentTo(const UnitId& unit, const PersonId& person,
                                                  CivilDate day) const {
  std::set<UnitId> seen;
  std::optional<UnitId> at = unit;
  CivilDate since = 0;
  while (at && seen.insert(*at).second) {
    const auto leave = LeaveOf(*at, person, since);
    if (!leave || leave->day > day) {
      return Knows(*at) ? at : std::nullopt;
    }
    at = leave->to;
    since = std::max(since, leave->day);
  }
  return std::nullopt;
}

std::vector<UnitId> Organisation::CameFrom(const UnitId& unit) const {
  std::vector<UnitId> before;
  for (const auto& [id, known] : units_) {
    const bool gave = std::any_of(known.allocated.begin(), known.allocated.end(),
                                  [&](const auto& one) { return one.second.to == unit; });
    if (gave || Has(known.into, unit)) {
      before.push_back(id);
    }
  }
  return SortedByCode(std::move(before));
}

void Organisation::AddResting(Resting& resting) const {
  for (const auto& [id, unit] : units_) {
    for (const Step& step : unit.steps) {
      if (step.state.parent) {
        resting.emplace(*step.state.parent, id);
      }
    }
    for (const UnitId& into : unit.into) {
      resting.emplace(into, id);
    }
    for (const auto& [person, gone] : unit.allocated) {
      resting.emplace(gone.to, id);
    }
  }
}

std::set<UnitId> Organisation::ChangedSince(const Organisation& before) const {
  std::vector<UnitId> open;
  const auto compare = [&open](const Organisation& here, const Organisation& there) {
    for (const auto& [id, unit] : here.units_) {
      const auto other = there.units_.find(id);
      if (other != there.units_.end() && other->second == unit) {
        continue;
      }
      open.push_back(id);
      // CameFrom says something else of those that its members go to.
      open.insert(open.end(), unit.into.begin(), unit.into.end());
      for (const auto& [person, gone] : unit.allocated) {
        open.push_back(gone.to);
      }
    }
  };
  compare(*this, before);
  compare(before, *this);
  Resting resting;
  AddResting(resting);
  before.AddResting(resting);
  std::set<UnitId> changed;
  while (!open.empty()) {
    const UnitId unit = open.back();
    open.pop_back();
    if (changed.insert(unit).second) {
      const auto [begin, end] = resting.equal_range(unit);
      std::transform(begin, end, std::back_inserter(open),
                     [](const auto& rests) { return rests.second; });
    }
  }
  return changed;
}

std::vector<RecordName> Organisation::HistoryOf(const UnitId& unit) const {
  const Known* known = Find(unit);
  return known == nullptr ? std::vector<RecordName>() : known->history;
}

}  // namespace chibo

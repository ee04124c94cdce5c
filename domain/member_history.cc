#include "domain/member_history.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace chibo {
namespace {

// What says the less about the day itself gives way.
constexpr int kRankRegister = 0;
constexpr int kRankBeforeTransfer = 1;
constexpr int kRankMembership = 2;
constexpr int kRankEnded = 3;
constexpr int kRankTransfer = 4;

const google::protobuf::RepeatedPtrField<pb::Ref>* SupersedesOf(const pb::Record& record) {
  switch (record.body_case()) {
    case Kind::kMember:
      return &record.member().supersedes();
    case Kind::kMembership:
      return &record.membership().supersedes();
    case Kind::kDuplicateChoice:
      return &record.duplicate_choice().supersedes();
    default:
      return nullptr;
  }
}

}  // namespace

const Fact* FindFact(std::span<const Fact> facts, const RecordName& name) {
  const auto before = [](const Fact& fact, const RecordName& wanted) { return fact.name < wanted; };
  auto at = std::lower_bound(facts.begin(), facts.end(), name, before);
  const auto first = at;
  while (at != facts.end() && at->name == name && !at->counts()) {
    ++at;  // of the branches of a fork one counts at most
  }
  if (at != facts.end() && at->name == name) {
    return &*at;
  }
  return first != facts.end() && first->name == name ? &*first : nullptr;
}

std::set<RecordName> SupersededIn(const Organisation& organisation, std::span<const Fact> facts) {
  std::set<RecordName> names;
  for (const Fact& fact : facts) {
    const auto* supersedes = fact.counts() ? SupersedesOf(*fact.record) : nullptr;
    if (supersedes == nullptr) {
      continue;
    }
    for (const pb::Ref& ref : *supersedes) {
      const Fact* older = FindFact(facts, Resolve(ref, fact));
      if (older != nullptr && older->kind == fact.kind && older->name != fact.name &&
          organisation.IsAtOrAbove(fact.unit, older->unit)) {
        names.insert(older->name);
      }
    }
  }
  return names;
}

MemberHistory::MemberHistory(const Organisation& organisation, const PersonId& person,
                             std::span<const Fact> facts)
    : organisation_(organisation),
      person_(person),
      facts_(facts),
      superseded_(SupersededIn(organisation, facts)) {
  for (const Fact& fact : facts_) {
    if (!fact.counts() || superseded_.contains(fact.name)) {
      continue;
    }
    switch (fact.record->body_case()) {
      case Kind::kMember:
        events_.push_back({0, kRankRegister, fact.name, fact.unit});
        break;
      case Kind::kMembership:
        AddMembership(fact);
        break;
      case Kind::kTransfer:
        AddTransfer(fact);
        break;
      default:
        break;
    }
  }
  std::sort(events_.begin(), events_.end());
  ReadPosts();
}

void MemberHistory::AddMembership(const Fact& fact) {
  const pb::Membership& record = fact.record->membership();
  const UnitId unit = UnitId::From(record.unit()).value_or(fact.unit);
  if (record.kind() != pb::HOME || !organisation_.IsAtOrAbove(fact.unit, unit)) {
    return;
  }
  events_.push_back({record.from(), kRankMembership, fact.name, unit});
  if (record.to() != 0) {
    events_.push_back({DayAfter(record.to()), kRankEnded, fact.name, std::nullopt});
  }
}

void MemberHistory::AddTransfer(const Fact& fact) {
  const pb::Transfer& record = fact.record->transfer();
  const auto from = UnitId::From(record.from());
  const auto to = UnitId::From(record.to());
  const bool by_old = from && organisation_.IsAtOrAbove(fact.unit, *from);
  const bool by_new = to && organisation_.IsAtOrAbove(fact.unit, *to);
  if (record.kind() == pb::TEMPORARY_STAY || (!by_old && !by_new)) {
    return;
  }
  const CivilDate day = record.effective() != 0 ? record.effective() : record.issued();
  if (from) {
    events_.push_back({0, kRankBeforeTransfer, fact.name, from});
  }
  events_.push_back({day, kRankTransfer, fact.name, to});
}

bool MemberHistory::Ends(const Event& event, const Home& home) const {
  // The end of one membership ends nothing where another has begun elsewhere.
  const Fact* fact = FindFact(facts_, event.record);
  return home.where == Home::Where::kUnit &&
         UnitId::From(fact->record->membership().unit()).value_or(fact->unit) == home.unit;
}

Home MemberHistory::HomeOn(CivilDate day) const {
  Home home;
  for (const Event& event : events_) {
    if (event.day > day) {
      break;
    }
    if (event.rank == kRankEnded && !Ends(event, home)) {
      continue;
    }
    if (!event.unit) {
      home.where = home.where == Home::Where::kNotYet ? home.where : Home::Where::kOutside;
    } else {
      home.where = Home::Where::kUnit;
      home.unit = *event.unit;
    }
    home.since = event.day;
  }
  if (home.where != Home::Where::kUnit) {
    return home;
  }
  const auto state = organisation_.At(home.unit);
  if (state && state->ended != 0 && state->ended <= day) {
    home.ended = home.unit;
    const auto went_to = organisation_.MembersWentTo(home.unit, person_, day);
    // Nobody said where: the superior has to, and counts them until it has.
    home.unit = went_to ? *went_to : organisation_.ParentOf(home.unit, day).value_or(home.unit);
    home.since = std::max(home.since, state->ended);
  }
  return home;
}

std::vector<Stay> MemberHistory::Stays() const {
  std::set<CivilDate> days;
  for (const Event& event : events_) {
    days.insert(event.day);
    const auto state = event.unit ? organisation_.At(*event.unit) : std::nullopt;
    if (state && state->ended != 0) {
      days.insert(state->ended);
    }
  }
  std::vector<Stay> stays;
  for (const CivilDate day : days) {
    const Home home = HomeOn(day);
    if (home.where == Home::Where::kNotYet) {
      continue;
    }
    const auto unit = home.where == Home::Where::kUnit ? std::optional(home.unit) : std::nullopt;
    if (!stays.empty() && stays.back().unit == unit) {
      continue;
    }
    if (!stays.empty()) {
      stays.back().to = DayBefore(day);
    }
    stays.push_back({unit, day, kEndOfTime});
  }
  return stays;
}

bool MemberHistory::Replaced(const Fact& entry, const std::vector<const Fact*>& by) const {
  return std::any_of(by.begin(), by.end(), [&](const Fact* newer) {
    if (newer->name.stream == entry.name.stream && newer->branch == entry.branch) {
      return entry.name < newer->name;  // one writer's later word
    }
    const auto& supersedes = newer->record->member().supersedes();
    return organisation_.IsAtOrAbove(newer->unit, entry.unit) &&
           std::any_of(supersedes.begin(), supersedes.end(),
                       [&](const pb::Ref& ref) { return Resolve(ref, *newer) == entry.name; });
  });
}

const pb::Member* MemberHistory::RegisterOn(CivilDate day) const {
  std::vector<const Fact*> entries;
  std::vector<const Fact*> begun;  // an entry whose status begins later says nothing of this day
  for (const Fact& fact : facts_) {
    if (fact.counts() && fact.record->has_member()) {
      entries.push_back(&fact);
      if (fact.record->member().status_from() <= day) {
        begun.push_back(&fact);
      }
    }
  }
  const std::vector<const Fact*>& choice = begun.empty() ? entries : begun;
  const Home home = HomeOn(day);
  const auto rank = [&](const Fact& fact) {
    return std::tuple(fact.unit == home.unit || fact.unit == home.ended.value_or(home.unit),
                      fact.record->member().status_from(), fact.name);
  };
  const Fact* best = nullptr;
  for (const Fact* entry : choice) {
    if (!Replaced(*entry, choice) && (best == nullptr || rank(*best) < rank(*entry))) {
      best = entry;
    }
  }
  return best == nullptr ? nullptr : &best->record->member();
}

void MemberHistory::ReadPosts() {
  // One post stands in several streams (to the place, to the home cell) and may be written again
  // when it ends.
  std::map<std::tuple<Bytes, std::string, std::string, CivilDate>, Post> posts;
  for (const Fact& fact : facts_) {
    if (!fact.counts() || !fact.record->has_posting()) {
      continue;
    }
    const pb::Posting& record = fact.record->posting();
    const auto place = UnitId::From(record.place());
    const auto home = HomeOn(record.from() == 0 ? kEndOfTime : record.from());
    const auto last_home = HomeOn(kEndOfTime);
    const auto above = [&](const UnitId& unit) {
      return organisation_.IsAtOrAbove(fact.unit, unit);
    };
    const bool for_home = above(home.unit) || above(last_home.unit);
    if (!for_home && !(place && above(*place))) {
      continue;  // somebody else's people and somebody else's place
    }
    Post& post = posts[{record.place(), record.outside(), record.title(), record.from()}];
    if (post.record.stream.is_zero() || fact.name < post.record) {
      post.record = fact.name;
    }
    post.place = place;
    post.from = record.from();
    post.head = post.head || record.head();
    post.leadership = post.leadership || record.leadership();
    post.reviewed_there = post.reviewed_there || record.reviewed_there();
    if (record.to() != 0) {
      post.to = post.to == 0 ? record.to() : std::min(post.to, record.to());
    }
    const auto manager = UnitId::From(record.managed_by());
    if (manager && above(*manager)) {
      post.managed_by = post.managed_by ? std::min(*post.managed_by, *manager) : *manager;
    }
  }
  for (auto& [key, post] : posts) {
    posts_.push_back(std::move(post));
  }
}

std::vector<Post> MemberHistory::PostsOn(CivilDate day) const {
  std::vector<Post> held;
  for (const Post& post : posts_) {
    if (post.held_on(day)) {
      held.push_back(post);
    }
  }
  return held;
}

std::vector<UnitId> MemberHistory::TemporaryIn(CivilDate first, CivilDate last) const {
  std::set<UnitId> units;
  for (const Fact& fact : facts_) {
    if (!fact.counts() || superseded_.contains(fact.name)) {
      continue;
    }
    if (fact.record->has_membership() && fact.record->membership().kind() == pb::TEMPORARY) {
      const pb::Membership& record = fact.record->membership();
      if (record.from() <= last && (record.to() == 0 || record.to() >= first)) {
        units.insert(UnitId::From(record.unit()).value_or(fact.unit));
      }
    }
    if (fact.record->has_transfer() && fact.record->transfer().kind() == pb::TEMPORARY_STAY) {
      const auto to = UnitId::From(fact.record->transfer().to());
      const CivilDate day = fact.record->transfer().effective();
      // How long it lasts is said by the membership there; without one it holds for the year it
      // began in.
      if (to && day <= last && day >= first) {
        units.insert(*to);
      }
    }
  }
  return {units.begin(), units.end()};
}

std::vector<RecordName> MemberHistory::OtherHomesOn(CivilDate day) const {
  const Home home = HomeOn(day);
  std::set<UnitId> left;
  for (const Event& event : events_) {
    if (event.rank == kRankBeforeTransfer) {
      left.insert(*event.unit);
    }
  }
  std::vector<RecordName> others;
  for (const Fact& fact : facts_) {
    if (!fact.counts() || superseded_.contains(fact.name) || !fact.record->has_membership()) {
      continue;
    }
    const pb::Membership& record = fact.record->membership();
    const UnitId unit = UnitId::From(record.unit()).value_or(fact.unit);
    const bool open = record.from() <= day && (record.to() == 0 || record.to() >= day);
    if (record.kind() == pb::HOME && open && unit != home.unit && unit != home.ended &&
        !left.contains(unit) && organisation_.ExistsOn(unit, day)) {
      others.push_back(fact.name);
    }
  }
  return others;
}

}  // namespace chibo

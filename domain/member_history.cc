#include "domain/member_history.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace chibo {
namespace {

// What says the less about the day itself gives way.
constexpr int kRankJoinedRegister = 0;  // of an entry that does not go on
constexpr int kRankRegister = 1;
constexpr int kRankBeforeTransfer = 2;
constexpr int kRankMembership = 3;
constexpr int kRankEnded = 4;
constexpr int kRankTransfer = 5;

// How long a stay elsewhere lasts where no record says: less than a year.
constexpr int kStayMonths = 12;

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
        AddMember(fact);
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

// A cell may keep an entry of somebody who is there for a time.
bool MemberHistory::IsGuestIn(const UnitId& unit) const {
  return std::any_of(facts_.begin(), facts_.end(), [&](const Fact& fact) {
    return fact.counts() && !superseded_.contains(fact.name) && fact.unit == unit &&
           fact.record->has_membership() && fact.record->membership().kind() == pb::TEMPORARY &&
           UnitId::From(fact.record->membership().unit()).value_or(unit) == unit;
  });
}

void MemberHistory::AddMember(const Fact& fact) {
  const bool own = fact.record->member().person() == person_.view();
  if (!IsGuestIn(fact.unit)) {
    events_.push_back({0, own ? kRankRegister : kRankJoinedRegister, fact.name, fact.unit});
  }
}

// Of a home: that unit, or one above it; of a stay: that of the home, too.
bool MemberHistory::MayEnrol(const Fact& membership) const {
  const pb::Membership& record = membership.record->membership();
  const UnitId unit = UnitId::From(record.unit()).value_or(membership.unit);
  return organisation_.IsAtOrAbove(membership.unit, unit) ||
         (record.kind() == pb::TEMPORARY &&
          organisation_.IsAtOrAbove(membership.unit, HomeOn(record.from()).unit));
}

void MemberHistory::AddMembership(const Fact& fact) {
  const pb::Membership& record = fact.record->membership();
  const UnitId unit = UnitId::From(record.unit()).value_or(fact.unit);
  if (record.kind() != pb::HOME || !MayEnrol(fact)) {
    return;
  }
  events_.push_back({record.from(), kRankMembership, fact.name, unit});
  if (record.to() != 0) {
    events_.push_back({DayAfter(record.to()), kRankEnded, fact.name, std::nullopt});
  }
}

// The old unit, the new one, or one above either.
bool MemberHistory::MayTransfer(const Fact& fact) const {
  const auto from = UnitId::From(fact.record->transfer().from());
  const auto to = UnitId::From(fact.record->transfer().to());
  return (from && organisation_.IsAtOrAbove(fact.unit, *from)) ||
         (to && organisation_.IsAtOrAbove(fact.unit, *to));
}

void MemberHistory::AddTransfer(const Fact& fact) {
  const pb::Transfer& record = fact.record->transfer();
  const auto from = UnitId::From(record.from());
  const auto to = UnitId::From(record.to());
  if (record.kind() == pb::TEMPORARY_STAY || !MayTransfer(fact)) {
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
  std::set<std::pair<UnitId, CivilDate>> seen;
  while (home.where == Home::Where::kUnit && seen.emplace(home.unit, home.since).second) {
    const auto leave = organisation_.LeaveOf(home.unit, person_, home.since);
    if (!leave || leave->day > day) {
      break;
    }
    if (leave->ended) {
      home.ended = home.unit;
    }
    // Nobody said where: the superior has to, and counts them until it has.
    home.unit = leave->to ? *leave->to : organisation_.ParentOf(home.unit, day).value_or(home.unit);
    home.since = std::max(home.since, leave->day);
    if (!leave->to) {
      break;
    }
  }
  return home;
}

std::vector<Stay> MemberHistory::Stays() const {
  std::set<CivilDate> days;
  for (const Event& event : events_) {
    days.insert(event.day);
  }
  // Days on which changes of a home moved everybody, or this one.
  for (auto day = days.begin(); day != days.end(); ++day) {
    const Home home = HomeOn(*day);
    const auto leave = home.where == Home::Where::kUnit
                           ? organisation_.LeaveOf(home.unit, person_, home.since)
                           : std::nullopt;
    if (leave && leave->day > *day) {
      days.insert(leave->day);
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

// The home's, then or now, or the place's: the unit or one above it. Others would speak of somebody
// else's people and somebody else's place.
bool MemberHistory::MayPost(const Fact& posting) const {
  const pb::Posting& record = posting.record->posting();
  const auto above = [&](const UnitId& unit) {
    return organisation_.IsAtOrAbove(posting.unit, unit);
  };
  const auto place = UnitId::From(record.place());
  return above(HomeOn(record.from() == 0 ? kEndOfTime : record.from()).unit) ||
         above(HomeOn(kEndOfTime).unit) || (place && above(*place));
}

bool MemberHistory::MayNameManager(const Fact& posting) const {
  const auto manager = UnitId::From(posting.record->posting().managed_by());
  return manager && organisation_.IsAtOrAbove(posting.unit, *manager);
}

bool MemberHistory::Heeds(const Fact& fact) const {
  if (superseded_.contains(fact.name)) {
    return false;
  }
  switch (fact.record->body_case()) {
    case Kind::kMembership:
      return MayEnrol(fact);
    case Kind::kTransfer:
      return MayTransfer(fact);
    case Kind::kPosting:
      return MayPost(fact);
    default:
      return true;
  }
}

void MemberHistory::ReadPosts() {
  // One post stands in several streams (to the place, to the home cell) and may be written again
  // when it ends.
  std::map<std::tuple<Bytes, std::string, std::string, CivilDate>, Post> posts;
  for (const Fact& fact : facts_) {
    if (!fact.counts() || !fact.record->has_posting() || !MayPost(fact)) {
      continue;
    }
    const pb::Posting& record = fact.record->posting();
    Post& post = posts[{record.place(), record.outside(), record.title(), record.from()}];
    if (post.record.stream.is_zero() || fact.name < post.record) {
      post.record = fact.name;
    }
    post.place = UnitId::From(record.place());
    post.from = record.from();
    post.head = post.head || record.head();
    post.leadership = post.leadership || record.leadership();
    post.reviewed_there = post.reviewed_there || record.reviewed_there();
    if (record.to() != 0) {
      post.to = post.to == 0 ? record.to() : std::min(post.to, record.to());
    }
    const auto manager = UnitId::From(record.managed_by());
    if (MayNameManager(fact)) {
      post.managed_by = post.managed_by ? std::min(*post.managed_by, *manager) : *manager;
    }
  }
  for (const auto& [key, post] : posts) {
    posts_.push_back(post);
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

std::vector<TemporaryStay> MemberHistory::TemporaryStays() const {
  std::vector<TemporaryStay> stays;
  std::vector<TemporaryStay> by_letter;
  for (const Fact& fact : facts_) {
    if (!fact.counts() || superseded_.contains(fact.name)) {
      continue;
    }
    if (fact.record->has_membership() && fact.record->membership().kind() == pb::TEMPORARY) {
      const pb::Membership& record = fact.record->membership();
      const UnitId unit = UnitId::From(record.unit()).value_or(fact.unit);
      if (MayEnrol(fact)) {
        stays.push_back({unit, "", record.from(), record.to() == 0 ? kEndOfTime : record.to()});
      }
    } else if (fact.record->has_transfer() && MayTransfer(fact) &&
               fact.record->transfer().kind() == pb::TEMPORARY_STAY) {
      const pb::Transfer& record = fact.record->transfer();
      const CivilDate from = record.effective() != 0 ? record.effective() : record.issued();
      by_letter.push_back({UnitId::From(record.to()), record.outside(), from,
                           DayBefore(AddMonths(from, kStayMonths))});
    }
  }
  for (TemporaryStay& letter : by_letter) {
    const bool told = std::any_of(stays.begin(), stays.end(), [&](const TemporaryStay& stay) {
      return stay.unit == letter.unit && stay.touches(letter.from, letter.to);
    });
    if (!told) {
      stays.push_back(std::move(letter));
    }
  }
  return stays;
}

std::vector<RecordName> MemberHistory::OtherHomesOn(CivilDate day) const {
  const Home home = HomeOn(day);
  std::set<UnitId> left;
  for (const Event& event : events_) {
    if (event.rank == kRankBeforeTransfer) {
      left.insert(*event.unit);
    }
  }
  const auto elsewhere = [&](const UnitId& unit) {
    return unit != home.unit && unit != home.ended && !left.contains(unit) &&
           organisation_.ExistsOn(unit, day) &&
           organisation_.MembersWentTo(unit, person_, day) == unit;
  };
  std::vector<const Fact*> entries;
  for (const Fact& fact : facts_) {
    if (fact.counts() && fact.record->has_member()) {
      entries.push_back(&fact);
    }
  }
  std::vector<RecordName> others;
  for (const Event& event : events_) {
    if (event.rank != kRankRegister && event.rank != kRankMembership) {
      continue;
    }
    const Fact& fact = *FindFact(facts_, event.record);
    const pb::Record& record = *fact.record;
    const bool holds = record.has_membership()
                           ? record.membership().from() <= day &&
                                 (record.membership().to() == 0 || record.membership().to() >= day)
                           : record.member().status() != pb::LEFT &&
                                 record.member().status() != pb::DECEASED &&
                                 !Replaced(fact, entries);
    if (holds && elsewhere(*event.unit)) {
      others.push_back(event.record);
    }
  }
  std::sort(others.begin(), others.end());
  return others;
}

}  // namespace chibo

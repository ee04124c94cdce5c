#ifndef CHIBO_DOMAIN_MEMBER_HISTORY_H_
#define CHIBO_DOMAIN_MEMBER_HISTORY_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "domain/civil_date.h"
#include "domain/fact.h"
#include "domain/organisation.h"

namespace chibo {

// Where a person belonged on a day.
struct Home {
  enum class Where : std::uint8_t { kNotYet, kUnit, kOutside };
  Where where = Where::kNotYet;
  UnitId unit;                  // counted there; for kOutside the last unit inside the network
  CivilDate since = 0;          // 0: as far back as is known
  std::optional<UnitId> ended;  // the last unit that ended and whose members came to `unit`
};

// A stay in one home cell: [from, to], to = kEndOfTime while it lasts.
struct Stay {
  std::optional<UnitId> unit;  // nothing: outside the network
  CivilDate from = 0;
  CivilDate to = kEndOfTime;
};

// Takes part somewhere else for a time, without vote there.
struct TemporaryStay {
  std::optional<UnitId> unit;  // nothing: outside the network
  std::string outside;         // its name then
  CivilDate from = 0;
  CivilDate to = kEndOfTime;

  bool touches(CivilDate first, CivilDate last) const { return from <= last && to >= first; }
};

// A post as the records of it say together.
struct Post {
  std::optional<UnitId> place;  // nothing: outside the network
  bool head = false;
  bool leadership = false;
  bool reviewed_there = false;
  CivilDate from = 0;
  CivilDate to = 0;                  // 0: open
  std::optional<UnitId> managed_by;  // only where the writer may say so
  RecordName record;

  bool held_on(CivilDate day) const { return from <= day && (to == 0 || to >= day); }
  bool reviews() const { return place.has_value() && (leadership || reviewed_there); }
};

// A member's life as the counted records of one person tell it. A pure function of the facts and
// the organisation.
class MemberHistory {
 public:
  // `facts` are those of the person (of all its entries, where it was entered twice), sorted by
  // name, and outlive this.
  MemberHistory(const Organisation& organisation, const PersonId& person,
                std::span<const Fact> facts);

  Home HomeOn(CivilDate day) const;
  // Home stays by day, neighbours of one unit joined.
  std::vector<Stay> Stays() const;
  // What the register said on that day: the newest entry whose status had begun. Null when there is
  // none.
  const pb::Member* RegisterOn(CivilDate day) const;
  // Posts held on that day, by place, then record.
  std::vector<Post> PostsOn(CivilDate day) const;
  // In the order of their records' names. A letter says when a stay begins, the membership there
  // how long it lasts; without one it lasts for less than a year.
  std::vector<TemporaryStay> TemporaryStays() const;
  // Home memberships and register entries that hold on that day in a unit other than the home, and
  // that no transfer or change of the unit ended.
  std::vector<RecordName> OtherHomesOn(CivilDate day) const;
  // Whether a membership, transfer or posting that counts is taken up: its writer may say so, and
  // no other supersedes it. Other kinds are.
  bool Heeds(const Fact& fact) const;
  // Whether the writer of a posting may say who manages the post.
  bool MayNameManager(const Fact& posting) const;
  const std::set<RecordName>& superseded() const { return superseded_; }

 private:
  struct Event {
    CivilDate day = 0;
    int rank = 0;  // of two on one day the higher holds
    RecordName record;
    std::optional<UnitId> unit;

    friend auto operator<=>(const Event&, const Event&) = default;
  };
  bool Replaced(const Fact& entry, const std::vector<const Fact*>& by) const;
  bool Ends(const Event& event, const Home& home) const;
  bool IsGuestIn(const UnitId& unit) const;
  bool MayTransfer(const Fact& fact) const;
  bool MayEnrol(const Fact& membership) const;
  bool MayPost(const Fact& posting) const;
  void AddMember(const Fact& fact);
  void AddMembership(const Fact& fact);
  void AddTransfer(const Fact& fact);
  void ReadPosts();

  const Organisation& organisation_;
  PersonId person_;
  std::span<const Fact> facts_;
  std::set<RecordName> superseded_;
  std::vector<Event> events_;  // sorted
  std::vector<Post> posts_;
};

// The fact at that name among facts sorted by name: the branch that counts, if one does. Null when
// there is none.
const Fact* FindFact(std::span<const Fact> facts, const RecordName& name);

// Names of records that another counted one of the same kind supersedes, whose writer may: the same
// unit, or one above it.
std::set<RecordName> SupersededIn(const Organisation& organisation, std::span<const Fact> facts);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_MEMBER_HISTORY_H_

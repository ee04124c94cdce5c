#ifndef CHIBO_DOMAIN_ORGANISATION_H_
#define CHIBO_DOMAIN_ORGANISATION_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/civil_date.h"
#include "domain/fact.h"

namespace chibo {

// Later than any day in a record.
inline constexpr CivilDate kEndOfTime = 99991231;

// A unit as it was on a day.
struct UnitState {
  UnitId id;
  std::string code;
  std::string name;
  pb::UnitKind kind = pb::UNIT_KIND_NONE;
  std::string type;
  std::optional<UnitId> parent;  // nothing for the topmost
  bool committee = false;        // has a committee that is reviewed as a collective
  CivilDate established = 0;     // 0: as far back as anyone asks
  CivilDate ended = 0;           // first day on which it is no more; 0: still there

  friend bool operator==(const UnitState&, const UnitState&) = default;
};

// The organisation as history: what the counted Unit and UnitChange records say, by the day on
// which each takes effect. A pure function of the set of facts; those that do not count and other
// kinds are passed over, and the same record met twice (in two streams) is one.
//
// This is what tables are cut by. It gives nobody a right: rights are Authority's.
//
// Where two changes name the same previous change of a unit (two offices changed it without knowing
// of each other) both take effect in the order of their days, and Contested lists them. A unit
// whose superior is no more hangs under the unit that its superior was merged into, else under the
// superior's own superior, until it is moved.
//
// Days: where a function takes a day, kEndOfTime asks for the state after everything known.
class Organisation {
 public:
  Organisation() = default;
  explicit Organisation(const std::vector<Fact>& facts);

  // Known at all, whether or not it exists on some day.
  bool Knows(const UnitId& unit) const { return units_.contains(unit); }
  std::optional<UnitId> FindByCode(std::string_view code) const;
  // As on that day; for a day before it was established or after it ended, as at the nearest day it
  // existed. Nothing for a unit not known.
  std::optional<UnitState> At(const UnitId& unit, CivilDate day = kEndOfTime) const;
  bool ExistsOn(const UnitId& unit, CivilDate day) const;

  // All units that exist on the day, by code.
  std::vector<UnitId> UnitsOn(CivilDate day = kEndOfTime) const;
  // Its superiors, the nearest first; the last may be one of which only the id is known.
  std::vector<UnitId> AboveOf(const UnitId& unit, CivilDate day = kEndOfTime) const;
  std::optional<UnitId> ParentOf(const UnitId& unit, CivilDate day = kEndOfTime) const;
  // Whether `upper` is `unit` or one of its superiors.
  bool IsAtOrAbove(const UnitId& upper, const UnitId& unit, CivilDate day = kEndOfTime) const;
  // The lowest unit that is strictly above all of them (a unit does not decide about itself).
  std::optional<UnitId> LowestCommonSuperior(const std::vector<UnitId>& units,
                                             CivilDate day = kEndOfTime) const;
  // The grass-roots organisation (TCCSĐ) a unit belongs to: itself or the nearest above of kind
  // GRASSROOTS_BODY or GRASSROOTS_CELL, else COMMUNE. Nothing above grass-roots level.
  std::optional<UnitId> GrassrootsOf(const UnitId& unit, CivilDate day = kEndOfTime) const;

  // Where a unit's member belongs on that day if nothing but the unit's own changes happened: the
  // unit while it exists, afterwards the one its members (or this one, by the allocation) went to,
  // and so on. Nothing when the members were not allocated anywhere.
  std::optional<UnitId> MembersWentTo(const UnitId& unit, const PersonId& person,
                                      CivilDate day = kEndOfTime) const;
  // How a member who belonged to the unit on `since` goes elsewhere by the unit's own next change:
  // allocated to another, or because the unit ends. Nothing while neither is known.
  struct Leave {
    CivilDate day = 0;         // the first one elsewhere
    std::optional<UnitId> to;  // nothing: nobody said where
    bool ended = false;        // the unit is no more
  };
  std::optional<Leave> LeaveOf(const UnitId& unit, const PersonId& person, CivilDate since) const;
  // Units that ended into this one (merged, split, dissolved with a place for their members), or
  // gave members to it in a split that they outlived, by code.
  std::vector<UnitId> CameFrom(const UnitId& unit) const;
  // Everything that happened to the unit, in the order in which it takes effect: its establishment
  // first.
  std::vector<RecordName> HistoryOf(const UnitId& unit) const;
  // Units of which this knows something else than `before`, and those that rest on one: they are or
  // were below it, or their members go there. Of any other unit all of the above says the same.
  std::set<UnitId> ChangedSince(const Organisation& before) const;
  // Changes that follow the same change or establishment of one unit, by name.
  const std::vector<RecordName>& Contested() const { return contested_; }

 private:
  struct Step {  // from that day on
    CivilDate day = 0;
    UnitState state;

    friend bool operator==(const Step&, const Step&) = default;
  };
  struct Gone {  // a person left with a change of the unit
    CivilDate day = 0;
    UnitId to;

    friend bool operator==(const Gone&, const Gone&) = default;
  };
  struct Known {
    std::vector<Step> steps;   // by day
    std::vector<UnitId> into;  // where the unit went when it ended
    bool merged = false;       // it ended in a merger
    std::map<PersonId, Gone> allocated;
    std::vector<RecordName> history;

    // As At, but for the day on which it ends.
    const UnitState& On(CivilDate day) const;
    CivilDate ended() const { return steps.back().state.ended; }

    friend bool operator==(const Known&, const Known&) = default;
  };
  struct Change;

  void Establish(const std::vector<Fact>& facts);
  void Apply(const Change& change);
  void ApplyTo(const UnitId& id, const Change& change);
  void FindContested(const std::vector<Change>& changes);
  std::vector<UnitId> SortedByCode(std::vector<UnitId> units) const;
  // Null for a unit not known.
  const Known* Find(const UnitId& unit) const;
  // Calls `visit` with its superiors, the nearest first, until it says false.
  template <typename Visit>
  void VisitAbove(const UnitId& unit, CivilDate day, const Visit& visit) const;
  // Units that rest on others: on whom, who.
  using Resting = std::multimap<UnitId, UnitId>;
  void AddResting(Resting& resting) const;
  // The unit itself while it exists, afterwards what took its place as a superior.
  std::optional<UnitId> StandingSuperior(const UnitId& superior, CivilDate day) const;

  std::map<UnitId, Known> units_;
  std::map<std::string, UnitId, std::less<>> by_code_;
  std::vector<RecordName> contested_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_ORGANISATION_H_

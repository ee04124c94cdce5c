#ifndef CHIBO_DOMAIN_EVALUATION_H_
#define CHIBO_DOMAIN_EVALUATION_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/case.h"
#include "domain/competence.h"
#include "domain/context.h"
#include "domain/finding.h"
#include "domain/member_history.h"
#include "domain/rule_pack.h"
#include "domain/vote.h"

// What Evaluate and CheckDecision work on: one subject in one period, its facts read and put in
// order. Of this folder's own; others use outcome.h and decision.h.
namespace chibo {

// One place's proposal for the subject.
struct ProposalView {
  const Fact* fact = nullptr;
  UnitId place;
  pb::Grade grade = pb::GRADE_NONE;
  bool provisional = false;
  pb::ProposalStanding standing = pb::PROPOSAL_LIVE;

  bool live() const { return standing == pb::PROPOSAL_LIVE; }
};

// One decision about the subject, however many streams it stands in.
struct DecisionView {
  Hash digest;
  const Fact* fact = nullptr;
  const pb::DecisionRow* row = nullptr;
  UnitId authority;
  bool competent = false;
  bool cancelled = false;
  std::set<RecordName> weighed;    // by it
  std::set<RecordName> confirmed;  // by confirmations of it

  bool in_force() const { return competent && !cancelled; }
  const pb::DecisionBody& body() const { return fact->record->decision().body(); }
};

// An order to grade the subject anew. What it sets aside it names; what it does not name, its
// authority had not seen, and that answers it: no clock has a say.
struct OrderView {
  Hash digest;
  const Fact* fact = nullptr;
  std::set<RecordName> records;    // the places it stands at
  std::set<RecordName> set_aside;  // proposals

  bool SetsAside(const DecisionView& decision) const;
  const pb::RegradeOrderBody& body() const { return fact->record->regrade_order().body(); }
};

struct Evaluation {
  Evaluation(const Context& of, const SubjectId& who, std::string when)
      : context(of), subject(who), period(std::move(when)) {}
  Evaluation(Evaluation&&) = default;

  const Context& context;
  SubjectId subject;
  std::string period;
  PeriodDays days;

  std::vector<PersonId> persons;        // the person, and those joined to it
  std::optional<PersonId> joined_into;  // this entry does not go on: nothing below is filled
  std::vector<Fact> facts;              // of all of them, by name, once each
  std::set<RecordName> superseded;      // among facts
  std::optional<MemberHistory> member;  // MEMBER only; refers to `facts`
  Home home;                            // MEMBER only
  const pb::Member* entry = nullptr;    // MEMBER only: the register on the grading date
  std::optional<UnitState> unit;        // others: the unit on the grading date
  std::optional<UnitId> counted_in;     // nothing: nowhere here
  EffectivePack pack;
  std::vector<ReviewPlace> places;
  std::optional<UnitId> authority;

  std::vector<OrderView> orders;
  std::vector<ProposalView> proposals;  // by place, then name
  std::vector<DecisionView> decisions;  // by digest
  std::vector<const Fact*> waivers;     // by those who may
  std::vector<CountedVote> votes;       // VotesAbout

  CivilDate grading_date() const { return days.last; }
  const Organisation& organisation() const { return context.organisation; }
  bool Is(const pb::Subject& other) const;
  bool IsPlace(const UnitId& place) const;
  // Whether a unit keeps papers about the subject: where it is counted and where it is reviewed,
  // the cell that ended and from which it came, and who is above. What others write about it is no
  // ground for a level.
  bool MayWriteOf(const UnitId& writer) const;
  // Whether a unit may also say what befell the member: where it was in the year.
  bool MayTellOf(const UnitId& writer) const;
  // Whether the unit may decide about the subject: the authority, or one above it.
  bool IsCompetent(const UnitId& decider) const;
  // Whether records of parent reach about this subject's home would be held here.
  bool sees_papers() const;
  bool IsWaived(std::string_view rule) const;  // one that may be
  std::vector<const ProposalView*> Live() const;
  // The level all live proposals agree on.
  pb::Grade Proposed() const;
  std::vector<const DecisionView*> InForce() const;
  // The one level all decisions in force give; none when there is none or they differ.
  pb::Grade Decided() const;
  // The decision whose row stands for that level: the newest, then the smallest digest.
  const DecisionView* Standing() const;
};

// Reads and orders. kBadInput where the period is none.
Result<Evaluation> Gather(const Context& context, const SubjectId& subject,
                          const std::string& period);

// Rules that a signed waiver of the competent authority sets aside.
bool MayBeWaived(std::string_view rule);
// Whether a unit may cancel or confirm a decision of this authority.
bool MaySpeakOn(const Organisation& organisation, const UnitId& writer, const UnitId& authority);

// The level another subject has, taken from `assumed` first: what a decision under way would give.
using Assumed = std::map<SubjectId, pb::Grade>;
Result<pb::Grade> GradeOf(const Context& context, const SubjectId& subject,
                          const std::string& period, const Assumed& assumed);

// What all rules say of the subject if it is given this level (none: if it is given none), by rule.
Result<std::vector<Finding>> FindingsFor(const Evaluation& evaluation, pb::Grade grade,
                                         const Assumed& assumed = {});

// One function a group of rules, each in its own file; `grade` as above.
void CheckEligibility(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out);
void CheckReview(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out);
void CheckPlaces(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out);
void CheckDecided(const Evaluation& evaluation, std::vector<Finding>& out);
void CheckLeave(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out);
Status CheckCeilings(const Evaluation& evaluation, pb::Grade grade, const Assumed& assumed,
                     std::vector<Finding>& out);
void CheckVotes(const Evaluation& evaluation, std::vector<Finding>& out);
// Not part of FindingsFor: said of a decision. Whether what R12, R26 and R27 rest on can be seen
// here at all.
bool RestsOnPapersNotSeen(const Evaluation& evaluation);

// The counted tallies of the period that have a row for the subject, at places of its own, and
// whose meeting is not the duplicate of another. By name.
Result<std::vector<CountedVote>> VotesAbout(const Evaluation& evaluation);
// What keeps a tally about the subject out of VotesAbout: that its meeting is the duplicate of
// another, that it went with the proposal it was taken for, that a later one of the same writer and
// place has other numbers and no proposal that stands goes by it (null: there is none).
Result<bool> IsOfDuplicate(const Context& context, const RecordName& meeting);
bool WentWithProposal(const Evaluation& evaluation, const CountedVote& vote);
const CountedVote* LaterVote(const Evaluation& evaluation, const CountedVote& vote);
// R66 for the subject's row; none where its numbers do not hold.
pb::Grade ResultFor(const Evaluation& evaluation, const CountedVote& vote);

// Whether a report or an opinion that counts, about the subject in the period, is taken up.
bool HeedsReport(const Evaluation& evaluation, const Fact& report);
bool HeedsOpinion(const Evaluation& evaluation, const Fact& opinion);

// Late evidence against a decision: live proposals it did not weigh, and votes that no weighed
// proposal told, with another level.
std::vector<RecordName> EvidenceAgainst(const Evaluation& evaluation, const DecisionView& decision);

// Why a member or unit is outside the period's grading though it is here; none: it is to be graded.
pb::Reason NotGradedFor(const Evaluation& evaluation);
// Why it is not on the register; none: it is.
pb::Reason OffRegisterFor(const Evaluation& evaluation);
// R21: admitted less than six months before the grading date.
bool IsTooNew(const Evaluation& evaluation);
// R28: to be graded, and nothing has been said of it: absent from the review, or just not yet.
bool IsOverlooked(const Evaluation& evaluation);

// Whether a unit's papers may be those of a place: its own, or a collective's that it keeps.
bool MaySpeakFor(const Organisation& organisation, const UnitId& writer, const UnitId& place,
                 CivilDate day);

// The level the state side gave for the period; none: not known.
pb::Grade CivilGradeOf(const Evaluation& evaluation);
// R28: the day by which those who were absent or overlooked are to be graded; 0: none is set.
CivilDate AbsentDeadline(const EffectivePack& pack, std::string_view period);

pb::ProposalState MessageOf(const Evaluation& evaluation, const ProposalView& proposal);

// All cases about the subject, by id.
Result<std::vector<pb::CaseRow>> CasesOf(const Evaluation& evaluation);
// Names of meetings that a counted choice among the facts calls duplicates of another.
std::set<RecordName> DuplicatesAmong(const Organisation& organisation,
                                     const std::vector<Fact>& facts);
// Two records of one meeting among a unit's facts; part of CasesOf.
Status AddDuplicateMeetings(const Evaluation& evaluation, std::vector<pb::CaseRow>& out);
// Others who have the same card or citizen number; part of CasesOf.
Status AddEnteredTwice(const Evaluation& evaluation, std::vector<pb::CaseRow>& out);

// R40: whether subjects of that kind whom a peer group names are capped among them. Members are
// named there as leaders; all others of them are capped by grass-roots organisation.
bool IsCappedByPeers(const EffectivePack& pack, pb::SubjectKind kind);
// "unit:<hex>", "peer:<owner, hex>:<id>"; empty where none is known.
std::string CapGroupOf(const Evaluation& evaluation);

// Persons that signed records join with this one, itself included, sorted; and which of them goes
// on. More than sixteen are nobody's register: each stays alone.
struct JoinedPersons {
  std::vector<PersonId> persons;
  PersonId goes_on;
  std::vector<Fact> facts;  // of all of them, by name, once each
};
Result<JoinedPersons> JoinedWith(const Context& context, const PersonId& person);
// All whose evaluation may be another when something is said of this one: itself, and whom records
// name together with it, whether they may join them or not, with those joined to these.
Result<std::set<PersonId>> PersonsRestingOn(const Context& context, const PersonId& person);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_EVALUATION_H_

#ifndef CHIBO_DOMAIN_UNHEEDED_STATE_H_
#define CHIBO_DOMAIN_UNHEEDED_STATE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/evaluation.h"
#include "domain/unheeded.h"

// The inside of UnheededReader. Not to be included from outside.
namespace chibo {

// The history of a person, whatever the period.
struct Life {
  JoinedPersons joined;
  MemberHistory history;  // refers to joined.facts
};

struct UnheededReader::State {
  explicit State(const Context& of) : context(of) {}

  // Of a fact that counts.
  Status Judge(const Fact& fact);

  // By kind; unheeded_members.cc, unheeded_papers.cc, unheeded_decisions.cc, unheeded_rules.cc.
  Status JudgeMember(const Fact& fact);
  Status JudgeLife(const Fact& fact, const Bytes& person);
  Status JudgeLeave(const Fact& fact);
  Status JudgeCivilServantGrade(const Fact& fact);
  Status JudgeDuplicateChoice(const Fact& fact);
  Status JudgeMeeting(const Fact& fact);
  Status JudgeMinutes(const Fact& fact);
  Status JudgeReviewReport(const Fact& fact);
  Status JudgeOpinion(const Fact& fact);
  Status JudgeVoteSession(const Fact& fact);
  Status JudgeTally(const Fact& fact);
  Status JudgeTallyCorrection(const Fact& fact);
  Status JudgeAttestation(const Fact& fact);
  Status JudgeProposal(const Fact& fact);
  Status JudgeReturn(const Fact& fact);
  Status JudgeDecision(const Fact& fact);
  Status JudgeConfirmation(const Fact& fact);
  Status JudgeCancellation(const Fact& fact);
  Status JudgeRegradeOrder(const Fact& fact);
  Status JudgeWaiver(const Fact& fact);
  Status JudgeUnit(const Fact& fact);
  Status JudgeUnitChange(const Fact& fact);
  Status JudgeRulePack(const Fact& fact);
  Status JudgePeerGroup(const Fact& fact);

  // ---- What they share

  void Add(Unheeded why, std::vector<std::string> values = {},
           std::optional<SubjectId> subject = {});
  void AddNotCompetent(const std::optional<UnitId>& authority, std::optional<SubjectId> subject);
  // Whether everything the writer could have meant is held here, but for what its reach keeps away.
  bool SeesAll(const Fact& fact) const;
  // Whether records of parent reach of this unit are held here.
  bool SeesPapers(const UnitId& unit) const;
  // The subject in the period; of somebody entered twice the entry that goes on.
  Result<const Evaluation*> Look(const SubjectId& subject, const std::string& period);
  Result<const Life*> LifeOf(const PersonId& person);
  // The subject where it stands on the register here and this node may judge what the fact says of
  // it. Null otherwise; the part is then added if it is the subject that nobody here knows.
  Result<const Evaluation*> OnRegister(const Fact& fact, const pb::Subject& subject,
                                       const std::string& period);
  // The same of a fact that stands or falls with a place: also of those who are known here by
  // nothing but a post at some place.
  Result<const Evaluation*> AtPlace(const Fact& fact, const pb::Subject& subject,
                                    const std::string& period, const UnitId& place);
  // A record that the fact names: counted and of this kind, else null and the part is added.
  Result<std::optional<Fact>> Named(const Fact& fact, const pb::Ref& ref, Kind kind);
  Status CheckDuplicate(const RecordName& meeting);
  Result<bool> IsVotedOnAt(const Fact& fact, const pb::Subject& subject, const std::string& period,
                           const UnitId& place);
  Result<std::vector<Fact>> AttestedBy(const Fact& fact);
  Status CheckProposed(const Fact& fact, const pb::Subject& subject, pb::Grade grade);
  Result<bool> CameTooLate(const Fact& change, const UnitId& unit);
  Status CheckReplaced(const Fact& fact);
  Status CheckSaidOfDecision(const Fact& fact, const Fact& decision, const pb::Subject& subject,
                             const std::string& period);
  Result<std::optional<Fact>> DecisionOf(const Bytes& digest);
  Result<std::optional<Fact>> ChoiceAt(const Fact& fact, const pb::Ref& ref);
  Status CheckSupersedes(const Fact& fact, const std::vector<Fact>& among,
                         const google::protobuf::RepeatedPtrField<pb::Ref>& supersedes);

  const Context& context;
  std::vector<UnheededPart> parts;
  std::map<std::pair<SubjectId, std::string>, Evaluation> evaluations;
  std::map<PersonId, Life> lives;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_UNHEEDED_STATE_H_

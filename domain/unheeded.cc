#include "domain/unheeded.h"

#include <algorithm>

#include "domain/finding_value.h"
#include "domain/unheeded_state.h"

namespace chibo {
namespace {

// A cell has some tens of members; what a committee says goes from one subject to the next.
constexpr std::size_t kKeptMax = 512;

enum class Known : std::uint8_t { kHere, kOffRegister, kElsewhere, kNowhere };

Known KnownOf(const Evaluation& evaluation) {
  if (evaluation.counted_in) {
    return OffRegisterFor(evaluation) == pb::REASON_NONE ? Known::kHere : Known::kOffRegister;
  }
  // A post, a stay or a letter tells of people whose register is kept elsewhere.
  const bool told = std::any_of(evaluation.facts.begin(), evaluation.facts.end(), [](auto& fact) {
    return fact.counts() && (fact.record->has_posting() || fact.record->has_membership() ||
                             fact.record->has_transfer() || fact.record->has_member());
  });
  return told ? Known::kElsewhere : Known::kNowhere;
}

}  // namespace

std::string_view Name(Unheeded why) {
  switch (why) {
    case Unheeded::kNotCompetent:
      return "not_competent";
    case Unheeded::kAnothersToDecide:
      return "anothers_to_decide";
    case Unheeded::kNotForUnit:
      return "not_for_unit";
    case Unheeded::kNotPlace:
      return "not_place";
    case Unheeded::kUnitEnded:
      return "unit_ended";
    case Unheeded::kPostTooNew:
      return "post_too_new";
    case Unheeded::kSubjectUnknown:
      return "subject_unknown";
    case Unheeded::kOffRegister:
      return "off_register";
    case Unheeded::kNoLevel:
      return "no_level";
    case Unheeded::kRefersToNothing:
      return "refers_to_nothing";
    case Unheeded::kRefersToSetAside:
      return "refers_to_set_aside";
    case Unheeded::kNotAbout:
      return "not_about";
    case Unheeded::kSupersedesNothing:
      return "supersedes_nothing";
    case Unheeded::kOfDuplicateMeeting:
      return "of_duplicate_meeting";
    case Unheeded::kLaterVote:
      return "later_vote";
    case Unheeded::kContradictedChoice:
      return "contradicted_choice";
    case Unheeded::kContradicted:
      return "contradicted";
    case Unheeded::kContestedChange:
      return "contested_change";
    case Unheeded::kCodeTaken:
      return "code_taken";
    case Unheeded::kRuleTakesNoWaiver:
      return "rule_takes_no_waiver";
    case Unheeded::kSignatureNotAsked:
      return "signature_not_asked";
    case Unheeded::kManagerNotTheWriters:
      return "manager_not_the_writers";
    case Unheeded::kParameterUnknown:
      return "parameter_unknown";
    case Unheeded::kParameterUnreadable:
      return "parameter_unreadable";
    case Unheeded::kParameterWidens:
      return "parameter_widens";
    case Unheeded::kPackBaseMissing:
      return "pack_base_missing";
    case Unheeded::kPackSpeaksForNothing:
      return "pack_speaks_for_nothing";
    case Unheeded::kNotCappedByPeers:
      return "not_capped_by_peers";
  }
  CHECK(false);
}

// ---- By kind

bool StandingSaysAll(Kind kind) {
  switch (kind) {
    case Kind::kRootSet:
    case Kind::kCertificate:
    case Kind::kPersonKey:
    case Kind::kRevocation:
    case Kind::kAdoption:
    case Kind::kForkRuling:
    case Kind::kRegister:
    case Kind::kCopy:
    case Kind::kSealedText:
    case Kind::kPointList:
      return true;
    default:
      return false;
  }
}

// A new kind does not compile until somebody has thought about what may become of it.
Status UnheededReader::State::Judge(const Fact& fact) {
  const pb::Record& record = *fact.record;
  // clang-format off
  switch (record.body_case()) {
    case Kind::kRootSet:
    case Kind::kCertificate:
    case Kind::kPersonKey:
    case Kind::kRevocation:
    case Kind::kAdoption:
    case Kind::kForkRuling:
    case Kind::kRegister:
    case Kind::kCopy:
    case Kind::kSealedText:
    case Kind::kPointList: CHECK(StandingSaysAll(record.body_case())); return {};
    case Kind::kUnit: return JudgeUnit(fact);
    case Kind::kUnitChange: return JudgeUnitChange(fact);
    case Kind::kMember: return JudgeMember(fact);
    case Kind::kMembership: return JudgeLife(fact, record.membership().person());
    case Kind::kTransfer: return JudgeLife(fact, record.transfer().person());
    case Kind::kPosting: return JudgeLife(fact, record.posting().person());
    case Kind::kLeave: return JudgeLeave(fact);
    case Kind::kCivilServantGrade: return JudgeCivilServantGrade(fact);
    case Kind::kMeeting: return JudgeMeeting(fact);
    case Kind::kMinutes: return JudgeMinutes(fact);
    case Kind::kReviewReport: return JudgeReviewReport(fact);
    case Kind::kOpinion: return JudgeOpinion(fact);
    case Kind::kVoteSession: return JudgeVoteSession(fact);
    case Kind::kTally: return JudgeTally(fact);
    case Kind::kTallyCorrection: return JudgeTallyCorrection(fact);
    case Kind::kProposal: return JudgeProposal(fact);
    case Kind::kDecision: return JudgeDecision(fact);
    case Kind::kConfirmation: return JudgeConfirmation(fact);
    case Kind::kCancellation: return JudgeCancellation(fact);
    case Kind::kRegradeOrder: return JudgeRegradeOrder(fact);
    case Kind::kDuplicateChoice: return JudgeDuplicateChoice(fact);
    case Kind::kReturn: return JudgeReturn(fact);
    case Kind::kWaiver: return JudgeWaiver(fact);
    case Kind::kAttestation: return JudgeAttestation(fact);
    case Kind::kRulePack: return JudgeRulePack(fact);
    case Kind::kPeerGroup: return JudgePeerGroup(fact);
    case Kind::BODY_NOT_SET:
      break;
  }
  // clang-format on
  CHECK(false);
}

UnheededReader::UnheededReader(const Context& context) : state_(std::make_unique<State>(context)) {}
UnheededReader::UnheededReader(UnheededReader&&) noexcept = default;
UnheededReader::~UnheededReader() = default;

Result<std::vector<UnheededPart>> UnheededReader::PartsOf(const Fact& fact) {
  state_->parts.clear();
  if (fact.counts()) {
    CHIBO_TRY(state_->Judge(fact));
  }
  auto& parts = state_->parts;
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  return std::move(parts);
}

// ---- What the kinds share

void UnheededReader::State::Add(Unheeded why, std::vector<std::string> values,
                                std::optional<SubjectId> subject) {
  parts.push_back({why, std::move(values), subject});
}

void UnheededReader::State::AddNotCompetent(const std::optional<UnitId>& authority,
                                            std::optional<SubjectId> subject) {
  authority ? Add(Unheeded::kAnothersToDecide, {ValueOf(*authority)}, subject)
            : Add(Unheeded::kNotCompetent, {}, subject);
}

bool UnheededReader::State::SeesAll(const Fact& fact) const {
  return !context.observer || context.organisation.IsAtOrAbove(*context.observer, fact.unit);
}

bool UnheededReader::State::SeesPapers(const UnitId& unit) const {
  return !context.observer || unit == *context.observer ||
         context.organisation.ParentOf(unit) == context.observer;
}

Result<const Evaluation*> UnheededReader::State::Look(const SubjectId& subject,
                                                      const std::string& period) {
  const std::pair key(subject, period);
  auto at = evaluations.find(key);
  if (at == evaluations.end()) {
    if (evaluations.size() >= kKeptMax) {
      evaluations.clear();
    }
    CHIBO_TRY_VALUE(Evaluation evaluation, Gather(context, subject, period));
    at = evaluations.emplace(key, std::move(evaluation)).first;
  }
  const auto goes_on = at->second.joined_into;
  return goes_on ? Look(SubjectId::Of(*goes_on), period) : &at->second;
}

Result<const Life*> UnheededReader::State::LifeOf(const PersonId& person) {
  auto at = lives.find(person);
  if (at == lives.end()) {
    if (lives.size() >= kKeptMax) {
      lives.clear();
    }
    CHIBO_TRY_VALUE(JoinedPersons joined, JoinedWith(context, person));
    MemberHistory history(context.organisation, joined.goes_on, joined.facts);
    at = lives.emplace(person, Life{std::move(joined), std::move(history)}).first;
  }
  return &at->second;
}

Result<const Evaluation*> UnheededReader::State::OnRegister(const Fact& fact,
                                                            const pb::Subject& subject,
                                                            const std::string& period) {
  const auto id = SubjectId::From(subject);
  if (!id) {
    return nullptr;
  }
  CHIBO_TRY_VALUE(const Evaluation* evaluation, Look(*id, period));
  const Known known = KnownOf(*evaluation);
  const bool all = SeesAll(fact);
  if (known == Known::kHere) {
    const bool ours =
        all || context.organisation.IsAtOrAbove(*context.observer, *evaluation->counted_in);
    return ours ? evaluation : nullptr;
  }
  // Whoever holds everything knows every register.
  const bool topmost = !context.observer || !context.organisation.ParentOf(*context.observer);
  if (all && (known != Known::kElsewhere || topmost)) {
    Add(known == Known::kOffRegister ? Unheeded::kOffRegister : Unheeded::kSubjectUnknown, {}, id);
  }
  return nullptr;
}

Result<const Evaluation*> UnheededReader::State::AtPlace(const Fact& fact,
                                                         const pb::Subject& subject,
                                                         const std::string& period,
                                                         const UnitId& place) {
  const std::size_t before = parts.size();
  CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, subject, period));
  const auto id = SubjectId::From(subject);
  if (evaluation != nullptr || parts.size() != before || !id || !SeesAll(fact)) {
    return evaluation;
  }
  CHIBO_TRY_VALUE(const Evaluation* elsewhere, Look(*id, period));
  const auto posts = elsewhere->member ? elsewhere->member->PostsOn(elsewhere->grading_date())
                                       : std::vector<Post>();
  const auto is_posted_there = [&](const Post& post) {
    return post.place == place ||
           (post.place && place == fact.unit &&
            MaySpeakFor(context.organisation, place, *post.place, elsewhere->grading_date()));
  };
  if (std::none_of(posts.begin(), posts.end(), is_posted_there)) {
    Add(Unheeded::kNotPlace, {ValueOf(place)}, id);
  }
  return nullptr;
}

Result<std::optional<Fact>> UnheededReader::State::Named(const Fact& fact, const pb::Ref& ref,
                                                         Kind kind) {
  const RecordName name = Resolve(ref, fact);
  CHIBO_TRY_VALUE(const auto about, context.facts.FactsOf(KeyOf(name)));
  const Fact* found = FindFact(about, name);
  if (found == nullptr || found->record == nullptr || found->record->body_case() != kind) {
    Add(Unheeded::kRefersToNothing);
    return std::nullopt;
  }
  if (!found->counts()) {
    Add(Unheeded::kRefersToSetAside);
    return std::nullopt;
  }
  return *found;
}

Status UnheededReader::State::CheckSupersedes(
    const Fact& fact, const std::vector<Fact>& among,
    const google::protobuf::RepeatedPtrField<pb::Ref>& supersedes) {
  const std::set<RecordName> heeded = SupersededIn(context.organisation, among);
  for (const pb::Ref& ref : supersedes) {
    if (!heeded.contains(Resolve(ref, fact))) {
      Add(Unheeded::kSupersedesNothing);
    }
  }
  return {};
}

}  // namespace chibo

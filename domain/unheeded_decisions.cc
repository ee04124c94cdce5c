// What nothing takes up of proposals, decisions and what is said about them.
#include <algorithm>

#include "domain/finding_value.h"
#include "domain/unheeded_state.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

const DecisionView* ViewOf(const Evaluation& evaluation, const Hash& digest) {
  const auto at = std::find_if(evaluation.decisions.begin(), evaluation.decisions.end(),
                               [&](const DecisionView& one) { return one.digest == digest; });
  return at == evaluation.decisions.end() ? nullptr : &*at;
}

// As the evaluation has judged it; nothing where the proposal lives, or another word of its place
// or of the authority took its place.
std::optional<Unheeded> WhyNotLive(pb::ProposalStanding standing) {
  switch (standing) {
    case pb::PROPOSAL_NOT_COMPETENT:
      return Unheeded::kNotPlace;
    case pb::PROPOSAL_AUTHOR_ORG_ENDED:
      return Unheeded::kUnitEnded;
    case pb::PROPOSAL_POST_TOO_NEW:
      return Unheeded::kPostTooNew;
    default:
      return std::nullopt;
  }
}

}  // namespace

// ---- Proposals

Status UnheededReader::State::CheckProposed(const Fact& fact, const pb::Subject& subject,
                                            pb::Grade grade) {
  const pb::Proposal& record = fact.record->proposal();
  const UnitId place = UnitId::From(record.place()).value_or(fact.unit);
  const auto id = SubjectId::From(subject);
  if (grade == pb::GRADE_NONE) {
    Add(Unheeded::kNoLevel, {}, id);
    return {};
  }
  CHIBO_TRY_VALUE(const Evaluation* evaluation, AtPlace(fact, subject, record.period(), place));
  if (evaluation == nullptr) {
    return {};
  }
  for (const ProposalView& proposal : evaluation->proposals) {
    const auto why = WhyNotLive(proposal.standing);
    if (proposal.fact->name == fact.name && proposal.fact->branch == fact.branch && why) {
      Add(*why, {ValueOf(place)}, id);
    }
  }
  return {};
}

// One that names another place's, or none, replaces nothing: both stand.
Status UnheededReader::State::CheckReplaced(const Fact& fact) {
  const pb::Proposal& record = fact.record->proposal();
  const auto place_of = [](const Fact& proposal) {
    return UnitId::From(proposal.record->proposal().place()).value_or(proposal.unit);
  };
  for (const pb::Ref& ref : record.supersedes()) {
    const RecordName name = Resolve(ref, fact);
    CHIBO_TRY_VALUE(const auto about, context.facts.FactsOf(KeyOf(name)));
    const Fact* older = FindFact(about, name);
    const bool same = older != nullptr && older->counts() && older->record->has_proposal() &&
                      older->name != fact.name && place_of(*older) == place_of(fact);
    if (!same && SeesAll(fact)) {
      Add(Unheeded::kSupersedesNothing);
    }
  }
  return {};
}

Status UnheededReader::State::JudgeProposal(const Fact& fact) {
  const pb::Proposal& record = fact.record->proposal();
  // Where rows follow, the first subject may stand for the paper alone.
  if (record.grade() != pb::GRADE_NONE || record.rows().empty()) {
    CHIBO_TRY(CheckProposed(fact, record.subject(), record.grade()));
  }
  for (const pb::ProposalRow& row : record.rows()) {
    CHIBO_TRY(CheckProposed(fact, row.subject(), row.grade()));
  }
  return CheckReplaced(fact);
}

// Only a proposal can be sent back, by a unit above its place.
Status UnheededReader::State::JudgeReturn(const Fact& fact) {
  if (!SeesAll(fact)) {
    return {};
  }
  for (const pb::Ref& ref : fact.record->return_().body().records()) {
    CHIBO_TRY_VALUE(const auto proposal, Named(fact, ref, Kind::kProposal));
    if (!proposal) {
      continue;
    }
    const UnitId place =
        UnitId::From(proposal->record->proposal().place()).value_or(proposal->unit);
    if (fact.unit == place || !context.organisation.IsAtOrAbove(fact.unit, place)) {
      Add(Unheeded::kNotCompetent);
    }
  }
  return {};
}

// ---- Decisions

Status UnheededReader::State::JudgeDecision(const Fact& fact) {
  const pb::DecisionBody& body = fact.record->decision().body();
  const Hash digest = BodyDigest(*fact.record);
  for (const pb::DecisionRow& row : body.rows()) {
    const auto subject = SubjectId::From(row.subject());
    if (row.grade() == pb::GRADE_NONE) {
      Add(Unheeded::kNoLevel, {}, subject);
      continue;
    }
    CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, row.subject(), body.period()));
    const DecisionView* view = evaluation != nullptr ? ViewOf(*evaluation, digest) : nullptr;
    if (view != nullptr && !view->competent && !view->cancelled) {
      AddNotCompetent(evaluation->authority, subject);
    } else if (view != nullptr && view->row != &row && evaluation->Is(row.subject()) &&
               view->row->grade() != row.grade()) {
      Add(Unheeded::kContradicted, {},
          subject);  // entered twice, and given two levels in one paper
    }
  }
  return {};
}

Result<std::optional<Fact>> UnheededReader::State::DecisionOf(const Bytes& digest) {
  CHIBO_TRY_VALUE(const auto facts,
                  context.facts.FactsOf(KeyOfDigest(Hash::From(digest).value_or(Hash()))));
  for (const Fact& fact : facts) {
    if (fact.counts() && fact.record->has_decision()) {
      return fact;
    }
  }
  return std::nullopt;
}

// What somebody says about a decision as far as it gives this subject a level.
Status UnheededReader::State::CheckSaidOfDecision(const Fact& fact, const Fact& decision,
                                                  const pb::Subject& subject,
                                                  const std::string& period) {
  CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, subject, period));
  if (evaluation == nullptr) {
    return {};
  }
  const auto id = SubjectId::From(subject);
  const DecisionView* view = ViewOf(*evaluation, BodyDigest(*decision.record));
  if (view == nullptr) {
    Add(Unheeded::kNotAbout, {}, id);
  } else if (!MaySpeakOn(context.organisation, fact.unit, view->authority)) {
    AddNotCompetent(view->authority, id);
  }
  return {};
}

Status UnheededReader::State::JudgeConfirmation(const Fact& fact) {
  const pb::ConfirmationBody& body = fact.record->confirmation().body();
  CHIBO_TRY_VALUE(const auto decision, DecisionOf(body.decision()));
  if (decision) {
    return CheckSaidOfDecision(fact, *decision, body.subject(), body.period());
  }
  if (SeesAll(fact)) {
    Add(Unheeded::kRefersToNothing, {}, SubjectId::From(body.subject()));
  }
  return {};
}

Status UnheededReader::State::JudgeCancellation(const Fact& fact) {
  const pb::CancellationBody& body = fact.record->cancellation().body();
  CHIBO_TRY_VALUE(const auto decision, DecisionOf(body.decision()));
  if (!decision) {
    if (SeesAll(fact)) {
      Add(Unheeded::kRefersToNothing);
    }
    return {};
  }
  const pb::DecisionBody& cancelled = decision->record->decision().body();
  for (const pb::Subject& subject : body.subjects()) {
    CHIBO_TRY(CheckSaidOfDecision(fact, *decision, subject, cancelled.period()));
  }
  const auto authority = UnitId::From(cancelled.authority());
  if (body.subjects().empty() && SeesAll(fact) && authority &&
      !MaySpeakOn(context.organisation, fact.unit, *authority)) {
    AddNotCompetent(authority, std::nullopt);
  }
  return {};
}

Status UnheededReader::State::JudgeRegradeOrder(const Fact& fact) {
  const pb::RegradeOrderBody& body = fact.record->regrade_order().body();
  for (const pb::Subject& subject : body.subjects()) {
    CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, subject, body.period()));
    if (evaluation != nullptr && !evaluation->IsCompetent(fact.unit)) {
      AddNotCompetent(evaluation->authority, SubjectId::From(subject));
    }
  }
  return {};
}

Status UnheededReader::State::JudgeWaiver(const Fact& fact) {
  const pb::WaiverBody& body = fact.record->waiver().body();
  if (!MayBeWaived(body.rule())) {
    Add(Unheeded::kRuleTakesNoWaiver, {body.rule()});
    return {};
  }
  CHIBO_TRY_VALUE(const Evaluation* evaluation, OnRegister(fact, body.subject(), body.period()));
  if (evaluation != nullptr && !evaluation->IsCompetent(fact.unit)) {
    AddNotCompetent(evaluation->authority, SubjectId::From(body.subject()));
  }
  return {};
}

}  // namespace chibo

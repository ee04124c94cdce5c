#include <algorithm>

#include "domain/proposal_view.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

const pb::DecisionRow* RowAbout(const Evaluation& evaluation, const pb::DecisionBody& body) {
  for (const pb::DecisionRow& row : body.rows()) {
    if (row.grade() != pb::GRADE_NONE && evaluation.Is(row.subject())) {
      return &row;
    }
  }
  return nullptr;
}

bool Cancels(const Evaluation& evaluation, const Fact& fact, const DecisionView& decision) {
  if (!fact.counts() || !fact.record->has_cancellation()) {
    return false;
  }
  const pb::CancellationBody& body = fact.record->cancellation().body();
  const bool about =
      body.subjects().empty() ||
      std::any_of(body.subjects().begin(), body.subjects().end(),
                  [&](const pb::Subject& subject) { return evaluation.Is(subject); });
  return body.decision() == decision.digest.view() && about &&
         MaySpeakOn(evaluation.organisation(), fact.unit, decision.authority);
}

bool Confirms(const Evaluation& evaluation, const Fact& fact, const DecisionView& decision) {
  if (!fact.counts() || !fact.record->has_confirmation()) {
    return false;
  }
  const pb::ConfirmationBody& body = fact.record->confirmation().body();
  return body.decision() == decision.digest.view() && body.period() == evaluation.period &&
         evaluation.Is(body.subject()) &&
         MaySpeakOn(evaluation.organisation(), fact.unit, decision.authority);
}

Status ReadWhatFollowed(const Evaluation& evaluation, DecisionView& decision) {
  CHIBO_TRY_VALUE(const auto facts, evaluation.context.facts.FactsOf(KeyOfDigest(decision.digest)));
  for (const Fact& fact : facts) {
    decision.cancelled = decision.cancelled || Cancels(evaluation, fact, decision);
    if (Confirms(evaluation, fact, decision)) {
      for (const pb::Ref& ref : fact.record->confirmation().body().weighed()) {
        decision.confirmed.insert(Resolve(ref, fact));
      }
    }
  }
  return {};
}

}  // namespace

bool MaySpeakOn(const Organisation& organisation, const UnitId& writer, const UnitId& authority) {
  return organisation.IsAtOrAbove(writer, authority);
}

Status ReadDecisions(Evaluation& evaluation) {
  std::map<Hash, DecisionView> decisions;
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_decision() ||
        fact.record->decision().body().period() != evaluation.period) {
      continue;
    }
    const pb::DecisionBody& body = fact.record->decision().body();
    const pb::DecisionRow* row = RowAbout(evaluation, body);
    const auto authority = UnitId::From(body.authority());
    if (row == nullptr || !authority) {
      continue;
    }
    DecisionView decision;
    decision.digest = BodyDigest(*fact.record);
    if (decisions.contains(decision.digest)) {
      continue;
    }
    decision.fact = &fact;
    decision.row = row;
    decision.authority = *authority;
    decision.competent = evaluation.IsCompetent(*authority);
    for (const pb::Ref& ref : row->weighed()) {
      decision.weighed.insert(Resolve(ref, fact));
    }
    CHIBO_TRY(ReadWhatFollowed(evaluation, decision));
    decisions.emplace(decision.digest, std::move(decision));
  }
  for (auto& [digest, decision] : decisions) {
    evaluation.decisions.push_back(std::move(decision));
  }
  return {};
}

}  // namespace chibo

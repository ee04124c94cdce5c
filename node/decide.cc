#include "node/decide.h"

#include <utility>

namespace chibo {

Result<Decided> PlanDecision(const Replica& replica, const Issuer& officer,
                             DecisionRequest request) {
  CHECK(officer.certificate.has_value());
  request.authority = replica.settings().unit;
  request.issuer = *officer.certificate;
  const Context context = replica.projector().context();
  const OutcomeRows rows(replica.view());
  Decided decided;
  CHIBO_TRY_VALUE(decided.left_out, LeftOut(context, rows, request));
  auto parts = DraftDecision(context, rows, request);
  if (!parts && parts.error().reason == "decision_nothing_to_decide" && !decided.left_out.empty()) {
    return decided;
  }
  CHIBO_TRY_VALUE(decided.parts, std::move(parts));
  CHIBO_TRY_VALUE(decided.findings, CheckDecision(context, rows, decided.parts));
  return decided;
}

Status SignDecision(Replica& replica, StreamWriter& writer, const Issuer& officer, Timestamp now,
                    Decided& decided) {
  CHECK(!Blocks(decided.findings));
  Signers signers;
  signers.officer = officer;
  for (const pb::DecisionBody& part : decided.parts) {
    pb::Action action;
    *action.add_records()->mutable_decision()->mutable_body() = part;
    CHIBO_TRY(RecordAction(replica, writer, action, signers, now, decided.recorded));
  }
  return {};
}

Result<Decided> Decide(Replica& replica, const Issuer& officer, DecisionRequest request,
                       bool dry_run, Timestamp now) {
  CHIBO_TRY_VALUE(Decided decided, PlanDecision(replica, officer, std::move(request)));
  if (dry_run || decided.parts.empty() || Blocks(decided.findings)) {
    return decided;
  }
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) {
    return SignDecision(replica, writer, officer, now, decided);
  }));
  decided.signed_and_recorded = true;
  return decided;
}

}  // namespace chibo

#include "node/decide.h"

#include <utility>

namespace chibo {

Result<Decided> Decide(Replica& replica, const Issuer& officer, DecisionRequest request,
                       bool dry_run, Timestamp now) {
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
  if (dry_run || Blocks(decided.findings)) {
    return decided;
  }
  Signers signers;
  signers.officer = officer;
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    for (const pb::DecisionBody& part : decided.parts) {
      pb::Action action;
      *action.add_records()->mutable_decision()->mutable_body() = part;
      CHIBO_TRY(RecordAction(replica, writer, action, signers, now, decided.recorded));
    }
    return {};
  }));
  decided.signed_and_recorded = true;
  return decided;
}

}  // namespace chibo

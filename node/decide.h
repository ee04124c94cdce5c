#ifndef CHIBO_NODE_DECIDE_H_
#define CHIBO_NODE_DECIDE_H_

#include "domain/decision.h"
#include "node/recorder.h"

namespace chibo {

struct Decided {
  std::vector<DecisionFinding> findings;
  std::vector<pb::DecisionBody> parts;
  std::vector<pb::OutcomeRow> left_out;  // who agreed and has to wait (domain LeftOut)
  bool signed_and_recorded = false;
  Recorded recorded;
};

// Drafts the decision and holds it against the rules; signs nothing. Where all who agreed have to
// wait there are no parts. kNotFound "decision_nothing_to_decide" when there is nobody at all.
Result<Decided> PlanDecision(const Replica& replica, const Issuer& officer,
                             DecisionRequest request);
// Signs the parts and puts them into the streams of every unit they concern, in the caller's
// transaction. What was planned must be allowed, and the view settled since.
Status SignDecision(Replica& replica, StreamWriter& writer, const Issuer& officer, Timestamp now,
                    Decided& decided);

// Drafts the decision, holds it against the rules and, unless something blocks or `dry_run` asks
// only to see it, signs it and puts it into the streams of every unit it concerns. Blocked is not
// an error: nothing was signed, the findings say why. Errors as of PlanDecision.
Result<Decided> Decide(Replica& replica, const Issuer& officer, DecisionRequest request,
                       bool dry_run, Timestamp now);

}  // namespace chibo

#endif  // CHIBO_NODE_DECIDE_H_

#ifndef CHIBO_DOMAIN_DECISION_H_
#define CHIBO_DOMAIN_DECISION_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/context.h"
#include "domain/finding.h"

namespace chibo {

// What a rule says about one row of a decision, or (without a subject) about the decision or a
// group as a whole.
struct DecisionFinding {
  std::optional<SubjectId> subject;
  Finding finding;
  bool overridden =
      false;  // the row names the rule in its overrides, with a reason, and the rule allows that
};

// Checks all parts of one decision together against the rules, as if they were in force. Empty:
// nothing to say.
Result<std::vector<DecisionFinding>> CheckDecision(const Context& context,
                                                   const OutcomeSource& rows,
                                                   std::span<const pb::DecisionBody> parts);
// Whether any of them stops the signing.
bool Blocks(const std::vector<DecisionFinding>& findings);

struct Choice {
  SubjectId subject;
  pb::Grade grade = pb::GRADE_NONE;  // none: the level all live proposals agree on
  std::string reason;
  std::vector<std::string> overrides;
};

struct DecisionRequest {
  UnitId authority;
  std::string period;
  std::string number;
  std::uint32_t date = 0;
  CertificateId issuer;
  std::vector<Choice> choices;
  // Besides the choices, everybody this authority decides whose live proposals agree and who waits
  // for it.
  bool all_agreed = false;
  // Narrows all_agreed to these kinds; empty: all.
  std::vector<pb::SubjectKind> kinds;
};

// Unsigned bodies, one or more for each unit whose people it decides (so each unit receives its own
// and no other), at most kDecisionRowsMax rows and kDecisionBytesMax bytes each, numbered part i of
// n; with what was weighed, the caps after it and the pack's hash. kNotFound with
// "decision_nothing_to_decide" when there is nothing in it; kBadInput with
// "decision_no_agreed_level" where a choice names no level and there is none.
Result<std::vector<pb::DecisionBody>> DraftDecision(const Context& context,
                                                    const OutcomeSource& rows,
                                                    const DecisionRequest& request);

// Whom `all_agreed` passes over although nobody differs, because a rule stands in the way: their
// rows, which say what, sorted by subject.
Result<std::vector<pb::OutcomeRow>> LeftOut(const Context& context, const OutcomeSource& rows,
                                            const DecisionRequest& request);

inline constexpr std::size_t kDecisionRowsMax = 200;
inline constexpr std::size_t kDecisionBytesMax = 48 * 1024;  // an entry holds 64 KiB

// Names in an order to grade anew what it sets aside: the proposals that are live here of those it
// is about, and the decisions in force. An order that names some already stays as it is.
Status CompleteOrder(const Context& context, pb::RegradeOrderBody& body);

// The units in whose to(V) streams a signed decision has to stand: home units of its people and the
// places weighed.
Result<std::vector<UnitId>> Addressees(const Context& context, const pb::DecisionBody& body);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_DECISION_H_

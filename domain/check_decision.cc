#include <algorithm>
#include <set>

#include "domain/cap.h"
#include "domain/decision.h"
#include "domain/evaluation.h"
#include "domain/finding_value.h"
#include "domain/rule_deadline.h"

namespace chibo {
namespace {

// Rules no reason given in the decision itself can set aside (docs/decisions/0025): who may decide,
// what has to be weighed, who is outside the grading or under inquiry, sick leave's ceiling, the
// cap, one level a period, a committee above its own organisation, the civil servant's own level,
// numbers that cannot be; and the head's ceiling, which takes a waiver of its own. What may be
// lifted is about papers that may exist and not have come here.
bool MayOverride(const Finding& finding) {
  static const std::set<std::string, std::less<>> kFirm = {
      "R20", "R21", "R24", "R29", "R31", "R32", "R33", "R40", "R50", "R51", "R53", "R68"};
  return !kFirm.contains(finding.rule);
}

Finding Blocking(std::string rule, std::string message, std::vector<std::string> values = {}) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.severity = Severity::kBlock;
  finding.message = std::move(message);
  finding.values = std::move(values);
  return finding;
}

// Where the earlier decision has no number, its authority stands for it.
Finding EarlierDecision(const DecisionView& decision, bool same) {
  const std::string& number = decision.body().number();
  const std::string grade = ValueOf(decision.row->grade());
  if (number.empty()) {
    return Blocking(
        "R32",
        same ? "finding_decided_before_unnumbered" : "finding_decided_otherwise_before_unnumbered",
        {ValueOf(decision.authority), grade});
  }
  return Blocking("R32", same ? "finding_decided_before" : "finding_decided_otherwise_before",
                  {number, grade});
}

struct Row {
  SubjectId subject;
  const pb::DecisionRow* row = nullptr;
};

// A paper a row rests on.
struct Reported {
  Fact fact;
  UnitId place;
  EffectivePack pack;
};

struct GroupChanges {
  pb::SubjectKind kind = pb::MEMBER;
  EffectivePack pack;
  Assumed changes;
};

class Checker {
 public:
  Checker(const Context& context, const OutcomeSource& rows,
          std::span<const pb::DecisionBody> parts)
      : context_(context), rows_(rows), parts_(parts) {}

  Result<std::vector<DecisionFinding>> Run() {
    const auto authority = UnitId::From(parts_.front().authority());
    if (!authority || !DaysOf(parts_.front().period())) {
      return Fail(Code::kBadInput, "decision_unreadable");
    }
    authority_ = *authority;
    period_ = parts_.front().period();
    ReadRows();
    CheckPack();
    for (const Row& row : subjects_) {
      CHIBO_TRY(CheckRow(row));
    }
    SayPapersNotSeen();
    CHIBO_TRY(CheckCaps());
    CHIBO_TRY(CheckSessions());
    CHIBO_TRY(CheckDeadline());
    return std::move(out_);
  }

 private:
  void ReadRows() {
    for (const pb::DecisionBody& part : parts_) {
      if (part.authority() != authority_.view() || part.period() != period_ ||
          part.number() != parts_.front().number()) {
        Say(std::nullopt, Blocking("R1", "finding_parts_differ"));
      }
      for (const pb::DecisionRow& row : part.rows()) {
        const auto subject = SubjectId::From(row.subject());
        if (!subject || row.grade() == pb::GRADE_NONE) {
          Say(subject, Blocking("R32", "finding_row_without_level"));
        } else if (!assumed_.emplace(*subject, row.grade()).second) {
          Say(subject, Blocking("R32", "finding_subject_twice"));
        } else {
          subjects_.push_back({*subject, &row});
        }
      }
    }
  }

  void CheckPack() {
    const EffectivePack pack = context_.packs.For(authority_, period_);
    for (const pb::DecisionBody& part : parts_) {
      const ByteView used = part.pack();
      if (used.empty() ? !pack.no_pack() : used != pack.hash().view()) {
        Finding finding =
            Blocking("R1", "finding_pack_mismatch", {ToHex(used.substr(0, 4)), pack.name()});
        finding.severity = Severity::kWarn;
        Say(std::nullopt, std::move(finding));
        return;
      }
    }
  }

  Status CheckRow(const Row& row) {
    CHIBO_TRY_VALUE(const Evaluation evaluation, Gather(context_, row.subject, period_));
    if (evaluation.joined_into || OffRegisterFor(evaluation) != pb::REASON_NONE) {
      SayOf(row, Blocking("R20", "finding_not_on_register"));
      return {};
    }
    if (evaluation.authority && !context_.organisation.IsAtOrAbove(
                                    authority_, *evaluation.authority, evaluation.grading_date())) {
      Finding finding =
          Blocking("R33", "finding_decision_not_competent", {ValueOf(*evaluation.authority)});
      finding.verified = evaluation.pack.Verified(parameter::kManyPostsDecider);
      SayOf(row, std::move(finding));
    }
    if (evaluation.counted_in && RestsOnPapersNotSeen(evaluation)) {
      papers_not_seen_.insert(*evaluation.counted_in);
    }
    for (const CountedVote& vote : evaluation.votes) {
      sessions_[vote.session].push_back(&row);
    }
    for (const ProposalView* proposal : evaluation.Live()) {
      // The authority's own papers are nowhere to be received.
      if (proposal->fact->unit != authority_ && !proposals_.contains(proposal->fact->name)) {
        proposals_.try_emplace(proposal->fact->name,
                               Reported{*proposal->fact, proposal->place, evaluation.pack});
      }
    }
    CheckWeighed(evaluation, row);
    CheckEarlier(evaluation, row);
    CHIBO_TRY_VALUE(auto findings, FindingsFor(evaluation, row.row->grade(), assumed_));
    for (Finding& finding : findings) {
      SayOf(row, std::move(finding));
    }
    if (const std::string group = CapGroupOf(evaluation); !group.empty()) {
      GroupChanges& changes = groups_[group];
      changes.kind = row.subject.kind;
      changes.pack = evaluation.pack;
      changes.changes.emplace(row.subject, row.row->grade());
    }
    return {};
  }

  // R31: nobody settles a difference without having looked at all of it, and saying why.
  void CheckWeighed(const Evaluation& evaluation, const Row& row) {
    std::set<RecordName> weighed;
    for (const pb::Ref& ref : row.row->weighed()) {
      if (const auto name = NameOf(ref)) {
        weighed.insert(*name);
      }
    }
    const auto live = evaluation.Live();
    const bool differ = evaluation.Proposed() == pb::GRADE_NONE;
    for (const ProposalView* proposal : live) {
      if (!weighed.contains(proposal->fact->name) &&
          (differ || proposal->grade != row.row->grade())) {
        Finding finding = Blocking("R31", "finding_proposal_not_weighed",
                                   {ValueOf(proposal->place), ValueOf(proposal->grade)});
        finding.evidence = {proposal->fact->name};
        SayOf(row, std::move(finding));
      }
    }
    if (!live.empty() && evaluation.Proposed() != row.row->grade() && row.row->reason().empty()) {
      SayOf(row, Blocking("R31", "finding_reason_missing"));
    }
  }

  void CheckEarlier(const Evaluation& evaluation, const Row& row) {
    for (const DecisionView* decision : evaluation.InForce()) {
      const bool same = decision->row->grade() == row.row->grade();
      Finding finding = EarlierDecision(*decision, same);
      finding.severity = same ? Severity::kInform : Severity::kBlock;
      finding.evidence = {decision->fact->name};
      SayOf(row, std::move(finding));
    }
  }

  // R12, once for each unit whose reviews and minutes go no higher than its direct superior: that
  // nothing was found missing means nothing then.
  void SayPapersNotSeen() {
    for (const UnitId& unit : papers_not_seen_) {
      Finding finding = Blocking("R12", "finding_papers_not_seen", {ValueOf(unit)});
      finding.severity = Severity::kWarn;
      Say(std::nullopt, std::move(finding));
    }
  }

  // R40, per group: a batch may not leave a group over its cap, unless the group was further over
  // it before.
  Status CheckCaps() {
    for (const auto& [group, of] : groups_) {
      CHIBO_TRY_VALUE(const GroupState before,
                      StateOfGroup(context_, rows_, group, of.kind, period_, of.pack));
      CHIBO_TRY_VALUE(const GroupState after, StateOfGroup(context_, rows_, group, of.kind, period_,
                                                           of.pack, of.changes, assumed_));
      const auto excess = [](const GroupState& state) {
        return state.cap.exceeded ? state.known.excellent - state.cap.cap : 0;
      };
      const CapRule rule = CapRuleOf(of.pack);
      if (after.cap.exceeded) {
        Finding finding = Blocking("R40", "finding_cap_exceeded",
                                   {GroupValue(group), std::to_string(after.known.excellent),
                                    std::to_string(after.cap.cap)});
        finding.verified = rule.verified;
        if (excess(after) < excess(before)) {
          finding.severity = Severity::kWarn;
        }
        Say(std::nullopt, std::move(finding));
      } else if (after.cap.by_exception && after.known.excellent > 0) {
        Finding finding = Blocking("R43", "finding_cap_by_exception", {GroupValue(group)});
        finding.severity = Severity::kInform;
        finding.verified = rule.small_verified;
        Say(std::nullopt, std::move(finding));
      }
    }
    return {};
  }

  // R64, R65: once for each session that bears on a row; what blocks is said of the rows.
  Status CheckSessions() {
    for (const auto& [name, rows] : sessions_) {
      CHIBO_TRY_VALUE(const auto facts, context_.facts.FactsOf(KeyOf(name)));
      const Fact* session = FindFact(facts, name);
      CHIBO_TRY_VALUE(auto findings, CheckVoteSession(context_, *session));
      for (const Finding& finding : findings) {
        if (finding.severity != Severity::kBlock) {
          Say(std::nullopt, finding);
          continue;
        }
        for (const Row* row : rows) {
          SayOf(*row, finding);
        }
      }
    }
    return {};
  }

  // R95: once for each paper, where a pack sets an hour.
  Status CheckDeadline() {
    const bool any = std::any_of(proposals_.begin(), proposals_.end(), [](const auto& one) {
      return ReportDeadline(one.second.pack).has_value();
    });
    if (!any) {
      return {};
    }
    CHIBO_TRY_VALUE(const auto registers, context_.facts.FactsOf(KeyOfKind(Kind::kRegister)));
    const ReceivedTimes received(context_.organisation, registers);
    for (const auto& [name, reported] : proposals_) {
      auto finding = CheckReported(reported.pack, reported.place, reported.fact.claimed,
                                   received.Of(reported.fact));
      if (finding) {
        finding->evidence = {name};
        Say(std::nullopt, *std::move(finding));
      }
    }
    return {};
  }

  // "unit:<hex>" is a value that can be shown by name as it is; of a peer group the id is.
  void SayOf(const Row& row, Finding finding) {
    const auto& overrides = row.row->overrides();
    const bool overridden =
        !row.row->reason().empty() && MayOverride(finding) &&
        std::find(overrides.begin(), overrides.end(), finding.rule) != overrides.end();
    out_.push_back({row.subject, std::move(finding), overridden});
  }
  void Say(const std::optional<SubjectId>& subject, Finding finding) {
    out_.push_back({subject, std::move(finding), false});
  }

  const Context& context_;
  const OutcomeSource& rows_;
  std::span<const pb::DecisionBody> parts_;
  UnitId authority_;
  std::string period_;
  std::vector<Row> subjects_;
  Assumed assumed_;
  std::map<std::string, GroupChanges> groups_;
  std::map<RecordName, std::vector<const Row*>> sessions_;  // which bear on which rows
  std::set<UnitId> papers_not_seen_;
  std::map<RecordName, Reported> proposals_;
  std::vector<DecisionFinding> out_;
};

}  // namespace

Result<std::vector<DecisionFinding>> CheckDecision(const Context& context,
                                                   const OutcomeSource& rows,
                                                   std::span<const pb::DecisionBody> parts) {
  if (parts.empty()) {
    return std::vector<DecisionFinding>();
  }
  return Checker(context, rows, parts).Run();
}

bool Blocks(const std::vector<DecisionFinding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const DecisionFinding& one) {
    return one.finding.severity == Severity::kBlock && !one.overridden;
  });
}

}  // namespace chibo

#include <algorithm>
#include <map>
#include <set>

#include "domain/cap.h"
#include "domain/decision.h"
#include "domain/evaluation.h"
#include "domain/row_reader.h"

namespace chibo {
namespace {

struct Drafted {
  UnitId unit;  // to whom it goes
  std::string group;
  EffectivePack pack;
  pb::DecisionRow row;
};

bool Wanted(const DecisionRequest& request, pb::SubjectKind kind) {
  return request.kinds.empty() ||
         std::find(request.kinds.begin(), request.kinds.end(), kind) != request.kinds.end();
}

// What is blocked, and where a place of several has not spoken (R30): that nobody differs from what
// has come in so far is no agreement.
bool HasToWait(const pb::OutcomeRow& row) {
  return std::any_of(row.findings().begin(), row.findings().end(), [](const pb::FindingRow& one) {
    return one.severity() >= static_cast<std::uint32_t>(Severity::kBlock) || one.rule() == "R30";
  });
}

// Nobody differs, it waits, and it is this authority's to decide.
bool IsAgreed(const pb::OutcomeRow& row, const DecisionRequest& request) {
  return row.state() == pb::PENDING && row.reason() == pb::REASON_AWAITING_DECISION &&
         row.proposed() != pb::GRADE_NONE && row.authority() == request.authority.view() &&
         Wanted(request, row.subject().kind());
}

using AgreedRows = std::map<SubjectId, pb::OutcomeRow>;

// Those that may be decided now, or those that have to wait.
Result<AgreedRows> Agreed(const Context& context, const OutcomeSource& rows,
                          const DecisionRequest& request, CivilDate day, bool waiting) {
  AgreedRows agreed;
  for (const UnitId& unit : UnitsOf(context.organisation, request.authority, day)) {
    CHIBO_TRY(rows.VisitUnit(unit, request.period, [&](const pb::OutcomeRow& row) {
      const auto subject = SubjectId::From(row.subject());
      if (subject && IsAgreed(row, request) && HasToWait(row) == waiting) {
        agreed.emplace(*subject, row);
      }
      return true;
    }));
  }
  return agreed;
}

Result<std::vector<Choice>> ChoicesFor(const Context& context, const OutcomeSource& rows,
                                       const DecisionRequest& request, CivilDate day) {
  std::vector<Choice> choices = request.choices;
  std::set<SubjectId> chosen;
  for (const Choice& choice : choices) {
    chosen.insert(choice.subject);
  }
  if (!request.all_agreed) {
    return choices;
  }
  CHIBO_TRY_VALUE(const AgreedRows agreed, Agreed(context, rows, request, day, false));
  for (const auto& [subject, row] : agreed) {
    if (!chosen.contains(subject)) {
      choices.push_back({subject, pb::GRADE_NONE, "", {}});
    }
  }
  return choices;
}

Result<Drafted> Draft(const Context& context, const DecisionRequest& request,
                      const Choice& choice) {
  CHIBO_TRY_VALUE(const Evaluation evaluation, Gather(context, choice.subject, request.period));
  if (evaluation.joined_into || !evaluation.counted_in) {
    return Fail(Code::kNotFound, "decision_subject_unknown", choice.subject.id.hex());
  }
  const pb::Grade grade = choice.grade != pb::GRADE_NONE ? choice.grade : evaluation.Proposed();
  if (grade == pb::GRADE_NONE) {
    return Fail(Code::kBadInput, "decision_no_agreed_level", choice.subject.id.hex());
  }
  Drafted drafted;
  drafted.unit = *evaluation.counted_in;
  drafted.group = CapGroupOf(evaluation);
  drafted.pack = evaluation.pack;
  *drafted.row.mutable_subject() = choice.subject.ToMessage();
  drafted.row.set_grade(grade);
  drafted.row.set_reason(choice.reason);
  for (const std::string& rule : choice.overrides) {
    drafted.row.add_overrides(rule);
  }
  for (const ProposalView* proposal : evaluation.Live()) {
    *drafted.row.add_weighed() = RefTo(proposal->fact->name);
  }
  return drafted;
}

using Snapshots = std::map<std::string, pb::CapSnapshot>;

Result<Snapshots> SnapshotsOf(const Context& context, const OutcomeSource& rows,
                              const DecisionRequest& request, const std::vector<Drafted>& drafted) {
  std::map<std::string, Assumed> changes;
  Assumed all;
  std::map<std::string, const Drafted*> samples;
  for (const Drafted& one : drafted) {
    const auto subject = SubjectId::From(one.row.subject());
    if (!one.group.empty() && subject) {
      changes[one.group].emplace(*subject, one.row.grade());
      all.emplace(*subject, one.row.grade());
      samples.emplace(one.group, &one);
    }
  }
  Snapshots snapshots;
  for (const auto& [group, of] : changes) {
    const Drafted& sample = *samples[group];
    CHIBO_TRY_VALUE(const GroupState state,
                    StateOfGroup(context, rows, group, sample.row.subject().kind(), request.period,
                                 sample.pack, of, all));
    pb::CapSnapshot& snapshot = snapshots[group];
    snapshot.set_group(group);
    snapshot.set_graded(state.known.graded);
    snapshot.set_good_or_better(state.known.good + state.known.excellent + state.known.waiting);
    snapshot.set_excellent(state.known.excellent);
    snapshot.set_cap(state.cap.cap);
  }
  return snapshots;
}

// Fills bodies unit by unit.
class Binder {
 public:
  Binder(const Context& context, const DecisionRequest& request, const Snapshots& snapshots)
      : snapshots_(snapshots) {
    frame_.set_authority(Bytes(request.authority.view()));
    frame_.set_number(request.number);
    frame_.set_date(request.date);
    frame_.set_period(request.period);
    frame_.set_issuer(Bytes(request.issuer.view()));
    const EffectivePack pack = context.packs.For(request.authority, request.period);
    if (!pack.no_pack()) {
      frame_.set_pack(Bytes(pack.hash().view()));
    }
  }

  void Add(const Drafted& one) {
    const std::size_t size = one.row.ByteSizeLong() + 8;
    const bool full = bodies_.empty() || bodies_.back().rows_size() >= kRowsMax ||
                      bytes_ + size > kDecisionBytesMax;
    if (full || one.unit != unit_) {
      bodies_.push_back(frame_);
      groups_.clear();
      unit_ = one.unit;
      bytes_ = frame_.ByteSizeLong() + 64;
    }
    *bodies_.back().add_rows() = one.row;
    bytes_ += size;
    const auto snapshot = snapshots_.find(one.group);
    if (snapshot != snapshots_.end() && groups_.insert(one.group).second) {
      *bodies_.back().add_caps() = snapshot->second;
      bytes_ += snapshot->second.ByteSizeLong() + 8;
    }
  }

  std::vector<pb::DecisionBody> Take() {
    const auto parts = static_cast<std::uint32_t>(bodies_.size());
    for (std::uint32_t i = 0; i < parts; ++i) {
      bodies_[i].set_part(i + 1);
      bodies_[i].set_parts(parts);
    }
    return std::move(bodies_);
  }

 private:
  static constexpr int kRowsMax = static_cast<int>(kDecisionRowsMax);

  const Snapshots& snapshots_;
  pb::DecisionBody frame_;
  std::vector<pb::DecisionBody> bodies_;
  std::set<std::string> groups_;
  UnitId unit_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<pb::OutcomeRow>> LeftOut(const Context& context, const OutcomeSource& rows,
                                            const DecisionRequest& request) {
  std::vector<pb::OutcomeRow> left;
  const auto days = DaysOf(request.period);
  if (!days || !request.all_agreed) {
    return left;
  }
  CHIBO_TRY_VALUE(AgreedRows agreed, Agreed(context, rows, request, days->last, true));
  for (auto& [subject, row] : agreed) {
    left.push_back(std::move(row));
  }
  return left;
}

Result<std::vector<pb::DecisionBody>> DraftDecision(const Context& context,
                                                    const OutcomeSource& rows,
                                                    const DecisionRequest& request) {
  const auto days = DaysOf(request.period);
  if (!days) {
    return Fail(Code::kBadInput, "period_unreadable", request.period);
  }
  CHIBO_TRY_VALUE(const auto choices, ChoicesFor(context, rows, request, days->last));
  std::vector<Drafted> drafted;
  for (const Choice& choice : choices) {
    CHIBO_TRY_VALUE(Drafted one, Draft(context, request, choice));
    drafted.push_back(std::move(one));
  }
  if (drafted.empty()) {
    return Fail(Code::kNotFound, "decision_nothing_to_decide");
  }
  const auto code = [&](const UnitId& unit) {
    const auto state = context.organisation.At(unit, days->last);
    return state ? state->code : std::string();
  };
  std::stable_sort(drafted.begin(), drafted.end(), [&](const Drafted& a, const Drafted& b) {
    return std::tuple(code(a.unit), a.unit) < std::tuple(code(b.unit), b.unit);
  });
  CHIBO_TRY_VALUE(const Snapshots snapshots, SnapshotsOf(context, rows, request, drafted));
  Binder binder(context, request, snapshots);
  for (const Drafted& one : drafted) {
    binder.Add(one);
  }
  return binder.Take();
}

Status CompleteOrder(const Context& context, pb::RegradeOrderBody& body) {
  if (body.proposals_size() > 0 || body.decisions_size() > 0) {
    return {};
  }
  std::set<RecordName> proposals;
  std::set<Hash> decisions;
  for (const pb::Subject& subject : body.subjects()) {
    const auto id = SubjectId::From(subject);
    if (!id) {
      continue;  // CheckMeaning says so
    }
    CHIBO_TRY_VALUE(const Evaluation evaluation, Gather(context, *id, body.period()));
    for (const ProposalView* proposal : evaluation.Live()) {
      proposals.insert(proposal->fact->name);
    }
    for (const DecisionView* decision : evaluation.InForce()) {
      decisions.insert(decision->digest);
    }
  }
  for (const RecordName& name : proposals) {
    *body.add_proposals() = RefTo(name);
  }
  for (const Hash& digest : decisions) {
    body.add_decisions(Bytes(digest.view()));
  }
  return {};
}

Result<std::vector<UnitId>> Addressees(const Context& context, const pb::DecisionBody& body) {
  const auto days = DaysOf(body.period());
  std::set<UnitId> units;
  for (const pb::DecisionRow& row : body.rows()) {
    const auto subject = SubjectId::From(row.subject());
    if (!subject || !days) {
      continue;
    }
    CHIBO_TRY_VALUE(const Evaluation evaluation, Gather(context, *subject, body.period()));
    const auto add = [&](const UnitId& unit) {
      const auto state = context.organisation.At(unit, days->last);
      const bool kept = state && state->kind == pb::COLLECTIVE && state->parent;
      units.insert(kept ? *state->parent : unit);
    };
    if (evaluation.counted_in) {
      add(*evaluation.counted_in);
    }
    for (const ProposalView& proposal : evaluation.proposals) {
      const auto weighed = [&](const pb::Ref& ref) { return NameOf(ref) == proposal.fact->name; };
      if (std::any_of(row.weighed().begin(), row.weighed().end(), weighed)) {
        add(proposal.place);
      }
    }
  }
  if (const auto authority = UnitId::From(body.authority())) {
    units.erase(*authority);
  }
  return std::vector<UnitId>(units.begin(), units.end());
}

}  // namespace chibo

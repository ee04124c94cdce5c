#include <algorithm>
#include <array>

#include "base/planted.h"
#include "domain/evaluation.h"
#include "domain/proposal_view.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

void PlaceMember(Evaluation& evaluation) {
  const CivilDate day = evaluation.grading_date();
  evaluation.member.emplace(evaluation.organisation(), evaluation.subject.person(),
                            evaluation.facts);
  const MemberHistory& member = *evaluation.member;
  evaluation.home = member.HomeOn(day);
  evaluation.entry = member.RegisterOn(day);
  if (evaluation.home.where == Home::Where::kNotYet) {
    return;
  }
  evaluation.counted_in = evaluation.home.unit;
  evaluation.pack = evaluation.context.packs.For(*evaluation.counted_in, evaluation.period);
  evaluation.places = PlacesOf(member, evaluation.home, day, evaluation.pack);
  evaluation.authority =
      AuthorityFor(evaluation.organisation(), member, evaluation.home, day, evaluation.pack);
}

void PlaceUnit(Evaluation& evaluation) {
  const CivilDate day = evaluation.grading_date();
  const UnitId id = evaluation.subject.unit();
  evaluation.unit = evaluation.organisation().At(id, day);
  if (!evaluation.unit) {
    return;
  }
  evaluation.counted_in = id;
  evaluation.pack = evaluation.context.packs.For(id, evaluation.period);
  evaluation.places = {ReviewPlace{id}};
  evaluation.authority = DeciderOfUnit(evaluation.organisation(), id, day);
}

// A cell that ended may have been allowed, by signed record, to complete the year: what it proposes
// then counts for those who were its members.
Status AddFinishingPlace(Evaluation& evaluation) {
  const bool member = evaluation.subject.is_member();
  const bool ended_unit = !member && evaluation.unit && evaluation.unit->ended != 0 &&
                          evaluation.unit->ended <= evaluation.grading_date();
  if (!ended_unit && !evaluation.home.ended) {
    return {};
  }
  const UnitId ended = ended_unit ? evaluation.subject.unit() : *evaluation.home.ended;
  CHIBO_TRY_VALUE(const auto facts, evaluation.context.facts.FactsOf(KeyOf(ended)));
  for (const Fact& fact : facts) {
    if (!fact.counts() || !fact.record->has_unit_change()) {
      continue;
    }
    const pb::UnitChangeBody& body = fact.record->unit_change().body();
    const bool ends_it = std::any_of(body.from().begin(), body.from().end(),
                                     [&](const Bytes& id) { return id == ended.view(); });
    if (body.may_finish() && ends_it && body.effective() <= evaluation.grading_date()) {
      ReviewPlace place{ended};
      place.required = false;
      place.finishing = true;
      evaluation.places.push_back(place);
      return {};
    }
  }
  return {};
}

void ReadOrders(Evaluation& evaluation) {
  std::map<Hash, OrderView> orders;
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_regrade_order() || !evaluation.IsCompetent(fact.unit)) {
      continue;
    }
    const pb::RegradeOrderBody& body = fact.record->regrade_order().body();
    const bool about = std::any_of(body.subjects().begin(), body.subjects().end(),
                                   [&](const pb::Subject& one) { return evaluation.Is(one); });
    if (body.period() == evaluation.period && about) {
      const Hash digest = BodyDigest(*fact.record);
      OrderView& order = orders.try_emplace(digest, OrderView{digest, &fact, {}, {}}).first->second;
      order.records.insert(fact.name);
      for (const pb::Ref& ref : body.proposals()) {
        order.set_aside.insert(Resolve(ref, fact));
      }
    }
  }
  for (auto& [digest, order] : orders) {
    evaluation.orders.push_back(std::move(order));
  }
}

void ReadWaivers(Evaluation& evaluation) {
  for (const Fact& fact : evaluation.facts) {
    if (!fact.counts() || !fact.record->has_waiver()) {
      continue;
    }
    const pb::WaiverBody& body = fact.record->waiver().body();
    if (body.period() == evaluation.period && evaluation.Is(body.subject()) &&
        evaluation.IsCompetent(fact.unit)) {
      evaluation.waivers.push_back(&fact);
    }
  }
}

}  // namespace

bool OrderView::SetsAside(const DecisionView& decision) const {
  const auto& named = body().decisions();
  return std::any_of(named.begin(), named.end(),
                     [&](const Bytes& one) { return one == decision.digest.view(); });
}

bool Evaluation::Is(const pb::Subject& other) const {
  const auto id = SubjectId::From(other);
  if (!id || id->kind != subject.kind) {
    return false;
  }
  return subject.is_member() ? std::binary_search(persons.begin(), persons.end(), id->person())
                             : id == subject;
}

bool Evaluation::IsPlace(const UnitId& place) const {
  return std::any_of(places.begin(), places.end(),
                     [&](const ReviewPlace& one) { return one.unit == place; });
}

bool Evaluation::IsCompetent(const UnitId& decider) const {
  return authority && organisation().IsAtOrAbove(decider, *authority, grading_date());
}

bool Evaluation::MayWriteOf(const UnitId& writer) const {
  const auto at_or_above = [&](const UnitId& place) {
    return organisation().IsAtOrAbove(writer, place, grading_date()) ||
           organisation().IsAtOrAbove(writer, place);
  };
  return (counted_in && at_or_above(*counted_in)) || home.ended == writer ||
         std::any_of(places.begin(), places.end(),
                     [&](const ReviewPlace& one) { return at_or_above(one.unit); });
}

bool Evaluation::MayTellOf(const UnitId& writer) const {
  const auto stays = member ? member->Stays() : std::vector<Stay>();
  return MayWriteOf(writer) || std::any_of(stays.begin(), stays.end(), [&](const Stay& stay) {
           return stay.unit == writer && stay.to >= days.first && stay.from <= days.last;
         });
}

bool Evaluation::sees_papers() const {
  if (!context.observer || !counted_in) {
    return true;
  }
  // A collective's papers are its keeper's.
  const auto state = organisation().At(*counted_in);
  const bool kept = state && state->kind == pb::COLLECTIVE && state->parent;
  const UnitId writer = kept ? *state->parent : *counted_in;
  return writer == *context.observer || organisation().ParentOf(writer) == context.observer;
}

bool MayBeWaived(std::string_view rule) {
  constexpr std::array<std::string_view, 5> kRules = {"R26", "R27", "R30", "R51", "R52"};
  return std::find(kRules.begin(), kRules.end(), rule) != kRules.end();
}

bool Evaluation::IsWaived(std::string_view rule) const {
  CHECK(MayBeWaived(rule));
  return std::any_of(waivers.begin(), waivers.end(), [&](const Fact* fact) {
    return fact->record->waiver().body().rule() == rule;
  });
}

std::vector<const ProposalView*> Evaluation::Live() const {
  std::vector<const ProposalView*> live;
  for (const ProposalView& proposal : proposals) {
    if (proposal.live()) {
      live.push_back(&proposal);
    }
  }
  return live;
}

pb::Grade Evaluation::Proposed() const {
  pb::Grade grade = pb::GRADE_NONE;
  for (const ProposalView* proposal : Live()) {
    if (CHIBO_PLANT(kLastProposalWins, grade != pb::GRADE_NONE && proposal->grade != grade,
                    false)) {
      return pb::GRADE_NONE;
    }
    grade = proposal->grade;
  }
  return grade;
}

std::vector<const DecisionView*> Evaluation::InForce() const {
  std::vector<const DecisionView*> in_force;
  for (const DecisionView& decision : decisions) {
    if (decision.in_force()) {
      in_force.push_back(&decision);
    }
  }
  return in_force;
}

pb::Grade Evaluation::Decided() const {
  pb::Grade grade = pb::GRADE_NONE;
  for (const DecisionView* decision : InForce()) {
    if (grade != pb::GRADE_NONE && decision->row->grade() != grade) {
      return pb::GRADE_NONE;
    }
    grade = decision->row->grade();
  }
  return grade;
}

const DecisionView* Evaluation::Standing() const {
  const DecisionView* standing = nullptr;
  for (const DecisionView* decision : InForce()) {
    if (standing == nullptr || decision->body().date() > standing->body().date()) {
      standing = decision;
    }
  }
  return Decided() == pb::GRADE_NONE ? nullptr : standing;
}

Result<Evaluation> Gather(const Context& context, const SubjectId& subject,
                          const std::string& period) {
  const auto days = DaysOf(period);
  if (!days) {
    return Fail(Code::kBadInput, "period_unreadable", period);
  }
  Evaluation evaluation(context, subject, period);
  evaluation.days = *days;
  if (subject.is_member()) {
    CHIBO_TRY_VALUE(JoinedPersons joined, JoinedWith(context, subject.person()));
    evaluation.facts = std::move(joined.facts);
    evaluation.persons = std::move(joined.persons);
    if (joined.goes_on != subject.person()) {
      evaluation.joined_into = joined.goes_on;
      return evaluation;
    }
    PlaceMember(evaluation);
  } else {
    CHIBO_TRY_VALUE(evaluation.facts, context.facts.FactsOf(subject.key()));
    PlaceUnit(evaluation);
  }
  CHIBO_TRY(AddFinishingPlace(evaluation));
  ReadOrders(evaluation);
  ReadWaivers(evaluation);
  CHIBO_TRY(ReadProposals(evaluation));
  CHIBO_TRY(ReadDecisions(evaluation));
  CHIBO_TRY_VALUE(evaluation.votes, VotesAbout(evaluation));
  return evaluation;
}

Result<pb::Grade> GradeOf(const Context& context, const SubjectId& subject,
                          const std::string& period, const Assumed& assumed) {
  const auto at = assumed.find(subject);
  if (at != assumed.end()) {
    return at->second;
  }
  CHIBO_TRY_VALUE(const Evaluation evaluation, Gather(context, subject, period));
  return evaluation.Decided();
}

}  // namespace chibo

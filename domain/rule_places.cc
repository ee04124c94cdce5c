// R1, R30, R32, R33, R46: where somebody is reviewed and who decides.
#include <algorithm>

#include "domain/evaluation.h"
#include "domain/finding_value.h"

namespace chibo {
namespace {

Finding Warning(std::string rule, std::string message) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.message = std::move(message);
  return finding;
}

void CheckMissingPlaces(const Evaluation& evaluation, std::vector<Finding>& out) {
  const Context& context = evaluation.context;
  for (const ReviewPlace& place : evaluation.places) {
    const bool proposed =
        std::any_of(evaluation.proposals.begin(), evaluation.proposals.end(),
                    [&](const ProposalView& one) { return one.live() && one.place == place.unit; });
    // Only who holds a place's records can know that it has said nothing.
    const bool would_know =
        !context.observer || context.organisation.IsAtOrAbove(*context.observer, place.unit);
    if (place.required && !place.too_new && !proposed && would_know &&
        !evaluation.IsWaived("R30")) {
      Finding finding = Warning("R30", "finding_place_has_not_proposed");
      finding.values = {ValueOf(place.unit)};
      out.push_back(std::move(finding));
    }
  }
}

}  // namespace

bool IsCappedByPeers(const EffectivePack& pack, pb::SubjectKind kind) {
  const auto asks = [&pack](std::string_view scope) { return pack.Word(scope) == "peer_group"; };
  return kind == pb::MEMBER ? asks(parameter::kLeaderCapScope) || asks(parameter::kMemberCapScope)
                            : asks(parameter::kOrgCapScope);
}

std::string CapGroupOf(const Evaluation& evaluation) {
  const bool member = evaluation.subject.is_member();
  const PeerGroup* group =
      evaluation.context.groups.GroupOf(evaluation.subject.ToMessage(), evaluation.period);
  if (group != nullptr && IsCappedByPeers(evaluation.pack, evaluation.subject.kind)) {
    return "peer:" + group->owner.hex() + ":" + group->id;
  }
  if (evaluation.pack.Word(member ? parameter::kMemberCapScope : parameter::kOrgCapScope) ==
      "peer_group") {
    return "";
  }
  if (!evaluation.counted_in) {
    return "";
  }
  const CivilDate day = evaluation.grading_date();
  const auto unit = member ? evaluation.organisation().GrassrootsOf(*evaluation.counted_in, day)
                           : evaluation.organisation().ParentOf(*evaluation.counted_in, day);
  return "unit:" + unit.value_or(*evaluation.counted_in).hex();
}

void CheckPlaces(const Evaluation& evaluation, pb::Grade grade, std::vector<Finding>& out) {
  if (evaluation.subject.is_member()) {
    const auto others = evaluation.member->OtherHomesOn(evaluation.grading_date());
    if (!others.empty()) {
      Finding finding = Warning("R32", "finding_two_homes");
      finding.evidence = others;
      out.push_back(std::move(finding));
    }
  }
  if (grade == pb::GRADE_NONE && evaluation.Live().empty()) {
    return;
  }
  CheckMissingPlaces(evaluation, out);
  if (!evaluation.authority) {
    Finding finding = Warning("R33", "finding_authority_unknown");
    finding.verified = evaluation.pack.Verified(parameter::kManyPostsDecider);
    finding.severity = Severity::kBlock;
    out.push_back(std::move(finding));
  }
  if (CapGroupOf(evaluation).empty()) {
    out.push_back(Warning("R46", "finding_no_peer_group"));
  }
}

void CheckDecided(const Evaluation& evaluation, std::vector<Finding>& out) {
  for (const DecisionView& decision : evaluation.decisions) {
    if (!decision.competent && !decision.cancelled) {
      Finding finding = Warning("R33", "finding_decided_by_another");
      finding.verified = evaluation.pack.Verified(parameter::kManyPostsDecider);
      finding.values = {ValueOf(decision.authority)};
      finding.evidence = {decision.fact->name};
      out.push_back(std::move(finding));
    }
    if (!decision.in_force()) {
      continue;
    }
    const EffectivePack pack = evaluation.context.packs.For(decision.authority, evaluation.period);
    const ByteView used = decision.body().pack();
    if (used.empty() ? !pack.no_pack() : used != pack.hash().view()) {
      Finding finding = Warning("R1", "finding_pack_mismatch");
      finding.values = {ToHex(used.substr(0, 4)), pack.name()};
      finding.evidence = {decision.fact->name};
      out.push_back(std::move(finding));
    }
  }
}

}  // namespace chibo

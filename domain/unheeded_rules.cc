// What nothing takes up of the organisation, of rule packs and of peer groups.
#include <algorithm>
#include <tuple>

#include "domain/finding_value.h"
#include "domain/organisation.h"
#include "domain/unheeded_state.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

Unheeded WhyOf(ParameterRefused::Why why) {
  switch (why) {
    case ParameterRefused::Why::kUnknownName:
      return Unheeded::kParameterUnknown;
    case ParameterRefused::Why::kUnreadable:
      return Unheeded::kParameterUnreadable;
    case ParameterRefused::Why::kWidens:
      return Unheeded::kParameterWidens;
  }
  CHECK(false);
}

bool Ends(const pb::UnitChangeBody& body, const UnitId& unit) {
  const bool stays = std::any_of(body.into().begin(), body.into().end(),
                                 [&](const Bytes& id) { return id == unit.view(); });
  return body.kind() != pb::RENAME && body.kind() != pb::MOVE && !stays;
}

bool SameSubjects(const std::vector<pb::Subject>& subjects, const pb::PeerGroupBody& body) {
  return std::equal(subjects.begin(), subjects.end(), body.subjects().begin(),
                    body.subjects().end(), [](const pb::Subject& a, const pb::Subject& b) {
                      return a.kind() == b.kind() && a.id() == b.id();
                    });
}

bool Has(const std::vector<Hash>& hashes, const Hash& hash) {
  return std::find(hashes.begin(), hashes.end(), hash) != hashes.end();
}

}  // namespace

// Of two establishments of one unit the one that holds says what the unit first was.
Status UnheededReader::State::JudgeUnit(const Fact& fact) {
  const pb::UnitBody& body = fact.record->unit().body();
  const auto first = context.organisation.At(UnitId::From(body.unit()).value_or(UnitId()), 0);
  if (!first) {
    return {};
  }
  if (std::tie(body.code(), body.name(), body.type()) !=
          std::tie(first->code, first->name, first->type) ||
      body.kind() != first->kind || UnitId::From(body.parent()) != first->parent ||
      body.committee() != first->committee || body.effective() != first->established) {
    Add(Unheeded::kContradicted);
  } else if (context.organisation.FindByCode(body.code()) != first->id) {
    Add(Unheeded::kCodeTaken, {body.code()});
  }
  return {};
}

// Whether the unit had ended by another change before this one.
Result<bool> UnheededReader::State::CameTooLate(const Fact& change, const UnitId& unit) {
  CHIBO_TRY_VALUE(const auto facts, context.facts.FactsOf(KeyOf(unit)));
  const Hash own = BodyDigest(*change.record);
  for (const RecordName& name : context.organisation.HistoryOf(unit)) {
    const Fact* fact = FindFact(facts, name);
    if (fact == nullptr || !fact->counts() || !fact->record->has_unit_change()) {
      continue;
    }
    if (BodyDigest(*fact->record) == own) {
      return false;
    }
    if (Ends(fact->record->unit_change().body(), unit)) {
      return true;
    }
  }
  return false;
}

Status UnheededReader::State::JudgeUnitChange(const Fact& fact) {
  for (const Bytes& id : fact.record->unit_change().body().from()) {
    const auto unit = UnitId::From(id);
    if (!unit) {
      continue;
    }
    if (!context.organisation.Knows(*unit)) {
      if (SeesAll(fact)) {
        Add(Unheeded::kSubjectUnknown, {}, SubjectId::Of(pb::ORGANISATION, *unit));
      }
      continue;
    }
    CHIBO_TRY_VALUE(const bool late, CameTooLate(fact, *unit));
    if (late) {
      Add(Unheeded::kUnitEnded, {ValueOf(*unit)}, SubjectId::Of(pb::ORGANISATION, *unit));
    }
  }
  // Changes that do not say what they follow are not known to follow the same.
  const auto& contested = context.organisation.Contested();
  if (fact.record->unit_change().body().previous_size() > 0 &&
      std::binary_search(contested.begin(), contested.end(), fact.name)) {
    Add(Unheeded::kContestedChange);
  }
  return {};
}

Status UnheededReader::State::JudgeRulePack(const Fact& fact) {
  const Hash hash = BodyDigest(*fact.record);
  bool speaks = false;
  bool rivalled = false;
  for (const std::string& period : context.packs.Periods()) {
    const EffectivePack pack = context.packs.For(fact.unit, period);
    if (!Has(pack.chain(), hash)) {
      rivalled = rivalled || Has(context.packs.Rivals(fact.unit, period), hash);
      continue;
    }
    speaks = true;
    for (const ParameterRefused& refused : pack.refused()) {
      if (refused.pack == hash) {
        Add(WhyOf(refused.why), {refused.name, refused.value});
      }
    }
  }
  if (!context.packs.ByHash(hash)) {
    Add(Unheeded::kPackBaseMissing);
  } else if (rivalled) {
    Add(Unheeded::kContradicted);
  } else if (!speaks) {
    Add(Unheeded::kPackSpeaksForNothing);
  }
  return {};
}

Status UnheededReader::State::JudgePeerGroup(const Fact& fact) {
  const pb::PeerGroupBody& body = fact.record->peer_group().body();
  const auto owner = UnitId::From(body.owner());
  if (owner != fact.unit) {
    Add(Unheeded::kNotForUnit, {owner ? ValueOf(*owner) : ""});
    return {};
  }
  const auto groups = context.groups.InPeriod(body.period());
  const auto at = std::find_if(groups.begin(), groups.end(), [&](const PeerGroup* group) {
    return group->owner == *owner && group->id == body.id();
  });
  // In one stream the later word is the word; of two streams nobody can say.
  if (at != groups.end() && (*at)->record.stream != fact.name.stream &&
      !SameSubjects((*at)->subjects, body)) {
    Add(Unheeded::kContradicted);
    return {};
  }
  if (at == groups.end() || (*at)->record != fact.name) {
    return {};
  }
  const EffectivePack pack = context.packs.For(*owner, body.period());
  for (const pb::Subject& subject : body.subjects()) {
    if (!IsCappedByPeers(pack, subject.kind())) {
      Add(Unheeded::kNotCappedByPeers, {}, SubjectId::From(subject));
    } else if (context.groups.GroupOf(subject, body.period()) != *at) {
      Add(Unheeded::kContradicted, {}, SubjectId::From(subject));
    }
  }
  return {};
}

}  // namespace chibo

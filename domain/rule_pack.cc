#include "domain/rule_pack.h"

#include <algorithm>
#include <set>

#include "domain/parameter_table.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// The defaults were read out of the guidance that held for these years.
constexpr std::uint32_t kDefaultsFrom = 2019;
constexpr std::uint32_t kDefaultsTo = 2022;

bool Covers(std::string_view wide, std::string_view period) {
  const auto outer = DaysOf(wide);
  const auto inner = DaysOf(period);
  return outer && inner && outer->first <= inner->first && inner->last <= outer->last;
}

CivilDate LastDay(std::string_view period) {
  const auto days = DaysOf(period);
  return days ? days->last : kEndOfTime;
}

template <typename Facts>
std::map<Hash, std::vector<const Fact*>> CountedByDigest(const Facts& facts, Kind kind) {
  std::map<Hash, std::vector<const Fact*>> found;
  for (const Fact& fact : facts) {
    if (fact.counts() && fact.record->body_case() == kind) {
      found[BodyDigest(*fact.record)].push_back(&fact);
    }
  }
  return found;
}

}  // namespace

// ---- Values

bool Fraction::ReachedBy(std::uint64_t count, std::uint64_t whole) const {
  // Nothing is a share of nobody.
  if (whole == 0) {
    return false;
  }
  return strict ? count * denominator > whole * numerator
                : count * denominator >= whole * numerator;
}

const ParameterValue& EffectivePack::Get(std::string_view name) const {
  const auto found = laid_->values.find(name);
  CHECK(found != laid_->values.end());
  return found->second;
}

std::uint32_t EffectivePack::Number(std::string_view name) const {
  const auto number = ReadNumber(Get(name).value);
  CHECK(number.has_value());
  return *number;
}

bool EffectivePack::Flag(std::string_view name) const { return Get(name).value == "true"; }

Fraction EffectivePack::Share(std::string_view name) const {
  const auto fraction = ReadFraction(Get(name).value);
  CHECK(fraction.has_value());
  return *fraction;
}

// ---- Packs

RulePacks::RulePacks(const std::vector<Fact>& facts, const Organisation& organisation)
    : organisation_(organisation) {
  for (const auto& [hash, places] : CountedByDigest(facts, Kind::kRulePack)) {
    Pack& pack = packs_[hash];
    pack.body = places.front()->record->rule_pack().body();
    pack.base = Hash::From(pack.body.base());
    std::set<UnitId> publishers;
    for (const Fact* fact : places) {
      publishers.insert(fact->unit);
    }
    pack.publishers.assign(publishers.begin(), publishers.end());
  }
}

std::vector<std::string> RulePacks::Periods() const {
  std::set<std::string> periods;
  for (const auto& [hash, pack] : packs_) {
    periods.insert(pack.body.periods().begin(), pack.body.periods().end());
  }
  return {periods.begin(), periods.end()};
}

std::vector<Hash> RulePacks::ChainOf(const Hash& hash) const {
  std::vector<Hash> chain;
  std::optional<Hash> at = hash;
  while (at && packs_.contains(*at)) {
    chain.push_back(*at);
    at = packs_.at(*at).base;  // a hash of what it is part of does not exist: no circles
  }
  return chain;
}

bool RulePacks::SpeaksFor(const std::vector<Hash>& chain, std::string_view period) const {
  for (const Hash& hash : chain) {
    const auto& periods = packs_.at(hash).body.periods();
    if (!periods.empty()) {
      return std::any_of(periods.begin(), periods.end(),
                         [&](const std::string& listed) { return Covers(listed, period); });
    }
  }
  return false;
}

std::vector<Hash> RulePacks::CandidatesAt(const UnitId& unit, std::string_view period) const {
  std::vector<Hash> candidates;
  std::set<Hash> built_on;
  for (const auto& [hash, pack] : packs_) {
    const auto& publishers = pack.publishers;
    const std::vector<Hash> chain = ChainOf(hash);
    if (std::find(publishers.begin(), publishers.end(), unit) != publishers.end() &&
        SpeaksFor(chain, period)) {
      candidates.push_back(hash);
      built_on.insert(chain.begin() + 1, chain.end());
    }
  }
  std::erase_if(candidates, [&](const Hash& hash) { return built_on.contains(hash); });
  return candidates;
}

std::vector<Hash> RulePacks::Rivals(const UnitId& unit, std::string_view period) const {
  const std::vector<Hash> candidates = CandidatesAt(unit, period);
  return candidates.size() > 1 ? candidates : std::vector<Hash>();
}

EffectivePack RulePacks::For(const UnitId& unit, std::string_view period) const {
  std::vector<UnitId> path = organisation_.AboveOf(unit, LastDay(period));
  std::reverse(path.begin(), path.end());
  path.push_back(unit);
  std::vector<Hash> order;  // first to last laid
  for (const UnitId& publisher : path) {
    const std::vector<Hash> candidates = CandidatesAt(publisher, period);
    if (candidates.empty()) {
      continue;
    }
    const std::vector<Hash> chain = ChainOf(candidates.back());
    for (auto hash = chain.rbegin(); hash != chain.rend(); ++hash) {
      std::erase(order, *hash);
      order.push_back(*hash);
    }
  }
  std::reverse(order.begin(), order.end());
  return Lay(order, period);
}

std::optional<EffectivePack> RulePacks::ByHash(const Hash& hash) const {
  const std::vector<Hash> chain = ChainOf(hash);
  if (chain.empty() || packs_.at(chain.back()).base) {
    return std::nullopt;
  }
  // Any period it speaks for will do: the values do not depend on it where a pack is there.
  const auto& periods = packs_.at(chain.front()).body.periods();
  return Lay(chain, periods.empty() ? std::string_view() : std::string_view(periods.Get(0)));
}

bool RulePacks::PublishedBelow(const Hash& hash, const Hash& base) const {
  const std::vector<UnitId>& lower = packs_.at(hash).publishers;
  const std::vector<UnitId>& upper = packs_.at(base).publishers;
  return std::none_of(lower.begin(), lower.end(), [&](const UnitId& unit) {
    return std::find(upper.begin(), upper.end(), unit) != upper.end();
  });
}

EffectivePack RulePacks::Lay(const std::vector<Hash>& chain, std::string_view period) const {
  const std::uint32_t year = LastDay(period) / 10000;
  const bool years_fit = year >= kDefaultsFrom && year <= kDefaultsTo;
  const auto known = laid_.find({chain, years_fit});
  if (known != laid_.end()) {
    return known->second;
  }
  const EffectivePack laid(LayAnew(chain, years_fit));
  return laid_.emplace(std::pair(chain, years_fit), laid).first->second;
}

EffectivePack::Laid RulePacks::LayAnew(const std::vector<Hash>& chain, bool years_fit) const {
  EffectivePack::Laid laid;
  for (const ParameterRule& rule : AllParameters()) {
    laid.values[std::string(rule.name)] = {std::string(rule.value), rule.verified && years_fit,
                                           std::string(rule.source), Hash()};
  }
  laid.chain = chain;
  laid.hash = chain.empty() ? Hash() : chain.front();
  for (auto hash = chain.rbegin(); hash != chain.rend(); ++hash) {
    const pb::RulePackBody& body = packs_.at(*hash).body;
    laid.name += (laid.name.empty() ? "" : " + ") + body.id();
    const bool only_tightens = PublishedBelow(*hash, chain.back());
    for (const pb::Parameter& parameter : body.parameters()) {
      const auto refuse = [&](ParameterRefused::Why why) {
        laid.refused.push_back({*hash, parameter.name(), parameter.value(), why});
      };
      const ParameterRule* rule = FindParameter(parameter.name());
      if (rule == nullptr) {
        refuse(ParameterRefused::Why::kUnknownName);
        continue;
      }
      ParameterValue& value = laid.values.find(parameter.name())->second;
      if (!Reads(*rule, parameter.value())) {
        refuse(ParameterRefused::Why::kUnreadable);
      } else if (only_tightens && Widens(*rule, value.value, parameter.value())) {
        refuse(ParameterRefused::Why::kWidens);
      } else {
        value = {parameter.value(), parameter.verified(), parameter.source(), *hash};
      }
    }
  }
  return laid;
}

// ---- Peer groups

PeerGroups::PeerGroups(const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    if (!fact.counts() || !fact.record->has_peer_group()) {
      continue;
    }
    const pb::PeerGroupBody& body = fact.record->peer_group().body();
    const UnitId owner = UnitId::From(body.owner()).value_or(UnitId());
    if (owner != fact.unit) {
      continue;  // nobody groups in another's name
    }
    PeerGroup group{body.id(),
                    body.name(),
                    body.period(),
                    owner,
                    {body.subjects().begin(), body.subjects().end()},
                    fact.name};
    const Key key{body.period(), owner, body.id()};
    auto [at, added] = groups_.try_emplace(key, group);
    if (!added && at->second.record < fact.name) {
      at->second = std::move(group);
    }
  }
  for (const auto& [key, group] : groups_) {
    for (const pb::Subject& subject : group.subjects) {
      by_member_[{key.period, subject.kind(), subject.id()}].push_back(key);
    }
  }
}

std::vector<const PeerGroup*> PeerGroups::AllOf(const pb::Subject& subject,
                                                std::string_view period) const {
  std::vector<const PeerGroup*> groups;
  const auto found = by_member_.find({std::string(period), subject.kind(), subject.id()});
  if (found != by_member_.end()) {
    for (const Key& key : found->second) {
      groups.push_back(&groups_.at(key));
    }
  }
  return groups;
}

const PeerGroup* PeerGroups::GroupOf(const pb::Subject& subject, std::string_view period) const {
  const std::vector<const PeerGroup*> groups = AllOf(subject, period);
  return groups.empty() ? nullptr : groups.front();
}

std::vector<const PeerGroup*> PeerGroups::InPeriod(std::string_view period) const {
  std::vector<const PeerGroup*> groups;
  for (const auto& [key, group] : groups_) {
    if (key.period == period) {
      groups.push_back(&group);
    }
  }
  return groups;
}

}  // namespace chibo

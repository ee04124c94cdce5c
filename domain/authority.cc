#include "domain/authority.h"

#include <algorithm>

#include "domain/authority_state.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

std::optional<ValidCertificate> Valid(const Certificate* certificate) {
  if (certificate == nullptr || !certificate->holds() || !certificate->key) {
    return std::nullopt;
  }
  return ValidCertificate{certificate->id, certificate->body, certificate->unit, *certificate->key};
}

bool IsDevice(pb::Role role) {
  return role == pb::SECRETARY || role == pb::DEPUTY || role == pb::SERVER;
}

}  // namespace

Authority::Authority(const NetworkId& network, RootAt root_at)
    : state_(std::make_shared<State>(network, std::move(root_at))) {}

// ---- What comes in

void Authority::State::PutGenesis(const StreamState& stream, bool held) {
  CertificateId id;
  // Of a stream that is known the genesis is, too: the id is its hash.
  if (streams.Find(stream.id) == nullptr && stream.certificate != nullptr &&
      CheckMeaning(*stream.certificate)) {
    id = stream.certificate_id;
    const Spot genesis{stream.id, 0, 0, std::nullopt};
    chain.Add(stream.certificate, Place{genesis, true, nullptr});
  }
  if (streams.Put(stream, id, held)) {
    streams.Touch(stream.id);
  }
}

void Authority::State::AddAt(const Fact& fact, const Spot& spot) {
  const KindTraits* traits = TraitsOf(fact.kind);
  if (traits == nullptr || !traits->open || fact.record->body_case() != traits->kind ||
      !CheckMeaning(*fact.record)) {
    return;
  }
  const auto place = std::make_shared<const Fact>(fact);
  if (traits->kind == Kind::kRegister) {
    streams.AddRegister(place, spot);
  } else {
    chain.Add(fact.record, Place{spot, false, place});
  }
}

void Authority::State::Settle() {
  chain.Settle();
  CertificateChain::Touched touched = chain.TakeTouched();
  for (const CertificateId& id : touched.certificates) {
    streams.TouchWriter(id);
    changed_keys.insert(KeyOfDigest(id));
    const auto person = PersonId::From(chain.Find(id)->body.person());
    if (person) {
      changed_keys.insert(KeyOf(*person));
    }
  }
  for (const UnitId& unit : touched.units) {
    streams.TouchUnit(unit);
    changed_keys.insert(KeyOf(unit));
  }
  for (const Hash& digest : touched.digests) {
    changed_keys.insert(KeyOfDigest(digest));
  }
  for (const StreamId& stream : touched.streams) {
    streams.Touch(stream);
  }
  for (const StreamId& stream : streams.TakeTouched()) {
    changed.insert(stream);
    if (copied.contains(stream) || !chain.Naming(stream).empty()) {
      changed_keys.insert(KeyOfStream(stream));
    }
  }
}

void Authority::PutStream(const StreamState& stream) {
  state_->PutGenesis(stream, true);
  if (state_->branches.Put(stream.id, stream.branches)) {
    state_->chain.StreamGrew(stream.id);
    if (state_->streams.RestsOnGrowth(stream.id)) {
      state_->streams.Touch(stream.id);
    }
  }
  state_->Settle();
}

void Authority::Add(const Fact& fact) {
  if (fact.record == nullptr) {
    return;
  }
  if (fact.record->has_copy()) {
    const auto opened = state_->copies.Open(fact);
    if (!*opened) {
      return;
    }
    const OpenedCopy& copy = **opened;
    state_->copied.insert(copy.stream.id);
    state_->PutGenesis(copy.stream, false);
    Spot spot = SpotOf(copy.original);
    spot.proven = copy.proven;
    state_->AddAt(copy.original, spot);
  } else {
    state_->AddAt(fact, SpotOf(fact));
  }
  state_->Settle();
}

// ---- Questions

SetAside Authority::StandingOfEntry(const StreamId& stream, std::uint32_t branch,
                                    std::uint64_t index) const {
  return state_->streams.StandingAt({stream, index, branch, std::nullopt});
}

SetAside Authority::StandingOf(const Fact& fact) const {
  return state_->StandingOf(fact, SpotOf(fact));
}

std::optional<pb::RootSetBody> Authority::RootSet() const {
  const std::vector<const Statement*> holding = state_->chain.RootSets();
  if (holding.empty()) {
    return std::nullopt;
  }
  return holding.back()->record->root_set().body();
}

std::optional<ValidCertificate> Authority::Find(const CertificateId& id) const {
  return Valid(state_->chain.Find(id));
}

std::vector<ValidCertificate> Authority::Current(const UnitId& unit, pb::Role role) const {
  std::vector<ValidCertificate> current;
  for (const CertificateId& id : state_->chain.OfUnit(unit)) {
    const Certificate* certificate = state_->chain.Find(id);
    const auto valid = Valid(certificate);
    if (valid && certificate->unlimited() && certificate->body.role() == role) {
      current.push_back(*valid);
    }
  }
  return current;
}

std::vector<SignPublicKey> Authority::PersonKeys(const PersonId& person) const {
  std::set<SignPublicKey> keys;
  for (const CertificateId& id : state_->chain.OfPerson(person)) {
    const Certificate* certificate = state_->chain.Find(id);
    const auto valid = Valid(certificate);
    if (valid && certificate->unlimited() && certificate->body.role() == pb::PERSON) {
      keys.insert(valid->key);
    }
  }
  return {keys.begin(), keys.end()};
}

std::vector<SignPublicKey> Authority::PersonKeys(const PersonId& person, const Fact& at) const {
  std::set<SignPublicKey> keys;
  for (const CertificateId& id : state_->chain.OfPerson(person)) {
    const Certificate* certificate = state_->chain.Find(id);
    const auto valid = Valid(certificate);
    if (valid && certificate->body.role() == pb::PERSON &&
        state_->chain.CutBy(*certificate, SpotOf(at)) == nullptr) {
      keys.insert(valid->key);
    }
  }
  return {keys.begin(), keys.end()};
}

std::optional<ValidCertificate> Authority::ByNoiseKey(const DhPublicKey& key) const {
  for (const CertificateId& id : state_->chain.WithNoiseKey(key)) {
    const Certificate* certificate = state_->chain.Find(id);
    auto valid = Valid(certificate);
    if (valid && certificate->unlimited() && IsDevice(certificate->body.role())) {
      return valid;
    }
  }
  return std::nullopt;
}

bool Authority::IsRevoked(const CertificateId& id) const {
  const Certificate* certificate = state_->chain.Find(id);
  return certificate != nullptr && certificate->holds() &&
         std::any_of(certificate->status.limits.begin(), certificate->status.limits.end(),
                     [](const Statement* limit) { return limit->kind == Kind::kRevocation; });
}

bool Authority::IsHandedOver(const UnitId& unit, const UnitId& former, const UnitId& keeper) const {
  const Keeping keeping = state_->chain.KeepingOf(unit);
  return keeping.keeper == keeper && former != keeper &&
         std::any_of(keeping.former.begin(), keeping.former.end(), [&](const auto& before) {
           return before.first == former && before.second != nullptr &&
                  before.second->record->unit_change().body().hand_over();
         });
}

std::optional<UnitId> Authority::KeeperOf(const UnitId& unit) const {
  return state_->chain.KeepingOf(unit).keeper;
}

std::uint64_t Authority::version() const { return state_->chain.version(); }

std::vector<Fact> Authority::EvidenceFor(const StreamId& stream) const {
  return state_->EvidenceForStream(stream);
}

std::vector<Fact> Authority::EvidenceFor(const CertificateId& signer) const {
  return state_->EvidenceForSigner(signer);
}

std::vector<Fact> Authority::EvidenceFor(const UnitId& unit) const {
  return state_->EvidenceForUnit(unit);
}

std::vector<StreamId> Authority::TakeChanged() {
  const std::set<StreamId> changed = std::exchange(state_->changed, {});
  return {changed.begin(), changed.end()};
}

std::vector<FactKey> Authority::TakeChangedKeys() {
  const std::set<FactKey> keys = std::exchange(state_->changed_keys, {});
  return {keys.begin(), keys.end()};
}

}  // namespace chibo

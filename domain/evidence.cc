#include <algorithm>
#include <map>

#include "domain/authority_state.h"

namespace chibo {
namespace {

// Gathers what standings rest on, each record once, at a place that dates it.
class Evidence {
 public:
  Evidence(const CertificateChain& chain, const StreamStanding& streams,
           const StreamBranches& branches)
      : chain_(chain), streams_(streams), branches_(branches) {
    for (const Statement* root : chain_.RootSets()) {
      AddPlace(*root);
    }
  }

  void AddChain(const CertificateId& id) {
    const Certificate* certificate = chain_.Find(id);
    if (certificate == nullptr || !certificate->known || !certificates_.insert(id).second) {
      return;
    }
    for (const Statement* record : certificate->records) {
      AddPlace(*record);
    }
    for (const Statement* revocation : certificate->revocations) {
      if (chain_.IsSpoken(*revocation) && chain_.IsOver(revocation->issuer, *certificate)) {
        AddSpoken(*revocation);
      }
    }
    AddUnit(certificate->unit);
    if (certificate->issuer) {
      AddChain(*certificate->issuer);
    }
  }

  void AddStream(const StreamId& stream) {
    const StreamState* state = streams_.Find(stream);
    const Certificate* writer = streams_.WriterOf(stream);
    if (state == nullptr || writer == nullptr || !seen_streams_.insert(stream).second) {
      return;
    }
    AddChain(writer->id);
    AddUnit(state->unit);
    for (const Statement* statement : chain_.Naming(stream)) {
      if (chain_.IsSpoken(*statement)) {
        AddSpoken(*statement);
      }
    }
    if (branches_.IsForked(stream)) {
      for (const Registration* registration : streams_.RegistrationsOf(stream)) {
        facts_[registration->fact->name] = *registration->fact;
        AddStream(registration->spot.stream);
      }
    }
  }

  // Who keeps the unit, and who keeps that one, up to the topmost.
  void AddUnit(const UnitId& unit) {
    if (!units_.insert(unit).second) {
      return;
    }
    for (const auto* statements : {&chain_.ClaimsOn(unit), &chain_.ChangesOf(unit)}) {
      for (const Statement* statement : *statements) {
        if (chain_.IsSpoken(*statement)) {
          AddSpoken(*statement);
          AddUnitsOf(*statement->record);
        }
      }
    }
    const Keeping keeping = chain_.KeepingOf(unit);
    if (keeping.keeper) {
      AddUnit(*keeping.keeper);
    }
    for (const auto& [former, move] : keeping.former) {
      AddUnit(former);
    }
  }

  std::vector<Fact> Take() {
    std::vector<Fact> facts;
    for (auto& [name, fact] : facts_) {
      facts.push_back(std::move(fact));
    }
    return facts;
  }

 private:
  // Who may change units follows from who keeps each of them.
  void AddUnitsOf(const pb::Record& record) {
    if (!record.has_unit_change()) {
      return;
    }
    const pb::UnitChangeBody& body = record.unit_change().body();
    for (const auto* named : {&body.from(), &body.into()}) {
      for (const Bytes& bytes : *named) {
        if (const auto unit = UnitId::From(bytes)) {
          AddUnit(*unit);
        }
      }
    }
  }

  void AddSpoken(const Statement& statement) {
    AddPlace(statement);
    for (const Statement* list : chain_.ListsOf(statement)) {
      AddPlace(*list);
    }
    if (statement.issuer) {
      AddChain(*statement.issuer);
    }
  }

  void AddPlace(const Statement& statement) {
    const Certificate* issuer = statement.issuer ? chain_.Find(*statement.issuer) : nullptr;
    for (const Place& place : statement.places) {
      const bool dates = issuer == nullptr || chain_.CutBy(*issuer, place.spot) == nullptr;
      if (place.fact != nullptr && dates) {
        facts_[place.fact->name] = *place.fact;
        return;
      }
    }
  }

  const CertificateChain& chain_;
  const StreamStanding& streams_;
  const StreamBranches& branches_;
  std::map<RecordName, Fact> facts_;
  std::set<CertificateId> certificates_;
  std::set<UnitId> units_;
  std::set<StreamId> seen_streams_;
};

}  // namespace

std::vector<Fact> Authority::State::EvidenceForStream(const StreamId& stream) const {
  Evidence evidence(chain, streams, branches);
  evidence.AddStream(stream);
  return evidence.Take();
}

std::vector<Fact> Authority::State::EvidenceForUnit(const UnitId& unit) const {
  Evidence evidence(chain, streams, branches);
  evidence.AddUnit(unit);
  return evidence.Take();
}

std::vector<Fact> Authority::State::EvidenceForSigner(const CertificateId& signer) const {
  Evidence evidence(chain, streams, branches);
  evidence.AddChain(signer);
  return evidence.Take();
}

}  // namespace chibo

#ifndef CHIBO_DOMAIN_AUTHORITY_STATE_H_
#define CHIBO_DOMAIN_AUTHORITY_STATE_H_

#include <set>
#include <utility>
#include <vector>

#include "domain/authority.h"
#include "domain/certificate_chain.h"
#include "domain/copy_opening.h"
#include "domain/stream_branches.h"
#include "domain/stream_standing.h"

namespace chibo {

// The parts of Authority, joined.
struct Authority::State {
  State(const NetworkId& network_id, RootAt root_at)
      : network(network_id),
        branches(std::move(root_at)),
        chain(network_id, branches),
        streams(chain, branches),
        copies(network_id) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // authority.cc
  void PutGenesis(const StreamState& stream, bool held);
  void AddAt(const Fact& fact, const Spot& spot);
  // Brings everything up to date and notes what changed.
  void Settle();

  // record_standing.cc
  SetAside StandingOf(const Fact& fact, const Spot& spot) const;
  SetAside StandingOfCopy(const Fact& fact) const;
  SetAside SignedStanding(const Fact& fact, const Spot& spot) const;
  SetAside Competence(const Fact& fact) const;
  bool MaySpeakFor(const pb::Record& record, const UnitId& unit) const;

  // evidence.cc
  std::vector<Fact> EvidenceForStream(const StreamId& stream) const;
  std::vector<Fact> EvidenceForSigner(const CertificateId& signer) const;
  std::vector<Fact> EvidenceForUnit(const UnitId& unit) const;

  NetworkId network;
  StreamBranches branches;
  CertificateChain chain;
  StreamStanding streams;
  mutable OpenedCopies copies;
  std::set<StreamId> copied;  // streams of which copies were added
  std::set<StreamId> changed;
  std::set<FactKey> changed_keys;
};

// Where a fact stands, as held.
inline Spot SpotOf(const Fact& fact) {
  return {fact.name.stream, fact.name.index, fact.branch, std::nullopt};
}

}  // namespace chibo

#endif  // CHIBO_DOMAIN_AUTHORITY_STATE_H_

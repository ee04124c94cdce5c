#ifndef CHIBO_DOMAIN_AUTHORITY_H_
#define CHIBO_DOMAIN_AUTHORITY_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "domain/fact.h"

namespace chibo {

// One branch of a stream as held: entries [fork_at, size) are its own, those below are branch 0's.
struct BranchState {
  std::uint32_t branch = 0;
  std::uint64_t fork_at = 0;
  std::uint64_t size = 0;
};

// What the genesis of a stream says, and how far it is held.
struct StreamState {
  StreamId id;
  pb::StreamKind kind = pb::STREAM_NONE;
  UnitId unit;
  UnitId other;
  SignPublicKey device;
  pb::Record certificate;  // the certificate embedded in the genesis
  CertificateId certificate_id;
  Position predecessor;               // size 0: none
  std::vector<BranchState> branches;  // branch 0 first
};

// A certificate that holds: its chain leads to the root set.
struct ValidCertificate {
  CertificateId id;
  pb::CertificateBody body;
  UnitId unit;
  SignPublicKey key;
};

// Who may say what: certificates, revocations, closings, adoptions and fork rulings, and from them
// the standing of every entry and record. A pure function of the set of things added: any order
// gives the same answers.
//
// A certificate holds when an AUTHORITY of its issuer's unit that itself holds (or the root set)
// has signed it, at a position not cut off for that issuer, and the issuer's unit is its unit or
// keeps it (established it, or a later move gave it). All of that is decided by issuers of smaller
// depth, so there are no circles. Positions decide, never times. The highest revoker wins; of two
// at the same depth the one that keeps less.
//
// Not thread-safe. Cheap to copy: no. Memory grows with certificates and streams, not with records.
class Authority {
 public:
  // RootAt gives the root of (stream, branch) at a size, or nothing when that size is not held:
  // kept points, registered points and rulings name branches by it.
  using RootAt =
      std::function<std::optional<Hash>(const StreamId&, std::uint32_t branch, std::uint64_t size)>;

  Authority(const NetworkId& network, RootAt root_at);

  // Streams and their growth. Called for every stream held; again when a branch grows or a fork
  // appears.
  void PutStream(const StreamState& stream);
  // An authority record (TraitsOf(kind)->open), where it stands. A Copy is opened here: its proof
  // checked and the original added at its own place. Idempotent.
  void Add(const Fact& fact);

  // Standing of an entry by position alone: certificate, revocation, closing, fork, adoption.
  SetAside StandingOfEntry(const StreamId& stream, std::uint32_t branch, std::uint64_t index) const;
  // Standing of a record: of its entry; that its writer's role may write the kind in that kind of
  // stream; for signed kinds that the signer's certificate holds, may speak for that unit, and the
  // signature holds.
  SetAside StandingOf(const Fact& fact) const;

  // Nothing when it does not hold (or is not known here).
  std::optional<ValidCertificate> Find(const CertificateId& id) const;
  // All that hold for a unit and role, sorted by id; revoked ones (even if they keep a past) are
  // left out.
  std::vector<ValidCertificate> Current(const UnitId& unit, pb::Role role) const;
  // The person keys a superior has certified, with the unit they act in.
  std::vector<SignPublicKey> PersonKeys(const PersonId& person) const;
  // The current device certificate with this Noise key, if any: how a peer is known.
  std::optional<ValidCertificate> ByNoiseKey(const DhPublicKey& key) const;
  // Whether any revocation that holds names this certificate.
  bool IsRevoked(const CertificateId& id) const;
  // The unit that keeps `unit` (superior by right, not by the organisation's history): nothing for
  // the topmost.
  std::optional<UnitId> KeeperOf(const UnitId& unit) const;
  // All authority records the standing of this stream rests on, from the root set down, as facts in
  // place; what a receiver needs who lacks them.
  std::vector<Fact> EvidenceFor(const StreamId& stream) const;

  // Streams whose StandingOfEntry may answer otherwise than when this was last called, sorted; for
  // re-projection.
  std::vector<StreamId> TakeChanged();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_AUTHORITY_H_

#ifndef CHIBO_DOMAIN_AUTHORITY_H_
#define CHIBO_DOMAIN_AUTHORITY_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "domain/fact.h"

namespace chibo {

// One branch of a stream as held: entries [fork_at, size) are its own, those below are those of
// `parent`, an earlier branch (of branch 0: itself).
struct BranchState {
  std::uint32_t branch = 0;
  std::uint32_t parent = 0;
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
  std::shared_ptr<const pb::Record> certificate;  // embedded in the genesis; null: unreadable
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
// gives the same answers. The rules stand with the parts that hold them: certificate_chain.h (who
// may certify, who keeps a unit, what ends a certificate) and stream_standing.h (which entries
// stand). Common to all: positions decide, never times; a statement is dated by the entry that
// carries it; only issuers of smaller depth decide about a certificate, so there are no circles.
//
// What a receiver lacks leaves records waiting, never rejected: every answer may change when more
// is added, and TakeChanged and TakeChangedKeys tell which.
//
// Not thread-safe; also const functions are not (they remember signature checks). Copies share
// their state. Memory grows with certificates, streams and register entries, not with records.
class Authority {
 public:
  // RootAt gives the root of (stream, branch) at a size, or nothing when that size is not held:
  // kept points, registered points and rulings name branches by it. Must be as of the newest
  // PutStream.
  using RootAt =
      std::function<std::optional<Hash>(const StreamId&, std::uint32_t branch, std::uint64_t size)>;

  Authority(const NetworkId& network, RootAt root_at);

  // Streams and their growth. Called for every stream held; again when a branch grows or a fork
  // appears. Cheap where nothing rests on the stream's growth.
  void PutStream(const StreamState& stream);
  // An authority record (TraitsOf(kind)->open), where it stands, or a Copy, which is opened here:
  // its proof checked and the original added at its own place. Others, and those that cannot be
  // meant, are passed over. Idempotent. The cost is that of what changes by it.
  void Add(const Fact& fact);

  // Standing of an entry by position alone: certificate, revocation, closing, fork, adoption.
  SetAside StandingOfEntry(const StreamId& stream, std::uint32_t branch, std::uint64_t index) const;
  // Standing of a record: that it is understood and can be meant; of its entry; that its writer's
  // role may write the kind in that kind of stream; for signed kinds that the signer's certificate
  // holds, may speak for that unit, and the signature holds. Authority records: after Add. A copy
  // has the standing of its original. fact.standing is looked at only where the record is null.
  // Attestations are not asked here: attestation.h.
  SetAside StandingOf(const Fact& fact) const;

  // The newest root set that holds; nothing before the first is known.
  std::optional<pb::RootSetBody> RootSet() const;
  // Nothing when it does not hold (or is not known here).
  std::optional<ValidCertificate> Find(const CertificateId& id) const;
  // All that hold for a unit and role, sorted by id; those that something ends (even if it keeps a
  // past) are left out.
  std::vector<ValidCertificate> Current(const UnitId& unit, pb::Role role) const;
  // The person keys a superior has certified and nothing has ended, sorted.
  std::vector<SignPublicKey> PersonKeys(const PersonId& person) const;
  // The same as of a record's place: also keys ended since, where the end keeps that place.
  std::vector<SignPublicKey> PersonKeys(const PersonId& person, const Fact& at) const;
  // The current device certificate with this Noise key, if any: how a peer is known.
  std::optional<ValidCertificate> ByNoiseKey(const DhPublicKey& key) const;
  // Whether any revocation that holds names this certificate.
  bool IsRevoked(const CertificateId& id) const;
  // Whether a MOVE that holds has taken the unit from `former` to `keeper`, the one who keeps it
  // now, and hands the unit's older records of parent reach over.
  bool IsHandedOver(const UnitId& unit, const UnitId& former, const UnitId& keeper) const;
  // The unit that keeps `unit` (superior by right, not by the organisation's history): nothing for
  // the topmost, and while it is not known or contested.
  std::optional<UnitId> KeeperOf(const UnitId& unit) const;

  // A higher number whenever Find, Current, ByNoiseKey or KeeperOf may answer otherwise.
  std::uint64_t version() const;

  // All authority records the standing of this stream's entries rests on, from the root set down,
  // as facts in place; what a receiver needs who lacks them. By name, without repeats; where a
  // record stands in several places, one that dates it. Certificates met only in a genesis are not
  // listed: they travel with their stream.
  std::vector<Fact> EvidenceFor(const StreamId& stream) const;
  // The same for the signer of a record.
  std::vector<Fact> EvidenceFor(const CertificateId& signer) const;
  // The same for who keeps a unit.
  std::vector<Fact> EvidenceFor(const UnitId& unit) const;

  // Streams in which StandingOfEntry may answer otherwise than when this was last called, sorted;
  // for re-projection.
  std::vector<StreamId> TakeChanged();
  // Keys of facts whose own standing may be another though that of their entry is not: their signer
  // (key: digest) or an attestor (key: person) became known or was revoked, or the unit they speak
  // about (key: unit) got another keeper, or the stream they copy from or rule about changed
  // (key: stream). Sorted. To be taken together with TakeChanged.
  std::vector<FactKey> TakeChangedKeys();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_AUTHORITY_H_

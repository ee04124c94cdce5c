#ifndef CHIBO_DOMAIN_CERTIFICATE_CHAIN_H_
#define CHIBO_DOMAIN_CERTIFICATE_CHAIN_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/stream_branches.h"
#include "proto/crypto.h"

// The inner part of Authority: signed statements, certificates, and which unit keeps which.
namespace chibo {

// Where a statement was met. A genesis carries its certificate outside of any record.
struct Place {
  Spot spot;
  bool genesis = false;
  std::shared_ptr<const Fact> fact;  // null for a genesis
};

// A signed authority record, once, with all its places. Two records with one body but different
// signatures are two statements.
struct Statement {
  Kind kind = Kind::BODY_NOT_SET;
  std::shared_ptr<const pb::Record> record;
  Hash content;
  Hash digest;                          // of the body
  std::optional<CertificateId> issuer;  // nothing: the root set
  // A revocation's `kept`, a change's `closed`, and of the lists that they name those held.
  std::map<StreamId, Position> points;
  std::vector<Hash> more;  // content digests of those lists

  bool names_points() const { return !points.empty() || !more.empty(); }
  std::vector<Place> places;  // in order of spot, genesis
};

struct CertificateStatus {
  // kCounts; kCertificateUnknown where something is still to come; kCertificateNotValid.
  SetAside verdict = SetAside::kCertificateUnknown;
  // What ends it, by position: the revocations of the highest rank, and the changes of its unit of
  // the highest rank. Every one of them must keep a place.
  std::vector<const Statement*> limits;

  friend bool operator==(const CertificateStatus&, const CertificateStatus&) = default;
};

struct Certificate {
  CertificateId id;
  bool known = false;  // false: named as an issuer, not met yet
  pb::CertificateBody body;
  UnitId unit;
  std::optional<SignPublicKey> key;  // nothing: of an algorithm not known here
  std::optional<CertificateId> issuer;
  CertificateStatus status;

  std::vector<Statement*> records;      // with this body
  std::set<CertificateId> issued;       // certificates that name this as issuer
  std::set<Statement*> spoken;          // other statements that do
  std::vector<Statement*> revocations;  // that name this certificate

  bool holds() const { return status.verdict == SetAside::kCounts; }
  // Neither revoked nor ended by a change of its unit.
  bool unlimited() const { return status.limits.empty(); }
  std::uint32_t depth() const { return body.depth(); }
};

// Whether enough keys of the set have signed.
bool SignedByRootSet(const NetworkId& network, const pb::RootSetBody& root,
                     const pb::Record& record);

// Who keeps a unit: who may certify for it and change it.
struct Keeping {
  bool known = false;  // somebody who may has said so
  bool contested =
      false;  // and somebody else says otherwise: nobody keeps it until a higher one decides
  std::optional<UnitId> keeper;  // nothing for the topmost, or when contested
  // Units that kept it before, each with the change that took it away.
  std::vector<std::pair<UnitId, const Statement*>> former;
};

// How it is decided, for a certificate of depth k: only statements by issuers of smaller depth have
// a say, so there are no circles. In words:
//  - It holds when the root set (k = 1) or an AUTHORITY of depth k - 1 that holds has signed it at
//  a
//    place not cut off for that issuer, and the issuer's unit is its unit, or keeps or kept it. A
//    PERSON's only when it keeps or kept it.
//  - A unit is kept by the parent that its Unit record names when that parent's AUTHORITY signed
//  it.
//    Where Unit records name different parents, the one counts whose AUTHORITY stands above the
//    others' in their certificate chains; the root set's counts before all. Otherwise the unit is
//    contested: a stranger's claim takes no unit away, and is seen.
//  - A MOVE by an AUTHORITY above the present keeper and the new one (or being one of them) gives a
//  new keeper.
//    Moves of one unit follow each other by `previous`; of two that follow the same change the one
//    of smaller depth counts, of the same depth none.
//  - A revocation counts when its issuer has a smaller depth than the certificate and its unit is
//  in
//    the certificate's chain or among the keepers above its unit. A change of a unit that lists
//    closed streams ends the unit's certificates by position as well: all of them when the unit
//    ends, those of the former keeper's line when it moves (a change that lists none ends none).
//    Points may stand in lists that the statement names by digest; a list that is not held keeps
//    nothing of what only it names, and a stream named twice has the point that stands first.
//  - Only the newest root set that holds signs; certificates signed by an older one are signed
//  again
//    by the new one (same body, same id).
class CertificateChain {
 public:
  // `branches` must outlive this object.
  CertificateChain(const NetworkId& network, const StreamBranches& branches);

  // ---- What comes in
  // A signed authority record at a place. The record can be meant (CheckMeaning).
  void Add(std::shared_ptr<const pb::Record> record, Place place);
  // Roots of this stream may be known that were not.
  void StreamGrew(const StreamId& stream);
  // Brings every status up to date; to be called after Add and StreamGrew, before asking.
  void Settle();

  // What may be judged otherwise than when this was last called.
  struct Touched {
    std::set<CertificateId> certificates;
    std::set<UnitId> units;
    std::set<StreamId> streams;
    std::set<Hash> digests;  // of bodies of statements, where nothing above finds them
  };
  Touched TakeTouched() { return std::exchange(touched_, {}); }
  // A higher number whenever the status of a certificate or the keeper of a unit may be another.
  std::uint64_t version() const { return version_; }

  // ---- Certificates
  // Null when nothing is known of it.
  const Certificate* Find(const CertificateId& id) const;
  // Those that name the unit, the person, the Noise key; valid or not.
  const std::set<CertificateId>& OfUnit(const UnitId& unit) const;
  const std::set<CertificateId>& OfPerson(const PersonId& person) const;
  const std::set<CertificateId>& WithNoiseKey(const DhPublicKey& key) const;
  // The limit that does not keep this place, if one does not.
  const Statement* CutBy(const Certificate& certificate, const Spot& spot) const;
  // From the certificate up to the one under the root set.
  std::vector<const Certificate*> Upwards(const Certificate& certificate) const;

  // ---- Statements
  // A good signature by the issuer the body names, who holds and may sign the kind, at some place
  // not cut off for that issuer.
  bool IsSpoken(const Statement& statement) const;
  // The same for one place, saying why not. For records that Add does not take, too.
  SetAside SpokenAt(const pb::Record& record, const Hash& content, const Spot& spot) const;
  // 0 for the root set, else the issuer's depth.
  std::uint32_t RankOf(const Statement& statement) const;
  // Whether a root set holds: it is the first or follows one that holds.
  bool RootSetHolds(const Hash& body_digest) const;
  std::vector<const Statement*> RootSets() const;
  // Spoken or not: Unit and UnitChange records about a unit; adoptions, rulings and changes that
  // name a stream.
  const std::vector<Statement*>& ClaimsOn(const UnitId& unit) const;
  const std::vector<Statement*>& ChangesOf(const UnitId& unit) const;
  const std::vector<Statement*>& Naming(const StreamId& stream) const;
  const Statement* FindStatement(const Hash& content) const;
  // The lists of points held that the statement names.
  std::vector<const Statement*> ListsOf(const Statement& statement) const;

  // ---- Units. `depth`: only statements by issuers of at most that depth are heard.
  static constexpr std::uint32_t kAll = 255;
  Keeping KeepingOf(const UnitId& unit, std::uint32_t depth = kAll) const;
  // Whether the signer of a Unit record may make the claim, and it is what is taken for true.
  bool ClaimStands(const pb::Record& unit) const;
  // Whether `upper` is `unit` or above it, now.
  bool IsAbove(const UnitId& upper, const UnitId& unit, std::uint32_t depth = kAll) const;
  // Whether it is, or was.
  bool WasAbove(const UnitId& upper, const UnitId& unit, std::uint32_t depth = kAll) const;
  // A spoken UnitChange by somebody who may change all the units it names.
  bool ChangeHolds(const Statement& change, std::uint32_t depth = kAll) const;
  // Whether an issuer (nothing: the root set) stands over a certificate: smaller depth, and in its
  // chain or among the keepers above its unit.
  bool IsOver(const std::optional<CertificateId>& issuer, const Certificate& certificate) const;

 private:
  struct Unit {
    std::vector<Statement*> claims;
    std::vector<Statement*> changes;
    std::set<UnitId> ever_below;  // claimed or moved here, by whomever
    std::set<CertificateId> certificates;
    mutable std::optional<Keeping> keeping;  // of depth kAll
    mutable std::uint64_t keeping_as_of = 0;
  };
  struct Claim;

  Certificate& Known(const CertificateId& id);
  const Unit* FindUnit(const UnitId& unit) const;
  void Index(Statement& statement);
  void IndexCertificate(Statement& statement);
  void IndexSpoken(Statement& statement);
  void IndexChange(Statement& statement);
  void IndexMore(std::vector<Hash> more, Statement& statement);
  void IndexList(const Statement& list);
  void ReadAllPoints(Statement& statement);
  void Unsettle(const Certificate& certificate);
  // Whether one more place can make a difference.
  bool PlaceMatters(const Statement& statement) const;
  void StatementChanged(const Statement& statement);
  void CertificateChanged(const Certificate& certificate);
  void UnitChanged(const UnitId& unit);
  void FindRootSets();

  CertificateStatus StatusOf(const Certificate& certificate) const;
  SetAside VerdictOf(const Certificate& certificate) const;
  SetAside MayCertify(const Certificate& issuer, const Certificate& certificate) const;
  std::vector<const Statement*> LimitsOf(const Certificate& certificate) const;
  void AddChangeLimits(const Certificate& certificate, std::vector<const Statement*>& limits) const;
  // Of statements, those by the highest issuers; in order of content.
  void KeepHighest(std::vector<const Statement*>& statements) const;
  bool MaySign(const Certificate& issuer, Kind kind) const;
  bool SignedBy(const Certificate& issuer, const pb::Record& record, const Hash& content) const;
  bool SignedByRoot(const pb::Record& record, const Hash& content) const;
  // Spoken, by an issuer of at most that depth.
  bool Heard(const Statement& statement, std::uint32_t depth) const;
  void IndexLimits(const Certificate& certificate, bool add);
  bool HasGoodPlace(const Certificate& issuer, const Statement& statement) const;

  // `moves`: moves by issuers of at most that depth are seen; -1 sees none. Judging a move takes a
  // smaller number each time, so it ends.
  Keeping ComputeKeeping(const UnitId& unit, std::uint32_t depth, int moves) const;
  Keeping BaseOf(const UnitId& unit, std::uint32_t depth) const;
  std::vector<Claim> ClaimsHeard(const UnitId& unit, std::uint32_t depth) const;
  bool Outranks(const Claim& claim, const Claim& other) const;
  std::vector<const Statement*> MovesHeard(const UnitId& unit, std::uint32_t depth,
                                           int moves) const;
  void ApplyMoves(const UnitId& unit, const std::vector<const Statement*>& moves,
                  std::uint32_t depth, int budget, Keeping& keeping) const;
  // The move of the unit that this change follows, over renames and the like.
  const Statement* MoveBefore(const UnitId& unit, const Statement& change, std::uint32_t depth,
                              int moves) const;
  bool MayChange(const Statement& change, std::uint32_t depth, int moves) const;
  bool MayChangeUnit(const Statement& change, const UnitId& unit, std::uint32_t depth,
                     int moves) const;
  // Over present and former keepers.
  bool Reaches(const UnitId& upper, const UnitId& unit, std::uint32_t depth, int moves) const;

  NetworkId network_;
  const StreamBranches& branches_;
  std::map<Hash, Statement> statements_;  // by content; addresses are stable
  std::map<CertificateId, Certificate> certificates_;
  std::map<UnitId, Unit> units_;
  std::map<PersonId, std::set<CertificateId>> of_person_;
  std::map<DhPublicKey, std::set<CertificateId>> with_noise_key_;
  std::map<StreamId, std::vector<Statement*>> naming_;
  std::map<Hash, std::vector<Statement*>> naming_list_;     // by the list's content digest
  std::map<StreamId, std::set<CertificateId>> limited_at_;  // certificates with limits naming it

  std::vector<Statement*> root_sets_;            // all met
  std::vector<const Statement*> holding_roots_;  // the first, the one after it, …
  std::set<Statement*> root_spoken_;             // statements without issuer
  std::set<CertificateId> root_issued_;

  std::set<std::pair<std::uint32_t, CertificateId>> unsettled_;  // by depth
  std::set<CertificateId> renotify_;  // those below are to be looked at even if the status stays
  Touched touched_;
  std::uint64_t version_ = 1;
  mutable std::map<std::pair<Hash, SignPublicKey>, bool> signatures_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_CERTIFICATE_CHAIN_H_

#ifndef CHIBO_DOMAIN_FACT_H_
#define CHIBO_DOMAIN_FACT_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "proto/entry.h"
#include "proto/ids.h"

namespace chibo {

// Whether a record counts, and if not, why. Stored as its number, shown as text key
// "set_aside_<name>"; numbers are never used again. Nothing signed is dropped: what does not count
// is listed with this.
enum class SetAside : std::uint8_t {
  kCounts = 0,
  kCertificateUnknown = 1,   // waits: the writer's certificate, or one above it, has not arrived
  kCertificateNotValid = 2,  // the chain does not hold
  kWrongScope = 3,           // the certificate does not allow this unit, stream kind or record kind
  kRevoked = 4,              // past the position a revocation keeps
  kClosed = 5,               // past the position at which the unit's stream was closed
  kForked = 6,               // past a fork point and not (yet) the registered or ruled branch
  kIssuerUnknown = 7,        // waits: the signer's certificate has not arrived
  kBadSignature = 8,         // the signature inside does not hold
  kNotCompetent = 9,         // signed by an authority that may not say this
  kNotUnderstood = 10,       // a kind or version this program does not know: stored and relayed
  kBadAttestation = 11,      // a required attestation is missing or does not hold
  kPersonKeyUnknown = 12,    // waits: an attestor's key has no certificate yet
  kOriginalUnproven = 13,    // a copy whose proof does not hold
  kNotMeant = 14,            // parses, but says something that cannot be meant
  kSealBroken = 15,          // sealed to this device, and does not open or is not the original
};
std::string_view Name(SetAside reason);  // "revoked"

// A record in place, as the view sees it.
struct Fact {
  RecordName name;
  std::uint32_t branch = 0;  // storage's number of the fork branch; 0 where there is none
  pb::StreamKind stream_kind = pb::STREAM_NONE;
  UnitId unit;   // anchor of the stream: whose statement it is
  UnitId other;  // superior (line) or V (to)
  std::uint32_t kind = 0;
  pb::Reach reach = pb::ALL;
  Timestamp claimed;
  Bytes pack;  // hash of the pack the header names, or empty
  // Null where withheld, erased or not understood.
  std::shared_ptr<const pb::Record> record;
  Hash content;  // ContentDigest; zero where withheld or erased
  SetAside standing = SetAside::kCounts;

  bool counts() const { return standing == SetAside::kCounts && record != nullptr; }
};

// What a fact can be found by. `id` is a person's, unit's, record's or certificate's id, or a
// digest.
enum class KeyType : std::uint8_t {
  kPerson = 1,  // 16 bytes
  kUnit = 2,    // 16 bytes: statements about a unit, and a unit's meetings, members, postings
  kKind = 3,  // varint kind: the kinds wanted whole (authority records, copies, packs, peer groups)
  kDigest = 4,  // 32 bytes: body digest of a decision, so that confirmations and cancellations find
                // theirs; also certificate id: the certificate, what revokes it, and everything it
                // has signed
  kContent = 5,  // 32 bytes: content digest of what can be attested from another entry, and of what
                 // an attestation names
  // Name of the record referred to or attested: 32 ‖ u64 ‖ u32. Meetings, minutes, vote sessions,
  // tallies, corrections, review reports and proposals also stand under their own, so that one
  // look-up gives them and what refers to them.
  kRecord = 6,
};

struct FactKey {
  KeyType type = KeyType::kPerson;
  Bytes id;

  friend auto operator<=>(const FactKey&, const FactKey&) = default;
};
FactKey KeyOf(const PersonId& person);
FactKey KeyOf(const UnitId& unit);
FactKey KeyOfKind(Kind kind);
FactKey KeyOfDigest(const Hash& digest);
FactKey KeyOfDigest(const CertificateId& id);
// What speaks of this stream as a whole: copies of its records, sealed texts, adoptions, fork
// rulings (of type kDigest).
FactKey KeyOfStream(const StreamId& stream);
FactKey KeyOfContent(const Hash& content);
FactKey KeyOf(const RecordName& name);
// A card or citizen number: register entries that have the same, by its digest (of type kDigest).
FactKey KeyOfNumber(std::string_view number);

// Every key under which a fact must be found, sorted, without repeats. A pure function of the fact.
std::vector<FactKey> KeysOf(const Fact& fact);

// A Ref as written in `fact`, made absolute (record.proto, Ref). A stream of the wrong size gives
// the zero name.
RecordName Resolve(const pb::Ref& ref, const Fact& fact);

// Where the domain reads facts from; implemented by the view store, and by a plain vector in tests.
// FactsOf returns them sorted by (name, branch), counted or not.
class FactSource {
 public:
  virtual ~FactSource() = default;
  virtual Result<std::vector<Fact>> FactsOf(const FactKey& key) const = 0;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_FACT_H_

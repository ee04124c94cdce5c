#ifndef CHIBO_DOMAIN_ATTESTATION_H_
#define CHIBO_DOMAIN_ATTESTATION_H_

#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/fact.h"

namespace chibo {

// Somebody whose signature a record needs before it counts.
struct RequiredAct {
  PersonId person;
  pb::Act act = pb::ACT_NONE;

  friend auto operator<=>(const RequiredAct&, const RequiredAct&) = default;
};

// The certified keys of a person that nothing had ended at the place of a record:
// Authority::PersonKeys.
using PersonKeysAt =
    std::function<std::vector<SignPublicKey>(const PersonId& person, const Fact& at)>;

// Minutes are signed by the chair and the minute-taker of their meeting; a tally, and a correction
// of one, by every teller and the chair of the vote session. Other kinds need nobody.
bool NeedsAttestation(std::uint32_t kind);

// The acts a record needs, sorted. Reads its meeting or vote session from `entry` (the facts of the
// record's own entry, where they are at hand) or from `facts`. Nothing when one of them is not
// held: kBehind. Errors of the source are handed on.
Result<std::vector<RequiredAct>> RequiredActs(const FactSource& facts, std::span<const Fact> entry,
                                              const Fact& record);

// Whether the acts a record needs are signed. kCounts; kPersonKeyUnknown while all that is missing
// is a certificate for an attestor's key; kBadAttestation where a signature is missing or does not
// hold, nobody is named who could sign, or the meeting or vote session is not held.
//
// An attestation is found in the record's own entry or, by content digest, in any other, so it
// survives that the record is written again into another stream. It is judged by its signatures
// alone, over network, unit, act and contents; its own standing is not asked, for a person's
// signature says the same wherever it lies. Only an attestation of the same unit's streams counts.
Result<SetAside> AttestationStanding(const NetworkId& network, const FactSource& facts,
                                     std::span<const Fact> entry, const Fact& record,
                                     const PersonKeysAt& keys);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_ATTESTATION_H_

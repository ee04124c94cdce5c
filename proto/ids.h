#ifndef CHIBO_PROTO_IDS_H_
#define CHIBO_PROTO_IDS_H_

#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace chibo {

// SHA-256 of something.
using Hash = FixedBytes<struct HashTag, 32>;
// Hash of the genesis header (formats: "chibo/stream/v0\n").
using StreamId = FixedBytes<struct StreamIdTag, 32>;
// Hash of the first root set's body.
using NetworkId = FixedBytes<struct NetworkIdTag, 32>;
// Hash of a certificate's body.
using CertificateId = FixedBytes<struct CertificateIdTag, 32>;
// 16 random bytes, given once.
using UnitId = FixedBytes<struct UnitIdTag, 16>;
using PersonId = FixedBytes<struct PersonIdTag, 16>;

using SignPublicKey = FixedBytes<struct SignPublicKeyTag, 32>;  // Ed25519
using DhPublicKey = FixedBytes<struct DhPublicKeyTag, 32>;      // X25519
using Signature = FixedBytes<struct SignatureTag, 64>;          // Ed25519
using Commitment = FixedBytes<struct CommitmentTag, 32>;        // of one record
using StreamSecret = FixedBytes<struct StreamSecretTag, 32>;    // of one stream and reach

// How far a stream has come: the first `size` entries, and their root.
struct Position {
  StreamId stream;
  std::uint64_t size = 0;
  Hash root;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// The name of a record. A record has no other id.
struct RecordName {
  StreamId stream;
  std::uint64_t index = 0;
  std::uint32_t position = 0;

  friend auto operator<=>(const RecordName&, const RecordName&) = default;
};

// "<stream id, hex>/<index>/<position>"
std::string ToString(const RecordName& name);

}  // namespace chibo

#endif  // CHIBO_PROTO_IDS_H_

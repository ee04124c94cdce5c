#ifndef CHIBO_TESTS_VERIFY_FORGED_H_
#define CHIBO_TESTS_VERIFY_FORGED_H_

#include <string>

#include "node/enrolment.h"
#include "proto/ids.h"

namespace chibo {

// A stream that is whole in itself, with every hash and checkpoint right, in the name of a unit.
struct ForgedStream {
  NetworkId network;
  UnitId unit;
  // Who certifies the writer; nothing: as if the root set did.
  std::optional<CertificateId> issuer;
  std::uint32_t depth = 1;
  // Records of the entry after the genesis.
  std::vector<pb::Record> records;
};
// Adds it to the store of a data directory; its id.
StreamId AddForged(const std::string& directory, const ForgedStream& forged, Random& random);

}  // namespace chibo

#endif  // CHIBO_TESTS_VERIFY_FORGED_H_

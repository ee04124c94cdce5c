#ifndef CHIBO_TOOLS_VERIFY_GATHERED_H_
#define CHIBO_TOOLS_VERIFY_GATHERED_H_

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "tools/verify/held.h"
#include "tools/verify/signed_record.h"

namespace chibo::verify {

// A record of a signed kind with the place where it was met. `quiet`: what is wrong with it has
// been told already, so nothing more is said of it.
struct Statement {
  SignedParts parts;
  std::shared_ptr<const pb::Record> record;
  Place place;
  bool quiet = false;
};

// The certificate by which a stream is written.
struct StreamWriter {
  Digest certificate;
  Digest device;
  Bytes unit;
  Place place;
};

// A Register record: who says so is the unit whose stream it stands in.
struct RegisterSeen {
  Bytes unit;
  std::int64_t time_ms = 0;
  std::map<Digest, std::pair<std::uint64_t, Bytes>> points;  // stream → size, root
};
// Stream, index, position.
using RecordName = std::tuple<Digest, std::uint64_t, std::uint32_t>;

struct AttestationSeen {
  Bytes person;
  Bytes message;  // what was to be signed
  Bytes signature;
  Place place;
};

// What one pass over all entries collects for the checks that need all of it.
struct Gathered {
  std::vector<Statement> statements;
  std::vector<StreamWriter> writers;
  std::multimap<RecordName, RegisterSeen> registers;
  std::vector<PositionClaim> claims;
  std::vector<AttestationSeen> attestations;
  std::map<Bytes, std::set<Digest>> person_keys;  // as enrolled by units
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_GATHERED_H_

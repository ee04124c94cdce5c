#ifndef CHIBO_TOOLS_VERIFY_SIGNED_RECORD_H_
#define CHIBO_TOOLS_VERIFY_SIGNED_RECORD_H_

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "chibo/record.pb.h"
#include "tools/verify/format.h"

// Records, and those among them that are {body, signatures}.
namespace chibo::verify {

bool IsKnownKind(std::uint32_t kind);
// Whether records of this kind carry signatures over their body. The kind is known.
bool IsSignedKind(std::uint32_t kind);

// A payload of a known kind. Signed kinds must be their own canonical serialisation. Fails with
// record_malformed, record_not_canonical.
Result<pb::Record> ReadRecord(std::uint32_t kind, ByteView payload);

// A record of a signed kind, taken apart.
struct SignedParts {
  std::uint32_t kind = 0;
  Bytes body;     // the bytes that are signed
  Digest digest;  // of the body: its name
  Bytes issuer;   // certificate id; empty: the root set
  std::vector<pb::Sig> signatures;
};
SignedParts TakeApart(const pb::Record& record);

// "chibo/<object>/v0\n" ‖ network ‖ body.
Bytes SignedMessage(const Digest& network, const SignedParts& parts);
bool IsSignedBy(const Digest& key, ByteView message, const std::vector<pb::Sig>& signatures);

// Deterministic serialisation.
Bytes Canonical(const google::protobuf::Message& message);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_SIGNED_RECORD_H_

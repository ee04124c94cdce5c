#ifndef CHIBO_DOMAIN_COPY_OPENING_H_
#define CHIBO_DOMAIN_COPY_OPENING_H_

#include <map>
#include <memory>

#include "base/result.h"
#include "domain/authority.h"

namespace chibo {

// What a Copy shows: a record of another stream where it stands.
struct OpenedCopy {
  Fact original;       // branch 0, though its branch is known by `proven` only
  Position proven;     // a point that the stream's writer has signed, the entry below it
  StreamState stream;  // from the genesis header; no branches
};

// Checks everything a copy can show by itself: that the genesis is the stream's and of this
// network, that the header, commitments and payload belong together, and that the entry is below a
// checkpoint signed with the device key of the genesis. Whether that device may write is not asked
// here.
//
// Only authority records (KindTraits::open) travel as copies: kNotAllowed for another kind.
// kMalformed, kTooLarge, kUnsupported, kBadProof, kBadSignature, kWrongNetwork.
Result<OpenedCopy> OpenCopy(const NetworkId& network, const pb::Copy& copy);

// Remembers what copies opened to: one is asked for when it is added, when it is judged, and
// whenever it is judged again. Up to a limit; forgotten all at once when there are more.
class OpenedCopies {
 public:
  explicit OpenedCopies(const NetworkId& network) : network_(network) {}
  // OpenCopy of the record of a fact, which is a Copy.
  std::shared_ptr<const Result<OpenedCopy>> Open(const Fact& copy);

 private:
  NetworkId network_;
  std::map<Hash, std::shared_ptr<const Result<OpenedCopy>>> opened_;  // by content digest
};

// The kind of the original, as the copy says; 0 when it cannot be read. Proves nothing.
std::uint32_t KindOfOriginal(const pb::Copy& copy);

}  // namespace chibo

#endif  // CHIBO_DOMAIN_COPY_OPENING_H_

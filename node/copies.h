#ifndef CHIBO_NODE_COPIES_H_
#define CHIBO_NODE_COPIES_H_

#include <string>

#include "domain/fact.h"
#include "node/streams.h"

namespace chibo {

// A record of one stream as it is carried into another: with the proof that it stands where it says
// (authority.proto, Copy), on the fact's branch, which must be signed past the record. kNotFound
// (known from a copy alone), kBehind (not yet signed), kDamaged.
Result<pb::Record> MakeCopy(const Streams& streams, const LogStore& log, const Fact& fact);
// Whether what cannot be copied is passed over: it is known from a copy, which travels by itself,
// or can be copied later. No reason to hold up what else came in.
inline bool IsPassedOver(const Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kBehind ||
         error.code == Code::kDamaged;
}
// The record's name, and the branch where it is not the one first seen: as this node knows it.
std::string PlaceHere(const Fact& fact);

}  // namespace chibo

#endif  // CHIBO_NODE_COPIES_H_

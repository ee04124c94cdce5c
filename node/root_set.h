#ifndef CHIBO_NODE_ROOT_SET_H_
#define CHIBO_NODE_ROOT_SET_H_

#include <cstdint>
#include <vector>

#include "node/replica.h"

// The keys at the root of a network and how they are changed: each set promises the next one by its
// hash; the next one takes over when enough keys of both have signed it.
namespace chibo {

// The public halves of a set, in order.
struct RootKeys {
  std::uint32_t threshold = 1;
  std::vector<SignPublicKey> keys;
};

// Body of a set with these keys; `next` promised, if it has keys. Version, name and random bytes
// are the caller's.
pb::RootSetBody MakeRootSet(const RootKeys& keys, const RootKeys& next);
// Remembers in the store what the promise is of: the network shows only its hash.
Status KeepPromise(LogStore& log, const RootKeys& next);

// What a change of the root set takes.
struct RootChange {
  pb::RootSetBody current;
  pb::RootSetBody promised;  // threshold and keys
};
// kNotAllowed "root_not_here" (not the topmost unit's node), "root_set_without_next",
// "root_set_not_promised" (what is remembered here is not what was promised).
Result<RootChange> FindRootChange(const Replica& replica);

struct RootChanged {
  std::uint32_t version = 0;     // of the set that holds now
  std::size_t signed_again = 0;  // records of the set before, signed by the new one
};
// The promised set takes over, and promises `after`. Everything the set before has signed is signed
// again. `keys` are used where they belong; kNotAllowed "root_keys_missing" when they are fewer
// than one of the two thresholds.
Result<RootChanged> ChangeRootSet(Replica& replica, const std::vector<const SigningKey*>& keys,
                                  const RootKeys& after, Timestamp now);

}  // namespace chibo

#endif  // CHIBO_NODE_ROOT_SET_H_

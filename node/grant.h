#ifndef CHIBO_NODE_GRANT_H_
#define CHIBO_NODE_GRANT_H_

#include "node/replica.h"

namespace chibo {

// Everything a device that was just certified may hold, as chunks like those of a session, with the
// outbox position they stand for: the file form of a first sync downward.
Result<Bytes> MakeGrant(Replica& replica, const UnitId& unit, const SignPublicKey& device);

}  // namespace chibo

#endif  // CHIBO_NODE_GRANT_H_

#ifndef CHIBO_NODE_CLI_JOIN_CONNECTION_H_
#define CHIBO_NODE_CLI_JOIN_CONNECTION_H_

#include "node/cli/command.h"

namespace chibo {

// Hands a join request to the parent over a connection and takes the grant when there is one; with
// --wait, asks until it is approved. False: kept there, an officer has to approve. Errors of
// Pairing, of connecting, of TakeGrant.
Result<bool> JoinByConnection(Call& call, Node& node, const Bytes& request);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_JOIN_CONNECTION_H_

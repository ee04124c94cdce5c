#ifndef CHIBO_NODE_CLI_RUN_H_
#define CHIBO_NODE_CLI_RUN_H_

#include <string>
#include <vector>

#include "node/cli/options.h"
#include "node/net/control_socket.h"

namespace chibo {

// The whole program: understands the words, runs the command here or in the process that holds the
// directory, says what came of it. Returns the exit code.
int RunProgram(const std::vector<std::string>& words);

// What chibo serve does with a request: the same command on its own node. `invocation` comes from
// ParseAsked.
Result<Invocation> ParseAsked(const ControlRequest& request);
ControlAnswer RunAsked(const ControlRequest& request, const Invocation& invocation, Node& node,
                       const Clock& clock, Random& random);
ControlAnswer AnswerOf(const Result<Output>& result);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_RUN_H_

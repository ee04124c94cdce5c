#ifndef CHIBO_NODE_CLI_OUTPUT_H_
#define CHIBO_NODE_CLI_OUTPUT_H_

#include "node/cli/command.h"

namespace chibo {

// {"error":{"code":…,"reason":…,"where":…,"message":…}}
std::string ErrorJson(const Error& error, const Catalogue& texts);

// Writes the files, then says what there is to say: on standard output the lines (or the JSON
// value), on standard error notes and the one sentence of a failure. Returns the exit code.
int Present(const Result<Output>& result, bool json, const Catalogue& texts);

// From here on, when there is no memory to be had, the process says so as Present would, and ends.
// Nothing is unwound: whatever it had not committed is as if it had not been begun.
void EndWhenMemoryIsGone(bool json, const Catalogue& texts);

// Call last, with the exit code so far: what went to standard output must have been taken there, or
// a table cut short by a full disk would pass for a good one. Says so and fails when it was not.
int Delivered(int code, const Catalogue& texts);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_OUTPUT_H_

#ifndef CHIBO_NODE_CLI_TYPED_HELP_H_
#define CHIBO_NODE_CLI_TYPED_HELP_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

#include "node/cli/catalogue.h"
#include "proto/kind.h"

// What the help of `chibo write KIND` shows.
namespace chibo {

// An example of each kind that has such a command, without "chibo ". What a person puts in is in
// capitals: CELL, STREAM, F.
std::string TypedExample(std::string_view kind);

// The message whose fields a person gives: the body, where the kind carries signatures.
const google::protobuf::Descriptor& TypedBody(const KindTraits& traits);

// One line for each field a person may give: how it is named, what it holds, whether it is
// required. "" for a command that writes no kind.
std::string TypedFields(const std::string& command, const Catalogue& texts);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_TYPED_HELP_H_

#ifndef CHIBO_PROTO_KIND_MEANING_H_
#define CHIBO_PROTO_KIND_MEANING_H_

#include <string_view>

#include "base/result.h"
#include "proto/kind.h"

// The part of CheckMeaning that looks at several fields of a record at once.
namespace chibo {

// kBadInput with this reason and place unless it holds.
Status Require(bool holds, std::string_view reason, std::string_view where);

// Fields have been checked one by one. `where` starts at the kind's own message, or its body.
Status MeansByKind(const pb::Record& record);

}  // namespace chibo

#endif  // CHIBO_PROTO_KIND_MEANING_H_

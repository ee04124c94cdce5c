#ifndef CHIBO_TOOLS_VERIFY_BOOKS_H_
#define CHIBO_TOOLS_VERIFY_BOOKS_H_

#include "tools/verify/at_rest.h"
#include "tools/verify/database.h"
#include "tools/verify/format.h"
#include "tools/verify/gathered.h"

// The tables beside the streams: settings, register entries by stream, the outbox; and rows that
// belong to no stream.
namespace chibo::verify {

// The settings a node cannot do without, and whether what lies sealed opens.
Status CheckValues(const Database& database, const AtRest& at_rest, const Digest& network,
                   Report& report);

// Each row of `registered` must say what the Register record it names says, and must agree with the
// stream it is about; its claim is added to those gathered.
Status CheckRegistered(const Database& database, bool sealed, Gathered& gathered, Report& report);

// Each item must lie within a branch that is held.
Status CheckOutbox(const Database& database, const HeldStreams& held, Report& report);

// Rows of streams or branches that are not there.
Status CheckOrphans(const Database& database, const HeldStreams& held, Report& report);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_BOOKS_H_

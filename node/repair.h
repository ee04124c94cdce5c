#ifndef CHIBO_NODE_REPAIR_H_
#define CHIBO_NODE_REPAIR_H_

#include <vector>

#include "node/settings.h"
#include "proto/crypto.h"
#include "storage/scrub.h"

namespace chibo {

// What is wrong with a store of which no node needs to be able to start.
struct StoreDamage {
  std::vector<ScrubbedStream> streams;  // those that are damaged
  // Rows of the register that no record here says.
  std::vector<Registered> unsaid;

  bool any() const { return !streams.empty() || !unsaid.empty(); }
};

// Reads everything there is and changes nothing.
Result<StoreDamage> FindDamage(SqlConnection& sql, AtRest& at_rest, const Settings& settings);

// Sets right what can be set right here, and makes of the rest an older copy of the same directory:
// streams end before what is damaged, and what was taken out waits in quarantine. From then on it
// is a directory that went back in time: it goes on in new streams where its own were cut, nobody's
// cursor into its outboxes means anything, and whoever holds more gives it back at the next
// session. One transaction; the view is made anew at the next start.
Status RepairStore(SqlConnection& sql, AtRest& at_rest, const Settings& settings,
                   const StoreDamage& damage);

// The digest that the view of a server's file has once it is made anew from a log of which nothing
// is damaged, with `seal` as its device's key. Takes as long as that and leaves everything as it
// is.
Result<Hash> DigestOfViewMadeAnew(SqlConnection& sql, AtRest& at_rest, const Settings& settings,
                                  const DhKey& seal);

// For a store whose outboxes are gone: they are filled again at the next start, and nobody's cursor
// into the old ones means anything. In the caller's transaction, like the next.
Status ForgetOutboxes(LogStore& log);
// For a store that has lost rows which perhaps nothing names any more: it is an older copy of
// itself, its own streams are not gone on with.
Status ForgetAsPutBack(LogStore& log);

}  // namespace chibo

#endif  // CHIBO_NODE_REPAIR_H_

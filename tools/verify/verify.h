#ifndef CHIBO_TOOLS_VERIFY_VERIFY_H_
#define CHIBO_TOOLS_VERIFY_VERIFY_H_

#include <optional>
#include <string>

#include "tools/verify/crypto.h"
#include "tools/verify/report.h"

namespace chibo::verify {

// Checks everything the data directory of a node holds, from the network's id alone: that the
// store's books are whole, that every entry is what its stream's writer signed, and that every
// signature leads to the network's root set. The view is not looked at: `chibo rebuild` makes it
// from what is checked here. Fails only where the directory cannot be read at all (kNotANode,
// kInUse, kIo, kNewerFormat, kWrongPassphrase, …); what is wrong with the data is in the report.
// StartCrypto has been called.
Result<Report> Verify(const std::string& directory, const Digest& network,
                      const std::optional<Bytes>& passphrase);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_VERIFY_H_

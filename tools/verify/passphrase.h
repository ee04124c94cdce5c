#ifndef CHIBO_TOOLS_VERIFY_PASSPHRASE_H_
#define CHIBO_TOOLS_VERIFY_PASSPHRASE_H_

#include <optional>
#include <string>

#include "tools/verify/crypto.h"

namespace chibo::verify {

// The first line of a file, without the mark that some editors put before a text. kIo
// "passphrase_file_unreadable", kBadInput "passphrase_empty", "passphrase_too_long".
Result<Bytes> ReadPassphraseFile(const std::string& path);
// The same of the open file that CHIBO_PASSPHRASE_FD names; nothing where it is not set. kUsage
// "passphrase_descriptor_unreadable".
Result<std::optional<Bytes>> ReadPassphraseDescriptor();
// Asks on the terminal without showing what is typed; nothing where nobody sits at one, or nothing
// was typed.
std::optional<Bytes> AskPassphrase(const std::string& prompt);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_PASSPHRASE_H_

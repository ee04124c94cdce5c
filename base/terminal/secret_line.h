#ifndef CHIBO_BASE_TERMINAL_SECRET_LINE_H_
#define CHIBO_BASE_TERMINAL_SECRET_LINE_H_

#include <string>

#include "base/bytes.h"
#include "base/result.h"

// Pass-phrases as they come in. Of what is read no second copy is left in memory; the caller wipes
// what it is given.
namespace chibo {

// A longer one is refused, not cut: a cut one would seal a key for good.
inline constexpr std::size_t kSecretLineBytesMax = 4096;

// Everything up to the end or the first line end, without the mark that some editors put before a
// text and no keyboard types. Nothing behind the line is read. `where` is for the errors: kIo
// "passphrase_file_unreadable"; kBadInput "passphrase_empty", "passphrase_too_long".
Result<Bytes> ReadSecretLine(int descriptor, const std::string& where);

// Asks on the process's terminal, without showing what is typed. A signal that ends or stops the
// program waits until the terminal is as it was; who was stopped is asked again. kWrongPassphrase
// "passphrase_needed" where there is no terminal; else as of ReadSecretLine.
Result<Bytes> AskSecretLine(const std::string& prompt);

}  // namespace chibo

#endif  // CHIBO_BASE_TERMINAL_SECRET_LINE_H_

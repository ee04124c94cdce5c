#ifndef CHIBO_TESTS_VERIFY_SEALED_H_
#define CHIBO_TESTS_VERIFY_SEALED_H_

#include <string>

#include "base/random.h"

namespace chibo {

inline constexpr char kSealedPassphrase[] = "mật khẩu thử";

// Writes the same log into a new data directory as a cell keeps it: contents sealed under the key
// in keys/device.key, which kSealedPassphrase opens.
void WriteSealed(const std::string& plain_directory, const std::string& directory, Random& random);

}  // namespace chibo

#endif  // CHIBO_TESTS_VERIFY_SEALED_H_

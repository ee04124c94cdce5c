#ifndef CHIBO_BASE_ERROR_CODE_H_
#define CHIBO_BASE_ERROR_CODE_H_

#include <cstdint>
#include <optional>

#include "base/result.h"

namespace chibo {

// The code with that number, as another process has it; nothing for a number that none has, as of a
// newer program.
std::optional<Code> CodeFromNumber(std::uint64_t number);

}  // namespace chibo

#endif  // CHIBO_BASE_ERROR_CODE_H_

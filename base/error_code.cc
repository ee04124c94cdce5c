#include "base/error_code.h"

namespace chibo {

std::optional<Code> CodeFromNumber(std::uint64_t number) {
  switch (number) {
#define CHIBO_ERROR(name, value, exit_code) \
  case value:                               \
    return Code::k##name;
#include "base/error.def"
#undef CHIBO_ERROR
    default:
      return std::nullopt;
  }
}

}  // namespace chibo

#ifndef CHIBO_BASE_RESULT_H_
#define CHIBO_BASE_RESULT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// A Result or Status that nobody looks at is a compile error. Only before the library's own
// declaration does the attribute take, so this header alone includes it.
namespace tl {
template <class T, class E>
class [[nodiscard]] expected;
}  // namespace tl
#include <tl/expected.hpp>

namespace chibo {

enum class Code : std::uint16_t {
#define CHIBO_ERROR(name, number, exit_code) k##name = number,
#include "base/error.def"
#undef CHIBO_ERROR
};

// The code's name without its k, e.g. "BadInput".
std::string_view Name(Code code);
// The process exit code that goes with it (architecture §7).
int ExitCode(Code code);

// Why something expected did not work. `reason` is a snake_case key of the text catalogue and must
// be a string literal; `where` says where (a path, "line 3, Ngày sinh", a stream and index).
// Neither is sent to a peer: peers get the code alone.
struct Error {
  Code code;
  std::string_view reason;
  std::string where;

  friend bool operator==(const Error& a, const Error& b) = default;
};

// "BadInput: roster_date_unreadable (line 3)": for logs and tests, not for people.
std::string ToString(const Error& error);

// Expected failures are values; bugs are CHECKs (base/check.h).
template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> Fail(Code code, std::string_view reason,
                                                std::string where = {}) {
  return tl::unexpected<Error>(Error{code, reason, std::move(where)});
}

#define CHIBO_JOIN_INNER(a, b) a##b
#define CHIBO_JOIN(a, b) CHIBO_JOIN_INNER(a, b)

#define CHIBO_TRY_INNER(name, expression)             \
  do {                                                \
    if (auto name = (expression); !name) {            \
      return tl::unexpected(std::move(name).error()); \
    }                                                 \
  } while (false)

// CHIBO_TRY(expression): returns the error of a Status or Result to the caller, drops the value.
// Names are counted, not taken from the line: a lambda inside the expression may use it too.
#define CHIBO_TRY(expression) CHIBO_TRY_INNER(CHIBO_JOIN(chibo_try_, __COUNTER__), expression)

#define CHIBO_TRY_VALUE_INNER(name, declaration, expression) \
  auto name = (expression);                                  \
  if (!name) {                                               \
    return tl::unexpected(std::move(name).error());          \
  }                                                          \
  declaration = *std::move(name)

// CHIBO_TRY_VALUE(auto x, F()): declares x with the value of F(), or returns F's error.
#define CHIBO_TRY_VALUE(declaration, expression) \
  CHIBO_TRY_VALUE_INNER(CHIBO_JOIN(chibo_try_, __COUNTER__), declaration, expression)

}  // namespace chibo

#endif  // CHIBO_BASE_RESULT_H_

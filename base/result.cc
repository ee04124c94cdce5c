#include "base/result.h"

#include "base/check.h"

namespace chibo {

std::string_view Name(Code code) {
  switch (code) {
#define CHIBO_ERROR(name, number, exit_code) \
  case Code::k##name:                        \
    return #name;
#include "base/error.def"
#undef CHIBO_ERROR
  }
  CHECK(false);
}

int ExitCode(Code code) {
  switch (code) {
#define CHIBO_ERROR(name, number, exit_code) \
  case Code::k##name:                        \
    return exit_code;
#include "base/error.def"
#undef CHIBO_ERROR
  }
  CHECK(false);
}

std::string ToString(const Error& error) {
  std::string text(Name(error.code));
  text.append(": ").append(error.reason);
  if (!error.where.empty()) {
    text.append(" (").append(error.where).append(")");
  }
  return text;
}

}  // namespace chibo

#ifndef CHIBO_TESTS_MUST_H_
#define CHIBO_TESTS_MUST_H_

#include <cstdio>
#include <utility>

#include "base/check.h"
#include "base/result.h"

namespace chibo {

// The value, where a test cannot go on without it.
template <typename T>
T Must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", ToString(result.error()).c_str());
  }
  CHECK(result.has_value());
  return *std::move(result);
}

inline void Must(const Status& status) {
  if (!status) {
    std::fprintf(stderr, "%s\n", ToString(status.error()).c_str());
  }
  CHECK(status.has_value());
}

}  // namespace chibo

#endif  // CHIBO_TESTS_MUST_H_

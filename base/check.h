#ifndef CHIBO_BASE_CHECK_H_
#define CHIBO_BASE_CHECK_H_

namespace chibo {

// Prints file, line and condition to standard error and aborts. Safe at any point: the log is
// durable and ingest is one transaction.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace chibo

// For bugs only, on in every build; input never trips one.
#define CHECK(condition)                                    \
  do {                                                      \
    if (!(condition)) [[unlikely]] {                        \
      ::chibo::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                       \
  } while (false)

#endif  // CHIBO_BASE_CHECK_H_

#ifndef CHIBO_TESTS_MEMORY_FAILING_NEW_H_
#define CHIBO_TESTS_MEMORY_FAILING_NEW_H_

#include <cstdint>

namespace chibo::test {

// This program's operator new: the n-th allocation from now on, counted from 0, finds no memory. It
// asks the new handler, as operator new does, which must not come back. SQLite, libsodium
// and zstd have memory of their own: they get what they ask for.
void FailAllocation(std::uint64_t n);

}  // namespace chibo::test

#endif  // CHIBO_TESTS_MEMORY_FAILING_NEW_H_

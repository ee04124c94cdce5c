#include "tests/sim/heap.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

// Of one thread, as a simulated network is.
constinit thread_local std::int64_t live_bytes = 0;

void* Counted(void* block) {
  if (block == nullptr) {
    std::abort();
  }
  live_bytes += static_cast<std::int64_t>(malloc_usable_size(block));
  return block;
}

void Uncount(void* block) {
  if (block != nullptr) {
    live_bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
    std::free(block);
  }
}

}  // namespace

std::int64_t chibo::sim::HeapBytes() { return live_bytes; }

// The other forms of the standard library come down to these; a sanitizer's own, of which one is
// taken where arrays are sorted, would not.
void* operator new(std::size_t size) { return Counted(std::malloc(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return Counted(std::malloc(size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return Counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* block) noexcept { Uncount(block); }
void operator delete(void* block, std::size_t) noexcept { Uncount(block); }
void operator delete(void* block, std::align_val_t) noexcept { Uncount(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { Uncount(block); }

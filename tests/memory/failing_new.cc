#include "tests/memory/failing_new.h"

#include <cstddef>
#include <cstdlib>
#include <new>

#include "base/check.h"

namespace chibo::test {
namespace {

bool armed = false;
std::uint64_t countdown = 0;

bool Fails() { return armed && countdown-- == 0; }

void* Allocate(std::size_t size, std::size_t alignment) {
  if (Fails()) {
    armed = false;
    const std::new_handler handler = std::get_new_handler();
    CHECK(handler != nullptr);
    handler();
  }
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size == 0 ? 1 : size)
                     : std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
  CHECK(memory != nullptr);
  return memory;
}

}  // namespace

void FailAllocation(std::uint64_t n) {
  countdown = n;
  armed = true;
}

}  // namespace chibo::test

// The library's other forms go through these; a sanitizer's own, of which one is taken where arrays
// are sorted, would not.
void* operator new(std::size_t size) {
  return chibo::test::Allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return chibo::test::Allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return chibo::test::Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

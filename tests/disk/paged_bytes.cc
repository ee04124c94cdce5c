#include "tests/disk/paged_bytes.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace chibo::test {
namespace {

constexpr std::size_t kPageBytes = 4096;
// With what the heap keeps beside it.
constexpr std::int64_t kHeapBytes = kPageBytes + 24;

constinit thread_local std::int64_t held_bytes = 0;

// Calls `visit` with each page the range touches: its number, where in it the part begins, how much
// of the range lies before that part, how long the part is.
template <typename Visit>
void VisitParts(std::size_t offset, std::size_t count, const Visit& visit) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t at = (offset + done) % kPageBytes;
    const std::size_t part = std::min(kPageBytes - at, count - done);
    visit((offset + done) / kPageBytes, at, done, part);
    done += part;
  }
}

constexpr std::size_t PagesFor(std::size_t size) { return (size + kPageBytes - 1) / kPageBytes; }

}  // namespace

struct PagedBytes::Page {
  Page() { held_bytes += kHeapBytes; }
  Page(const Page& other) : bytes(other.bytes) { held_bytes += kHeapBytes; }
  Page& operator=(const Page&) = delete;
  ~Page() { held_bytes -= kHeapBytes; }

  std::array<char, kPageBytes> bytes;
};

std::int64_t PagedBytes::HeldBytes() { return held_bytes; }

Bytes PagedBytes::ToBytes() const {
  Bytes bytes(size_, '\0');
  Read(0, size_, bytes.data());
  return bytes;
}

std::size_t PagedBytes::Read(std::size_t offset, std::size_t count, char* out) const {
  const std::size_t there = std::min(count, size_ - std::min(offset, size_));
  VisitParts(offset, there,
             [&](std::size_t number, std::size_t at, std::size_t done, std::size_t part) {
               if (pages_[number] == nullptr) {
                 std::memset(out + done, 0, part);
               } else {
                 std::memcpy(out + done, pages_[number]->bytes.data() + at, part);
               }
             });
  return there;
}

char* PagedBytes::Own(std::size_t number, bool whole) {
  PagePointer& page = pages_[number];
  if (page == nullptr) {
    page = std::make_shared<Page>();
    if (!whole) {
      page->bytes.fill('\0');
    }
  } else if (page.use_count() > 1) {
    page = whole ? std::make_shared<Page>() : std::make_shared<Page>(*page);
  }
  return page->bytes.data();
}

void PagedBytes::Write(std::size_t offset, ByteView bytes) {
  if (bytes.empty()) {
    return;
  }
  size_ = std::max(size_, offset + bytes.size());
  pages_.resize(PagesFor(size_));
  VisitParts(offset, bytes.size(),
             [&](std::size_t number, std::size_t at, std::size_t done, std::size_t part) {
               std::memcpy(Own(number, part == kPageBytes) + at, bytes.data() + done, part);
             });
}

void PagedBytes::Resize(std::size_t size) {
  if (const std::size_t left = size % kPageBytes; size < size_ && left != 0) {
    const std::size_t last = size / kPageBytes;
    if (pages_[last] != nullptr) {
      std::memset(Own(last, false) + left, 0, kPageBytes - left);
    }
  }
  size_ = size;
  pages_.resize(PagesFor(size));
}

void PagedBytes::TakePages(const PagedBytes& other, std::size_t offset, std::size_t count) {
  size_ = other.size_;
  pages_.resize(other.pages_.size());
  const std::size_t past = offset + std::min(count, SIZE_MAX - offset);
  const std::size_t end = past > size_ ? pages_.size() : PagesFor(past);
  for (std::size_t number = offset / kPageBytes; number < end; ++number) {
    pages_[number] = other.pages_[number];
  }
}

}  // namespace chibo::test

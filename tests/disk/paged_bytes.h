#ifndef CHIBO_TESTS_DISK_PAGED_BYTES_H_
#define CHIBO_TESTS_DISK_PAGED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace chibo::test {

// The content of a file on a disk in memory, in pages. Copies share a page until one of them writes
// to it: a backup, and what of a file is durable, cost what differs. One thread at a time, for all
// copies together.
class PagedBytes {
 public:
  PagedBytes() = default;
  explicit PagedBytes(ByteView bytes) { Write(0, bytes); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Bytes ToBytes() const;
  // Up to `count` bytes from there to `out`; how many there were.
  std::size_t Read(std::size_t offset, std::size_t count, char* out) const;
  // Zeros lie between the end and a later offset.
  void Write(std::size_t offset, ByteView bytes);
  // What is added is zeros.
  void Resize(std::size_t size);
  // The pages in which that range lies become those of `other`, and the size becomes its size.
  void TakePages(const PagedBytes& other, std::size_t offset, std::size_t count);

  // Of all pages that this thread has made and that are still held, on the heap; and of the list of
  // these.
  static std::int64_t HeldBytes();
  std::size_t ListBytes() const { return pages_.capacity() * sizeof(PagePointer); }

 private:
  struct Page;
  using PagePointer = std::shared_ptr<Page>;

  // Its own, to be written to; all of it if `whole`.
  char* Own(std::size_t number, bool whole);

  std::size_t size_ = 0;
  std::vector<PagePointer> pages_;  // null: zeros
};

}  // namespace chibo::test

#endif  // CHIBO_TESTS_DISK_PAGED_BYTES_H_

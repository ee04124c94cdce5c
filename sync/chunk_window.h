#ifndef CHIBO_SYNC_CHUNK_WINDOW_H_
#define CHIBO_SYNC_CHUNK_WINDOW_H_

#include <cstddef>

namespace chibo {

// What one chunk counts against the window: its head takes memory too, so that many small chunks
// are not free.
inline constexpr std::size_t WindowCost(std::size_t packed_bytes) { return packed_bytes + 512; }

}  // namespace chibo

#endif  // CHIBO_SYNC_CHUNK_WINDOW_H_

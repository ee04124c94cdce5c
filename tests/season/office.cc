#include "tests/season/office.h"

#include <utility>

namespace chibo::sim {

void Office::Open() {
  disk_.Put(std::move(closed_));
  node_->Start(true);
}

void Office::Close() {
  node_->Stop();
  closed_ = disk_.Take();
}

std::size_t Office::directory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [path, content] : node_->running() ? disk_.Copy() : closed_) {
    bytes += content.size();
  }
  return bytes;
}

}  // namespace chibo::sim

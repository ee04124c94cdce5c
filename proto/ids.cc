#include "proto/ids.h"

namespace chibo {

std::string ToString(const RecordName& name) {
  return name.stream.hex() + "/" + std::to_string(name.index) + "/" + std::to_string(name.position);
}

}  // namespace chibo

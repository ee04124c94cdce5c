#include "sync/dictionary.h"

namespace chibo {

// Made from the files by tools/cmake/embed.cmake.
extern const unsigned char kDictionary1[];
extern const std::size_t kDictionary1Bytes;

std::optional<ByteView> DictionaryBytes(std::uint32_t number) {
  switch (number) {
    case 1:
      return ByteView(reinterpret_cast<const char*>(kDictionary1), kDictionary1Bytes);
    default:
      return std::nullopt;
  }
}

}  // namespace chibo

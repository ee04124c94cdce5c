#ifndef CHIBO_STORAGE_PLACES_H_
#define CHIBO_STORAGE_PLACES_H_

#include <string>

#include "proto/ids.h"

namespace chibo {

// What binds a sealed value to its row. Part of the stored form: a change makes old values
// unreadable.
inline Bytes EntryPlace(const StreamId& stream, std::uint32_t branch, std::uint64_t index) {
  Bytes place = "entry/";
  place.append(stream.hex()).append("/").append(std::to_string(branch));
  return place.append("/").append(std::to_string(index));
}
inline Bytes SecretPlace(const StreamId& stream, std::int64_t reach) {
  return "secret/" + stream.hex() + "/" + std::to_string(reach);
}

}  // namespace chibo

#endif  // CHIBO_STORAGE_PLACES_H_

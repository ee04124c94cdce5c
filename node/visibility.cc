#include "node/visibility.h"

#include "proto/limits.h"

namespace chibo {

bool Visibility::IsWithin(const UnitId& unit, const UnitId& above) const {
  UnitId at = unit;
  for (std::uint32_t depth = 0; depth <= limits::kChainDepthMax; ++depth) {
    if (at == above) {
      return true;
    }
    const auto keeper = authority_.KeeperOf(at);
    if (!keeper) {
      return false;
    }
    at = *keeper;
  }
  return false;
}

std::optional<UnitId> Visibility::ChildTowards(const UnitId& above, const UnitId& unit) const {
  UnitId at = unit;
  for (std::uint32_t depth = 0; depth <= limits::kChainDepthMax; ++depth) {
    const auto keeper = authority_.KeeperOf(at);
    if (!keeper) {
      return std::nullopt;
    }
    if (*keeper == above) {
      return at;
    }
    at = *keeper;
  }
  return std::nullopt;
}

bool Visibility::MayHold(const Stream& stream, const UnitId& holder) const {
  if (IsWithin(stream.unit, holder)) {
    return true;
  }
  switch (stream.kind) {
    case pb::DOWN:
      return IsWithin(holder, stream.unit);
    case pb::TO:
      // V itself, or on the way: above V. Above both is covered by the first question; what is left
      // lies between the lowest unit above both and V.
      return IsWithin(stream.other, holder);
    default:
      return false;
  }
}

bool Visibility::MayRead(const Stream& stream, pb::Reach reach, const UnitId& reader) const {
  if (reach == pb::ALL || reader == stream.unit) {
    return true;
  }
  const ByteView id = reader.view();
  if (stream.kind == pb::TO) {
    return reader == stream.other || id == stream.genesis.superior() ||
           id == stream.genesis.to_superior();
  }
  return reader == stream.other ||
         (stream.kind == pb::LINE && authority_.IsHandedOver(stream.unit, stream.other, reader));
}

}  // namespace chibo

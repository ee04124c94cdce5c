#include "node/point_lists.h"

#include "proto/limits.h"
#include "proto/record.h"

namespace chibo {

void PutPoint(const Position& position, pb::Point& point) {
  point.set_stream(Bytes(position.stream.view()));
  point.set_size(position.size);
  point.set_root(Bytes(position.root.view()));
}

std::vector<pb::Record> PutPoints(const std::vector<Position>& points,
                                  google::protobuf::RepeatedPtrField<pb::Point>& own,
                                  google::protobuf::RepeatedPtrField<std::string>& more) {
  std::vector<pb::Record> lists;
  for (const Position& position : points) {
    if (own.size() < limits::kPointsMax) {
      PutPoint(position, *own.Add());
      continue;
    }
    if (lists.empty() || lists.back().point_list().points_size() == limits::kPointsMax) {
      lists.emplace_back();
    }
    PutPoint(position, *lists.back().mutable_point_list()->add_points());
  }
  for (const pb::Record& list : lists) {
    *more.Add() =
        Bytes(ContentDigest(static_cast<std::uint32_t>(list.body_case()), PayloadOf(list)).view());
  }
  return lists;
}

}  // namespace chibo

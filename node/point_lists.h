#ifndef CHIBO_NODE_POINT_LISTS_H_
#define CHIBO_NODE_POINT_LISTS_H_

#include <string>
#include <vector>

#include "chibo/record.pb.h"
#include "proto/ids.h"

namespace chibo {

void PutPoint(const Position& position, pb::Point& point);

// Puts points into a body that is to be signed: as many as one record has room for, of the rest the
// digests. What comes back are the lists with those, to be written before the signed record.
std::vector<pb::Record> PutPoints(const std::vector<Position>& points,
                                  google::protobuf::RepeatedPtrField<pb::Point>& own,
                                  google::protobuf::RepeatedPtrField<std::string>& more);

}  // namespace chibo

#endif  // CHIBO_NODE_POINT_LISTS_H_

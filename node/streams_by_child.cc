#include "node/streams_by_child.h"

#include "node/visibility.h"

namespace chibo {

std::optional<UnitId> StreamsByChild::ChildTowards(const UnitId& unit) const {
  return Visibility(projector_.authority()).ChildTowards(unit_, unit);
}

void StreamsByChild::Refresh() {
  if (authority_version_ != projector_.authority_version()) {
    authority_version_ = projector_.authority_version();
    newest_ = 0;
    children_.clear();
    groups_.clear();
    down_.clear();
  }
  for (const Stream* stream : streams_.All(newest_)) {
    Add(*stream);
    newest_ = stream->no;
  }
}

void StreamsByChild::Add(const Stream& stream) {
  if (const auto child = ChildTowards(stream.unit)) {
    groups_[*child].below.insert(stream.no);
  } else if (stream.kind == pb::DOWN) {
    down_.insert(stream.no);
  }
  if (stream.kind != pb::TO) {
    return;
  }
  if (const auto child = ChildTowards(stream.other)) {
    groups_[*child].towards.insert(stream.no);
    if (stream.unit == unit_ && *child == stream.other && children_.insert(*child).second) {
      ++version_;  // also when it is there again after all was made anew
    }
  }
}

std::uint64_t StreamsByChild::version() {
  Refresh();
  return version_;
}

const std::set<UnitId>& StreamsByChild::Children() {
  Refresh();
  return children_;
}

std::set<StreamNo> StreamsByChild::Upward(const UnitId& child) {
  Refresh();
  const auto group = groups_.find(child);
  return group == groups_.end() ? std::set<StreamNo>() : group->second.below;
}

std::set<StreamNo> StreamsByChild::Downward(const UnitId& child) {
  std::set<StreamNo> streams = Upward(child);
  streams.insert(down_.begin(), down_.end());
  if (const auto group = groups_.find(child); group != groups_.end()) {
    streams.insert(group->second.towards.begin(), group->second.towards.end());
  }
  return streams;
}

std::set<UnitId> StreamsByChild::MayBeOfferedTo(const Stream& stream) {
  Refresh();
  if (down_.contains(stream.no)) {
    return children_;
  }
  std::set<UnitId> units;
  const auto add = [&](const std::optional<UnitId>& child) {
    if (child && children_.contains(*child)) {
      units.insert(*child);
    }
  };
  add(ChildTowards(stream.unit));
  if (stream.kind == pb::TO) {
    add(ChildTowards(stream.other));
  }
  return units;
}

}  // namespace chibo

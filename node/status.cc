#include "node/status.h"

#include <algorithm>
#include <functional>

namespace chibo {
namespace {

Result<StreamStatus> ReadStream(const Settings& settings, const Streams& streams,
                                const LogStore& log, const Stream& stream) {
  StreamStatus status;
  status.id = stream.id;
  status.kind = stream.kind;
  status.other = stream.other;
  status.size = stream.size();
  status.forked = stream.forked();
  status.retired = stream.retired;
  bool any = false;
  bool only_others = true;
  CHIBO_TRY_VALUE(const auto registered, log.RegisteredOf(stream.id));
  for (const Registered& entry : registered) {
    if (!settings.parent || entry.by != *settings.parent) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto root, streams.RootAt(stream, 0, entry.at.size));
    const bool fits = root == entry.at.root;
    status.received = fits ? std::max(status.received, entry.at.size) : status.received;
    status.received_ms = std::max(status.received_ms, entry.time_ms);
    only_others = only_others && !fits;
    any = true;
  }
  status.regressed = any && only_others;
  return status;
}

// Every entry, or an error: where one is missing, nothing may be said of what has been received.
Status VisitKinds(const LogStore& log, const Stream& stream,
                  const std::function<void(std::uint64_t, const std::vector<Slot>&)>& visit) {
  Status readable;
  std::uint64_t next = 0;
  CHIBO_TRY(log.VisitHeaders(stream.no, 0, [&](std::uint64_t index, ByteView bytes) {
    if (index != next) {
      return false;
    }
    ++next;
    const auto header = ParseHeader(bytes, index);
    if (!header) {
      readable = tl::unexpected(header.error());
      return false;
    }
    visit(index, header->slots);
    return true;
  }));
  CHIBO_TRY(readable);
  if (next != stream.size()) {
    return Fail(Code::kDamaged, "entry_missing", PlaceOf(stream.id, next));
  }
  return {};
}

}  // namespace

bool NodeStatus::covered() const {
  return std::all_of(streams.begin(), streams.end(),
                     [](const StreamStatus& stream) { return stream.covered(); });
}

Result<NodeStatus> ReadStatus(const Settings& settings, const Streams& streams,
                              const LogStore& log) {
  NodeStatus status;
  // With its certificate a device takes in the streams that vouch for it; before, it holds nothing.
  status.approved = !streams.All().empty();
  for (const Stream* stream : streams.All()) {
    if (stream->kind == pb::TO && stream->other == settings.unit) {
      CHIBO_TRY(VisitKinds(log, *stream, [&](std::uint64_t, const std::vector<Slot>& slots) {
        status.decided += static_cast<std::uint64_t>(
            std::count_if(slots.begin(), slots.end(), [](const Slot& slot) {
              return slot.kind == static_cast<std::uint32_t>(pb::Record::kDecision);
            }));
      }));
    }
    if (!stream->own) {
      continue;
    }
    CHIBO_TRY_VALUE(StreamStatus one, ReadStream(settings, streams, log, *stream));
    status.received_ms = std::max(status.received_ms, one.received_ms);
    CHIBO_TRY(VisitKinds(log, *stream, [&](std::uint64_t index, const std::vector<Slot>& slots) {
      (index < one.received ? status.received : status.only_here) += slots.size();
    }));
    status.streams.push_back(one);
  }
  return status;
}

}  // namespace chibo

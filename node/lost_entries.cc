#include "node/lost_entries.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "node/stream_records.h"
#include "proto/record.h"

namespace chibo {
namespace {

using Json = nlohmann::ordered_json;
using State = LostEntries::State;

// How far anybody has registered a stream.
Result<std::uint64_t> RegisteredUpTo(const LogStore& log, const StreamId& stream) {
  CHIBO_TRY_VALUE(const auto registered, log.RegisteredOf(stream));
  std::uint64_t size = 0;
  for (const Registered& entry : registered) {
    size = std::max(size, entry.at.size);
  }
  return size;
}

Result<State> StateOf(const LogStore& log, const QuarantinedEntry& entry) {
  if (entry.given_up) {
    return State::kGivenUp;
  }
  CHIBO_TRY_VALUE(const std::uint64_t registered, RegisteredUpTo(log, entry.stream));
  if (!entry.own || entry.index < registered) {
    return State::kElsewhere;
  }
  return entry.whole ? State::kReadable : State::kUnreadable;
}

std::uint64_t RecordsOf(const QuarantinedEntry& entry) {
  const auto header = ParseHeader(entry.header, entry.index);
  return header ? header->slots.size() : 0;
}

// What a node writes by itself, or a command of its own with what belongs to it.
bool IsWrittenByPersons(const pb::Record& record) {
  switch (record.body_case()) {
    case pb::Record::kRegister:
    case pb::Record::kCopy:
    case pb::Record::kSealedText:
    case pb::Record::kPointList:
    case pb::Record::kCertificate:
    case pb::Record::kRevocation:
    case pb::Record::BODY_NOT_SET:
      return false;
    default:
      return true;
  }
}

std::string LabelOf(const RecordName& name) {
  return "lost/" + name.stream.hex().substr(0, 16) + "/" + std::to_string(name.index) + "/" +
         std::to_string(name.position);
}

// Puts labels in place of references to entries that are written out with this one.
void RelabelRefs(Json& json, const std::map<std::string, std::string>& labels) {
  if (json.is_object() && json.contains("stream") && json["stream"].is_string()) {
    const auto stream = FromBase64(json["stream"].get<std::string>());
    const std::string index = json.value("index", std::string("0"));
    const auto position = json.value("position", 0U);
    const auto label =
        labels.find((stream ? ToHex(*stream) : "") + "/" + index + "/" + std::to_string(position));
    if (label != labels.end()) {
      json = "@record:" + label->second;
      return;
    }
  }
  if (json.is_structured()) {
    for (auto& part : json) {
      RelabelRefs(part, labels);
    }
  }
}

// A reference without a stream means the one it stands in, which will be another. (With index 0 it
// means its own entry, and still will.)
void NameStreams(google::protobuf::Message& message, const StreamId& stream) {
  if (message.GetDescriptor() == pb::Ref::descriptor()) {
    auto& ref = static_cast<pb::Ref&>(message);
    if (ref.stream().empty() && ref.index() > 0) {
      ref.set_stream(Bytes(stream.view()));
    }
    return;
  }
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    if (!field->is_repeated()) {
      NameStreams(*reflection.MutableMessage(&message, field), stream);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      NameStreams(*reflection.MutableRepeatedMessage(&message, field, i), stream);
    }
  }
}

struct Readable {
  RecordName first;
  Timestamp claimed;
  std::vector<Slot> slots;
  std::vector<pb::Record> records;
};

Result<std::vector<Readable>> AllReadable(const Quarantine& quarantine, const LogStore& log) {
  std::vector<Readable> all;
  CHIBO_TRY_VALUE(const auto entries, quarantine.Entries());
  for (const QuarantinedEntry& entry : entries) {
    CHIBO_TRY_VALUE(const State state, StateOf(log, entry));
    const auto body = quarantine.Body(entry);
    const auto header = ParseHeader(entry.header, entry.index);
    if (state != State::kReadable || !body || !header) {
      continue;
    }
    Readable readable{{entry.stream, entry.index, 0}, header->claimed, header->slots, {}};
    for (auto& [position, record] : RecordsIn(header->slots, *body)) {
      if (IsWrittenByPersons(record)) {
        NameStreams(record, entry.stream);
        readable.records.push_back(std::move(record));
      }
    }
    // An attestation names its records by their positions: an entry is written out whole.
    if (!readable.records.empty() && readable.records.size() == header->slots.size()) {
      all.push_back(std::move(readable));
    }
  }
  return all;
}

}  // namespace

Result<std::vector<LostEntries>> ReadLost(const Quarantine& quarantine, const LogStore& log) {
  std::vector<LostEntries> ranges;
  CHIBO_TRY_VALUE(const auto entries, quarantine.Entries());
  for (const QuarantinedEntry& entry : entries) {
    CHIBO_TRY_VALUE(const State state, StateOf(log, entry));
    const bool goes_on = !ranges.empty() && ranges.back().stream == entry.stream &&
                         ranges.back().branch == entry.branch && ranges.back().state == state &&
                         ranges.back().to == entry.index;
    if (!goes_on) {
      ranges.push_back({entry.stream, entry.branch, entry.own, state, entry.index, entry.index, 0});
    }
    ranges.back().to = entry.index + 1;
    ranges.back().records += RecordsOf(entry);
  }
  return ranges;
}

Result<std::vector<std::string>> LinesOfReadable(const Quarantine& quarantine,
                                                 const LogStore& log) {
  CHIBO_TRY_VALUE(const auto all, AllReadable(quarantine, log));
  std::map<std::string, std::string> labels;
  for (const Readable& readable : all) {
    RecordName name = readable.first;
    for (; name.position < readable.records.size(); ++name.position) {
      labels[ToString(name)] = LabelOf(name);
    }
  }
  std::vector<std::string> lines;
  for (const Readable& readable : all) {
    Json action{{"records", Json::array()}, {"labels", Json::array()}};
    RecordName name = readable.first;
    for (; name.position < readable.records.size(); ++name.position) {
      const pb::Record& record = readable.records[name.position];
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      std::string text;
      const auto printed = google::protobuf::util::MessageToJsonString(record, &text, options);
      Json json = printed.ok() ? Json::parse(text, nullptr, false) : Json();
      RelabelRefs(json, labels);
      action["records"].push_back(std::move(json));
      action["labels"].push_back(labels[ToString(name)]);
      const KindTraits* traits = TraitsOf(static_cast<std::uint32_t>(record.body_case()));
      if (readable.slots[name.position].reach == pb::PARENT && traits != nullptr &&
          traits->reach == pb::ALL) {
        action["parent_only"].push_back(name.position);
      }
    }
    action["claimed_time_ms"] = std::to_string(readable.claimed.time_since_epoch().count());
    lines.push_back(action.dump());
  }
  return lines;
}

}  // namespace chibo

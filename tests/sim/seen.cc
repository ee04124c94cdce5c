#include "tests/sim/seen.h"

#include <algorithm>
#include <map>

#include "chibo/view.pb.h"

namespace chibo::sim {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a clock was read for, or follows from what the bytes are: names, digests, signatures. Ids of
// persons and units (16 bytes) are drawn, and the same.
bool IsOfTheMoment(const FieldDescriptor& field, const Bytes& value) {
  return field.type() == FieldDescriptor::TYPE_BYTES &&
         (value.size() != 16 || field.name() == "salt");
}

void Say(const Message& message, std::string& out);

void SayField(const Message& message, const FieldDescriptor& field, int at, std::string& out) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field.is_repeated();
  out += " " + field.name() + "=";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      out += "{";
      Say(repeated ? reflection->GetRepeatedMessage(message, &field, at)
                   : reflection->GetMessage(message, &field),
          out);
      out += "}";
      break;
    case FieldDescriptor::CPPTYPE_STRING: {
      const Bytes value = repeated ? reflection->GetRepeatedString(message, &field, at)
                                   : reflection->GetString(message, &field);
      const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
      out += IsOfTheMoment(field, value) ? "bytes" : bytes ? ToHex(value) : value;
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      out += std::to_string(repeated ? reflection->GetRepeatedEnumValue(message, &field, at)
                                     : reflection->GetEnumValue(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += reflection->GetBool(message, &field) ? "yes" : "no";
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      out += std::to_string(repeated ? reflection->GetRepeatedUInt32(message, &field, at)
                                     : reflection->GetUInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      out += std::to_string(repeated ? reflection->GetRepeatedUInt64(message, &field, at)
                                     : reflection->GetUInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      // Times alone are of this type.
      out += "a time";
      break;
    default:
      CHECK(false);
  }
}

void Say(const Message& message, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      // Where they stand by names, their order is that of hashes.
      std::vector<std::string> said(
          static_cast<std::size_t>(message.GetReflection()->FieldSize(message, field)));
      for (std::size_t i = 0; i < said.size(); ++i) {
        SayField(message, *field, static_cast<int>(i), said[i]);
      }
      std::sort(said.begin(), said.end());
      for (const std::string& one : said) {
        out += one;
      }
    } else {
      SayField(message, *field, 0, out);
    }
  }
}

// By device, kind and whom it speaks for and to; of several, the older first.
std::map<StreamId, std::string> NamesOf(const Replica& replica) {
  std::map<std::string, std::vector<const Stream*>> alike;
  for (const Stream* stream : replica.streams().All()) {
    alike[stream->device.hex().substr(0, 8) + " " + pb::StreamKind_Name(stream->kind) + " " +
          stream->unit.hex().substr(0, 8) + " " +
          (stream->other.is_zero() ? std::string() : stream->other.hex().substr(0, 8))]
        .push_back(stream);
  }
  std::map<StreamId, std::string> names;
  for (auto& [name, streams] : alike) {
    // What is drawn for it tells streams apart in whatever order they came.
    std::sort(streams.begin(), streams.end(), [](const Stream* a, const Stream* b) {
      return a->genesis.incarnation() < b->genesis.incarnation();
    });
    for (std::size_t i = 0; i < streams.size(); ++i) {
      names[streams[i]->id] = name + " " + std::to_string(i);
    }
  }
  return names;
}

template <typename Row>
std::string SayRow(const char* what, const Bytes& value) {
  Row row;
  CHECK(row.ParseFromString(value));
  std::string line = what;
  Say(row, line);
  return line;
}

}  // namespace

std::vector<std::string> WhatIsSeen(Replica& replica) {
  const auto names = NamesOf(replica);
  std::vector<std::string> lines;
  const ViewStore& view = replica.view();
  CHECK(view.VisitFacts([&](const Fact& fact) {
    std::string line = names.at(fact.name.stream) + " " + std::to_string(fact.name.index) + "." +
                       std::to_string(fact.name.position) + " kind " + std::to_string(fact.kind) +
                       " " + std::string(Name(fact.standing));
    if (fact.record != nullptr) {
      Say(*fact.record, line);
    }
    lines.push_back(std::move(line));
    return true;
  }));
  const auto add = [&](const char* what, std::string (*say)(const char*, const Bytes&)) {
    return [&lines, what, say](const DerivedRow& row) {
      lines.push_back(say(what, row.value));
      return true;
    };
  };
  CHECK(view.VisitDerived(DerivedTable::kOutcome, add("outcome", SayRow<pb::OutcomeRow>)));
  CHECK(view.VisitDerived(DerivedTable::kCase, add("case", SayRow<pb::CaseRow>)));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace chibo::sim

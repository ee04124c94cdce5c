#include "node/action_reader.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/names.h"
#include "node/record_labels.h"
#include "node/typed_value.h"
#include "proto/limits.h"

namespace chibo {
namespace {

using Json = nlohmann::ordered_json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kNestingMax = limits::kNestingMax + 4;

std::string PersonKey(std::string_view name, std::string_view birth) {
  return NormalName(name) + "|" + std::string(birth);
}

const FieldDescriptor* FieldOf(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr ? field : type.FindFieldByCamelcaseName(name);
}

// "<stream, hex>/<index>/<position>", as records are named everywhere.
std::optional<RecordName> RecordNameFrom(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    return whole && !digits.empty() ? std::optional(value) : std::nullopt;
  };
  const std::size_t first = text.find('/');
  const std::size_t second = text.find('/', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return std::nullopt;
  }
  const auto stream = FromHex(text.substr(0, first));
  const auto index = number(text.substr(first + 1, second - first - 1));
  const auto position = number(text.substr(second + 1));
  if (!stream || stream->size() != StreamId::kSize || !index || !position ||
      *position >= limits::kEntryRecordsMax) {
    return std::nullopt;
  }
  return RecordName{StreamId::FromChecked(*stream), *index, static_cast<std::uint32_t>(*position)};
}

Json RefJson(const RecordName& name) {
  return Json{{"stream", ToBase64(name.stream.view())},
              {"index", std::to_string(name.index)},
              {"position", name.position}};
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// "TEA; REGULAR | THEMATIC | …": what was written and what may be.
std::string WithChoices(const std::string& text, const google::protobuf::EnumDescriptor& type) {
  std::string said = text;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    if (!name.ends_with("_NONE")) {
      said += (said.size() == text.size() ? "; " : " | ") + name;
    }
  }
  return said;
}

// "(records[0].meeting.chair): invalid value 5 …": the place, as far as the JSON reader names one.
std::string PlaceIn(const std::string& message) {
  const std::size_t end = message.find(')');
  return message.starts_with('(') && end != std::string::npos ? message.substr(1, end - 1) : "";
}

tl::unexpected<Error> Unreadable(std::string_view reason, const std::string& path,
                                 const std::string& text) {
  return Fail(Code::kBadInput, reason, path + ": " + text);
}

// Puts what the schema holds in place of what a person wrote: 31/12/2025, 05/11/2026 19:00,
// regular. Numbers stay as they are. Errors name `path`.
Status ReadTyped(const FieldDescriptor& field, Json& json, const std::string& path) {
  const std::string text = json.get<std::string>();
  if (text.empty() || text.find_first_not_of("0123456789") == std::string::npos) {
    return {};
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::string name = Upper(text);
      if (field.enum_type()->FindValueByName(name) == nullptr) {
        return Unreadable("enum_unknown", path, WithChoices(text, *field.enum_type()));
      }
      json = name;
      return {};
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      if (const auto date = DateFrom(text)) {
        json = *date;
        return {};
      }
      if (text.find_first_of("/-.") != std::string::npos) {
        return Unreadable("date_does_not_exist", path, text);
      }
      return Unreadable("number_unreadable", path, text);
    case FieldDescriptor::CPPTYPE_INT64:
      if (const auto time = TimeFrom(text)) {
        json = std::to_string(*time);
        return {};
      }
      return Unreadable("time_unreadable", path, text);
    default:
      return {};
  }
}

}  // namespace

// Goes through the JSON beside the schema and puts ids in place of references.
struct ActionReader::Walk {
  const ActionReader& reader;

  Status Message(const Descriptor& type, Json& json, const std::string& path, int depth) const {
    if (depth > kNestingMax) {
      return Fail(Code::kTooLarge, "record_nested_too_deep", path);
    }
    if (!json.is_object()) {
      return {};  // the JSON reader says what is wrong with it
    }
    for (auto item = json.begin(); item != json.end(); ++item) {
      const FieldDescriptor* field = FieldOf(type, item.key());
      if (field == nullptr) {
        return Fail(Code::kBadInput, "record_field_unknown", path + item.key());
      }
      const std::string at = path + item.key();
      if (field->is_repeated() && item->is_array()) {
        for (std::size_t i = 0; i < item->size(); ++i) {
          CHIBO_TRY(Value(*field, (*item)[i], at + "[" + std::to_string(i) + "]", depth));
        }
      } else {
        CHIBO_TRY(Value(*field, *item, at, depth));
      }
    }
    return {};
  }

  Status Value(const FieldDescriptor& field, Json& json, const std::string& path, int depth) const {
    const bool is_message = field.type() == FieldDescriptor::TYPE_MESSAGE;
    const bool is_ref = is_message && field.message_type() == pb::Ref::descriptor();
    const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
    if (is_bytes && !json.is_string() && !json.is_null()) {
      return Fail(Code::kBadInput, "reference_unreadable", path);
    }
    if (json.is_string() && (is_ref || is_bytes)) {
      const auto& text = json.get_ref<const std::string&>();
      if (!text.starts_with("@") && (is_ref || !FromBase64(text))) {
        return Unreadable("reference_unreadable", path, text);
      }
      if (text.starts_with("@")) {
        auto resolved = reader.Lookup(text.substr(1), is_ref);
        if (!resolved) {
          Error error = std::move(resolved).error();
          error.where = path + ": " + error.where;
          return tl::unexpected(std::move(error));
        }
        json = Json::parse(*resolved);
      }
      return {};
    }
    if (json.is_string()) {
      CHIBO_TRY(ReadTyped(field, json, path));
    }
    if (is_message && !json.is_object() && !json.is_null()) {
      return Fail(Code::kBadInput, "field_has_parts", path);
    }
    return is_message ? Message(*field.message_type(), json, path + ".", depth + 1) : Status();
  }
};

Status ActionReader::Refresh() {
  persons_.clear();
  const auto note = [this](const std::string& name, std::uint32_t birth, const std::string& id) {
    const auto person = PersonId::From(id);
    if (person && !name.empty()) {
      persons_[PersonKey(name, std::to_string(birth))].insert(*person);
    }
  };
  return replica_.view().VisitFacts([&](const Fact& fact) {
    if (!fact.counts()) {
      return true;
    }
    switch (fact.record->body_case()) {
      case pb::Record::kMember:
        note(fact.record->member().name(), fact.record->member().birth(),
             fact.record->member().person());
        break;
      case pb::Record::kPosting:
        note(fact.record->posting().name(), fact.record->posting().birth(),
             fact.record->posting().person());
        break;
      case pb::Record::kTransfer:
        note(fact.record->transfer().name(), fact.record->transfer().birth(),
             fact.record->transfer().person());
        break;
      default:
        break;
    }
    return true;
  });
}

Result<PersonId> ActionReader::FindPerson(std::string_view reference) const {
  const auto bar = reference.rfind('|');
  if (bar == std::string_view::npos) {
    return Fail(Code::kBadInput, "person_reference_unreadable", std::string(reference));
  }
  std::string birth(reference.substr(bar + 1));
  if (const auto date = DateFrom(birth)) {
    birth = std::to_string(*date);
  }
  const auto found = persons_.find(PersonKey(reference.substr(0, bar), birth));
  if (found == persons_.end()) {
    return Fail(Code::kNotFound, "person_unknown", std::string(reference));
  }
  if (found->second.size() > 1) {
    return Fail(Code::kAmbiguous, "person_entered_twice", std::string(reference));
  }
  return *found->second.begin();
}

// The JSON that stands for a reference (without its "@").
Result<std::string> ActionReader::Lookup(std::string_view reference, bool as_ref) const {
  const auto after = [&](std::string_view prefix) -> std::optional<std::string_view> {
    if (!reference.starts_with(prefix)) {
      return std::nullopt;
    }
    return reference.substr(prefix.size());
  };
  if (const auto label = after("record:"); label && as_ref) {
    const auto known = labels_.find(std::string(*label));
    if (known != labels_.end()) {
      return RefJson(known->second).dump();
    }
    CHIBO_TRY_VALUE(const auto kept, RecordLabelled(replica_.log(), *label));
    if (!kept) {
      return Fail(Code::kNotFound, "record_label_unknown", std::string(*label));
    }
    return RefJson(*kept).dump();
  }
  if (as_ref) {
    const auto name = RecordNameFrom(reference);
    if (!name) {
      return Fail(Code::kBadInput, "reference_unreadable", std::string(reference));
    }
    return RefJson(*name).dump();
  }
  Bytes id;
  if (const auto person = after("person:")) {
    CHIBO_TRY_VALUE(const PersonId found, FindPerson(*person));
    id = Bytes(found.view());
  } else if (const auto code = after("unit:")) {
    const auto unit = replica_.projector().organisation().FindByCode(*code);
    if (!unit) {
      return Fail(Code::kNotFound, "unit_unknown", std::string(*code));
    }
    id = Bytes(unit->view());
  } else if (const auto hex = after("hex:")) {
    const auto bytes = FromHex(*hex);
    if (!bytes) {
      return Fail(Code::kBadInput, "reference_unreadable", std::string(reference));
    }
    id = *bytes;
  } else if (reference == "new") {
    id = replica_.random().Draw(16);
  } else if (!reference.empty()) {
    return Fail(Code::kBadInput, "reference_unreadable", std::string(reference));
  }
  return Json(ToBase64(id)).dump();
}

Result<pb::Action> ActionReader::Read(std::string_view line) const {
  Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded()) {
    return Fail(Code::kBadInput, "record_line_not_json");
  }
  if (!json.is_object()) {
    return Fail(Code::kBadInput, "record_line_no_object");
  }
  const bool single = !json.contains("records");
  if (single) {
    json = Json{{"records", Json::array({std::move(json)})}};
  }
  CHIBO_TRY(Walk{*this}.Message(*pb::Action::descriptor(), json, "", 0));
  pb::Action action;
  google::protobuf::util::JsonParseOptions options;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json.dump(), &action, options);
  if (!parsed.ok()) {
    return Fail(Code::kBadInput, "record_line_unreadable", PlaceIn(std::string(parsed.message())));
  }
  for (int i = 0; i < action.records_size(); ++i) {
    if (action.records(i).body_case() == pb::Record::BODY_NOT_SET) {
      return Fail(Code::kBadInput, "record_without_kind", "records[" + std::to_string(i) + "]");
    }
  }
  if (action.records().empty()) {
    return Fail(Code::kBadInput, "record_without_kind");
  }
  return action;
}

Status ActionReader::Remember(const pb::Action& action, const RecordName& first) {
  for (int i = 0; i < std::min(action.labels_size(), action.records_size()); ++i) {
    if (action.labels(i).empty()) {
      continue;
    }
    RecordName name = first;
    name.position = static_cast<std::uint32_t>(i);
    labels_[action.labels(i)] = name;
    CHIBO_TRY(PutRecordLabel(replica_.log(), replica_.random(), action.labels(i), name));
  }
  return {};
}

}  // namespace chibo

// chibo write <kind>: one record of each kind, its fields as words.
#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/recording.h"
#include "node/cli/typed_help.h"
#include "node/names.h"

namespace chibo {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What a person writes for yes and no. Anything else is neither: it is not taken for one of them.
std::optional<bool> FlagFrom(const std::string& text) {
  const std::string word = FoldedName(text);
  for (const std::string_view yes : {"true", "yes", "1", "co"}) {
    if (word == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"false", "no", "0", "khong"}) {
    if (word == no) {
      return false;
    }
  }
  return std::nullopt;
}

Result<Json> ValueOf(const FieldDescriptor& field, const std::string& path,
                     const std::string& text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto flag = FlagFrom(text);
      if (!flag) {
        return Fail(Code::kBadInput, "flag_unreadable", path + ": " + text);
      }
      return Json(*flag);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // "@record:…" is a reference; anything else is the message's own JSON.
      Json json = Json::parse(text, nullptr, false);
      return json.is_discarded() ? Json(text) : json;
    }
    default:
      return Json(text);
  }
}

// Sets "a.b" of the message to the value; a repeated field takes one more. `above`: what the path
// begins with.
Status Put(const Descriptor& type, Json& json, const std::string& above, const std::string& path,
           const std::string& text) {
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  const FieldDescriptor* field = type.FindFieldByName(name);
  if (field == nullptr) {
    return Fail(Code::kBadInput, "record_field_unknown", above + path);
  }
  if (dot != std::string::npos) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) {
      return Fail(Code::kBadInput, "record_field_unknown", above + path);
    }
    if (json.contains(name) && !json[name].is_object()) {
      return Fail(Code::kBadInput, "field_twice", above + name);
    }
    return Put(*field->message_type(), json[name], above + name + ".", path.substr(dot + 1), text);
  }
  CHIBO_TRY_VALUE(Json value, ValueOf(*field, above + path, text));
  if (!field->is_repeated() && json.contains(name)) {
    return Fail(Code::kBadInput, "field_twice", above + path);
  }
  if (field->is_repeated()) {
    json[name].push_back(std::move(value));
  } else {
    json[name] = std::move(value);
  }
  return {};
}

Result<Json> BodyFromWords(const Call& call, const KindTraits& traits) {
  Json body = Json::object();
  for (const std::string& word : call.arguments.All("FIELDS")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fail(Code::kUsage, "usage_field_unclear", word);
    }
    CHIBO_TRY(Put(TypedBody(traits), body, "", word.substr(0, equals), word.substr(equals + 1)));
  }
  return body;
}

// One body, or several: what a file holds, and the words besides.
Result<std::vector<Json>> BodiesOf(const Call& call, const KindTraits& traits) {
  if (!call.arguments.Has("from")) {
    if (call.arguments.All("FIELDS").empty()) {
      return Fail(Code::kUsage, "usage_option_missing", "FIELDS, --from");
    }
    CHIBO_TRY_VALUE(Json body, BodyFromWords(call, traits));
    return std::vector<Json>{std::move(body)};
  }
  const std::string& path = call.arguments.One("from");
  const Json json = Json::parse(call.Input(path), nullptr, false);
  if (json.is_object()) {
    return std::vector<Json>{json};
  }
  if (json.is_discarded()) {
    return Fail(Code::kBadInput, "record_line_not_json", path);
  }
  if (!json.is_array()) {
    return Fail(Code::kBadInput, "record_line_no_object", path);
  }
  return std::vector<Json>(json.begin(), json.end());
}

// --attest TALLY_CHAIR=S1: the person of that key attests the record in that act.
Result<Json> AttestationOf(const Call& call) {
  Json attestors = Json::array();
  for (const std::string& word : call.arguments.All("attest")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return Fail(Code::kUsage, "usage_field_unclear", word);
    }
    CHIBO_TRY_VALUE(const pb::KeyFile key, call.directory.ReadKey(word.substr(equals + 1)));
    attestors.push_back(Json{{"person", ToBase64(key.owner())}, {"act", word.substr(0, equals)}});
  }
  return attestors;
}

// The persons whose keys the command needs: those of --sign-as and --attest.
std::string SignersNamed(const Arguments& given) {
  std::string names = given.One("sign-as");
  for (const std::string& word : given.All("attest")) {
    const std::string name = word.substr(word.find('=') + 1);
    const auto named = SplitList(names);
    if (std::find(named.begin(), named.end(), name) == named.end()) {
      names += (names.empty() ? "" : ",") + name;
    }
  }
  return names;
}

Result<Output> WriteRecord(Call& call, const KindTraits& traits) {
  CHIBO_TRY_VALUE(const auto bodies, BodiesOf(call, traits));
  CHIBO_TRY_VALUE(const Json attestors, AttestationOf(call));
  std::vector<SourceLine> lines;
  for (const Json& body : bodies) {
    const std::string kind(traits.name);
    Json record;
    record[kind] = traits.object.empty() ? body : Json{{"body", body}};
    Json action{{"records", Json::array({record})}};
    if (!attestors.empty()) {
      action["records"].push_back(
          Json{{"attestation", {{"positions", {0}}, {"attestors", attestors}}}});
    }
    if (call.arguments.Has("label")) {
      action["labels"] = Json::array({call.arguments.One("label")});
    }
    if (call.arguments.Has("parent-only")) {
      action["parent_only"] = Json::array({0});
    }
    lines.push_back(
        {Dump(action), "", "records[0]." + kind + (traits.object.empty() ? "." : ".body.")});
  }
  RecordSigners signers;
  CHIBO_TRY_VALUE(signers.persons, UnlockPersons(call, SignersNamed(call.arguments)));
  if (!traits.object.empty()) {
    CHIBO_TRY_VALUE(signers.officer, UnlockOfficer(call));
  }
  return RecordSources(call, lines, signers);
}

// What the node writes on its own account, or what is only part of another record.
bool IsForPeople(const KindTraits& traits) {
  return traits.writer != Writer::kServer && traits.kind != pb::Record::kAttestation &&
         traits.kind != pb::Record::kRootSet && traits.kind != pb::Record::kCertificate &&
         traits.kind != pb::Record::kPersonKey;
}

}  // namespace

void AddTypedRecordCommands(std::vector<CommandSpec>& all) {
  for (const KindTraits& traits : AllKinds()) {
    if (!IsForPeople(traits)) {
      continue;
    }
    std::string name(traits.name);
    std::replace(name.begin(), name.end(), '_', '-');
    std::vector<OptionSpec> options = {{"FIELDS", OptionSpec::Kind::kMany, false, "field"},
                                       {"from", OptionSpec::Kind::kInput, false, "body_file"},
                                       {"attest", OptionSpec::Kind::kMany, false, ""},
                                       {"sign-as", OptionSpec::Kind::kValue, false, ""},
                                       {"label", OptionSpec::Kind::kValue, false, "record_label"}};
    if (traits.reach != pb::PARENT && MayBeNarrowed(traits)) {
      options.push_back({"parent-only", OptionSpec::Kind::kFlag, false, ""});
    }
    all.push_back({"write " + name, Needs::kWrite, std::move(options), TypedExample(traits.name),
                   [&traits](Call& call) { return WriteRecord(call, traits); }});
  }
}

}  // namespace chibo

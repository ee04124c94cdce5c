#include "node/cli/unheeded_words.h"

#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "proto/record.h"

namespace chibo {
namespace {

Result<Json> PartJson(const Call& call, const UnheededPart& part) {
  const Replica& replica = call.replica();
  std::vector<std::string> said;
  for (const std::string& value : part.values) {
    said.push_back(SayValue(call.texts, replica, value));
  }
  Json json{{"reason", std::string(Name(part.why))},
            {"message", call.texts.Text("unheeded", Name(part.why), said)},
            {"values", part.values}};
  if (part.subject) {
    CHIBO_TRY_VALUE(json["subject"], ReferenceOf(replica, *part.subject));
    CHIBO_TRY_VALUE(json["subject_name"], NameOf(replica, *part.subject));
  }
  return json;
}

std::string KindOf(const Fact& fact) {
  const KindTraits* traits = TraitsOf(fact.kind);
  return traits != nullptr ? std::string(traits->name) : std::to_string(fact.kind);
}

}  // namespace

Json PlaceJson(const Call& call, const Fact& fact) {
  return Json{{"record", ToString(fact.name)},
              {"branch", fact.branch},
              {"unit", CodeOf(call.replica(), fact.unit)},
              {"kind", KindOf(fact)}};
}

std::string PlaceLine(const Call& call, const Fact& fact) {
  return ToString(fact.name).substr(0, 16) + "…/" + std::to_string(fact.name.index) + "/" +
         std::to_string(fact.name.position) + "\t" + CodeOf(call.replica(), fact.unit) + "\t" +
         SayRecordKind(call.texts, KindOf(fact));
}

Json SetAsideJson(const Call& call, const Fact& fact) {
  Json json = PlaceJson(call, fact);
  json["state"] = "set_aside";
  json["reason"] = std::string(Name(fact.standing));
  json["message"] = call.texts.Text("set_aside", Name(fact.standing));
  return json;
}

std::string SetAsideLine(const Call& call, const Fact& fact, const Json& json) {
  return PlaceLine(call, fact) + "\t" + json["message"].get<std::string>();
}

Result<Json> UnheededJson(const Call& call, const UnheededRecord& record) {
  Json json = PlaceJson(call, record.fact);
  json["state"] = "not_heeded";
  Json parts = Json::array();
  for (const UnheededPart& part : record.parts) {
    CHIBO_TRY_VALUE(Json one, PartJson(call, part));
    parts.push_back(std::move(one));
  }
  json["reason"] = parts.front()["reason"];
  json["message"] = parts.front()["message"];
  json["parts"] = std::move(parts);
  return json;
}

std::vector<std::string> UnheededLines(const Call& call, const UnheededRecord& record,
                                       const Json& json) {
  std::vector<std::string> lines;
  for (const Json& part : json["parts"]) {
    const std::string subject = part.value("subject_name", "");
    lines.push_back((lines.empty() ? PlaceLine(call, record.fact) : std::string()) + "\t" +
                    (subject.empty() ? "" : subject + ": ") + part["message"].get<std::string>());
  }
  return lines;
}

}  // namespace chibo

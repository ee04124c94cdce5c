// What committees decide and order, signed by their officer.
#include <algorithm>

#include "domain/rule_pack.h"
#include "node/decide.h"
#include "proto/signed_object.h"
#include "tests/scenario/decisions.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

std::vector<std::string> WordsOf(const Meaning& meaning, std::string_view key) {
  std::vector<std::string> words;
  if (meaning.Has(key)) {
    for (const Token& token : meaning.All(key)) {
      words.push_back(token.text);
    }
  }
  return words;
}

DecisionRequest RequestOf(Player& player, const Meaning& meaning) {
  DecisionRequest request;
  request.period = player.period();
  request.number = std::to_string(player.TakeNumber()) + "-QĐ/ĐU";
  request.date = player.today();
  if (!meaning.Has("subject")) {
    request.all_agreed = true;
    return request;
  }
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    Choice choice;
    choice.subject = subject;
    choice.grade = GradeIn(meaning);
    choice.reason = meaning.Has("text") ? meaning.One("text") : "";
    choice.overrides = WordsOf(meaning, "rule");
    request.choices.push_back(std::move(choice));
  }
  return request;
}

Played Decides(Player& player, const Meaning& meaning) {
  const DecisionRequest request = RequestOf(player, meaning);
  const std::string& name = meaning.One("device");
  sim::Machine& machine = player.device(name);
  Decided decided;
  Played played = player.ActAsOfficer(
      machine, "decides", [&](Replica& replica, const Issuer& officer) -> Status {
        CHIBO_TRY_VALUE(decided, Decide(replica, officer, request, false, machine.Wall()));
        return {};
      });
  if (!played.done) {
    return played;
  }
  if (!decided.signed_and_recorded) {
    return NotDone("rules stand in the way: " + Describe(player, decided.findings),
                   RulesOf(decided.findings, true));
  }
  if (meaning.Has("new-record")) {
    const std::vector<RecordName>& names = decided.recorded.names;
    player.NameRecord(meaning.One("new-record"), {names.front(), name, names});
  }
  return played;
}

// Everything that the case about this decision rests on.
Result<std::vector<pb::Ref>> EvidenceFor(const Replica& replica, const SubjectId& subject,
                                         const Hash& decision) {
  std::vector<pb::Ref> evidence;
  CHIBO_TRY(replica.view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    pb::CaseRow row;
    const bool fits = row.ParseFromString(derived.value) &&
                      row.type() == pb::CASE_DECISION_BASIS_CHANGED &&
                      SubjectId::From(row.subject()) == subject && row.decisions_size() == 1 &&
                      row.decisions(0) == decision.view();
    if (fits) {
      evidence.assign(row.evidence().begin(), row.evidence().end());
    }
    return true;
  }));
  return evidence;
}

Played Confirms(Player& player, const Meaning& meaning) {
  const auto decision = player.content(meaning.One("record"));
  if (decision == nullptr || !decision->has_decision()) {
    return NotDone(meaning.One("record") + " is no decision that was written");
  }
  const SubjectId subject = player.subject(meaning.All("subject"));
  const Hash digest = BodyDigest(*decision);
  pb::Record record;
  pb::ConfirmationBody& body = *record.mutable_confirmation()->mutable_body();
  body.set_decision(Bytes(digest.view()));
  *body.mutable_subject() = subject.ToMessage();
  body.set_period(decision->decision().body().period());
  body.set_reason(meaning.One("text"));
  body.set_date(player.today());
  const Played found =
      player.Act(player.device(meaning.One("device")), "looks", [&](Replica& replica) -> Status {
        CHIBO_TRY_VALUE(const auto evidence, EvidenceFor(replica, subject, digest));
        for (const pb::Ref& ref : evidence) {
          *body.add_weighed() = ref;
        }
        return {};
      });
  return found.done ? player.Record(meaning, std::move(record)) : found;
}

Played Cancels(Player& player, const Meaning& meaning) {
  const auto decision = player.content(meaning.One("record"));
  if (decision == nullptr || !decision->has_decision()) {
    return NotDone(meaning.One("record") + " is no decision that was written");
  }
  pb::Record record;
  pb::CancellationBody& body = *record.mutable_cancellation()->mutable_body();
  body.set_decision(Bytes(BodyDigest(*decision).view()));
  if (meaning.Has("subject")) {
    for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
      *body.add_subjects() = subject.ToMessage();
    }
  }
  body.set_reason(meaning.One("text"));
  body.set_date(player.today());
  return player.Record(meaning, std::move(record));
}

Played OrdersRegrade(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::RegradeOrderBody& body = *record.mutable_regrade_order()->mutable_body();
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    *body.add_subjects() = subject.ToMessage();
  }
  body.set_period(player.period());
  body.set_reason(meaning.One("text"));
  body.set_date(player.today());
  if (meaning.Says("cap")) {
    body.set_group("20%");
  }
  return player.Record(meaning, std::move(record));
}

Played Waives(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::WaiverBody& body = *record.mutable_waiver()->mutable_body();
  body.set_rule(meaning.One("rule"));
  *body.mutable_subject() = player.subject(meaning.All("subject")).ToMessage();
  body.set_period(player.period());
  body.set_reason(meaning.One("text"));
  body.set_date(player.today());
  return player.Record(meaning, std::move(record));
}

Played Returns(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::ReturnBody& body = *record.mutable_return_()->mutable_body();
  for (const std::string& name : WordsOf(meaning, "record")) {
    const Player::Written* written = player.FindRecord(name);
    if (written == nullptr) {
      return NotDone(name + " was never written");
    }
    *body.add_records() = RefTo(written->name);
  }
  body.set_reason(meaning.One("text"));
  body.set_date(player.today());
  return player.Record(meaning, std::move(record));
}

// From the first record named to the last, as this device holds them.
Played Adopts(Player& player, const Meaning& meaning) {
  const Player::Written* first = player.FindRecord(meaning.One("first"));
  const Player::Written* last =
      meaning.Has("last") ? player.FindRecord(meaning.One("last")) : first;
  if (first == nullptr || last == nullptr || first->name.stream != last->name.stream) {
    return NotDone("these are no two records of one device's book");
  }
  pb::Record record;
  pb::AdoptionBody& body = *record.mutable_adoption()->mutable_body();
  body.set_stream(Bytes(first->name.stream.view()));
  body.set_from(first->name.index);
  body.set_to(last->name.index + 1);
  body.set_reason(meaning.One("text"));
  const Played found =
      player.Act(player.device(meaning.One("device")), "looks", [&](Replica& replica) -> Status {
        const Stream* stream = replica.streams().Find(first->name.stream);
        if (stream == nullptr) {
          return Fail(Code::kNotFound, "record_label_unknown", meaning.One("first"));
        }
        CHIBO_TRY_VALUE(const auto root,
                        replica.streams().RootAt(*stream, 0, last->name.index + 1));
        if (!root) {
          return Fail(Code::kNotFound, "record_label_unknown", meaning.One("first"));
        }
        body.set_root(Bytes(root->view()));
        return {};
      });
  return found.done ? player.Record(meaning, std::move(record)) : found;
}

// "5", or {"value": "5", "verified": true, "source": "…"}.
bool ReadParameter(const Json& value, pb::Parameter& parameter) {
  if (value.is_string()) {
    parameter.set_value(value.get<std::string>());
    return true;
  }
  if (!value.is_object()) {
    return false;
  }
  const Json text = value.value("value", Json());
  const Json verified = value.value("verified", Json(false));
  const Json source = value.value("source", Json(""));
  if (!text.is_string() || !verified.is_boolean() || !source.is_string()) {
    return false;
  }
  parameter.set_value(text.get<std::string>());
  parameter.set_verified(verified.get<bool>());
  parameter.set_source(source.get<std::string>());
  return true;
}

// Each parameter by its name.
Played SetsRules(Player& player, const Meaning& meaning) {
  const Json values = Json::parse(meaning.One("json"), nullptr, false);
  if (!values.is_object()) {
    return NotDone("the braces hold no parameters");
  }
  pb::Record record;
  pb::RulePackBody& body = *record.mutable_rule_pack()->mutable_body();
  body.set_id(meaning.One("text"));
  body.set_name(meaning.One("text"));
  body.add_periods(meaning.One("period"));
  if (meaning.Has("record")) {
    const auto base = player.content(meaning.One("record"));
    if (base == nullptr || !base->has_rule_pack()) {
      return NotDone(meaning.One("record") + " is no rule pack that was written");
    }
    body.set_base(Bytes(BodyDigest(*base).view()));
  }
  for (const auto& [name, value] : values.items()) {
    pb::Parameter& parameter = *body.add_parameters();
    parameter.set_name(name);
    if (!ReadParameter(value, parameter)) {
      return NotDone(name +
                     " needs a text as its value and source, and true or false for verified");
    }
  }
  return player.Record(meaning, std::move(record));
}

Played GroupsPeers(Player& player, const Meaning& meaning) {
  pb::Record record;
  pb::PeerGroupBody& body = *record.mutable_peer_group()->mutable_body();
  body.set_id(meaning.One("text"));
  body.set_name(meaning.One("text"));
  body.set_period(player.period());
  body.set_owner(IdOf(player.UnitOf(meaning.One("device"))));
  for (const SubjectId& subject : player.subjects(meaning.All("subject"))) {
    *body.add_subjects() = subject.ToMessage();
  }
  return player.Record(meaning, std::move(record));
}

}  // namespace

std::vector<std::string> RulesOf(const std::vector<DecisionFinding>& findings, bool blocking) {
  std::vector<std::string> rules;
  for (const DecisionFinding& one : findings) {
    const bool blocks = one.finding.severity == Severity::kBlock && !one.overridden;
    if (!blocking || blocks) {
      rules.push_back(one.finding.rule);
    }
  }
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

std::string Describe(const Player& player, const std::vector<DecisionFinding>& findings) {
  std::string text;
  for (const DecisionFinding& one : findings) {
    text += (text.empty() ? "" : "; ") + one.finding.rule + " " + one.finding.message +
            (one.subject ? " about " + player.NameOf(*one.subject) : "") +
            (one.overridden ? " (overridden)" : "");
  }
  return text.empty() ? "nothing" : text;
}

std::vector<Form> AuthorityForms() {
  return {
      {"<device> decides <grade> for <subject+> { because <text> | overriding <rule+> | as "
       "<new-record> }",
       Decides},
      {"<device> decides all that agree [ as <new-record> ]", Decides},
      {"<device> confirms <record> for <subject> because <text> [ as <new-record> ]", Confirms},
      {"<device> cancels <record> [ for <subject+> ] because <text> [ as <new-record> ]", Cancels},
      {"<device> orders new grading of <subject+> [ over the cap ] because <text> [ as "
       "<new-record> "
       "]",
       OrdersRegrade},
      {"<device> waives <rule> for <subject> because <text> [ as <new-record> ]", Waives},
      {"<device> returns <record+> because <text> [ as <new-record> ]", Returns},
      {"<device> adopts <record:first> [ to <record:last> ] because <text> [ as <new-record> ]",
       Adopts},
      {"<device> sets rules <text> for <period> [ on <record> ] <json> [ as <new-record> ]",
       SetsRules},
      {"<device> groups <subject+> as peers <text> [ as <new-record> ]", GroupsPeers},
  };
}

}  // namespace chibo::scenario

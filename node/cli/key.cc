// chibo key person, approve, list, passphrase.
#include <algorithm>
#include <set>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "node/cli/labels.h"
#include "node/enrolment.h"
#include "node/names.h"

namespace chibo {
namespace {

struct PersonPlan {
  std::string key;   // name of the key file
  std::string name;  // of the person
  PersonId person;
};

// A file's name, in lists of --sign-as, and none of those that the program gives itself.
bool IsKeyNameForPerson(const std::string& name) {
  return !name.empty() && name != "device" && name != "authority" && !name.starts_with("root") &&
         name.front() != '.' && name.find_first_of("/,") == std::string::npos;
}

// "S1=Nguyễn Văn A|19800102", or without the key's name, where it is the first of S1, S2, … that
// is free: a file's name lies in plain.
Result<PersonPlan> PlanPerson(const ActionReader& people, const std::string& word,
                              const std::set<std::string>& taken) {
  PersonPlan plan;
  const std::size_t equals = word.find('=');
  std::string reference = equals == std::string::npos ? word : word.substr(equals + 1);
  if (reference.starts_with("@person:")) {
    reference = reference.substr(8);
  }
  CHIBO_TRY_VALUE(plan.person, people.FindPerson(reference));
  plan.name = NormalName(reference.substr(0, reference.rfind('|')));
  plan.key = equals == std::string::npos ? "" : word.substr(0, equals);
  for (int number = 1; equals == std::string::npos && plan.key.empty(); ++number) {
    const std::string free = "S" + std::to_string(number);
    plan.key = taken.contains(free) ? "" : free;
  }
  std::replace(plan.key.begin(), plan.key.end(), ' ', '-');
  if (!IsKeyNameForPerson(plan.key)) {
    return Fail(Code::kBadInput, "key_name_unfit", plan.key.empty() ? word : plan.key);
  }
  if (taken.contains(plan.key)) {
    return Fail(Code::kBadInput, "key_name_taken", plan.key);
  }
  return plan;
}

pb::Record Enrol(const NetworkId& network, const PersonPlan& plan, const SigningKey& key) {
  pb::Record record;
  pb::PersonKey& enrolled = *record.mutable_person_key();
  enrolled.set_person(Bytes(plan.person.view()));
  enrolled.mutable_key()->set_usage(pb::SIGN);
  enrolled.mutable_key()->set_algorithm(1);
  enrolled.mutable_key()->set_key(Bytes(key.public_key().view()));
  enrolled.set_name(plan.name);
  enrolled.set_proof(
      Bytes(key.Sign(PersonKeyMessage(network, plan.person.view(), key.public_key())).view()));
  return record;
}

Result<Output> MakePersonKeys(Call& call) {
  CHIBO_TRY(KeyCost(call.arguments));
  ActionReader people(call.replica());
  CHIBO_TRY(people.Refresh());
  std::vector<PersonPlan> plans;
  const std::vector<std::string> names = call.directory.KeyNames();
  std::set<std::string> taken(names.begin(), names.end());
  for (const std::string& word : call.arguments.All("person")) {
    CHIBO_TRY_VALUE(PersonPlan plan, PlanPerson(people, word, taken));
    taken.insert(plan.key);
    plans.push_back(std::move(plan));
  }
  Draft draft;
  draft.claimed = call.now();
  Output output;
  Json list = Json::array();
  for (const PersonPlan& plan : plans) {
    CHIBO_TRY_VALUE(const NewKey made, MakeNamedKey(call, {.name = plan.key,
                                                           .purpose = "person",
                                                           .owner = Bytes(plan.person.view()),
                                                           .label = plan.name}));
    draft.Add(Enrol(call.replica().settings().network, plan, made.key.sign));
    list.push_back(Json{{"key", plan.key},
                        {"name", plan.name},
                        {"fingerprint", Fingerprint(made.key.sign.public_key().view())}});
    output.lines.push_back(call.Say(
        "person_key_made", {plan.name, plan.key, Fingerprint(made.key.sign.public_key().view())}));
  }
  CHIBO_TRY(call.replica().Transact(call.now(), [&](StreamWriter& writer) -> Status {
    CHIBO_TRY(writer.Append(pb::LINE, UnitId(), std::move(draft)));
    return {};
  }));
  output.json = Dump(Json{{"keys", list}});
  return output;
}

Result<Output> ApproveKeys(Call& call) {
  CHIBO_TRY_VALUE(const Officer officer, UnlockIssuer(call));
  CHIBO_TRY_VALUE(const auto approved,
                  ApprovePersonKeys(call.replica(), officer.issuer, call.now()));
  Output output;
  Json keys = Json::array();
  for (const pb::CertificateBody& body : approved) {
    const std::string fingerprint = Fingerprint(body.keys(0).key());
    const std::string unit = CodeOf(call.replica(), body.unit());
    keys.push_back(Json{{"name", body.label()}, {"unit", unit}, {"fingerprint", fingerprint}});
    output.lines.push_back(call.Say("person_key_approved", {body.label(), unit, fingerprint}));
  }
  output.json = Dump(Json{{"approved", approved.size()}, {"keys", keys}});
  output.lines.push_back(
      approved.empty() ? call.Say("no_person_key_waits")
                       : call.Say("person_keys_approved", {call.texts.Number(approved.size())}));
  return output;
}

// Lies sealed: it is shown to whom the pass-phrase was given, and nobody is asked for one.
std::string LabelOf(const Call& call, const std::string& name, const pb::KeyFile& file) {
  const Secret* passphrase = call.passphrases.Given(name);
  const auto key =
      passphrase == nullptr ? UnlockKey(file, std::nullopt) : UnlockKey(file, passphrase->view());
  return key ? key->label : file.label();
}

Result<Output> ListKeys(Call& call) {
  Output output;
  Json list = Json::array();
  for (const std::string& name : call.directory.KeyNames()) {
    CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
    const auto key = SignKeyOf(file);
    const std::string fingerprint = key ? Fingerprint(key->view()) : "";
    const std::string label = LabelOf(call, name, file);
    list.push_back(Json{{"key", name},
                        {"purpose", file.purpose()},
                        {"label", label},
                        {"fingerprint", fingerprint},
                        {"sealed", IsSealed(file)},
                        {"passes", file.passes()},
                        {"memory_kib", file.memory_kib()}});
    const std::string whose =
        file.purpose() == "person" ? call.Say("key_of_a_person") : call.texts.Key(file.purpose());
    output.lines.push_back(name + "\t" + whose + "\t" + fingerprint + "\t" + label);
  }
  output.json = Dump(list);
  return output;
}

Result<Output> ChangePassphrase(Call& call) {
  const std::string& name = call.arguments.One("key");
  CHIBO_TRY_VALUE(const PassphraseCost cost, KeyCost(call.arguments));
  CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
  if (!IsSealed(file)) {
    return Fail(Code::kBadInput, "key_not_sealed", name);
  }
  CHIBO_TRY_VALUE(const UnlockedKey key, UnlockNamed(call, name));
  CHIBO_TRY_VALUE(const Secret passphrase, call.passphrases.ForChange(name));
  CHIBO_TRY_VALUE(const pb::KeyFile resealed,
                  ResealKey(file, key, passphrase.view(), cost, call.random));
  CHIBO_TRY(call.directory.WriteKey(name, resealed));
  Output output;
  output.json = Dump(Json{{"key", name}});
  output.lines = {call.Say("passphrase_changed", {call.texts.Key(name)})};
  return output;
}

}  // namespace

void AddKeyCommands(std::vector<CommandSpec>& all) {
  all.push_back({"key person",
                 Needs::kWrite,
                 {{"person", OptionSpec::Kind::kMany, true, ""}, KeyCostOption()},
                 "key person --dir CELL --person \"S1=Lê Thị Mai|19760109\" --passphrase-file F",
                 MakePersonKeys});
  all.push_back({"key approve",
                 Needs::kWrite,
                 {RootOption()},
                 "key approve --dir XA01 --passphrase-file F",
                 ApproveKeys});
  all.push_back({"key list", Needs::kPlain, {}, "key list --dir CELL", ListKeys});
  all.push_back({"key passphrase",
                 Needs::kPlain,
                 {{"key", OptionSpec::Kind::kValue, true, ""},
                  {"new-passphrase-file", OptionSpec::Kind::kSecret, false, ""},
                  KeyCostOption()},
                 "key passphrase --dir CELL --key device --passphrase-file OLD "
                 "--new-passphrase-file NEW",
                 ChangePassphrase});
}

}  // namespace chibo

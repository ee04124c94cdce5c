#include "tests/scenario/player.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "domain/civil_date.h"
#include "node/typed_value.h"
#include "proto/signed_object.h"
#include "tests/scenario/view.h"

namespace chibo::scenario {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr int kRoundsMax = 12;
constexpr int kNestingMax = 32;
constexpr std::string_view kDigest = "digest:";

// Everything is set up on 1 January of the year in which the story's first day lies.
Timestamp BeginOf(const Story& story) {
  std::uint32_t year = 2024;
  for (const Sentence& sentence : story.sentences) {
    if (sentence.form->pattern.starts_with("on ")) {
      year = YearOf(DateIn(sentence.meaning, "date"));
      break;
    }
  }
  return Timestamp(Duration(*TimeFrom(std::to_string(year * 10000 + 101) + " 08:00")));
}

bool SaysWhoThereIs(const Sentence& sentence) {
  constexpr std::string_view kBegins[] = {"unit ", "collective ", "device ", "member "};
  return std::any_of(std::begin(kBegins), std::end(kBegins), [&](std::string_view begin) {
    return sentence.form->pattern.starts_with(begin);
  });
}

sim::Options OptionsOf(const Story& story) {
  sim::Options options;
  options.seed = kSeed;
  options.begins = BeginOf(story);
  return options;
}

}  // namespace

Played NotDone(std::string found, std::vector<std::string> reasons) {
  return {false, std::move(found), std::move(reasons)};
}

Replica* Look(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  return machine.up() ? &machine.node().replica() : nullptr;
}

Played NotRunning() { return NotDone("the device is not running"); }

Played From(const Status& status) {
  if (status) {
    return {};
  }
  return NotDone(ToString(status.error()),
                 {std::string(Name(status.error().code)), std::string(status.error().reason)});
}

std::uint32_t DateIn(const Meaning& meaning, std::string_view key) {
  return meaning.Has(key) ? *DateFrom(meaning.One(key)) : 0;
}

pb::Grade GradeIn(const Meaning& meaning, std::string_view key) {
  return static_cast<pb::Grade>(*NumberOf("grade", meaning.One(key)));
}

Bytes IdOf(const UnitId& unit) { return Bytes(unit.view()); }
Bytes IdOf(const PersonId& person) { return Bytes(person.view()); }

Player::Player(const Story& story)
    : story_(story),
      world_(std::make_unique<sim::World>(OptionsOf(story))),
      dice_(world_->Dice("scenario")),
      period_(std::to_string(YearOf(DateOf(BeginOf(story))))) {
  world_->ShapeLinesBy([this](const sim::Machine& child, const sim::Machine& parent) {
    return Shape(child, parent);
  });
}

void Player::Play() {
  for (const Sentence& sentence : story_.sentences) {
    if (!broken_) {
      PlayOne(sentence);
    }
  }
  if (const auto& violation = world_->violation()) {
    differences_.push_back(
        {story_.sentences.back().line, "invariant " + violation->invariant, violation->what});
  }
}

void Player::PlayOne(const Sentence& sentence) {
  if (sentence.form->pattern.starts_with("on ") && !prepared_) {
    Prepare();
  }
  const Played played = sentence.form->play(*this, sentence.meaning);
  world_->RunDry();
  lines_ = {};
  broken_ = !played.done && SaysWhoThereIs(sentence);
  if (!sentence.negated) {
    if (!played.done) {
      differences_.push_back({sentence.line, sentence.text, played.found});
    }
    return;
  }
  std::string missing;
  for (const std::string& reason : sentence.reasons) {
    if (std::find(played.reasons.begin(), played.reasons.end(), reason) == played.reasons.end()) {
      missing += (missing.empty() ? "" : ", ") + reason;
    }
  }
  if (played.done) {
    differences_.push_back({sentence.line, sentence.text, "it was done"});
  } else if (!missing.empty()) {
    differences_.push_back(
        {sentence.line, sentence.text, "not for " + missing + ", but: " + played.found});
  }
}

// Before the first day everybody has everything, and the keys of persons are certified.
void Player::Prepare() {
  prepared_ = true;
  static_cast<void>(SyncAll());
  for (const auto& device : devices_) {
    const auto& machine = device.second;
    if (world_->seat(*machine).role == pb::SERVER) {
      static_cast<void>(ActAsOfficer(
          *machine, "certifies keys", [&](Replica& replica, const Issuer& officer) -> Status {
            CHIBO_TRY(ApprovePersonKeys(replica, officer, machine->Wall()));
            return {};
          }));
    }
  }
  static_cast<void>(SyncAll());
}

// ---- Names

SubjectId Player::subject(std::span<const Token> tokens) const {
  return subjects(std::vector<Token>(tokens.begin(), tokens.end())).front();
}

std::vector<SubjectId> Player::subjects(const std::vector<Token>& tokens) const {
  std::vector<SubjectId> found;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is_word("committee") && tokens.size() > i + 2 && tokens[i + 1].is_word("of")) {
      found.push_back(SubjectId::Of(pb::COMMITTEE, units_.at(tokens[i + 2].text)));
      i += 2;
    } else if (const auto member = members_.find(tokens[i].text); member != members_.end()) {
      found.push_back(SubjectId::Of(member->second.id));
    } else {
      const bool collective = !devices_.contains(tokens[i].text);
      found.push_back(
          SubjectId::Of(collective ? pb::LEADERSHIP : pb::ORGANISATION, units_.at(tokens[i].text)));
    }
  }
  return found;
}

std::uint32_t Player::today() const {
  return DateOf(world_->options().begins + Duration(world_->now().time_since_epoch().count()));
}

std::string Player::NameOf(const UnitId& unit) const {
  for (const auto& [name, id] : units_) {
    if (id == unit) {
      return name;
    }
  }
  return unit.is_zero() ? "nobody" : unit.hex();
}

std::string Player::NameOf(const SubjectId& subject) const {
  if (!subject.is_member()) {
    return (subject.kind == pb::COMMITTEE ? "committee of " : "") + NameOf(subject.unit());
  }
  for (const auto& [name, person] : members_) {
    if (person.id == subject.person()) {
      return name;
    }
  }
  return subject.id.hex();
}

const Player::Written* Player::FindRecord(const std::string& name) const {
  const auto at = records_.find(name);
  return at == records_.end() ? nullptr : &at->second;
}

std::shared_ptr<const pb::Record> Player::content(const std::string& name) {
  const Written* written = FindRecord(name);
  sim::Machine* machine = written == nullptr ? nullptr : devices_.at(written->device);
  if (machine == nullptr || !machine->up()) {
    return nullptr;
  }
  const auto fact = machine->node().replica().view().FactAt(written->name, 0);
  return fact && *fact ? (*fact)->record : nullptr;
}

// ---- What happens

Played Player::Act(sim::Machine& machine, const std::string& what,
                   const std::function<Status(Replica&)>& act) {
  Status acted = Fail(Code::kIo, "device_not_running", machine.name());
  static_cast<void>(
      world_->Act(machine, what, [&](Replica& replica) { return acted = act(replica); }));
  world_->RunDry();
  return From(acted);
}

Played Player::ActAsOfficer(sim::Machine& machine, const std::string& what,
                            const std::function<Status(Replica&, const Issuer&)>& act) {
  return Act(machine, what, [&](Replica& replica) -> Status {
    CHIBO_TRY_VALUE(const Issuer officer, machine.node().FindOfficer());
    return act(replica, officer);
  });
}

Signers Player::SignersOf(sim::Machine& machine) const {
  Signers signers;
  if (const auto officer = machine.node().FindOfficer()) {
    signers.officer = *officer;
  }
  for (const auto& [name, person] : members_) {
    if (person.key) {
      signers.persons.push_back({person.id, &*person.key});
    }
  }
  return signers;
}

Played Player::Record(const Meaning& meaning, const pb::Action& action) {
  const std::string& name = meaning.One("device");
  sim::Machine& machine = device(name);
  RecordName first;
  Recorded recorded;
  Played played = Act(machine, "records", [&](Replica& replica) -> Status {
    const Signers signers = SignersOf(machine);
    return replica.Transact(machine.Wall(), [&](StreamWriter& writer) -> Status {
      CHIBO_TRY_VALUE(first,
                      RecordAction(replica, writer, action, signers, machine.Wall(), recorded));
      return {};
    });
  });
  if (played.done && meaning.Has("new-record")) {
    NameRecord(meaning.One("new-record"), {first, name, recorded.names});
  }
  return played;
}

Played Player::Record(const Meaning& meaning, pb::Record record) {
  pb::Action action;
  *action.add_records() = std::move(record);
  return Record(meaning, action);
}

// "@Lò Văn Sính", "@cb-1": an id; "@meeting": a reference to that record; "@digest:decision": the
// hash by which others name a signed record.
Result<Json> Player::Resolve(const Json& json, int depth) {
  if (depth > kNestingMax) {
    return Fail(Code::kTooLarge, "record_nested_too_deep");
  }
  if (json.is_structured()) {
    Json resolved = json;
    for (Json& item : resolved) {
      CHIBO_TRY_VALUE(item, Resolve(item, depth + 1));
    }
    return resolved;
  }
  if (!json.is_string() || !json.get_ref<const std::string&>().starts_with("@")) {
    return json;
  }
  const std::string name = json.get<std::string>().substr(1);
  if (name.starts_with(kDigest) && records_.contains(name.substr(kDigest.size()))) {
    const auto record = content(name.substr(kDigest.size()));
    if (record == nullptr) {
      return Fail(Code::kNotFound, "record_label_unknown", name);
    }
    return Json(ToBase64(BodyDigest(*record).view()));
  }
  if (const auto at = records_.find(name); at != records_.end()) {
    return Json{{"stream", ToBase64(at->second.name.stream.view())},
                {"index", std::to_string(at->second.name.index)},
                {"position", at->second.name.position}};
  }
  if (const auto at = members_.find(name); at != members_.end()) {
    return Json(ToBase64(at->second.id.view()));
  }
  if (const auto at = units_.find(name); at != units_.end()) {
    return Json(ToBase64(at->second.view()));
  }
  return json;  // what the node itself looks up: "@new", "@"
}

Played Player::RecordJson(const Meaning& meaning, const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    return NotDone("the braces hold no JSON");
  }
  const auto resolved = Resolve(json, 0);
  if (!resolved) {
    return From(tl::unexpected(resolved.error()));
  }
  sim::Machine& machine = device(meaning.One("device"));
  pb::Action action;
  const Played read = Act(machine, "reads", [&](Replica& replica) -> Status {
    CHIBO_TRY_VALUE(action, ActionReader(replica).Read(resolved->dump()));
    return {};
  });
  return read.done ? Record(meaning, action) : read;
}

Played Player::ReadMember(const std::string& text, pb::Member& entry) {
  pb::Member more;
  const auto read = google::protobuf::util::JsonStringToMessage(text, &more);
  if (!read.ok()) {
    return NotDone("no fields of a member: " + std::string(read.message()));
  }
  entry.MergeFrom(more);
  return {};
}

std::optional<sim::LineShape> Player::Shape(const sim::Machine& child, const sim::Machine& parent) {
  if (offline_.contains(child.name()) || offline_.contains(parent.name()) ||
      lines_.connections == 0) {
    return std::nullopt;
  }
  if (lines_.connections) {
    --*lines_.connections;
  }
  sim::LineShape shape;
  shape.cut_after = std::exchange(lines_.cut_after, std::nullopt);
  return shape;
}

Played Player::Sync(sim::Machine& machine) {
  if (world_->parent(machine) == nullptr) {
    return NotDone("nobody is above " + machine.name());
  }
  machine.SyncNow();
  world_->RunDry();
  const std::optional<Status>& ended = machine.last_sync();
  return ended ? From(*ended) : NotDone("the device was stopped meanwhile");
}

Played Player::SyncAll() {
  std::vector<sim::Machine*> order;
  for (const auto& [name, machine] : devices_) {
    const bool away = offline_.contains(name) || world_->parent(*machine) == nullptr ||
                      offline_.contains(world_->parent(*machine)->name());
    if (!away) {
      order.push_back(machine);
    }
  }
  Played worst;
  for (int round = 0; round < kRoundsMax; ++round) {
    const bool upward = round % 2 == 0;
    std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
      const int left = world_->seat(*a).depth;
      const int right = world_->seat(*b).depth;
      return upward ? left > right : left < right;
    });
    bool moved = false;
    worst = {};
    for (sim::Machine* machine : order) {
      Played played = Sync(*machine);
      moved = moved || machine->entries_moved() > 0;
      if (!played.done) {
        played.found = machine->name() + ": " + played.found;
        worst = std::move(played);
      }
    }
    if (!moved && !upward) {
      break;
    }
  }
  return worst;
}

void Player::GoTo(Timestamp time) {
  world_->RunDry();
  world_->events().Skip(Tick(time - world_->options().begins));
}

// ---- Who there is

Played Player::AddUnit(const std::string& name, UnitPlan plan, const std::string& parent) {
  plan.code = name;
  if (parent.empty()) {
    if (!devices_.empty()) {
      return NotDone("only the first unit has none above it");
    }
    NetworkPlan network{plan.name, plan.code, plan.name, plan.kind};
    devices_[name] = &world_->Found(name, network);
    units_[name] = world_->seat(*devices_[name]).unit;
    keepers_[name] = name;
    return {};
  }
  sim::Machine& machine = device(keepers_.at(parent));
  const Played added =
      ActAsOfficer(machine, "establishes", [&](Replica& replica, const Issuer& officer) {
        return AddUnits(replica, officer, {plan}, machine.Wall());
      });
  if (!added.done) {
    return added;
  }
  units_[name] = *machine.node().replica().projector().organisation().FindByCode(name);
  keepers_[name] = plan.kind == pb::COLLECTIVE ? keepers_.at(parent) : name;
  superiors_[name] = parent;
  return {};
}

Played Player::AddDevice(const std::string& name, const std::string& unit, pb::Role role) {
  const auto superior = superiors_.find(unit);
  if (superior == superiors_.end() || keepers_.at(unit) != unit) {
    return NotDone("no device can be enrolled for " + unit);
  }
  sim::Machine& above = device(superior->second);
  if (!above.up() || !above.node().FindOfficer()) {
    return NotDone(superior->second + " has no officer who could enrol it");
  }
  devices_[name] = &world_->Enrol(above, units_.at(unit), role, name);
  return {};
}

void Player::AddCopy(const std::string& name, sim::Machine& of, bool with_sidecar) {
  devices_[name] = &world_->AddCopy(of, with_sidecar, name);
  devices_[name]->Start();
}

void Player::AddMember(const std::string& name, Person person) {
  members_.insert_or_assign(name, std::move(person));
}

// ---- The whole outcome

Json Player::Outcome() {
  Json devices = Json::object();
  for (const auto& [name, machine] : devices_) {
    if (!machine->up()) {
      devices[name] = Json{{"running", false}};
      continue;
    }
    const Replica& replica = machine->node().replica();
    Json rows = Json::array();
    for (const pb::OutcomeRow& row : RowsOf(replica)) {
      rows.push_back(RowJson(*this, row));
    }
    Json cases = Json::array();
    for (const pb::CaseRow& row : CasesOf(replica)) {
      cases.push_back(CaseJson(*this, row));
    }
    Json set_aside = Json::array();
    for (const Fact& fact : SetAsideOf(replica)) {
      set_aside.push_back(Json{{"kind", WordFor("kind", static_cast<int>(fact.kind))},
                               {"unit", NameOf(fact.unit)},
                               {"reason", std::string(Name(fact.standing))}});
    }
    Json tables = Json::object();
    const Cut cut{world_->seat(*machine).unit, std::nullopt, true};
    for (const pb::SubjectKind kind : {pb::MEMBER, pb::ORGANISATION}) {
      tables[WordFor("table", kind)] = FiguresOf(TableOf(replica, kind, period_, cut));
    }
    devices[name] = Json{{"running", true},
                         {"only_here", machine->node().status().only_here},
                         {"view", machine->node().digest().hex()},
                         {"rows", rows},
                         {"cases", cases},
                         {"set_aside", set_aside},
                         {"tables", tables}};
  }
  return Json{{"period", period_}, {"trace", world_->trace().hash().hex()}, {"devices", devices}};
}

}  // namespace chibo::scenario

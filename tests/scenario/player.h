#ifndef CHIBO_TESTS_SCENARIO_PLAYER_H_
#define CHIBO_TESTS_SCENARIO_PLAYER_H_

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/subject.h"
#include "node/recorder.h"
#include "tests/scenario/story.h"
#include "tests/sim/world.h"

namespace chibo::scenario {

using Json = nlohmann::ordered_json;

// A sentence that did not come out as it says.
struct Difference {
  std::uint32_t line = 0;
  std::string expected;
  std::string found;
};

struct Person {
  PersonId id;
  pb::Member entry;   // as last written
  RecordName record;  // of it
  std::optional<SigningKey> key;
};

// Plays one story in a network of its own. Deterministic: the same story, the same network, to the
// last byte.
class Player {
 public:
  explicit Player(const Story& story);

  // Plays everything; goes on after a sentence that came out otherwise.
  void Play();
  const std::vector<Difference>& differences() const { return differences_; }
  // Everything that every device knows in the end.
  Json Outcome();

  // ---- For sentences: names. They are known: the reader has looked them up.
  sim::Machine& device(const std::string& name) { return *devices_.at(name); }
  UnitId unit(const std::string& name) const { return units_.at(name); }
  Person& member(const std::string& name) { return members_.at(name); }
  PersonId person(const std::string& name) const { return members_.at(name).id; }
  SubjectId subject(std::span<const Token> tokens) const;
  std::vector<SubjectId> subjects(const std::vector<Token>& tokens) const;
  const std::string& period() const { return period_; }
  UnitId UnitOf(const std::string& device) { return world_->seat(*devices_.at(device)).unit; }
  std::uint32_t today() const;
  // What a scenario calls things, the other way round; ids where it has no name for them.
  std::string NameOf(const UnitId& unit) const;
  std::string NameOf(const SubjectId& subject) const;

  // A record under a name, and whose device wrote it. What is meant for several units stands once
  // in the stream to each.
  struct Written {
    RecordName name;
    std::string device;
    std::vector<RecordName> also;
  };
  // Null while it has not been written, because its sentence did not come off.
  const Written* FindRecord(const std::string& name) const;
  // As the device that wrote it holds it; null when it does not, or was never written.
  std::shared_ptr<const pb::Record> content(const std::string& name);
  void NameRecord(const std::string& name, const Written& written) { records_[name] = written; }

  // ---- For sentences: what happens.
  // On a device that runs; an error is told.
  Played Act(sim::Machine& machine, const std::string& what,
             const std::function<Status(Replica&)>& act);
  // The same with the officer of a committee, whose signature it needs.
  Played ActAsOfficer(sim::Machine& machine, const std::string& what,
                      const std::function<Status(Replica&, const Issuer&)>& act);
  // Records an action, signed by whoever has to: the officer of a committee, persons with keys.
  // With "as <new-record>" in the sentence, its first record gets that name.
  Played Record(const Meaning& meaning, const pb::Action& action);
  Played Record(const Meaning& meaning, pb::Record record);
  // The same from Protobuf JSON, with @names in place of ids and references.
  Played RecordJson(const Meaning& meaning, const std::string& text);
  // Fields of a register entry as JSON, over those it has.
  static Played ReadMember(const std::string& text, pb::Member& entry);
  Played Sync(sim::Machine& machine);
  // Everybody who is not offline, until nothing moves.
  Played SyncAll();
  void GoTo(Timestamp time);

  // The first of them is the network's topmost and has no parent.
  Played AddUnit(const std::string& name, UnitPlan plan, const std::string& parent);
  Played AddDevice(const std::string& name, const std::string& unit, pb::Role role);
  void AddCopy(const std::string& name, sim::Machine& of, bool with_sidecar);
  void AddMember(const std::string& name, Person person);
  // The device that keeps the papers of a unit: its own, of a collective the one above.
  const std::string& keeper(const std::string& unit) const { return keepers_.at(unit); }
  void set_period(std::string period) { period_ = std::move(period); }

  sim::World& world() { return *world_; }
  std::set<std::string>& offline() { return offline_; }
  std::map<std::string, test::FaultVfs::Image>& copies() { return copies_; }
  // How the next connections are; all are good when nothing is said.
  struct Lines {
    std::optional<std::uint64_t> cut_after;  // bytes, of the first connection
    std::optional<int> connections;          // so many and no more
  };
  void set_lines(const Lines& lines) { lines_ = lines; }
  // Of the next decision.
  int TakeNumber() { return ++number_; }
  PersonId DrawPerson() { return dice_.DrawFixed<PersonId>(); }
  SigningKey DrawKey() { return SigningKey(SecretKey::Draw(dice_)); }

 private:
  std::optional<sim::LineShape> Shape(const sim::Machine& child, const sim::Machine& parent);
  void Prepare();
  void PlayOne(const Sentence& sentence);
  Result<Json> Resolve(const Json& json, int depth);
  Signers SignersOf(sim::Machine& machine) const;

  const Story& story_;
  std::unique_ptr<sim::World> world_;
  SeededRandom dice_;
  std::map<std::string, sim::Machine*> devices_;
  std::map<std::string, UnitId> units_;
  std::map<std::string, std::string> keepers_;
  std::map<std::string, std::string> superiors_;
  std::map<std::string, Person> members_;
  std::map<std::string, Written> records_;
  std::map<std::string, test::FaultVfs::Image> copies_;
  std::set<std::string> offline_;
  Lines lines_;
  std::string period_;
  int number_ = 0;
  bool prepared_ = false;
  bool broken_ = false;  // who there is could not be set up: nothing that follows can be played
  std::vector<Difference> differences_;
};

// Helpers that several files of sentences use.
Played NotDone(std::string found, std::vector<std::string> reasons = {});
// Of the device that the sentence names; null when it is not running.
Replica* Look(Player& player, const Meaning& meaning);
Played NotRunning();
Played From(const Status& status);
std::uint32_t DateIn(const Meaning& meaning, std::string_view key);
pb::Grade GradeIn(const Meaning& meaning, std::string_view key = "grade");
Bytes IdOf(const UnitId& unit);
Bytes IdOf(const PersonId& person);

}  // namespace chibo::scenario

#endif  // CHIBO_TESTS_SCENARIO_PLAYER_H_

// What is expected of what devices hold, and of how far it has come.
#include <algorithm>

#include "proto/kind.h"
#include "tests/must.h"
#include "tests/scenario/view.h"

namespace chibo::scenario {
namespace {

// The record as that device holds it, on whatever branch.
std::optional<Fact> FactIn(Player& player, const Meaning& meaning, const Replica& replica) {
  const Player::Written* written = player.FindRecord(meaning.One("record"));
  if (written == nullptr) {
    return std::nullopt;
  }
  std::vector<RecordName> names = written->also;
  names.insert(names.begin(), written->name);
  const auto content = player.content(meaning.One("record"));
  for (const RecordName& name : names) {
    const Stream* stream = replica.streams().Find(name.stream);
    for (std::size_t i = 0; stream != nullptr && i < stream->branches.size(); ++i) {
      auto fact = Must(replica.view().FactAt(name, stream->branches[i].branch));
      const bool same = fact && (content == nullptr || fact->record == nullptr ||
                                 fact->record->SerializeAsString() == content->SerializeAsString());
      if (same) {
        return fact;
      }
    }
  }
  return std::nullopt;
}

std::string Describe(const std::optional<Fact>& fact) {
  if (!fact) {
    return "it is not held";
  }
  if (fact->standing != SetAside::kCounts) {
    return "it is set aside as " + std::string(Name(fact->standing));
  }
  return fact->record == nullptr ? "it is withheld" : "it counts";
}

Played RecordCounts(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto fact = FactIn(player, meaning, *replica);
  return fact && fact->counts() ? Played() : NotDone(Describe(fact));
}

Played RecordIsSetAside(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto fact = FactIn(player, meaning, *replica);
  const bool fits =
      fact && static_cast<int>(fact->standing) == *NumberOf("set-aside", meaning.One("set-aside"));
  return fits ? Played() : NotDone(Describe(fact));
}

Played RecordIsWithheld(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto fact = FactIn(player, meaning, *replica);
  return fact && fact->record == nullptr ? Played() : NotDone(Describe(fact));
}

Played RecordIsNotHeld(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto fact = FactIn(player, meaning, *replica);
  return fact ? NotDone(Describe(fact)) : Played();
}

// Records of that kind that can be read there, of all units or of one.
Played HoldsRecords(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const auto kind = static_cast<std::uint32_t>(*NumberOf("kind", meaning.One("kind")));
  std::uint64_t count = 0;
  Must(replica->view().VisitFacts([&](const Fact& fact) {
    const bool unit_fits = !meaning.Has("unit") || fact.unit == player.unit(meaning.One("unit"));
    count += fact.kind == kind && fact.record != nullptr && unit_fits ? 1 : 0;
    return true;
  }));
  return count == std::stoull(meaning.One("number")) ? Played() : NotDone(std::to_string(count));
}

Played SetsAside(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const std::vector<Fact> facts = SetAsideOf(*replica);
  std::string found = std::to_string(facts.size());
  for (const Fact& fact : facts) {
    const KindTraits* traits = TraitsOf(fact.kind);
    found += "; " + std::string(traits == nullptr ? "unknown" : traits->name) + " of " +
             player.NameOf(fact.unit) + " as " + std::string(Name(fact.standing));
  }
  return facts.size() == std::stoul(meaning.One("number")) ? Played() : NotDone(found);
}

Played IsCovered(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  if (!machine.up()) {
    return NotRunning();
  }
  const NodeStatus status = machine.node().status();
  return status.covered() ? Played()
                          : NotDone(std::to_string(status.only_here) + " records are only there");
}

Played OnlyHere(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  if (!machine.up()) {
    return NotRunning();
  }
  const std::uint64_t only_here = machine.node().status().only_here;
  return only_here == std::stoull(meaning.One("number")) ? Played()
                                                         : NotDone(std::to_string(only_here));
}

Played SeesFork(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  if (replica == nullptr) {
    return NotRunning();
  }
  const UnitId unit = player.unit(meaning.One("unit"));
  const std::vector<const Stream*> streams = replica->streams().All();
  const bool forked = std::any_of(streams.begin(), streams.end(), [&](const Stream* stream) {
    return stream->unit == unit && stream->forked();
  });
  const bool wanted = meaning.Says("a");
  return forked == wanted ? Played() : NotDone(forked ? "there is one" : "there is none");
}

Played SameView(Player& player, const Meaning& meaning) {
  const Replica* replica = Look(player, meaning);
  sim::Machine& other = player.device(meaning.One("other"));
  if (replica == nullptr || !other.up()) {
    return NotRunning();
  }
  return Must(replica->ViewDigest()) == other.node().digest() ? Played()
                                                              : NotDone("their views differ");
}

}  // namespace

std::vector<Form> StoreExpectations() {
  return {
      {"expect <device> : record <record> counts", RecordCounts},
      {"expect <device> : record <record> is set aside as <set-aside>", RecordIsSetAside},
      {"expect <device> : record <record> is withheld", RecordIsWithheld},
      {"expect <device> : record <record> is not held", RecordIsNotHeld},
      {"expect <device> : holds <number> records of kind <kind> [ of <unit> ]", HoldsRecords},
      {"expect <device> : <number> records set aside", SetsAside},
      {"expect <device> : everything is received", IsCovered},
      {"expect <device> : <number> records only here", OnlyHere},
      {"expect <device> : a fork of <unit>", SeesFork},
      {"expect <device> : no fork of <unit>", SeesFork},
      {"expect <device> : the same view as <device:other>", SameView},
  };
}

}  // namespace chibo::scenario

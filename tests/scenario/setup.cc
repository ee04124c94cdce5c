// Who there is, and time.
#include "node/enrolment.h"
#include "node/typed_value.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

Played Nothing(Player&, const Meaning&) { return {}; }

Played SetPeriod(Player& player, const Meaning& meaning) {
  player.set_period(meaning.One("period"));
  return {};
}

Played GoOn(Player& player, const Meaning& meaning) {
  const std::string time = meaning.Has("time") ? meaning.One("time") : "08:00";
  player.GoTo(Timestamp(Duration(*TimeFrom(meaning.One("date") + " " + time))));
  return {};
}

UnitPlan PlanOf(const Meaning& meaning, const std::string& name, pb::UnitKind kind) {
  UnitPlan plan;
  plan.name = meaning.Has("text") ? meaning.One("text") : name;
  plan.kind = kind;
  plan.committee = !meaning.Says("committee");  // "without committee"
  plan.effective = DateIn(meaning, "date");
  return plan;
}

Played AddUnit(Player& player, const Meaning& meaning) {
  const std::string& name = meaning.One("new-unit");
  const auto kind = static_cast<pb::UnitKind>(*NumberOf("unit-kind", meaning.One("unit-kind")));
  const std::string parent = meaning.Has("unit") ? meaning.One("unit") : "";
  const Played added = player.AddUnit(name, PlanOf(meaning, name, kind), parent);
  if (!added.done || parent.empty()) {
    return added;
  }
  const bool cell = kind == pb::CELL || kind == pb::GRASSROOTS_CELL;
  return player.AddDevice(name, name, cell ? pb::SECRETARY : pb::SERVER);
}

Played AddCollective(Player& player, const Meaning& meaning) {
  const std::string& name = meaning.One("new-collective");
  return player.AddUnit(name, PlanOf(meaning, name, pb::COLLECTIVE), meaning.One("unit"));
}

Played AddDevice(Player& player, const Meaning& meaning) {
  return player.AddDevice(meaning.One("new-device"), meaning.One("unit"), pb::DEPUTY);
}

pb::Record KeyRecord(const NetworkId& network, const Person& person) {
  pb::Record record;
  pb::PersonKey& enrolled = *record.mutable_person_key();
  enrolled.set_person(IdOf(person.id));
  enrolled.set_name(person.entry.name());
  enrolled.mutable_key()->set_usage(pb::SIGN);
  enrolled.mutable_key()->set_algorithm(1);
  enrolled.mutable_key()->set_key(Bytes(person.key->public_key().view()));
  enrolled.set_proof(
      Bytes(person.key->Sign(PersonKeyMessage(network, person.id.view(), person.key->public_key()))
                .view()));
  return record;
}

Played AddMember(Player& player, const Meaning& meaning) {
  const std::string& name = meaning.One("new-member");
  Person person;
  person.id = player.DrawPerson();
  pb::Member& entry = person.entry;
  entry.set_person(IdOf(person.id));
  entry.set_name(meaning.Has("text") ? meaning.One("text") : name);
  entry.set_birth(meaning.Has("birth") ? DateIn(meaning, "birth") : 19800601);
  entry.set_admitted(meaning.Has("admitted") ? DateIn(meaning, "admitted") : 20100301);
  entry.set_civil_servant(meaning.Says("civil-servant"));
  if (meaning.Has("status")) {
    entry.set_status(static_cast<pb::MemberStatus>(*NumberOf("status", meaning.One("status"))));
    entry.set_status_from(DateIn(meaning, "since"));
  }
  if (entry.status() != pb::PROBATIONARY) {
    entry.set_official(meaning.Has("official") ? DateIn(meaning, "official")
                                               : entry.admitted() + 10000);
  }
  if (meaning.Says("key")) {
    person.key = player.DrawKey();
  }
  if (meaning.Has("json")) {
    if (Played read = Player::ReadMember(meaning.One("json"), entry); !read.done) {
      return read;
    }
  }
  const std::string& unit = meaning.One("unit");
  const std::string keeper = player.keeper(unit);
  sim::Machine& machine = player.device(keeper);
  const Played played = player.Act(machine, "register", [&](Replica& replica) -> Status {
    pb::Action action;
    *action.add_records()->mutable_member() = entry;
    pb::Membership& membership = *action.add_records()->mutable_membership();
    membership.set_person(IdOf(person.id));
    membership.set_unit(IdOf(player.unit(unit)));
    membership.set_kind(pb::HOME);
    membership.set_from(meaning.Has("from") ? DateIn(meaning, "from") : entry.admitted());
    if (person.key) {
      *action.add_records() = KeyRecord(replica.settings().network, person);
    }
    return replica.Transact(machine.Wall(), [&](StreamWriter& writer) -> Status {
      Recorded recorded;
      CHIBO_TRY_VALUE(person.record,
                      RecordAction(replica, writer, action, {}, machine.Wall(), recorded));
      return {};
    });
  });
  player.AddMember(name, std::move(person));
  return played;
}

}  // namespace

std::vector<Form> SetupForms() {
  return {
      {"title <text>", Nothing},
      {"period <period>", SetPeriod},
      {"on <date> [ <time> ]", GoOn},
      {"unit <new-unit> <unit-kind> { <text> | under <unit> | from <date> | without committee }",
       AddUnit},
      {"collective <new-collective> under <unit> { <text> | from <date> | without committee }",
       AddCollective},
      {"device <new-device> of <unit>", AddDevice},
      {"member <new-member> in <unit> { called <text> | born <date:birth> | admitted "
       "<date:admitted> | official <date:official> | from <date:from> | civil-servant | with key | "
       "<status> [ since <date:since> ] | <json> }",
       AddMember},
  };
}

}  // namespace chibo::scenario

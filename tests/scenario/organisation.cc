// Units change: named, moved, merged, split, dissolved.
#include "node/move.h"
#include "proto/signed_object.h"
#include "tests/scenario/player.h"

namespace chibo::scenario {
namespace {

// What the unit's last change or its establishment is called by the next one.
Result<Bytes> PreviousOf(const Replica& replica, const UnitId& unit) {
  const auto history = replica.projector().organisation().HistoryOf(unit);
  if (history.empty()) {
    return Fail(Code::kNotFound, "unit_unknown", unit.hex());
  }
  CHIBO_TRY_VALUE(const auto fact, replica.view().FactAt(history.back(), 0));
  if (!fact || fact->record == nullptr) {
    return Fail(Code::kNotFound, "unit_unknown", unit.hex());
  }
  return Bytes(BodyDigest(*fact->record).view());
}

// Its streams end where this node has registered them.
void CloseStreams(const Replica& replica, const UnitId& unit, pb::UnitChangeBody& body) {
  for (const Stream* stream : replica.streams().All()) {
    if (stream->unit == unit && !stream->own && !stream->branches.empty()) {
      const MerklePeaks& peaks = stream->branches.front().peaks;
      pb::Point& point = *body.add_closed();
      point.set_stream(Bytes(stream->id.view()));
      point.set_size(peaks.size());
      point.set_root(Bytes(peaks.Root().view()));
    }
  }
}

Played Change(Player& player, const Meaning& meaning, pb::ChangeKind kind) {
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(kind);
  body.set_effective(DateIn(meaning, "date"));
  body.set_decision_no(std::to_string(player.TakeNumber()) + "-QĐ/ĐU");
  body.set_may_finish(meaning.Says("finish"));
  for (const Token& token : meaning.All("unit")) {
    body.add_from(IdOf(player.unit(token.text)));
  }
  if (meaning.Has("into")) {
    for (const Token& token : meaning.All("into")) {
      body.add_into(IdOf(player.unit(token.text)));
    }
  }
  if (meaning.Has("parent")) {
    body.set_parent(IdOf(player.unit(meaning.One("parent"))));
  }
  if (meaning.Has("text")) {
    body.set_name(meaning.One("text"));
  }
  if (meaning.Has("target")) {
    pb::Allocation& allocation = *body.add_members();
    allocation.set_unit(IdOf(player.unit(meaning.One("target"))));
    for (const Token& token : meaning.All("member")) {
      allocation.add_persons(IdOf(player.person(token.text)));
    }
  }
  const Played found =
      player.Act(player.device(meaning.One("device")), "looks", [&](Replica& replica) -> Status {
        for (const Token& token : meaning.All("unit")) {
          CHIBO_TRY_VALUE(const Bytes previous, PreviousOf(replica, player.unit(token.text)));
          body.add_previous(previous);
          if (meaning.Says("closing")) {
            CloseStreams(replica, player.unit(token.text), body);
          }
        }
        return {};
      });
  return found.done ? player.Record(meaning, std::move(record)) : found;
}

Played Dissolves(Player& player, const Meaning& meaning) {
  return Change(player, meaning, pb::DISSOLVE);
}
Played Merges(Player& player, const Meaning& meaning) { return Change(player, meaning, pb::MERGE); }
Played Splits(Player& player, const Meaning& meaning) { return Change(player, meaning, pb::SPLIT); }
Played Renames(Player& player, const Meaning& meaning) {
  return Change(player, meaning, pb::RENAME);
}

Played Moves(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  return player.ActAsOfficer(
      machine, "moves units", [&](Replica& replica, const Issuer& officer) -> Status {
        for (const Token& token : meaning.All("unit")) {
          const MovePlan plan{player.unit(token.text), player.unit(meaning.One("parent")),
                              meaning.Says("handing"), DateIn(meaning, "date"),
                              std::to_string(player.TakeNumber()) + "-QĐ"};
          CHIBO_TRY(MoveUnit(replica, officer, plan, machine.Wall()));
        }
        return {};
      });
}

// The device keeps its keys; the new superior certifies them.
Played AsksIn(Player& player, const Meaning& meaning) {
  sim::Machine& machine = player.device(meaning.One("device"));
  sim::Machine& superior = player.device(meaning.One("superior"));
  Status asked = Fail(Code::kIo, "device_not_running", superior.name());
  const Played played = player.Act(superior, "takes in", [&](Replica&) {
    if (machine.up()) {
      asked = machine.node().AskIn(superior.node(), superior.Wall());
    }
    return asked;
  });
  if (asked) {
    player.world().Stepped(machine);
    player.world().Reseat(machine, superior);
  }
  return played;
}

}  // namespace

std::vector<Form> OrganisationForms() {
  return {
      {"<device> dissolves <unit> from <date> { into <unit:into> | sending <member+> to "
       "<unit:target> | closing its books | letting it finish the year | as <new-record> }",
       Dissolves},
      {"<device> merges <unit+> into <unit:into> from <date> { closing their books | letting them "
       "finish the year | as <new-record> }",
       Merges},
      {"<device> splits <unit> into <unit+:into> from <date> { sending <member+> to <unit:target> "
       "| "
       "closing its books | as <new-record> }",
       Splits},
      {"<device> renames <unit> to <text> from <date> [ as <new-record> ]", Renames},
      {"<device> moves <unit+> below <unit:parent> from <date> [ handing over older papers ]",
       Moves},
      {"<device> asks in at <device:superior>", AsksIn},
  };
}

}  // namespace chibo::scenario

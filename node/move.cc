#include "node/move.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "node/copies.h"
#include "node/entry_packer.h"
#include "node/point_lists.h"
#include "proto/message_bytes.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::string_view kInviteKey = "secret/moving-to";

// As people name it.
std::string CodeOf(const Replica& replica, const UnitId& unit) {
  const auto state = replica.projector().organisation().At(unit);
  return state ? state->code : unit.hex();
}

bool IsAbout(const pb::Record& record, const UnitId& unit) {
  if (record.has_unit()) {
    return record.unit().body().unit() == unit.view();
  }
  const auto& from = record.unit_change().body().from();
  return std::any_of(from.begin(), from.end(),
                     [&](const Bytes& named) { return named == unit.view(); });
}

// How the unit came to be what it is: its establishment and changes.
Result<std::vector<Fact>> HistoryOf(const Replica& replica, const UnitId& unit) {
  std::vector<Fact> history;
  for (const auto kind : {pb::Record::kUnit, pb::Record::kUnitChange}) {
    CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOfKind(kind)));
    std::copy_if(facts.begin(), facts.end(), std::back_inserter(history),
                 [&](const Fact& fact) { return fact.counts() && IsAbout(*fact.record, unit); });
  }
  return history;
}

// Of these the one that no other one follows yet.
Result<Hash> LastOf(const Replica& replica, const std::vector<Fact>& history, const UnitId& unit) {
  std::set<Hash> said;
  std::set<Bytes> followed;
  for (const Fact& fact : history) {
    said.insert(BodyDigest(*fact.record));
    const auto& previous = fact.record->unit_change().body().previous();
    followed.insert(previous.begin(), previous.end());
  }
  for (const Hash& digest : said) {
    if (!followed.contains(Bytes(digest.view()))) {
      return digest;
    }
  }
  return Fail(Code::kNotFound, "unit_unknown", CodeOf(replica, unit));
}

// Copies of that and of what it rests on, as far as the new superior does not hold the streams in
// which it stands: who may hold the move must be able to judge it.
Result<std::vector<pb::Record>> CopiesFor(const Replica& replica, const UnitId& reader,
                                          const std::vector<Fact>& history) {
  std::map<RecordName, Fact> needed;
  for (const Fact& fact : history) {
    needed[fact.name] = fact;
    if (const auto issuer = IssuerOf(*fact.record)) {
      for (const Fact& evidence : replica.authority().EvidenceFor(*issuer)) {
        needed[evidence.name] = evidence;
      }
    }
  }
  std::vector<pb::Record> copies;
  for (const auto& [name, fact] : needed) {
    const Stream* stream = replica.streams().Find(name.stream);
    if (stream == nullptr || replica.visibility().MayHold(*stream, reader)) {
      continue;
    }
    auto copy = MakeCopy(replica.streams(), replica.log(), fact);
    if (!copy && copy.error().code == Code::kNotFound) {
      continue;  // known from a copy
    }
    CHIBO_TRY(copy);
    copies.push_back(*std::move(copy));
  }
  return copies;
}

// Whether the stream ends with the move.
bool Ends(const Stream& stream, const UnitId& unit, const std::optional<UnitId>& keeper) {
  const bool to_it = stream.kind == pb::TO && stream.other == unit && stream.unit == keeper;
  return (stream.unit == unit || to_it) && !stream.branches.empty();
}

}  // namespace

Status MoveUnit(Replica& replica, const Issuer& officer, const MovePlan& plan, Timestamp now) {
  if (plan.unit == plan.to) {
    return Fail(Code::kBadInput, "unit_under_itself", CodeOf(replica, plan.unit));
  }
  pb::Record record;
  pb::UnitChangeBody& body = *record.mutable_unit_change()->mutable_body();
  body.set_kind(pb::MOVE);
  body.add_from(Bytes(plan.unit.view()));
  body.set_parent(Bytes(plan.to.view()));
  body.set_effective(plan.effective);
  body.set_decision_no(plan.number);
  body.set_hand_over(plan.hand_over);
  CHIBO_TRY_VALUE(const auto history, HistoryOf(replica, plan.unit));
  CHIBO_TRY_VALUE(const Hash previous, LastOf(replica, history, plan.unit));
  body.add_previous(Bytes(previous.view()));
  const auto keeper = replica.authority().KeeperOf(plan.unit);
  std::vector<Position> closed;
  for (const Stream* stream : replica.streams().All()) {
    if (Ends(*stream, plan.unit, keeper)) {
      const MerklePeaks& peaks = stream->branches.front().peaks;
      closed.push_back({stream->id, peaks.size(), peaks.Root()});
    }
  }
  const auto lists = PutPoints(closed, *body.mutable_closed(), *body.mutable_more());
  if (officer.certificate) {
    body.set_issuer(Bytes(officer.certificate->view()));
  }
  SignAs(officer, replica.settings().network, record);
  CHIBO_TRY_VALUE(std::vector<pb::Record> before, CopiesFor(replica, plan.to, history));
  before.insert(before.end(), lists.begin(), lists.end());
  return replica.Transact(now, [&](StreamWriter& writer) -> Status {
    EntryPacker packer(writer, pb::DOWN, UnitId(), now);
    for (const pb::Record& one : before) {
      CHIBO_TRY(packer.Add({one}));
    }
    CHIBO_TRY(packer.Add({record}));
    CHIBO_TRY(packer.Close());
    if (keeper == plan.to || replica.authority().KeeperOf(plan.unit) != plan.to) {
      return Fail(Code::kNotAllowed, "move_not_competent", CodeOf(replica, plan.unit));
    }
    return {};
  });
}

Status PrepareMove(Replica& replica, const pb::Invite& invite, Timestamp now) {
  const Settings& settings = replica.settings();
  if (invite.network() != settings.network.view() || invite.unit() != settings.unit.view() ||
      invite.role() != settings.role) {
    return Fail(Code::kNotAllowed, "invite_for_another_unit", invite.unit_code());
  }
  return replica.Transact(now, [&](StreamWriter&) {
    return replica.log().PutValue(kInviteKey, CanonicalBytes(invite));
  });
}

Result<Settings> SettingsGrantedBy(const Replica& replica, ByteView parent) {
  Settings settings = replica.settings();
  if (settings.parent && settings.parent->view() == parent) {
    return settings;
  }
  CHIBO_TRY_VALUE(const auto kept, replica.log().Value(kInviteKey));
  pb::Invite invite;
  if (!kept || !ParseBounded(*kept, invite) || invite.parent() != parent) {
    return Fail(Code::kNotAllowed, "grant_not_for_this_unit");
  }
  const Settings asked = SettingsFrom(invite);
  settings.parent = asked.parent;
  settings.parent_noise = asked.parent_noise;
  settings.parent_address = asked.parent_address;
  return settings;
}

}  // namespace chibo

// chibo repair: a store of which something is damaged becomes an older copy of itself, which heals
// like any other.
#include "node/repair.h"

#include <algorithm>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/sync_words.h"

namespace chibo {
namespace {

std::string_view NameOf(LostEntries::State state) {
  switch (state) {
    case LostEntries::State::kElsewhere:
      return "elsewhere";
    case LostEntries::State::kReadable:
      return "readable";
    case LostEntries::State::kUnreadable:
      return "unreadable";
    case LostEntries::State::kGivenUp:
      return "given_up";
  }
  return "";
}

std::string_view Sentence(LostEntries::State state) {
  switch (state) {
    case LostEntries::State::kElsewhere:
      return "lost_elsewhere";
    case LostEntries::State::kReadable:
      return "lost_readable";
    case LostEntries::State::kUnreadable:
      return "lost_unreadable";
    case LostEntries::State::kGivenUp:
      return "lost_given_up";
  }
  return "";
}

bool IsWaiting(const LostEntries& lost) { return lost.state != LostEntries::State::kGivenUp; }

void Describe(const Call& call, const StoreDamage& damage, Json& json, Output& output) {
  json["damaged"] = Json::array();
  std::size_t set_right = damage.unsaid.size();
  for (const ScrubbedStream& stream : damage.streams) {
    set_right += stream.is_cut() ? 0 : 1;
    for (const ScrubbedBranch& branch : stream.branches) {
      if (branch.is_cut()) {
        json["damaged"].push_back(Json{{"stream", stream.id.hex()},
                                       {"branch", branch.branch},
                                       {"own", stream.own},
                                       {"from", branch.kept},
                                       {"to", branch.end}});
        output.lines.push_back(
            call.Say("repair_damaged", {stream.id.hex().substr(0, 16), std::to_string(branch.kept),
                                        std::to_string(branch.end - 1)}));
      }
    }
  }
  json["set_right"] = set_right;
  if (set_right > 0) {
    output.lines.push_back(call.Say("repair_set_right", {call.texts.Number(set_right)}));
  }
  if (!damage.any()) {
    output.lines = {call.Say("repair_nothing")};
  }
}

Status WriteOut(const Call& call, BareStore& store, const Quarantine& quarantine, Output& output) {
  const std::string& out = call.arguments.One("out");
  if (out.empty()) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto lines, LinesOfReadable(quarantine, store.log()));
  Bytes content;
  for (const std::string& line : lines) {
    content.append(line).append("\n");
  }
  output.files.emplace_back(out, std::move(content));
  output.lines.push_back(call.Say("repair_written_out", {call.texts.Number(lines.size()), out}));
  return {};
}

Status GiveUp(BareStore& store, Quarantine quarantine) {
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(store.sql()));
  CHIBO_TRY(quarantine.GiveUp());
  return transaction.Commit();
}

Result<Output> Repair(Call& call) {
  if (call.node != nullptr) {
    return Fail(Code::kInUse, "repair_while_serving", call.directory.path());
  }
  CHIBO_TRY_VALUE(const auto store, BareStore::Open(call.directory, call.passphrases, call.random));
  const Quarantine quarantine(store->sql(), store->at_rest());
  CHIBO_TRY_VALUE(const StoreDamage damage,
                  FindDamage(store->sql(), store->at_rest(), store->settings()));
  Output output;
  Json json = Json::object();
  Describe(call, damage, json, output);
  if (call.arguments.Has("dry-run")) {
    output.json = Dump(json);
    if (damage.any()) {
      output.failure = Error{Code::kDamaged, "store_needs_repair", call.directory.path()};
    }
    return output;
  }
  CHIBO_TRY(RepairStore(store->sql(), store->at_rest(), store->settings(), damage));
  CHIBO_TRY(WriteOut(call, *store, quarantine, output));
  if (call.arguments.Has("give-up")) {
    CHIBO_TRY(GiveUp(*store, quarantine));
  }
  CHIBO_TRY_VALUE(const auto lost, ReadLost(quarantine, store->log()));
  json["quarantine"] = Json::parse(LostJson(lost));
  output.json = Dump(json);
  output.notes = LostNotes(call.texts, lost);
  if (std::any_of(lost.begin(), lost.end(), IsWaiting)) {
    output.failure = Error{Code::kBehind, "repair_entries_missing", call.directory.path()};
  }
  return output;
}

}  // namespace

std::vector<std::string> LostNotes(const Catalogue& texts, const std::vector<LostEntries>& lost) {
  std::vector<std::string> notes;
  for (const LostEntries& range : lost) {
    notes.push_back(texts.Say(Sentence(range.state),
                              {range.stream.hex().substr(0, 16), std::to_string(range.from),
                               std::to_string(range.to - 1), texts.Number(range.records)}));
  }
  return notes;
}

std::string LostJson(const std::vector<LostEntries>& lost) {
  Json list = Json::array();
  for (const LostEntries& range : lost) {
    list.push_back(Json{{"stream", range.stream.hex()},
                        {"branch", range.branch},
                        {"from", range.from},
                        {"to", range.to},
                        {"records", range.records},
                        {"own", range.own},
                        {"state", NameOf(range.state)}});
  }
  return Dump(list);
}

void AddRepairCommand(std::vector<CommandSpec>& all) {
  all.push_back({"repair",
                 Needs::kPlain,
                 {{"dry-run", OptionSpec::Kind::kFlag, false, "repair_dry_run"},
                  {"out", OptionSpec::Kind::kOutput, false, "repair_out"},
                  {"give-up", OptionSpec::Kind::kFlag, false, ""}},
                 "repair --dir CELL --passphrase-file F",
                 Repair});
}

}  // namespace chibo

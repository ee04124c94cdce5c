// chibo repair: a store of which something is damaged becomes an older copy of itself, which heals
// like any other.
#include "node/repair.h"

#include <algorithm>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/pages.h"
#include "node/cli/sync_words.h"
#include "node/projector.h"
#include "storage/view_store.h"

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
}

void DescribeTable(const Call& call, const RescuedTable& table, Json& json, Output& output) {
  json.push_back(Json{{"table", table.name},
                      {"rows", table.rows},
                      {"lost", table.lost},
                      {"more_may_be_lost", table.unknown}});
  if (!table.is_whole()) {
    output.lines.push_back(
        call.Say(table.unknown ? "repair_table_torn" : "repair_table_lost",
                 {table.name, call.texts.Number(table.rows), call.texts.Number(table.lost)}));
  }
}

void DescribePages(const Call& call, const PageReport& pages, Json& json, Output& output) {
  if (!pages.damage.any) {
    return;
  }
  std::string names;
  for (const std::string& table : pages.damage.tables) {
    names += (names.empty() ? "" : ", ") + table;
  }
  json["pages"] = Json{{"damaged", pages.damage.tables}};
  output.lines.push_back(call.Say("repair_pages_damaged", {names.empty() ? "-" : names}));
  if (!pages.rescue) {
    return;
  }
  json["pages"]["kept"] = pages.rescue->kept;
  json["pages"]["tables"] = Json::array();
  json["pages"]["entries_of_no_stream"] = pages.homeless;
  for (const RescuedTable& table : pages.rescue->tables) {
    DescribeTable(call, table, json["pages"]["tables"], output);
  }
  if (pages.homeless > 0) {
    output.lines.push_back(call.Say("repair_of_no_stream", {call.texts.Number(pages.homeless)}));
  }
  output.lines.push_back(call.Say("repair_pages_rescued", {pages.rescue->kept}));
}

// What the view in a server's file said, where it is of this program and can be read.
struct OldView {
  bool comparable = false;
  std::optional<Hash> digest;
};

Result<OldView> LookAtView(BareStore& store, const PageReport& pages) {
  OldView old;
  if (!store.settings().is_server() || pages.rescue) {
    return old;
  }
  ViewStore view(store.sql());
  CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
  CHIBO_TRY_VALUE(const auto version, view.Version());
  old.comparable = version == kProjectionVersion;
  if (const auto digest = view.Digest()) {
    old.digest = *digest;
  }
  return old;
}

// A server's view is made anew; where the log is as it was, one that differs was damaged.
Status RemakeView(Call& call, const OldView& old, Json& json, Output& output) {
  CHIBO_TRY_VALUE(const auto node,
                  Node::Open(call.directory, call.passphrases, call.random, Node::Use::kRead));
  CHIBO_TRY_VALUE(const Hash digest, node->replica().ViewDigest());
  const bool damaged = old.comparable && old.digest != digest;
  json["view"] = Json{{"damaged", damaged}, {"digest", digest.hex()}};
  if (damaged) {
    output.lines.push_back(call.Say("repair_view_remade"));
  }
  return {};
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

// Whether a repair would make another view than there is; where the log is damaged that shows when
// it is mended.
Result<bool> ViewDiffers(const Call& call, BareStore& store, const OldView& old, const DhKey& seal,
                         Json& json, Output& output) {
  if (!old.comparable) {
    return false;
  }
  CHIBO_TRY_VALUE(const Hash digest,
                  DigestOfViewMadeAnew(store.sql(), store.at_rest(), store.settings(), seal));
  const bool damaged = old.digest != digest;
  json["view"] = Json{{"damaged", damaged}, {"digest", digest.hex()}};
  if (damaged) {
    output.lines.push_back(call.Say("repair_view_differs"));
  }
  return damaged;
}

// What is done while the store is open. The view that there was.
Result<OldView> RepairOpened(Call& call, BareStore& store, const PageReport& pages,
                             const std::optional<DhKey>& seal, Json& json, Output& output) {
  const Quarantine quarantine(store.sql(), store.at_rest());
  CHIBO_TRY_VALUE(const StoreDamage damage,
                  FindDamage(store.sql(), store.at_rest(), store.settings()));
  Describe(call, damage, json, output);
  CHIBO_TRY_VALUE(OldView old, LookAtView(store, pages));
  old.comparable = old.comparable && !damage.any();
  if (call.arguments.Has("dry-run")) {
    CHIBO_TRY_VALUE(const bool differs, seal ? ViewDiffers(call, store, old, *seal, json, output)
                                             : Result<bool>(false));
    if (damage.any() || differs) {
      output.failure = Error{Code::kDamaged, "store_needs_repair", call.directory.path()};
    }
    return old;
  }
  CHIBO_TRY(RepairStore(store.sql(), store.at_rest(), store.settings(), damage));
  CHIBO_TRY(WriteOut(call, store, quarantine, output));
  if (call.arguments.Has("give-up")) {
    CHIBO_TRY(GiveUp(store, quarantine));
  }
  CHIBO_TRY_VALUE(const auto lost, ReadLost(quarantine, store.log()));
  json["quarantine"] = Json::parse(LostJson(lost));
  output.notes = LostNotes(call.texts, lost);
  if (std::any_of(lost.begin(), lost.end(), IsWaiting)) {
    output.failure = Error{Code::kBehind, "repair_entries_missing", call.directory.path()};
  }
  return old;
}

Result<Output> Repair(Call& call) {
  if (call.node != nullptr) {
    return Fail(Code::kInUse, "repair_while_serving", call.directory.path());
  }
  const bool dry_run = call.arguments.Has("dry-run");
  PageReport pages;
  std::optional<DhKey> seal;
  auto store = BareStore::Open(
      call.directory, call.passphrases, call.random, [&](const UnlockedKey& device) -> Status {
        seal = device.seal;
        CHIBO_TRY_VALUE(
            pages, MendPages(call.directory, device, dry_run ? PageUse::kLook : PageUse::kMend));
        return {};
      });
  Output output;
  Json json = Json::object();
  DescribePages(call, pages, json, output);
  if (dry_run && pages.damage.any) {
    // What else there may be shows when every page can be read.
    output.json = Dump(json);
    output.failure = Error{Code::kDamaged, "store_needs_repair", call.directory.path()};
    return output;
  }
  if (!store) {
    return tl::unexpected(store.error());
  }
  const bool server = (*store)->settings().is_server();
  CHIBO_TRY_VALUE(const OldView old, RepairOpened(call, **store, pages, seal, json, output));
  store->reset();
  if (server && !dry_run) {
    // The repair is done whatever comes of this.
    const Status remade = RemakeView(call, old, json, output);
    if (!remade && !output.failure) {
      output.failure = remade.error();
    }
  }
  if (output.lines.empty()) {
    output.lines = {call.Say("repair_nothing")};
  }
  output.json = Dump(json);
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

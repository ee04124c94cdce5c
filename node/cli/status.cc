// chibo status: what is only here, what the superior has received. Needs no pass-phrase.
#include "node/status.h"

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/sync_words.h"
#include "node/cli/unit_words.h"

namespace chibo {
namespace {

Result<Output> Describe(const Call& call, const Settings& settings, const NodeStatus& status,
                        const std::string& by, const std::vector<LostEntries>& lost) {
  const Catalogue& texts = call.texts;
  Output output;
  Json json = Json::parse(StatusJson(status, by));
  json["quarantine"] = Json::parse(LostJson(lost));
  output.json = Dump(json);
  output.notes = StreamNotes(call.texts, status);
  for (std::string& note : LostNotes(texts, lost)) {
    output.notes.push_back(std::move(note));
  }
  output.lines = {settings.unit_name + " (" + settings.unit_code + "), " + settings.network_name +
                  " " + settings.network.hex().substr(0, 16)};
  if (!settings.parent) {
    output.lines.push_back(
        call.Say("status_top", {texts.Number(status.only_here + status.received)}));
    return output;
  }
  if (!status.approved) {
    output.lines.push_back(call.Say("status_not_approved"));
    return output;
  }
  if (status.received > 0) {
    output.lines.push_back(call.Say(
        "status_received", {texts.Number(status.received), by, texts.Time(status.received_ms)}));
  }
  output.lines.push_back(status.only_here == 0
                             ? call.Say("status_nothing_waits")
                             : call.Say("status_only_here", {texts.Number(status.only_here)}));
  if (status.decided > 0) {
    output.lines.push_back(call.Say("status_decided", {texts.Number(status.decided)}));
  }
  return output;
}

Result<Output> ShowStatus(Call& call) {
  if (call.node != nullptr) {
    const Replica& replica = call.replica();
    CHIBO_TRY_VALUE(const NodeStatus status,
                    ReadStatus(replica.settings(), replica.streams(), replica.log()));
    CHIBO_TRY_VALUE(const std::string by, ParentName(replica.settings(), replica.log()));
    CHIBO_TRY_VALUE(const auto lost, ReadLost(call.node->quarantine(), replica.log()));
    return Describe(call, replica.settings(), status, by, lost);
  }
  CHIBO_TRY_VALUE(const auto store, PlainStore::Open(call.directory));
  CHIBO_TRY_VALUE(const NodeStatus status,
                  ReadStatus(store->settings(), store->streams(), store->log()));
  CHIBO_TRY_VALUE(const std::string by, ParentName(store->settings(), store->log()));
  CHIBO_TRY_VALUE(const auto lost, ReadLost(store->quarantine(), store->log()));
  return Describe(call, store->settings(), status, by, lost);
}

}  // namespace

Result<std::string> ParentName(const Settings& settings, const LogStore& log) {
  if (!settings.parent) {
    return std::string();
  }
  CHIBO_TRY_VALUE(const auto name, log.Value("parent-name"));
  return name.value_or(settings.parent->hex());
}

std::vector<std::string> StreamNotes(const Catalogue& texts, const NodeStatus& status) {
  std::vector<std::string> notes;
  for (const StreamStatus& stream : status.streams) {
    if (stream.regressed) {
      notes.push_back(texts.Say("status_regressed", {stream.id.hex().substr(0, 16)}));
    }
    if (stream.forked) {
      notes.push_back(texts.Say("status_forked", {stream.id.hex().substr(0, 16)}));
    }
  }
  return notes;
}

std::string StatusJson(const NodeStatus& status, const std::string& by) {
  Json streams = Json::array();
  for (const StreamStatus& stream : status.streams) {
    streams.push_back(Json{{"stream", stream.id.hex()},
                           {"kind", StreamKindName(stream.kind)},
                           {"other", stream.other.is_zero() ? "" : stream.other.hex()},
                           {"size", stream.size},
                           {"received", stream.received},
                           {"at", IsoTime(stream.received_ms)},
                           {"regressed", stream.regressed},
                           {"forked", stream.forked},
                           {"retired", stream.retired}});
  }
  return Dump(Json{{"only_here", status.only_here},
                   {"received", status.received},
                   {"decided", status.decided},
                   {"approved", status.approved},
                   {"by", status.received_ms == 0 ? "" : by},
                   {"at", IsoTime(status.received_ms)},
                   {"streams", streams}});
}

void AddStatusCommand(std::vector<CommandSpec>& all) {
  all.push_back({"status", Needs::kPlain, {}, "status --dir CELL --json", ShowStatus});
}

}  // namespace chibo

// chibo log show, set-aside, export, prove.
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/labels.h"
#include "node/cli/unheeded_words.h"
#include "proto/checkpoint.h"
#include "proto/record.h"
#include "proto/signed_object.h"
#include "proto/tlog_export.h"

namespace chibo {
namespace {

constexpr std::size_t kPageEntries = 256;
constexpr std::size_t kPageBytes = std::size_t{8} * 1024 * 1024;

Output ListStreams(const Call& call) {
  const Replica& replica = call.replica();
  Output output;
  Json list = Json::array();
  for (const Stream* stream : replica.streams().All()) {
    const std::string other = CodeOf(replica, stream->other);
    list.push_back(Json{{"stream", stream->id.hex()},
                        {"kind", StreamKindName(stream->kind)},
                        {"unit", CodeOf(replica, stream->unit)},
                        {"other", other},
                        {"size", stream->size()},
                        {"own", stream->own},
                        {"retired", stream->retired},
                        {"forked", stream->forked()}});
    output.lines.push_back(
        stream->id.hex().substr(0, 16) + "  " +
        call.texts.Text("stream_kind", StreamKindName(stream->kind)) + "\t" +
        CodeOf(replica, stream->unit) + (other.empty() ? "" : " → " + other) + "\t" +
        call.texts.Number(stream->size()) +
        (stream->own ? "\t" + call.Say("stream_is_own") : std::string()) +
        (stream->forked() ? "\t" + call.Say("stream_is_forked") : std::string()));
  }
  output.json = Dump(list);
  return output;
}

// A record as people may read it; what is withheld says so.
Json RecordJson(const Slot& slot, const HeldRecord& held) {
  const KindTraits* traits = TraitsOf(slot.kind);
  Json json{{"kind", traits != nullptr ? std::string(traits->name) : std::to_string(slot.kind)},
            {"reach", slot.reach == pb::PARENT ? "parent" : "all"},
            {"held", held.payload.has_value()}};
  if (held.payload) {
    const auto record = ParseRecord(slot.kind, *held.payload);
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    if (record && google::protobuf::util::MessageToJsonString(*record, &text, options).ok()) {
      const Json parsed = Json::parse(text, nullptr, false);
      json["record"] = parsed.is_discarded() ? Json(text) : parsed;
      if (!traits->object.empty()) {
        // How other records name it: a decision that is cancelled, a pack that is narrowed.
        json["digest"] = BodyDigest(*record).hex();
      }
    }
  }
  return json;
}

Status VisitEntries(const Replica& replica, const Stream& stream,
                    const std::function<Status(const StoredEntry&, const Entry&)>& visit) {
  CHIBO_TRY_VALUE(const StreamSecrets secrets, replica.log().Secrets(stream.no));
  for (std::uint64_t from = 0; from < stream.size();) {
    CHIBO_TRY_VALUE(const auto page,
                    replica.log().ReadEntries(stream.no, 0, from, kPageEntries, kPageBytes));
    for (const StoredEntry& stored : page) {
      CHIBO_TRY_VALUE(const Entry entry,
                      DecodeEntry(stream.id, stored.index, stored.header, stored.body, secrets));
      CHIBO_TRY(visit(stored, entry));
    }
    from += page.size();
  }
  return {};
}

Result<Output> ShowStream(const Call& call, const Stream& stream) {
  Output output;
  Json entries = Json::array();
  CHIBO_TRY(VisitEntries(
      call.replica(), stream, [&](const StoredEntry& stored, const Entry& entry) -> Status {
        CHIBO_TRY_VALUE(const Header header, ParseHeader(stored.header, stored.index));
        Json records = Json::array();
        std::string kinds;
        for (std::size_t i = 0; i < header.slots.size(); ++i) {
          records.push_back(RecordJson(header.slots[i], entry.records[i]));
          kinds += (kinds.empty() ? "" : ", ") +
                   SayRecordKind(call.texts, records.back()["kind"].get<std::string>());
        }
        // The entry that opens a stream says no time.
        const std::int64_t claimed_ms =
            stored.index == 0 ? 0 : header.claimed.time_since_epoch().count();
        entries.push_back(Json{{"index", stored.index},
                               {"claimed", IsoTime(claimed_ms)},
                               {"leaf", stored.leaf.hex()},
                               {"records", records}});
        output.lines.push_back(std::to_string(stored.index) + "\t" + call.texts.Time(claimed_ms) +
                               "\t" + kinds);
        return {};
      }));
  output.json = Dump(Json{{"stream", stream.id.hex()},
                          {"size", stream.size()},
                          {"root", stream.branches.front().peaks.Root().hex()},
                          {"entries", entries}});
  return output;
}

Result<Output> Show(Call& call) {
  if (!call.arguments.Has("stream")) {
    return ListStreams(call);
  }
  CHIBO_TRY_VALUE(const Stream* stream, FindStream(call.replica(), call.arguments.One("stream")));
  return ShowStream(call, *stream);
}

// What does not count, and what counts and is taken up by nothing: each record once.
Result<Output> ShowSetAside(Call& call) {
  Output output;
  Json list = Json::array();
  const Replica& replica = call.replica();
  CHIBO_TRY(replica.view().VisitSetAside([&](const Fact& fact) {
    list.push_back(SetAsideJson(call, fact));
    output.lines.push_back(SetAsideLine(call, fact, list.back()));
    return true;
  }));
  Status said;
  CHIBO_TRY(VisitUnheeded(replica, [&](const UnheededRecord& record) {
    auto json = UnheededJson(call, record);
    if (!json) {
      said = tl::unexpected(std::move(json).error());
      return false;
    }
    for (std::string& line : UnheededLines(call, record, *json)) {
      output.lines.push_back(std::move(line));
    }
    list.push_back(*std::move(json));
    return true;
  }));
  CHIBO_TRY(said);
  if (list.empty()) {
    output.lines = {call.Say("nothing_set_aside")};
  }
  output.json = Dump(list);
  return output;
}

// The writer's newest checkpoint of what is held, as a note.
Result<std::pair<Position, std::string>> NoteOf(const Replica& replica, const Stream& stream,
                                                std::uint64_t at_least) {
  CHIBO_TRY_VALUE(const auto checkpoint,
                  replica.log().CheckpointAtMost(stream.no, 0, stream.size()));
  if (!checkpoint || checkpoint->size < at_least) {
    return Fail(Code::kBehind, "record_not_signed_yet",
                PlaceOf(stream.id, at_least == 0 ? 0 : at_least - 1));
  }
  CHIBO_TRY_VALUE(const auto root, replica.streams().RootAt(stream, 0, checkpoint->size));
  const Position at{stream.id, checkpoint->size, root.value_or(Hash())};
  return std::pair{
      at, CheckpointNote(replica.settings().network, at, stream.device, checkpoint->signature)};
}

Bytes LeafInputOf(const Stream& stream, const StoredEntry& stored, const Entry& entry) {
  return LeafInput(stream.id, stored.index, RecordsRoot(entry.records), stored.header);
}

Result<Output> Export(Call& call) {
  const Replica& replica = call.replica();
  CHIBO_TRY_VALUE(const Stream* stream, FindStream(replica, call.arguments.One("stream")));
  CHIBO_TRY_VALUE(const auto note, NoteOf(replica, *stream, 1));
  const auto& [at, text] = note;
  CHIBO_TRY_VALUE(const auto leaves, replica.log().Leaves(stream->no, 0, at.size));
  const std::string folder = call.arguments.One("out") + "/";
  Output output;
  output.files.emplace_back(folder + "checkpoint", text);
  output.files.emplace_back(folder + "vkey",
                            Vkey(replica.settings().network, stream->id, stream->device) + "\n");
  for (ExportFile& tile : HashTiles(leaves)) {
    output.files.emplace_back(folder + tile.path, std::move(tile.bytes));
  }
  std::vector<Bytes> bundle;
  std::uint64_t number = 0;
  const std::uint64_t size = at.size;
  const auto flush = [&] {
    if (!bundle.empty()) {
      ExportFile file = EntryBundle(number++, bundle);
      output.files.emplace_back(folder + file.path, std::move(file.bytes));
      bundle.clear();
    }
  };
  CHIBO_TRY(
      VisitEntries(replica, *stream, [&](const StoredEntry& stored, const Entry& entry) -> Status {
        if (stored.index < size) {
          bundle.push_back(LeafInputOf(*stream, stored, entry));
          if (bundle.size() == kTileWidth) {
            flush();
          }
        }
        return {};
      }));
  flush();
  output.json = Dump(Json{{"stream", stream->id.hex()},
                          {"size", at.size},
                          {"root", at.root.hex()},
                          {"files", output.files.size()}});
  output.lines = {
      call.Say("log_exported", {call.texts.Number(at.size), call.arguments.One("out")})};
  return output;
}

Result<Output> Prove(Call& call) {
  const Replica& replica = call.replica();
  const std::string& place = call.arguments.One("STREAM/INDEX");
  const std::size_t slash = place.find('/');
  const std::string number = slash == std::string::npos ? "" : place.substr(slash + 1);
  if (number.empty() || number.size() > 18 ||
      number.find_first_not_of("0123456789") != std::string::npos) {
    return Fail(Code::kUsage, "usage_place_unclear", place);
  }
  const auto index = static_cast<std::uint64_t>(std::stoull(number));
  CHIBO_TRY_VALUE(const Stream* stream, FindStream(replica, place.substr(0, slash)));
  if (index >= stream->size()) {
    return Fail(Code::kNotFound, "entry_not_found", place);
  }
  CHIBO_TRY_VALUE(const auto note, NoteOf(replica, *stream, index + 1));
  const auto& [at, text] = note;
  CHIBO_TRY_VALUE(const auto leaves, replica.log().Leaves(stream->no, 0, at.size));
  CHIBO_TRY_VALUE(const StreamSecrets secrets, replica.log().Secrets(stream->no));
  CHIBO_TRY_VALUE(const auto page, replica.log().ReadEntries(stream->no, 0, index, 1, kPageBytes));
  CHIBO_TRY_VALUE(const Entry entry,
                  DecodeEntry(stream->id, index, page.front().header, page.front().body, secrets));
  const std::string& out = call.arguments.One("out");
  Output output;
  output.files.emplace_back(out + ".tlog-proof",
                            TlogProof(index, InclusionProof(leaves, index), text));
  output.files.emplace_back(out + ".entry", LeafInputOf(*stream, page.front(), entry));
  const std::string vkey = Vkey(replica.settings().network, stream->id, stream->device);
  output.json =
      Dump(Json{{"stream", stream->id.hex()}, {"index", index}, {"size", at.size}, {"vkey", vkey}});
  output.lines = {call.Say("record_proved", {out + ".tlog-proof", out + ".entry"}), vkey};
  return output;
}

}  // namespace

void AddLogCommands(std::vector<CommandSpec>& all) {
  all.push_back({"log show",
                 Needs::kRead,
                 {{"stream", OptionSpec::Kind::kValue, false, ""}},
                 "log show --dir DIST --stream 3f2a91c0",
                 Show});
  all.push_back({"log set-aside", Needs::kRead, {}, "log set-aside --dir DIST", ShowSetAside});
  all.push_back({"log export",
                 Needs::kRead,
                 {{"stream", OptionSpec::Kind::kValue, true, ""},
                  {"out", OptionSpec::Kind::kOutput, true, "export_out"}},
                 "log export --dir DIST --stream 3f2a91c0 --out D",
                 Export});
  all.push_back({"log prove",
                 Needs::kRead,
                 {{"STREAM/INDEX", OptionSpec::Kind::kValue, true, "stream_index"},
                  {"out", OptionSpec::Kind::kOutput, true, "proof_out"}},
                 "log prove --dir DIST 3f2a91c0/5 --out F",
                 Prove});
}

}  // namespace chibo

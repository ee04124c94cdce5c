// chibo backup, chibo restore.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "node/cli/backup_manifest.h"
#include "node/cli/commands.h"
#include "node/cli/files.h"
#include "node/cli/fresh_directory.h"
#include "node/cli/json.h"
#include "node/cli/keys.h"
#include "storage/query.h"
#include "storage/sqlite/sqlite_connection.h"

namespace chibo {
namespace {

constexpr std::string_view kDeviceKey = "keys/device.key";
constexpr std::size_t kFileBytesMax = std::size_t{4} * 1024 * 1024 * 1024;

Json FileJson(const std::string& name, ByteView bytes) {
  return Json{{"file", name}, {"bytes", bytes.size()}, {"sha256", Sha256(bytes).hex()}};
}

// A whole copy of the store as of now, though it is in use; what lies sealed in it stays sealed.
Result<Bytes> CopyStore(Node& node) {
  const std::string path = node.directory().path() + "/backup.tmp";
  std::remove(path.c_str());
  const Status copied = Query::Run(node.sql(), "VACUUM INTO $1", SqlText{path});
  auto bytes = copied ? ReadFile(path, kFileBytesMax) : tl::unexpected(copied.error());
  std::remove(path.c_str());
  return bytes;
}

// What the store holds and who has confirmed how much of it: beside a copy that was put back, by it
// can be seen what is missing.
Result<Json> HeldJson(const Replica& replica) {
  Json held = Json::array();
  for (const Stream* stream : replica.streams().All()) {
    Json json{{"stream", stream->id.hex()}};
    for (const BranchRow& branch : stream->branches) {
      json["branches"].push_back(Json{{"size", branch.peaks.size()},
                                      {"signed_size", branch.signed_size},
                                      {"root", branch.peaks.Root().hex()}});
    }
    CHIBO_TRY_VALUE(const auto registered, replica.log().RegisteredOf(stream->id));
    for (const Registered& entry : registered) {
      json["registered"].push_back(Json{{"by", entry.by.hex()},
                                        {"size", entry.at.size},
                                        {"root", entry.at.root.hex()},
                                        {"time", IsoTime(entry.time_ms)}});
    }
    held.push_back(std::move(json));
  }
  return held;
}

// Who finds a backup is not to have what opens it: keys only when they are asked for, and root keys
// never, of which the two sets are kept in two places.
Status AddKeys(const Call& call, const std::string& folder, Output& output, Json& files) {
  for (const std::string& name : call.directory.KeyNames()) {
    CHIBO_TRY_VALUE(const pb::KeyFile file, call.directory.ReadKey(name));
    if (file.purpose() == "root") {
      continue;
    }
    CHIBO_TRY_VALUE(Bytes key, ReadFile(call.directory.key(name)));
    files.push_back(FileJson("keys/" + name + ".key", key));
    output.files.emplace_back(folder + "keys/" + name + ".key", std::move(key));
  }
  return {};
}

Result<Output> Backup(Call& call) {
  const Settings& settings = call.replica().settings();
  const std::string folder = call.arguments.One("out") + "/";
  // Into a place of its own: not over a directory in use, nor over the only older backup.
  std::error_code missing;
  if (std::filesystem::exists(folder, missing) && !std::filesystem::is_empty(folder, missing)) {
    return Fail(Code::kBadInput, "backup_place_taken", call.arguments.One("out"));
  }
  Output output;
  CHIBO_TRY_VALUE(Bytes store, CopyStore(*call.node));
  Json files = Json::array({FileJson(std::string(kBackupStore), store)});
  output.files.emplace_back(folder + std::string(kBackupStore), std::move(store));
  const bool with_keys = call.arguments.Has("with-keys");
  if (with_keys) {
    CHIBO_TRY(AddKeys(call, folder, output, files));
  }
  CHIBO_TRY_VALUE(const Json held, HeldJson(call.replica()));
  const Json manifest{{"format", kBackupFormat},
                      {"network", settings.network.hex()},
                      {"unit", settings.unit_code},
                      {"unit_name", settings.unit_name},
                      {"made", IsoTime(call.now().time_since_epoch().count())},
                      {"files", files},
                      {"streams", held}};
  // Last: a backup without it was cut short.
  output.files.emplace_back(folder + std::string(kBackupManifest), manifest.dump(1) + "\n");
  output.json = Dump(manifest);
  output.lines = {
      call.Say("backup_made", {call.arguments.One("out"), call.texts.Number(files.size())})};
  output.notes = {call.Say(settings.is_server() ? "backup_is_plain" : "backup_is_sealed"),
                  call.Say(with_keys ? "backup_holds_keys" : "backup_without_keys")};
  return output;
}

struct BackupFile {
  std::string name;
  Bytes bytes;
};

Result<std::vector<BackupFile>> ReadBackup(const std::string& folder) {
  const std::string where = folder + "/" + std::string(kBackupManifest);
  CHIBO_TRY_VALUE(const Bytes text, ReadFile(where));
  CHIBO_TRY_VALUE(const auto items, ReadManifest(text, where));
  std::vector<BackupFile> files;
  for (const BackupItem& item : items) {
    CHIBO_TRY_VALUE(Bytes bytes, ReadFile(folder + "/" + item.name, kFileBytesMax));
    if (Sha256(bytes).hex() != item.sha256) {
      return Fail(Code::kBadProof, "backup_damaged", item.name);
    }
    files.push_back({item.name, std::move(bytes)});
  }
  return files;
}

// Whatever is kept about the place: from here on nothing proves that this goes on where something
// stopped. kNotANode "store_of_another_device": the keys are not those of the store.
Status ForgetContinuity(const DataDirectory& directory) {
  CHIBO_TRY_VALUE(const pb::KeyFile device, directory.ReadKey("device"));
  const auto key = SignKeyOf(device);
  if (!key) {
    return Fail(Code::kMalformed, "key_file_unreadable", directory.key("device"));
  }
  SqliteOptions options;
  options.kind = IsSealed(device) ? SqliteKind::kCell : SqliteKind::kServer;
  CHIBO_TRY_VALUE(const auto sql, OpenSqlite(directory.store(), options));
  NoProtection at_rest;
  LogStore log(*sql, at_rest);
  CHIBO_TRY(log.OpenSchema());
  CHIBO_TRY(CheckDevice(log, *key));
  CHIBO_TRY_VALUE(Continuity continuity, Continuity::At(directory, *key));
  CHIBO_TRY(continuity.Forget());
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(*sql));
  CHIBO_TRY(log.EraseValue("opened"));
  return transaction.Commit();
}

// Key files that are kept elsewhere: those of a backup made with them, or of the old directory.
Status TakeKeys(const std::string& directory, std::vector<BackupFile>& files) {
  const DataDirectory kept(directory);
  std::erase_if(files, [](const BackupFile& file) { return file.name != kBackupStore; });
  for (const std::string& name : kept.KeyNames()) {
    CHIBO_TRY_VALUE(Bytes key, ReadFile(kept.key(name)));
    files.push_back({"keys/" + name + ".key", std::move(key)});
  }
  return {};
}

Result<Output> Restore(Call& call) {
  const std::string& from = call.arguments.One("from");
  CHIBO_TRY_VALUE(auto files, ReadBackup(from));
  if (call.arguments.Has("keys")) {
    CHIBO_TRY(TakeKeys(call.arguments.One("keys"), files));
  }
  if (std::none_of(files.begin(), files.end(),
                   [](const BackupFile& file) { return file.name == kDeviceKey; })) {
    return Fail(Code::kNotFound, "restore_keys_missing", from);
  }
  CHIBO_TRY_VALUE(FreshDirectory fresh, FreshDirectory::Make(call.directory));
  CHIBO_TRY_VALUE(const DirectoryLock lock, DirectoryLock::Take(call.directory));
  for (const BackupFile& file : files) {
    CHIBO_TRY(WriteFile(call.directory.path() + "/" + file.name, file.bytes));
  }
  CHIBO_TRY(ForgetContinuity(call.directory));
  fresh.Keep();
  Output output;
  output.json = Dump(Json{{"restored", true}, {"files", files.size()}});
  output.lines = {call.Say("backup_restored", {call.arguments.One("dir")})};
  output.notes = {call.Say("restore_opens_new_streams")};
  return output;
}

}  // namespace

void AddBackupCommands(std::vector<CommandSpec>& all) {
  all.push_back({"backup",
                 Needs::kRead,
                 {{"out", OptionSpec::Kind::kOutput, true, "backup_out"},
                  {"with-keys", OptionSpec::Kind::kFlag, false, ""}},
                 "backup --dir CELL --out BACKUP --passphrase-file F",
                 Backup});
  all.push_back({"restore",
                 Needs::kNothing,
                 {{"from", OptionSpec::Kind::kValue, true, "backup_from"},
                  {"keys", OptionSpec::Kind::kValue, false, "restore_keys"}},
                 "restore --dir CELL --from BACKUP --keys BACKUP-WITH-KEYS",
                 Restore});
}

}  // namespace chibo

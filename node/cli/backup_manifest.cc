#include "node/cli/backup_manifest.h"

#include "node/cli/json.h"

namespace chibo {
namespace {

// "" where nothing, or something else than a text, stands there.
std::string TextAt(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

bool IsOfABackup(const std::string& name) {
  const bool key = name.starts_with("keys/") && name.ends_with(".key") &&
                   name.find('/', 5) == std::string::npos && name.find('\0') == std::string::npos;
  return name == kBackupStore || key;
}

}  // namespace

Result<std::vector<BackupItem>> ReadManifest(ByteView text, const std::string& where) {
  const Json manifest = Json::parse(text, nullptr, false);
  if (TextAt(manifest, "format") != kBackupFormat || !manifest.contains("files") ||
      !manifest["files"].is_array()) {
    return Fail(Code::kMalformed, "backup_unreadable", where);
  }
  std::vector<BackupItem> items;
  for (const Json& file : manifest["files"]) {
    BackupItem item{TextAt(file, "file"), TextAt(file, "sha256")};
    if (!IsOfABackup(item.name)) {
      return Fail(Code::kMalformed, "backup_unreadable", where);
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace chibo

#ifndef CHIBO_NODE_CLI_BACKUP_MANIFEST_H_
#define CHIBO_NODE_CLI_BACKUP_MANIFEST_H_

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

inline constexpr std::string_view kBackupManifest = "manifest.json";
inline constexpr std::string_view kBackupFormat = "chibo-backup/0";
inline constexpr std::string_view kBackupStore = "chibo.db";

// A file of a backup: the store, or a key file directly below keys/.
struct BackupItem {
  std::string name;
  std::string sha256;  // hex
};

// kMalformed "backup_unreadable" with `where`, also for a file that no backup holds.
Result<std::vector<BackupItem>> ReadManifest(ByteView text, const std::string& where);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_BACKUP_MANIFEST_H_

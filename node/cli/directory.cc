#include "node/cli/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "node/cli/files.h"
#include "node/identity.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKeyEnding = ".key";

}  // namespace

Status DataDirectory::CheckNode() const {
  std::error_code error;
  if (!fs::is_directory(path_, error)) {
    if (error && error != std::errc::no_such_file_or_directory) {
      return Fail(Code::kIo, "directory_unreadable", path_);
    }
    return Fail(Code::kNotANode, "directory_not_found", path_);
  }
  if (access(path_.c_str(), R_OK | X_OK) != 0) {
    return Fail(Code::kIo, "directory_unreadable", path_);
  }
  if (access(path_.c_str(), W_OK) != 0) {
    return Fail(Code::kIo, "store_not_writable", path_);
  }
  if (!Exists(store())) {
    return Fail(Code::kNotANode, "directory_without_store", path_);
  }
  if (!Exists(key("device"))) {
    return Fail(Code::kNotANode, "device_key_missing", key("device"));
  }
  return {};
}

Status DataDirectory::Create() const {
  CHIBO_TRY(MakeFolder(path_));
  std::error_code error;
  if (!fs::is_empty(path_, error) || error) {
    return Fail(Code::kBadInput, "directory_taken", path_);
  }
  chmod(path_.c_str(), 0700);
  return MakeFolder(keys());
}

Result<pb::KeyFile> DataDirectory::ReadKey(const std::string& name) const {
  if (name.empty() || name.find('/') != std::string::npos) {
    return Fail(Code::kNotFound, "key_not_found", name);
  }
  auto bytes = ReadFile(key(name), 64 * 1024);
  if (!bytes) {
    if (bytes.error().code == Code::kNotFound) {
      return Fail(Code::kNotFound, "key_not_found", name);
    }
    return tl::unexpected(std::move(bytes).error());
  }
  auto file = ParseKeyFile(*bytes);
  if (!file) {
    Error error = std::move(file).error();
    error.where = key(name);
    return tl::unexpected(std::move(error));
  }
  return file;
}

Status DataDirectory::WriteKey(const std::string& name, const pb::KeyFile& file) const {
  CHIBO_TRY(MakeFolder(keys()));
  return WriteFile(key(name), file.SerializeAsString());
}

std::vector<std::string> DataDirectory::KeyNames() const {
  std::vector<std::string> names;
  for (const std::string& file : FilesIn(keys(), kKeyEnding)) {
    names.push_back(file.substr(0, file.size() - kKeyEnding.size()));
  }
  return names;
}

Result<DirectoryLock> DirectoryLock::Take(const DataDirectory& directory) {
  const std::string path = directory.path() + "/lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    if (errno == ENOSPC || errno == EDQUOT) {
      return Fail(Code::kDiskFull, "disk_full", path);
    }
    return Fail(Code::kIo, "directory_unreadable", directory.path());
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK;
    close(descriptor);
    if (held) {
      return Fail(Code::kInUse, "directory_in_use", directory.path());
    }
    return Fail(Code::kIo, "directory_unreadable", directory.path());
  }
  return DirectoryLock(descriptor);
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

}  // namespace chibo

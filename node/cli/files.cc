#include "node/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace chibo {
namespace {

namespace fs = std::filesystem;

// Closes a descriptor at the end of its scope.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ > STDERR_FILENO) {
      close(descriptor_);
    }
  }
  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool WriteAll(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

tl::unexpected<Error> NotWritten(const std::string& path) {
  if (errno == ENOSPC || errno == EDQUOT) {
    return Fail(Code::kDiskFull, "disk_full", path);
  }
  return Fail(Code::kIo, "file_not_written", path);
}

// A folder that may not be opened, or on a file system that knows nothing of this, is no failure.
bool SyncFolder(const fs::path& folder) {
  const File file(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return !file.open() || fsync(file.get()) == 0 || errno == EINVAL;
}

}  // namespace

Result<Bytes> ReadFile(const std::string& path, std::size_t bytes_max) {
  const File file(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return Fail(Code::kNotFound, "file_not_found", path);
    }
    return Fail(Code::kIo, "file_unreadable", path);
  }
  Bytes bytes;
  char block[64 * 1024];
  for (;;) {
    const ssize_t size = read(file.get(), block, sizeof block);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return Fail(Code::kIo, "file_unreadable", path);
    }
    if (size == 0) {
      return bytes;
    }
    bytes.append(block, static_cast<std::size_t>(size));
    if (bytes.size() > bytes_max) {
      return Fail(Code::kTooLarge, "file_too_large", path);
    }
  }
}

Status WriteFile(const std::string& path, ByteView bytes) {
  if (path == "-") {
    errno = 0;
    if (!WriteAll(STDOUT_FILENO, bytes)) {
      return NotWritten(path);
    }
    return {};
  }
  std::error_code unknown;
  if (fs::is_other(path, unknown)) {
    // A device or a pipe takes the bytes; it is not replaced by a file.
    const File device(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return device.open() && WriteAll(device.get(), bytes) ? Status() : NotWritten(path);
  }
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty()) {
    CHIBO_TRY(MakeFolder(folder));
  }
  // Beside its place and renamed into it: whoever looks sees the old file or the whole new one.
  const std::string beside = path + ".new";
  {
    const File file(
        open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.open()) {
      return NotWritten(path);
    }
    if (!WriteAll(file.get(), bytes) || fsync(file.get()) != 0) {
      const auto failed = NotWritten(path);
      unlink(beside.c_str());
      return failed;
    }
  }
  if (rename(beside.c_str(), path.c_str()) != 0) {
    const auto failed = NotWritten(path);
    unlink(beside.c_str());
    return failed;
  }
  if (!SyncFolder(folder)) {
    return NotWritten(path);
  }
  return {};
}

Status MakeFolder(const std::string& path) {
  std::error_code error;
  const fs::path whole(path);
  fs::path made;
  for (const fs::path& part : whole) {
    made /= part;
    if (fs::is_directory(made, error)) {
      continue;
    }
    if (mkdir(made.c_str(), 0700) != 0 && errno != EEXIST) {
      return Fail(errno == ENOSPC ? Code::kDiskFull : Code::kIo,
                  errno == ENOSPC ? "disk_full" : "folder_not_made", made.string());
    }
  }
  if (!fs::is_directory(whole, error)) {
    return Fail(Code::kIo, "folder_not_made", path);
  }
  return {};
}

bool IsOfANode(const std::string& path) {
  const fs::path whole(path);
  const std::string name = whole.filename().string();
  return Exists(path) && (name.starts_with("chibo.") || whole.extension() == ".key");
}

Status CheckPlace(const std::string& path) {
  std::error_code error;
  if (path == "-" || fs::is_other(path, error)) {
    return {};
  }
  if (IsOfANode(path)) {
    return Fail(Code::kBadInput, "output_place_taken", path);
  }
  // The first folder on the way up that is there: what is missing below it will be made.
  fs::path folder = fs::absolute(path, error);
  if (!fs::is_directory(folder, error)) {
    folder = folder.parent_path();
  }
  while (!fs::exists(folder, error) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  if (path.empty() || !fs::is_directory(folder, error) ||
      access(folder.c_str(), W_OK | X_OK) != 0) {
    return Fail(Code::kIo, "file_not_written", path);
  }
  return {};
}

Status CheckNewPlace(const std::string& path) {
  CHIBO_TRY(CheckPlace(path));
  std::error_code error;
  // A device or a pipe is there, and takes what is written.
  if (path != "-" && fs::exists(path, error) && !fs::is_other(path, error)) {
    return Fail(Code::kBadInput, "output_there_already", path);
  }
  return {};
}

Status CheckNewPlaceOrFolder(const std::string& path) {
  std::error_code error;
  const bool empty = fs::is_directory(path, error) && fs::is_empty(path, error) && !error;
  return empty ? CheckPlace(path) : CheckNewPlace(path);
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::vector<std::string> FilesIn(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (name.size() > ending.size() && name.ends_with(ending) && item->is_regular_file(error)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string StemOf(std::string_view path) { return fs::path(path).stem().string(); }

}  // namespace chibo

// The proof of continuity: the file outside the data directory.
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "node/cli/directory.h"
#include "node/cli/files.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "chibo-continuity 0\n";
// "opened <20 digits> next <20 digits> entries <20 digits>\n": of one length, so that the last
// number can be overwritten where it stands.
constexpr int kNumbersBytes = 7 + 20 + 6 + 20 + 9 + 20 + 1;
constexpr int kEntriesFromEnd = 21;

std::string MachineId() {
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    auto text = ReadFile(path, 1024);
    if (text && text->size() >= 32) {
      // Hashed: the id itself is not for other programs' files.
      return ToHex(Sha256({"chibo/machine/v0\n", text->substr(0, 32)}).view().substr(0, 16));
    }
  }
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return ToHex(Sha256({"chibo/machine/v0\n", name}).view().substr(0, 16));
}

std::string StateFolder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') {
    return std::string(state) + "/chibo";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') {
    const passwd* user = getpwuid(geteuid());
    home = user == nullptr ? nullptr : user->pw_dir;
  }
  return home == nullptr ? "" : std::string(home) + "/.local/state/chibo";
}

}  // namespace

Continuity::Continuity(std::string path, std::string place)
    : path_(std::move(path)), place_(std::move(place)) {}

Continuity::Continuity(Continuity&& other) noexcept
    : path_(std::move(other.path_)),
      place_(std::move(other.place_)),
      kept_(other.kept_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Continuity::~Continuity() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

Result<Continuity> Continuity::At(const DataDirectory& directory, const SignPublicKey& device) {
  const std::string folder = StateFolder();
  if (folder.empty() || !MakeFolder(folder)) {
    return Fail(Code::kIo, "state_not_writable", folder);
  }
  std::error_code error;
  const std::string real = fs::canonical(directory.path(), error).string();
  struct stat about = {};
  if (error || stat(real.c_str(), &about) != 0) {
    return Fail(Code::kIo, "directory_unreadable", directory.path());
  }
  const Hash name = Sha256({"chibo/continuity/v0\n", real, "\n", device.view()});
  std::string place = "machine " + MachineId() + " directory " + std::to_string(about.st_dev) +
                      "/" + std::to_string(about.st_ino) + " " + ToHex(Sha256(real).view()) + "\n";
  Continuity continuity(folder + "/" + ToHex(name.view().substr(0, 16)), std::move(place));
  const auto text = ReadFile(continuity.path_, 4096);
  const std::string head = std::string(kFirstLine) + continuity.place_;
  Kept kept;
  if (text && text->size() == head.size() + kNumbersBytes && text->starts_with(head) &&
      std::sscanf(text->c_str() + head.size(),
                  "opened %20" SCNu64 " next %20" SCNu64 " entries %20" SCNu64,
                  &kept.numbers.opened, &kept.next, &kept.numbers.entries) == 3) {
    continuity.kept_ = kept;
  }
  return continuity;
}

bool Continuity::Proves(const Numbers& store) const {
  return kept_ && store.opened > 0 &&
         (store.opened == kept_->numbers.opened || store.opened == kept_->next) &&
         store.entries >= kept_->numbers.entries;
}

Status Continuity::Write(const Kept& kept) {
  char numbers[kNumbersBytes + 1];
  std::snprintf(numbers, sizeof numbers,
                "opened %020" PRIu64 " next %020" PRIu64 " entries %020" PRIu64 "\n",
                kept.numbers.opened, kept.next, kept.numbers.entries);
  if (!WriteFile(path_, std::string(kFirstLine) + place_ + numbers)) {
    return Fail(Code::kIo, "state_not_writable", path_);
  }
  kept_ = kept;
  return {};
}

Status Continuity::Start(const Numbers& store, std::uint64_t drawn,
                         const std::function<Status()>& mark,
                         const std::function<Status(bool proven)>& open_store) {
  // A store that holds nothing of this device has nothing to go on with, either.
  const bool proven = Proves(store) || store.entries == 0;
  if (proven) {
    // Whether the store has been marked is not known after a crash: both numbers are its own then.
    CHIBO_TRY(Write({store, drawn}));
  } else {
    // What is kept must not prove this store at the next start, should this one end before its
    // streams are retired.
    CHIBO_TRY(Forget());
  }
  CHIBO_TRY(mark());
  CHIBO_TRY(open_store(proven));
  CHIBO_TRY(Write({{drawn, store.entries}, 0}));
  descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    return Fail(Code::kIo, "state_not_writable", path_);
  }
  return {};
}

void Continuity::Wrote(std::uint64_t entries, bool sync) {
  if (descriptor_ < 0 || entries == kept_->numbers.entries) {
    return;
  }
  char number[kEntriesFromEnd];
  std::snprintf(number, sizeof number, "%020" PRIu64, entries);
  const auto at =
      static_cast<off_t>(kFirstLine.size() + place_.size() + kNumbersBytes - kEntriesFromEnd);
  if (pwrite(descriptor_, number, sizeof number - 1, at) ==
          static_cast<ssize_t>(sizeof number - 1) &&
      (!sync || fdatasync(descriptor_) == 0)) {
    kept_->numbers.entries = entries;
    return;
  }
  // A number that cannot be kept must not prove anything later.
  static_cast<void>(Forget());
}

Status Continuity::Forget() {
  kept_.reset();
  if (descriptor_ >= 0) {
    close(descriptor_);
    descriptor_ = -1;
  }
  std::error_code error;
  fs::remove(path_, error);
  if (error) {
    return Fail(Code::kIo, "state_not_writable", path_);
  }
  return {};
}

}  // namespace chibo

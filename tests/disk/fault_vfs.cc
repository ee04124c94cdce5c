#include "tests/disk/fault_vfs.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <set>
#include <utility>

namespace chibo::test {
namespace {

constexpr std::size_t kSector = 512;
constexpr int kPathMax = 256;
constexpr std::size_t kSharedRegion = 32768;  // SQLite's, of a WAL's index

}  // namespace

struct FaultVfs::File {
  // A write, or with no bytes and `truncates` a cut to `offset`.
  struct Change {
    std::size_t offset = 0;
    Bytes bytes;
    bool truncates = false;
  };

  static void Apply(const Change& change, PagedBytes& content) {
    if (change.truncates) {
      content.Resize(change.offset);
    } else {
      content.Write(change.offset, change.bytes);
    }
  }
  void Make(Change change) {
    Apply(change, seen);
    pending_bytes += change.bytes.capacity();
    pending.push_back(std::move(change));
  }
  void Sync() {
    for (const Change& change : pending) {
      if (lost) {
        Apply(change, durable);
      } else {
        durable.TakePages(seen, change.offset, change.truncates ? SIZE_MAX : change.bytes.size());
      }
    }
    ForgetPending();
  }
  void LoseSync() {
    lost = lost || !pending.empty();
    ForgetPending();
  }
  void ForgetPending() {
    pending.clear();
    pending_bytes = 0;
  }
  // What a disk without power had got to.
  std::shared_ptr<File> Settled(std::uint64_t seed, Random& random) const {
    auto settled = std::make_shared<File>();
    PagedBytes& content = settled->durable;
    content = durable;
    for (const Change& change : pending) {
      if (seed == 0) {
        break;
      }
      const std::uint64_t fate = seed == 1 ? 0 : random.Below(4);
      if (fate == 0) {
        Apply(change, content);
      } else if (fate == 1 && !change.truncates) {
        Tear(change, random, content);
      }
    }
    settled->seen = content;
    return settled;
  }
  static void Tear(const Change& change, Random& random, PagedBytes& content) {
    for (std::size_t at = 0; at < change.bytes.size(); at += kSector) {
      const ByteView sector = ByteView(change.bytes).substr(at, kSector);
      const std::uint64_t fate = random.Below(4);
      if (fate == 0) {
        content.Write(change.offset + at, random.Draw(sector.size()));
      } else if (fate <= 2) {
        content.Write(change.offset + at, sector);
      }
    }
  }

  PagedBytes seen;
  PagedBytes durable;
  std::vector<Change> pending;
  std::size_t pending_bytes = 0;
  // A sync that failed has left out something: `seen` and `durable` may differ in more than what is
  // pending.
  bool lost = false;
  // The first sync also makes the file's name durable.
  bool syncs_name = false;
  std::vector<std::unique_ptr<char[]>> shared;
};

namespace {

using File = FaultVfs::File;

struct Handle {
  sqlite3_file base;
  FaultVfs* vfs;
  std::shared_ptr<File> file;
  std::string path;
  bool delete_on_close;
};

Handle& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
FaultVfs& Of(sqlite3_vfs* vfs) { return *static_cast<FaultVfs*>(vfs->pAppData); }

int Close(sqlite3_file* file) {
  Handle& handle = Of(file);
  if (handle.delete_on_close) {
    handle.vfs->Forget(handle.path);
  }
  handle.~Handle();
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  Handle& handle = Of(file);
  if (handle.vfs->Fails(Fault::kRead)) {
    return SQLITE_IOERR_READ;
  }
  const auto size = static_cast<std::size_t>(count);
  const std::size_t there =
      handle.file->seen.Read(static_cast<std::size_t>(offset), size, static_cast<char*>(out));
  std::memset(static_cast<char*>(out) + there, 0, size - there);
  return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Handle& handle = Of(file);
  // What a write that fails had got to is there.
  const auto write = [&](int written) {
    handle.file->Make({static_cast<std::size_t>(offset),
                       Bytes(static_cast<const char*>(bytes), static_cast<std::size_t>(written)),
                       false});
  };
  if (handle.vfs->Fails(Fault::kFull)) {
    write(count / 2);
    return SQLITE_FULL;
  }
  if (handle.vfs->Fails(Fault::kWrite)) {
    write(count / 2);
    return SQLITE_IOERR_WRITE;
  }
  const bool dark = handle.vfs->Fails(Fault::kPower);
  write(count);
  return dark ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = Of(file);
  if (handle.vfs->Fails(Fault::kWrite) || handle.vfs->Fails(Fault::kPower)) {
    return SQLITE_IOERR_TRUNCATE;
  }
  handle.file->Make({static_cast<std::size_t>(size), {}, true});
  return SQLITE_OK;
}

int Sync(sqlite3_file* file, int) {
  Handle& handle = Of(file);
  if (handle.vfs->Fails(Fault::kSync)) {
    handle.file->LoseSync();
    return SQLITE_IOERR_FSYNC;
  }
  if (handle.vfs->Fails(Fault::kPower)) {
    return SQLITE_IOERR_FSYNC;
  }
  handle.file->Sync();
  if (handle.file->syncs_name) {
    handle.vfs->SyncNames();
    handle.file->syncs_name = false;
  }
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(Of(file).file->seen.size());
  return SQLITE_OK;
}

int Lock(sqlite3_file*, int) { return SQLITE_OK; }
int CheckReservedLock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return static_cast<int>(kSector); }
int DeviceCharacteristics(sqlite3_file*) { return 0; }

int ShmMap(sqlite3_file* file, int region, int size, int, void volatile** out) {
  auto& shared = Of(file).file->shared;
  while (shared.size() <= static_cast<std::size_t>(region)) {
    shared.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = shared[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}
int ShmLock(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void ShmBarrier(sqlite3_file*) {}
int ShmUnmap(sqlite3_file* file, int) {
  Of(file).file->shared.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{2,
                                      Close,
                                      Read,
                                      Write,
                                      Truncate,
                                      Sync,
                                      FileSize,
                                      Lock,
                                      Lock,
                                      CheckReservedLock,
                                      FileControl,
                                      SectorSize,
                                      DeviceCharacteristics,
                                      ShmMap,
                                      ShmLock,
                                      ShmBarrier,
                                      ShmUnmap,
                                      nullptr,
                                      nullptr};

int OpenFile(sqlite3_vfs* base, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  out->pMethods = nullptr;
  FaultVfs& vfs = Of(base);
  const std::string path = name == nullptr ? "" : name;
  std::shared_ptr<File> file = name == nullptr ? std::make_shared<File>() : vfs.Find(path);
  if (!file) {
    if ((flags & SQLITE_OPEN_CREATE) == 0 || vfs.Fails(Fault::kFull) || vfs.Fails(Fault::kPower)) {
      return SQLITE_CANTOPEN;
    }
    file = vfs.Create(path);
    file->syncs_name =
        (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
  }
  auto* handle = new (out) Handle{{&kMethods}, &vfs, std::move(file), path, false};
  handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  return SQLITE_OK;
}

int DeleteFile(sqlite3_vfs* base, const char* name, int sync_directory) {
  FaultVfs& vfs = Of(base);
  if (!vfs.Find(name)) {
    return SQLITE_IOERR_DELETE_NOENT;
  }
  if (vfs.Fails(Fault::kDelete) || vfs.Fails(Fault::kPower)) {
    return SQLITE_IOERR_DELETE;
  }
  vfs.Remove(name);
  if (sync_directory != 0) {
    if (vfs.Fails(Fault::kSync)) {
      return SQLITE_IOERR_DIR_FSYNC;
    }
    vfs.SyncNames();
  }
  return SQLITE_OK;
}

int Access(sqlite3_vfs* base, const char* name, int, int* result) {
  const auto file = Of(base).Find(name);
  *result = file && !file->seen.empty() ? 1 : 0;
  return SQLITE_OK;
}

int FullPath(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs*, int count, char* out) {
  std::memset(out, 7, static_cast<std::size_t>(count));
  return count;
}
int Sleep(sqlite3_vfs*, int micros) { return micros; }
int CurrentTime(sqlite3_vfs*, double* days) {
  *days = 2'440'587.5;
  return SQLITE_OK;
}
int LastError(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

FaultVfs::FaultVfs() {
  static int made = 0;
  name_ = "fault-" + std::to_string(made++);
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(Handle));
  vfs_.mxPathname = kPathMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = OpenFile;
  vfs_.xDelete = DeleteFile;
  vfs_.xAccess = Access;
  vfs_.xFullPathname = FullPath;
  vfs_.xRandomness = Randomness;
  vfs_.xSleep = Sleep;
  vfs_.xCurrentTime = CurrentTime;
  vfs_.xGetLastError = LastError;
  CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultVfs::FailAt(std::uint64_t n, Fault fault, bool for_ever) {
  fault_ = fault;
  countdown_ = n;
  for_ever_ = for_ever;
  has_failed_ = false;
}

bool FaultVfs::Fails(Fault kind) {
  const bool changes = kind == Fault::kWrite || kind == Fault::kSync || kind == Fault::kDelete;
  changes_ += changes ? 1 : 0;
  // Without power even reading ends.
  if (fault_ == Fault::kPower && has_failed_) {
    return true;
  }
  if (kind != fault_) {
    return false;
  }
  if (has_failed_) {
    return for_ever_;
  }
  if (countdown_ > 0) {
    --countdown_;
    return false;
  }
  has_failed_ = true;
  return true;
}

void FaultVfs::CutPower(std::uint64_t seed) { CutPower(TakeState(), seed); }

void FaultVfs::CutPower(const State& state, std::uint64_t seed) {
  FailAt(0, Fault::kNone, false);
  SeededRandom random(seed);
  std::set<std::string> paths;
  for (const Names* names : {&state.names, &state.durable_names}) {
    for (const auto& [path, file] : *names) {
      paths.insert(path);
    }
  }
  std::vector<std::pair<std::string, const File*>> left;
  for (const std::string& path : paths) {
    const bool old = seed == 0 || (seed != 1 && random.Below(2) == 0);
    const Names& names = old ? state.durable_names : state.names;
    const auto found = names.find(path);
    if (found != names.end()) {
      left.emplace_back(path, found->second.get());
    }
  }
  names_.clear();
  for (const auto& [path, file] : left) {
    names_[path] = file->Settled(seed, random);
  }
  durable_names_ = names_;
}

std::uint64_t FaultVfs::Size() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : names_) {
    bytes += file->seen.size();
  }
  return bytes;
}

std::int64_t FaultVfs::Memory() const {
  std::set<const File*> files;
  for (const Names* names : {&names_, &durable_names_}) {
    for (const auto& [path, file] : *names) {
      files.insert(file.get());
    }
  }
  std::size_t bytes = 0;
  for (const File* file : files) {
    bytes += file->seen.ListBytes() + file->durable.ListBytes();
    bytes += file->pending.capacity() * sizeof(File::Change) + file->pending_bytes;
    bytes += file->shared.size() * kSharedRegion;
  }
  return PagedBytes::HeldBytes() + static_cast<std::int64_t>(bytes);
}

FaultVfs::Image FaultVfs::Copy() const {
  Image image;
  for (const auto& [path, file] : names_) {
    image[path] = file->seen;
  }
  return image;
}

FaultVfs::Image FaultVfs::Take() {
  Image image;
  for (auto& [path, file] : std::exchange(names_, {})) {
    image[path] = std::move(file->seen);
  }
  durable_names_.clear();
  return image;
}

void FaultVfs::Put(Image image) {
  FailAt(0, Fault::kNone, false);
  names_.clear();
  for (auto& [path, bytes] : image) {
    const auto file = Create(path);
    file->durable = bytes;
    file->seen = std::move(bytes);
  }
  durable_names_ = names_;
}

FaultVfs::State FaultVfs::TakeState() {
  return {std::exchange(names_, {}), std::exchange(durable_names_, {})};
}

bool FaultVfs::HasUnsynced() const {
  return names_ != durable_names_ ||
         std::any_of(names_.begin(), names_.end(),
                     [](const auto& named) { return !named.second->pending.empty(); });
}

std::shared_ptr<FaultVfs::File> FaultVfs::Find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

std::shared_ptr<FaultVfs::File> FaultVfs::Create(const std::string& path) {
  auto file = std::make_shared<File>();
  names_[path] = file;
  return file;
}

void FaultVfs::Remove(const std::string& path) { names_.erase(path); }

}  // namespace chibo::test

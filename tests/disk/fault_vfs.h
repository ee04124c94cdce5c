#ifndef CHIBO_TESTS_DISK_FAULT_VFS_H_
#define CHIBO_TESTS_DISK_FAULT_VFS_H_

#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/disk/paged_bytes.h"

namespace chibo::test {

enum class Fault {
  kNone,
  kWrite,   // writing or truncating: EIO
  kFull,    // writing, or making a file: no space
  kSync,    // fsync: EIO; what it should have written is marked clean all the same, and lost
  kDelete,  // removing a file: EIO
  kRead,    // reading: EIO
  kPower,   // nothing works from here on
};

// A disk in memory for SQLite, registered as a VFS while it exists. It knows for every file what
// would be there after a power cut: the bytes of the last fsync, and of later writes any, torn at
// sectors of 512 bytes, or garbage. Names come and go durably only when a new journal is synced or
// a deletion asks for it, as SQLite's unix VFS does. For one connection at a time: locks are always
// granted.
class FaultVfs {
 public:
  FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();

  const std::string& name() const { return name_; }

  // The n-th operation that `fault` applies to, counted from 0 from now on, fails, and with
  // `for_ever` all after it.
  void FailAt(std::uint64_t n, Fault fault, bool for_ever);
  // Whether the planned fault has come.
  bool has_failed() const { return has_failed_; }
  // Operations that change the disk, since the beginning.
  std::uint64_t changes() const { return changes_; }

  // The size of its files.
  std::uint64_t Size() const;
  // What the pages of all disks of this thread take of the process's memory, and all else that this
  // one holds: by how much it grows while this one alone is worked on is what this one takes.
  std::int64_t Memory() const;

  // The disk as it is seen now, e.g. for a backup; all connections must be closed for it to be one.
  using Image = std::map<std::string, PagedBytes>;
  Image Copy() const;
  // The same, and the disk is empty after it: nothing lies in memory twice.
  Image Take();
  // Another disk is put in, all of it durable; all connections must be closed.
  void Put(Image image);

  struct File;
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct State {
    Names names;
    Names durable_names;
  };

  // Everything, also what is not synced, and the disk is empty after it. All connections must be
  // closed.
  State TakeState();
  // Whether a power cut could lose something.
  bool HasUnsynced() const;

  // The power goes and comes back; all connections must be closed. Seed 0: everything not synced is
  // gone; 1: everything is there; others: mixed. Plans for faults are forgotten.
  void CutPower(std::uint64_t seed);
  // The same on a disk that was in that state: one of several ends of one story.
  void CutPower(const State& state, std::uint64_t seed);

  // For the callbacks.
  bool Fails(Fault kind);
  std::shared_ptr<File> Find(const std::string& path) const;
  std::shared_ptr<File> Create(const std::string& path);
  void Remove(const std::string& path);
  void SyncNames() { durable_names_ = names_; }
  void Forget(const std::string& path) { names_.erase(path); }

 private:
  std::string name_;
  sqlite3_vfs vfs_{};
  Names names_;
  Names durable_names_;
  Fault fault_ = Fault::kNone;
  std::uint64_t countdown_ = 0;
  bool for_ever_ = false;
  bool has_failed_ = false;
  std::uint64_t changes_ = 0;
};

}  // namespace chibo::test

#endif  // CHIBO_TESTS_DISK_FAULT_VFS_H_

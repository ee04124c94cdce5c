#ifndef CHIBO_NODE_CLI_DIRECTORY_H_
#define CHIBO_NODE_CLI_DIRECTORY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "chibo/enrolment.pb.h"
#include "proto/ids.h"

namespace chibo {

// Where things lie in a data directory:
//
// clang-format off
//   chibo.db    the store, and its journals
//   chibo.db.damaged-<n>  a store whose file was damaged, as it lay before chibo repair
//   keys/       key files, <name>.key: "device" and "authority", "root…" and "root-2…" in the
//               directory that made the network; persons' keys have names of their own
//   lock        held by the one process that has the store open
//   chibo.sock  while chibo serve runs: where other commands hand over what they were asked
// clang-format on
class DataDirectory {
 public:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string store() const { return path_ + "/chibo.db"; }
  std::string socket() const { return path_ + "/chibo.sock"; }
  std::string keys() const { return path_ + "/keys"; }
  std::string key(const std::string& name) const { return keys() + "/" + name + ".key"; }

  // Whether there is a store. kNotANode "directory_not_found", "directory_without_store"; kIo
  // "directory_unreadable", "store_not_writable".
  Status CheckNode() const;
  // Makes the directory, which must be new or empty, and its folder of keys. kBadInput
  // "directory_taken".
  Status Create() const;

  Result<pb::KeyFile> ReadKey(const std::string& name) const;  // kNotFound "key_not_found"
  Status WriteKey(const std::string& name, const pb::KeyFile& file) const;
  // Names of all key files, sorted.
  std::vector<std::string> KeyNames() const;

 private:
  std::string path_;
};

// A data directory held by this process, until destroyed or the process ends, however it ends.
class DirectoryLock {
 public:
  // kInUse "directory_in_use".
  static Result<DirectoryLock> Take(const DataDirectory& directory);
  DirectoryLock(DirectoryLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Proof that a directory goes on where it stopped: a small file outside of it, in ${XDG_STATE_HOME}
// or ~/.local/state, that knows the machine, the directory's place and inode, a number that each
// start draws at random and leaves in the store too, and how many entries this device had written.
// A copy of the directory, any older state of it, or another machine do not fit. (A count of starts
// would not do: of two older states put back one after the other, the second may have been opened
// as often as the first has been by then.)
//
// Use, while the directory is locked: Start with the numbers of the store, then Wrote after each
// commit.
class Continuity {
 public:
  struct Numbers {
    std::uint64_t opened = 0;   // drawn by the start that opened the store last; 0: by none
    std::uint64_t entries = 0;  // in own streams
  };
  // kIo "state_not_writable": there is no place to keep it.
  static Result<Continuity> At(const DataDirectory& directory, const SignPublicKey& device);
  Continuity(Continuity&& other) noexcept;
  Continuity& operator=(Continuity&&) = delete;
  ~Continuity();

  // Whether the directory is the one, and not behind, what was kept of it.
  bool Proves(const Numbers& store) const;
  // One start of the program, in an order in which a crash at any point loses no proof and gains
  // none. `drawn`: this start's own number, not 0. `mark` puts it into the store, durably; `open`
  // is told whether it goes on where it stopped, and returns when, if not, its streams are retired,
  // durably.
  Status Start(const Numbers& store, std::uint64_t drawn, const std::function<Status()>& mark,
               const std::function<Status(bool proven)>& open);
  // Own entries there are now. `sync`: before the next commit even a power cut cannot take this
  // back; else an older number may be found after one, and says less.
  void Wrote(std::uint64_t entries, bool sync);
  // Nothing is proven any more.
  Status Forget();

  const std::string& path() const { return path_; }

 private:
  struct Kept {
    Numbers numbers;
    std::uint64_t next = 0;
  };
  Continuity(std::string path, std::string place);
  Status Write(const Kept& kept);

  std::string path_;
  std::string place_;  // machine, path and inode, as one line
  std::optional<Kept> kept_;
  int descriptor_ = -1;
};

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_DIRECTORY_H_

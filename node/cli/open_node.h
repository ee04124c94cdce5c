#ifndef CHIBO_NODE_CLI_OPEN_NODE_H_
#define CHIBO_NODE_CLI_OPEN_NODE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "node/cli/directory.h"
#include "node/cli/passphrase.h"
#include "node/identity.h"
#include "node/replica.h"
#include "storage/quarantine.h"
#include "storage/sql_connection.h"

namespace chibo {

// A store that was copied in is of another unit, another network, or another device of this unit:
// whatever it says is not said of this directory.
// kNotANode "store_of_another_device".
Status CheckDevice(const LogStore& log, const SignPublicKey& device);

// Seals what a cell keeps under the data key of its device, each value at its place, with fresh
// nonces.
class SealedAtRest final : public AtRest {
 public:
  SealedAtRest(const SecretKey& key, Random& random) : key_(key), random_(random) {}
  Bytes Protect(ByteView place, ByteView plain) override;
  Result<Bytes> Reveal(ByteView place, ByteView stored) const override;

 private:
  SecretKey key_;
  Random& random_;
};

// The store as far as it lies plain: settings, sizes, heads, registers. Needs no pass-phrase;
// nothing is written.
class PlainStore {
 public:
  static Result<std::unique_ptr<PlainStore>> Open(const DataDirectory& directory);

  const Settings& settings() const { return settings_; }
  const LogStore& log() const { return *log_; }
  const Streams& streams() const { return *streams_; }
  Quarantine quarantine() const { return Quarantine(*sql_, at_rest_); }

 private:
  explicit PlainStore(DirectoryLock lock) : lock_(std::move(lock)) {}

  DirectoryLock lock_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<LogStore> log_;
  std::unique_ptr<Streams> streams_;
  Settings settings_;
};

// The store with what opens it and nothing running on it: for what a damaged store must not stop.
class BareStore {
 public:
  // `first` is called when the directory is held, before its store is opened.
  static Result<std::unique_ptr<BareStore>> Open(
      const DataDirectory& directory, Passphrases& passphrases, Random& random,
      const std::function<Status(const UnlockedKey&)>& first);

  const Settings& settings() const { return settings_; }
  SqlConnection& sql() { return *sql_; }
  AtRest& at_rest() { return *at_rest_; }
  const LogStore& log() const { return *log_; }

 private:
  explicit BareStore(DirectoryLock lock) : lock_(std::move(lock)) {}

  DirectoryLock lock_;
  std::unique_ptr<AtRest> at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<LogStore> log_;
  Settings settings_;
};

// A data directory opened whole: its device key unlocked, its replica running. Held by this process
// until destroyed.
class Node {
 public:
  enum class Use {
    kRead,   // nothing will be written under this device's name
    kWrite,  // continuity is proven, or the next entry opens a new stream
  };
  // kWrongPassphrase when the device key does not open; kInUse; what the store and the key file
  // say.
  static Result<std::unique_ptr<Node>> Open(const DataDirectory& directory,
                                            Passphrases& passphrases, Random& random, Use use);
  // The first time: writes the settings into a new store. `device` has just been made.
  static Result<std::unique_ptr<Node>> Create(const DataDirectory& directory, UnlockedKey device,
                                              const Settings& settings, Random& random);
  ~Node();

  const DataDirectory& directory() const { return directory_; }
  Replica& replica() { return *replica_; }
  const UnlockedKey& device() const { return device_; }
  SqlConnection& sql() { return *sql_; }
  Quarantine quarantine() { return Quarantine(*sql_, *at_rest_); }
  // Whether this start goes on with the streams there were.
  bool continuity_proven() const { return continuity_proven_; }

 private:
  class Watched;

  Node(DataDirectory directory, DirectoryLock lock, UnlockedKey device);
  Status OpenStore(Random& random, const Settings* fresh);
  Status OpenReplica(Random& random, Use use);
  Status MarkOpening(std::uint64_t drawn, Random& random);
  Result<Continuity::Numbers> StoreNumbers() const;
  void Committed();

  DataDirectory directory_;
  DirectoryLock lock_;
  UnlockedKey device_;
  std::unique_ptr<AtRest> at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
  std::optional<Continuity> continuity_;
  bool continuity_proven_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_OPEN_NODE_H_

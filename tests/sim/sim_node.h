#ifndef CHIBO_TESTS_SIM_SIM_NODE_H_
#define CHIBO_TESTS_SIM_SIM_NODE_H_

#include <memory>
#include <optional>
#include <string>

#include "node/enrolment.h"
#include "node/recorder.h"
#include "node/replica.h"
#include "node/status.h"
#include "node/sync_engine.h"

namespace chibo {

// One node as it ships (same engine, same SQL, same session) on an in-memory or file database, with
// what the process around it would hold: keys, and time as the test says it.
class SimNode {
 public:
  struct Place {
    std::string path;  // empty: in memory
    std::string vfs;
  };

  // The first node of a network.
  static std::unique_ptr<SimNode> Found(const NetworkPlan& plan, Random& random, Timestamp now,
                                        const Place& place = {});
  static std::unique_ptr<SimNode> Found(const std::string& name, Random& random, Timestamp now,
                                        const Place& place = {});
  // A node for `unit`, which the parent has established, enrolled through the same bytes as by
  // file.
  static std::unique_ptr<SimNode> Join(SimNode& parent, const UnitId& unit, pb::Role role,
                                       Random& random, Timestamp now, const Place& place = {});

  // Its unit was moved below that parent's, which knows of it, or that parent was put back to
  // before it knew this device: asks to be taken in there, with the keys it has.
  Status AskIn(SimNode& parent, Timestamp now);

  // Establishes a unit directly below.
  UnitId AddUnit(const std::string& code, pb::UnitKind kind, Timestamp now);

  Replica& replica() { return *replica_; }
  SyncEngine& engine() { return *engine_; }
  // kNotAllowed where there is no officer's key, or its certificate does not hold any more.
  Result<Issuer> FindOfficer() const;
  Issuer officer() const;
  // Somebody else is the officer here from now on, with that key; it counts once it is certified.
  static UnlockedKey MakeOfficerKey(Random& random);
  void TakeOfficerKey(const UnlockedKey& key) { keys_.authority = key; }
  const UnlockedKey& device() const { return keys_.device; }
  // Of the node that founded the network: the key of the first root set, and of the one promised.
  const SigningKey& root_key() const;
  const SigningKey& next_root_key() const;
  const UnitId& unit() const { return replica_->settings().unit; }
  NodeStatus status() const;
  Hash digest() const;
  // Recorded lines (ActionReader); CHECKs that it worked.
  Recorded Record(const std::vector<std::string>& lines, Timestamp now,
                  const Signers& signers = {});

  // Stops and starts again on the same database file.
  void Restart(bool continuity_proven);
  // Gone as at a power cut: nothing is said to anybody. Start opens what the file holds then.
  void Stop();
  void Start(bool continuity_proven);
  // The same in two steps, for a disk that may fail: the store, then the node on it.
  Status OpenStore();
  Status TryStart(bool continuity_proven);
  bool running() const { return replica_ != nullptr; }
  const Place& place() const { return place_; }
  pb::Role role() const { return role_; }
  SqlConnection& sql() { return *sql_; }
  // A stopped node with the same keys, at another place: a disk that was copied whole.
  std::unique_ptr<SimNode> CopyAt(const Place& place, Random& random) const;

 private:
  struct Keys {
    std::optional<UnlockedKey> root;
    std::optional<UnlockedKey> next_root;
    std::optional<UnlockedKey> authority;
    UnlockedKey device;
  };
  SimNode(Keys keys, pb::Role role, Random& random, Place place);

  Keys keys_;
  pb::Role role_;
  Random& random_;
  Place place_;
  NoProtection at_rest_;
  std::unique_ptr<SqlConnection> sql_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<SyncEngine> engine_;
};

// One connection between a child and its parent, in one thread: bytes are handed over until both
// have nothing to say.
struct LinkOptions {
  // Cut after this many bytes in that direction.
  std::optional<std::uint64_t> cut_up;
  std::optional<std::uint64_t> cut_down;
  std::size_t fragment = 1400;  // at most this many bytes at a time
  std::size_t news_bytes = Pace().handshake_news_bytes;
  std::size_t part_bytes = Pace().part_bytes_first;
};
struct LinkResult {
  Status child;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::uint32_t round_trips = 0;
  SessionCounts counts;  // the child's
};
LinkResult SyncOnce(SimNode& child, SimNode& parent, Timestamp now,
                    const LinkOptions& options = {});

}  // namespace chibo

#endif  // CHIBO_TESTS_SIM_SIM_NODE_H_

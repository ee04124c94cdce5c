#ifndef CHIBO_TESTS_SYNC_SESSION_PAIR_H_
#define CHIBO_TESTS_SYNC_SESSION_PAIR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/session.h"
#include "tests/sync/fake_exchange.h"

namespace chibo {

// Words from a small list: packs about as well as minutes do.
std::string Minutes(Random& random, std::size_t bytes);
// Hardly packs at all.
std::string Noise(Random& random, std::size_t bytes);

// A child and its parent, who have met: the parent's register stream is there and offered.
struct World {
  World();

  // Writes entries of about that many bytes in a stream of the child's.
  void Record(const FakeWriter& writer, std::size_t entries, std::size_t bytes);
  // An entry in a stream from above, offered to the child.
  void Decide(const FakeWriter& writer, std::size_t bytes);
  FakeWriter& AddWriter(bool up);

  FakeNode child;
  FakeNode parent;
  SeededRandom random{7};
  std::vector<std::unique_ptr<FakeWriter>> writers;
  FakeWriter* line = nullptr;       // the child's
  FakeWriter* registers = nullptr;  // the parent's, to this child
  DhKey child_key;
  DhKey parent_key;
};

// One session over a link that can be looked at and cut.
class SessionPair {
 public:
  struct Options {
    SessionOptions child;
    SessionOptions parent;
    std::size_t fragment = SIZE_MAX;  // bytes a HandleBytes gets
    std::size_t poll = 4096;          // bytes a PollTransmit gives
    // Bytes of each direction that arrive; then the link is gone.
    std::optional<std::size_t> cut_up;
    std::optional<std::size_t> cut_down;
    bool commit_child = true;  // or reports never come
    bool commit_parent = true;
    // After every fragment; true cuts the link.
    std::function<void(SessionPair&)> after_fragment;
    std::uint64_t seed = 1;
  };

  SessionPair(World& world, const Options& options);
  explicit SessionPair(World& world) : SessionPair(world, Options()) {}

  // Until both sides fall silent or the link is cut; then closes both.
  void Run();
  // One exchange of everything both have to say; false when neither had anything.
  bool Step();

  Session& child() { return *child_; }
  Session& parent() { return *parent_; }
  FakeExchange& child_exchange() { return child_exchange_; }
  FakeExchange& parent_exchange() { return parent_exchange_; }
  // Both ended well.
  bool ok() const { return child_status_.has_value() && parent_status_.has_value(); }
  const Status& child_status() const { return child_status_; }
  const Status& parent_status() const { return parent_status_; }
  std::string Why() const;
  std::size_t bytes_up() const { return up_.arrived; }
  std::size_t bytes_down() const { return down_.arrived; }
  std::size_t bytes() const { return up_.arrived + down_.arrived; }
  // Times the talk went from one side to the other.
  int flights() const { return flights_; }
  Tick now{};

 private:
  struct Direction {
    std::size_t arrived = 0;
    std::optional<std::size_t> cut;
    Bytes sent;  // not arrived yet
  };
  bool Move(Session& from, Session& to, Direction& direction, Status& status);
  bool Commit(Session& session, FakeExchange& exchange, Status& status);

  World& world_;
  Options options_;
  SeededRandom random_;
  FakeExchange child_exchange_;
  FakeExchange parent_exchange_;
  std::unique_ptr<Session> child_;
  std::unique_ptr<Session> parent_;
  Status child_status_;
  Status parent_status_;
  Direction up_;
  Direction down_;
  bool cut_ = false;
  int flights_ = 0;
};

// Runs a session with the defaults; whether both sides ended well.
bool Sync(World& world);
// The same streams, entries and roots on both sides, and nothing spooled that would matter.
bool Agree(const World& world);

}  // namespace chibo

#endif  // CHIBO_TESTS_SYNC_SESSION_PAIR_H_

#ifndef CHIBO_NODE_SYNC_ENGINE_H_
#define CHIBO_NODE_SYNC_ENGINE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "node/peer_exchange.h"
#include "node/replica.h"
#include "sync/pairing.h"
#include "sync/session.h"

namespace chibo {

class SyncEngine;

// One connection's session and what it needs. Owned by whoever owns the connection; the engine must
// outlive it.
class SyncLink {
 public:
  ~SyncLink();
  Session& session() { return *session_; }
  const std::optional<Peer>& peer() const { return peer_; }

 private:
  friend class SyncEngine;
  explicit SyncLink(SyncEngine& engine) : engine_(engine) {}

  SyncEngine& engine_;
  std::optional<Peer> peer_;
  std::unique_ptr<PeerExchange> exchange_;
  std::unique_ptr<Session> session_;
};

// Joins sessions to one replica: knows peers by their keys, gathers what sessions submit, and
// commits it in one transaction for all of them (group commit). No sockets, threads or clock. Not
// thread-safe.
class SyncEngine {
 public:
  // `noise` is the secret half of replica.noise_key(); both must outlive the engine.
  SyncEngine(Replica& replica, const DhKey& noise) : replica_(replica), noise_(noise) {}

  // A session upward. kNotAllowed "no_parent" at the top of the network.
  Result<std::unique_ptr<SyncLink>> Dial(const Pace& pace, Tick now);
  // A session for a connection that came in. `retry_after_s` not 0: tells the peer to come back
  // later.
  std::unique_ptr<SyncLink> Accept(std::uint32_t retry_after_s, Tick now);

  // A device that has no certificate yet asks its parent with a request (MakeRequest). kNotAllowed
  // "no_parent".
  Result<std::unique_ptr<Pairing>> DialPairing(Bytes request, Tick now);
  // For a connection that begins like one (PatternOf); `now_by_clock` is asked when the request
  // comes.
  std::unique_ptr<Pairing> AcceptPairing(std::function<Timestamp()> now_by_clock, Tick now);

  // Something waits for a commit.
  bool pending() const { return !pending_.empty(); }
  // Commits everything submitted since the last call and tells each session what became of its
  // chunks. Sessions may submit more while being told; that is for the next call. Returns the links
  // that have something to transmit.
  std::vector<SyncLink*> Commit(Timestamp now, Tick tick);

  // Bytes of chunks from the parent whose connection was cut.
  std::uint64_t SpooledFromParent() const;

  Replica& replica() { return replica_; }

 private:
  friend class SyncLink;
  struct Pending {
    SyncLink* link = nullptr;
    SubmittedChunk chunk;
  };

  Result<Exchange*> Admit(SyncLink& link, const DhPublicKey& key);
  void Attach(SyncLink& link, const Peer& peer);
  const SecretKey& SetKeyWith(const Peer& peer);
  void Forget(SyncLink& link);

  Replica& replica_;
  const DhKey& noise_;
  ChunkSpool spool_;
  std::vector<Pending> pending_;
  std::set<SyncLink*> links_;
  // Agreed on once with each device that was let in: it costs as much as a part of a handshake.
  std::map<DhPublicKey, SecretKey> set_keys_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_SYNC_ENGINE_H_

#include "node/sync_engine.h"

#include <utility>

#include "base/planted.h"
#include "node/enrolment.h"
#include "proto/crypto.h"
#include "sync/set_digest.h"

namespace chibo {

SyncLink::~SyncLink() {
  engine_.Forget(*this);
  CHIBO_PLANT(kSessionKept, void(), static_cast<void>(session_.release()));
}

void SyncEngine::Forget(SyncLink& link) {
  links_.erase(&link);
  // What it submitted is still worth storing; there is only nobody left to tell.
  for (Pending& pending : pending_) {
    if (pending.link == &link) {
      pending.link = nullptr;
    }
  }
}

const SecretKey& SyncEngine::SetKeyWith(const Peer& peer) {
  const auto [known, added] = set_keys_.try_emplace(peer.noise);
  if (added) {
    known->second =
        SetDigestKey(replica_.settings().network, noise_, peer.noise).value_or(SecretKey());
  }
  return known->second;
}

void SyncEngine::Attach(SyncLink& link, const Peer& peer) {
  link.peer_ = peer;
  link.exchange_ = std::make_unique<PeerExchange>(replica_, spool_, peer, SetKeyWith(peer),
                                                  [this, &link](SubmittedChunk chunk) {
                                                    pending_.push_back({&link, std::move(chunk)});
                                                  });
}

Result<std::unique_ptr<SyncLink>> SyncEngine::Dial(const Pace& pace, Tick now) {
  const Settings& settings = replica_.settings();
  if (!settings.parent || !settings.parent_noise) {
    return Fail(Code::kNotAllowed, "no_parent");
  }
  std::unique_ptr<SyncLink> link(new SyncLink(*this));
  links_.insert(link.get());
  Peer parent;
  parent.unit = *settings.parent;
  parent.noise = *settings.parent_noise;
  parent.is_parent = true;
  Attach(*link, parent);
  const SessionOptions options{
      .channel = {true, NoisePattern::kIk, settings.network, noise_, settings.parent_noise},
      .pace = pace,
      .admit = {}};
  link->session_ = std::make_unique<Session>(options, *link->exchange_, replica_.random(), now);
  return link;
}

std::unique_ptr<SyncLink> SyncEngine::Accept(std::uint32_t retry_after_s, Tick now) {
  std::unique_ptr<SyncLink> link(new SyncLink(*this));
  links_.insert(link.get());
  const SessionOptions options{
      .channel = {false, NoisePattern::kIk, replica_.settings().network, noise_, std::nullopt},
      .pace = {},
      .retry_after_s = retry_after_s,
      .admit = [this, raw = link.get()](const DhPublicKey& key) { return Admit(*raw, key); }};
  link->session_ = std::make_unique<Session>(options, replica_.random(), now);
  return link;
}

Result<std::unique_ptr<Pairing>> SyncEngine::DialPairing(Bytes request, Tick now) {
  const Settings& settings = replica_.settings();
  if (!settings.parent || !settings.parent_noise) {
    return Fail(Code::kNotAllowed, "no_parent");
  }
  PairingOptions options;
  options.channel = {true, NoisePattern::kXx, settings.network, noise_, std::nullopt};
  options.parent_key = Sha256(settings.parent_noise->view());
  options.request = std::move(request);
  return std::make_unique<Pairing>(options, replica_.random(), now);
}

std::unique_ptr<Pairing> SyncEngine::AcceptPairing(std::function<Timestamp()> now_by_clock,
                                                   Tick now) {
  PairingOptions options;
  options.channel = {false, NoisePattern::kXx, replica_.settings().network, noise_, std::nullopt};
  options.answer = [this, clock = std::move(now_by_clock)](
                       ByteView request, const DhPublicKey& peer) -> Result<PairReply> {
    CHIBO_TRY(replica_.Refresh());
    return AnswerJoin(replica_, request, peer, clock());
  };
  return std::make_unique<Pairing>(options, replica_.random(), now);
}

Result<Exchange*> SyncEngine::Admit(SyncLink& link, const DhPublicKey& key) {
  CHIBO_TRY(replica_.Refresh());
  const auto certificate = replica_.authority().ByNoiseKey(key);
  const bool kept =
      certificate && replica_.authority().KeeperOf(certificate->unit) == replica_.settings().unit;
  Peer child;
  child.noise = key;
  if (kept) {
    child.unit = certificate->unit;
    child.device = certificate->key;
  } else {
    CHIBO_TRY_VALUE(const auto known, replica_.quarantined().DeviceWith(
                                          replica_.view(), replica_.settings().unit, key));
    if (certificate || !known) {
      return Fail(Code::kNotKnown, "peer_not_known");
    }
    child.unit = known->unit;
    child.device = known->device;
  }
  Attach(link, child);
  return link.exchange_.get();
}

std::uint64_t SyncEngine::SpooledFromParent() const {
  std::uint64_t bytes = 0;
  if (const auto& parent = replica_.settings().parent_noise) {
    for (const auto& [spooled, part] : spool_.Of(*parent)) {
      bytes += part.size();
    }
  }
  return bytes;
}

std::vector<SyncLink*> SyncEngine::Commit(Timestamp now, Tick tick) {
  std::vector<Pending> batch = std::exchange(pending_, {});
  std::vector<SubmittedChunk> chunks;
  chunks.reserve(batch.size());
  for (Pending& pending : batch) {
    chunks.push_back(std::move(pending.chunk));
  }
  const std::vector<CommitReport> reports = replica_.Ingest(std::move(chunks), now);
  // Reports of one session together, in the order in which it submitted.
  std::map<SyncLink*, std::vector<CommitReport>> by_link;
  std::vector<SyncLink*> told;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    SyncLink* link = batch[i].link;
    if (link == nullptr) {
      continue;
    }
    auto& mine = by_link[link];
    if (mine.empty()) {
      told.push_back(link);
    }
    mine.push_back(reports[i]);
  }
  for (SyncLink* link : told) {
    // An error ends that session alone; its connection sees it when it drains.
    static_cast<void>(link->session().HandleCommitted(by_link[link], tick));
  }
  return told;
}

}  // namespace chibo

#ifndef CHIBO_SYNC_SESSION_INITIATOR_H_
#define CHIBO_SYNC_SESSION_INITIATOR_H_

#include <map>
#include <optional>
#include <vector>

#include "sync/fork_search.h"
#include "sync/session_core.h"

namespace chibo {

// The child's side. The transition table is at the top of session.cc.
class InitiatorSession final : public SessionCore {
 public:
  InitiatorSession(const SessionOptions& options, Exchange& exchange, Random& random, Tick now);

 private:
  // A stream on which the parent has been told of, or has asked for, more than it holds.
  struct Offer {
    enum class State {
      kTold,     // Hello named it; Welcome will answer
      kAsking,   // where do the copies part?
      kSending,  // chunks wait, are under way or unanswered
      kCovered,  // the parent durably holds all of it
      kRefused,
    };
    State state = State::kTold;
    HeldStream held;
    std::optional<ForkSearch> search;
  };
  // Where the agreement about what comes from above stands.
  enum class Down {
    kAgreed,
    kAwaiting,      // DownDone is to come
    kJudging,       // DownDone is here; what came before it is being committed
    kMovingCursor,  // the digests agree, the cursor is being stored
    kGivenUp,
  };

  Status Start();
  Status WriteHello();
  Status HandleHandshake(const std::vector<Frame>& frames) override;
  Status HandleWelcome(const pb::Welcome& welcome);
  Status HandleRoleFrame(FrameType type, ByteView body) override;
  Status HandleAck(const pb::Ack& ack) override;
  Status HandleNotForMe(ByteView stream, Code code) override;
  Status HandleRefusal(ByteView stream, const Error& error) override;
  Status HandleStored(const ChunkReceiver::Outcome& outcome) override;
  Status HandleReported() override;
  Status Continue() override;

  Status HandleInventory(const pb::Inventory& page);
  Status HandleProbe(const pb::ForkProbe& answer);
  // What the parent holds of a stream of ours.
  Status HandleAnswer(const HeldStream& mine, const pb::Held& answer);
  Result<std::uint64_t> SendsFrom(const HeldStream& mine, const pb::Held& answer);
  Status StartSearch(Offer& offer);
  Status AskOn(Offer& offer);
  Status FinishSearch(Offer& offer);
  Status SendInventory(bool upward);
  void Expect(const pb::Held& held, ByteView stream);
  void ExpectNotAgain(ByteView stream);
  void GiveUpDown(Error error);
  Status Judge();
  Result<bool> IsComplete();
  bool WaitsForParent();
  Result<Offer*> FindOffer(ByteView stream);

  std::vector<HeldStream> upward_;  // as it was at the start
  std::vector<StreamId> news_;      // in Hello's order
  std::map<StreamId, Offer> offers_;
  // What the parent said it will send, or holds in a branch we asked for: stream, size, root. With
  // `again`: entries that are held, so that their chunks are waited for.
  std::vector<pb::Held> expected_;
  bool expected_changed_ = false;
  bool confirming_ = false;       // Confirm is on its way
  bool awaiting_upward_ = false;  // answers to Inventory
  bool awaiting_downward_ = false;
  bool downward_told_ = false;
  Bytes lineage_;  // the parent's
  std::uint64_t head_ = 0;
  Down down_ = Down::kAgreed;
  pb::DownDone down_done_;
  std::uint64_t cost_acknowledged_ = 0;
  std::optional<Error> not_received_;
  std::optional<Error> behind_;
  std::optional<Error> refused_down_;  // held against what agrees in the end
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SESSION_INITIATOR_H_

#ifndef CHIBO_SYNC_SESSION_RESPONDER_H_
#define CHIBO_SYNC_SESSION_RESPONDER_H_

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sync/fork_search.h"
#include "sync/session_core.h"

namespace chibo {

// The parent's side. The transition table is at the top of session.cc.
class ResponderSession final : public SessionCore {
 public:
  ResponderSession(const SessionOptions& options, Random& random, Tick now);

 private:
  // The list of one direction that the child is asked for.
  struct Listing {
    bool done = false;
    std::set<StreamId> told;
    std::vector<pb::Held> answers;
  };

  Status HandleHandshake(const std::vector<Frame>& frames) override;
  Status Admit();
  Status HandleHello(const pb::Hello& hello);
  Status SendWelcome();
  Status AnswerNews(pb::Welcome& welcome);
  Status HandleTransport() override;
  Status HandleRoleFrame(FrameType type, ByteView body) override;
  Status HandleAck(const pb::Ack& ack) override;
  Status HandleNotForMe(ByteView stream, Code code) override;
  Status HandleRefusal(ByteView stream, const Error& error) override;
  Status HandleStored(const ChunkReceiver::Outcome& outcome) override;
  Status HandleReported() override;
  Status Continue() override;
  bool may_transmit() const override { return confirmed_; }

  Status HandleInventory(const pb::Inventory& page);
  Status FinishInventory(bool upward);
  Status HandleProbe(const pb::ForkProbe& question);
  // What to tell the child of a stream as it stands beside what it told, and what to do about it.
  // Nothing when both hold the same.
  Result<std::optional<pb::Held>> Answer(const std::optional<HeldStream>& held,
                                         const pb::Held& told);
  // Where what was told is the beginning of what is held here, or all of it.
  Result<std::optional<pb::Held>> AnswerWithTail(const HeldStream& mine, const pb::Held& told);
  Status SendTexts(const pb::Held& told, const HeldStream& mine);
  // A branch from `from` on, as far as it can be passed on.
  void SendTail(const HeldStream& branch, std::uint64_t from);
  // Outbox items after `sent_cursor_`; whether it queued any.
  Result<bool> FeedOutbox();
  Status TellDownDone();
  Status ForgetMissing(const ChunkReceiver::Outcome& outcome);
  void ForgetAbout(ByteView stream);

  pb::Hello hello_;
  std::size_t welcome_bytes_ = limits::kHandshakeNewsBytesMax;
  bool down_agrees_ = false;  // compared when Hello came, at equal cursors
  bool down_differs_ = false;
  bool confirmed_ = false;  // a transport message came: the initiator is alive and has Welcome
  pb::Ack ack_;
  Listing upward_;
  Listing downward_;
  // What the child said it holds of our streams and we do not; with `again`, whose chunks are
  // waited for because of their texts.
  std::vector<pb::Held> missing_;
  std::map<StreamId, ForkAnswers> forks_;
  std::set<StreamId> searches_;  // of forks, that are not over
  bool feeding_ = false;         // the outbox may be sent
  std::uint64_t sent_cursor_ = 0;
  bool done_owed_ = false;  // DownDone
};

}  // namespace chibo

#endif  // CHIBO_SYNC_SESSION_RESPONDER_H_

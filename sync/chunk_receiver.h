#ifndef CHIBO_SYNC_CHUNK_RECEIVER_H_
#define CHIBO_SYNC_CHUNK_RECEIVER_H_

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "sync/exchange.h"

namespace chibo {

// Puts parts together and hands whole chunks to the exchange. Memory: one chunk being received, at
// most a window of packed chunks, and two of the largest unpacked that are not committed yet.
class ChunkReceiver {
 public:
  explicit ChunkReceiver(Exchange& exchange) : exchange_(exchange) {}

  // Before this nothing is spooled, and a spooled beginning is used but not dropped.
  void StartSpooling() { spooling_ = true; }
  // Chunks that complete an outbox item move the cursor of this lineage on from `cursor`.
  void FollowOutbox(Bytes lineage, std::uint64_t cursor);

  // Errors end the session: kMalformed, kTooLarge.
  Status HandleHead(pb::ChunkHead head);
  Status HandlePart(ByteView part);

  // A chunk that is dealt with.
  struct Outcome {
    Bytes stream;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::optional<Error> error;      // refused
    std::optional<HeldStream> held;  // stored
  };
  // Submits what there is room for; refused before that: what cannot be unpacked by this program.
  Result<std::vector<Outcome>> SubmitReady();
  // The cursor alone, whatever it is now. After this chunks go on from there.
  void SubmitCursor(std::uint64_t cursor, Bytes lineage);
  // Nothing when no chunk of that ticket is under way.
  std::optional<Outcome> HandleReport(const CommitReport& report);

  // Chunks that arrive from now on wait until Release.
  void Hold();
  void Release() {
    held_back_ = 0;
    holding_ = false;
  }

  bool committing() const { return !submitted_.empty(); }
  // Nothing that arrived before Hold (or at all, without one) waits or is being committed.
  bool settled() const { return submitted_.empty() && ready_.size() == held_back_; }
  // Not in the middle of a chunk.
  bool between_chunks() const { return !head_; }

  // The last outbox item of which all is here, committed or not.
  std::uint64_t cursor() const { return cursor_; }
  // Cost (WindowCost) of all chunks dealt with.
  std::uint64_t cost_done() const { return cost_done_; }
  std::uint64_t entries_received() const { return entries_received_; }

 private:
  struct Ready {
    pb::ChunkHead head;
    Bytes packed;
  };
  struct Submitted {
    Bytes stream;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t cost = 0;
    std::size_t raw_bytes = 0;
  };

  Status TakeSpooled();
  Status AddPart(ByteView part);
  Result<ReceivedChunk> Unpack(const Ready& ready);

  Exchange& exchange_;
  bool spooling_ = false;
  std::optional<pb::ChunkHead> head_;  // being received
  Bytes packed_;
  std::deque<Ready> ready_;
  std::uint64_t ready_cost_ = 0;
  bool holding_ = false;
  std::size_t held_back_ = 0;                     // of ready_, the last ones
  std::map<std::uint64_t, Submitted> submitted_;  // by ticket
  std::size_t submitted_raw_bytes_ = 0;
  std::uint64_t next_ticket_ = 1;
  bool follows_outbox_ = false;
  Bytes lineage_;
  std::uint64_t cursor_ = 0;
  std::uint64_t cost_done_ = 0;
  std::uint64_t entries_received_ = 0;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_CHUNK_RECEIVER_H_

#ifndef CHIBO_SYNC_CHUNK_SENDER_H_
#define CHIBO_SYNC_CHUNK_SENDER_H_

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "sync/exchange.h"

namespace chibo {

// Every program has this one, so the first message may use it before the peer has said what it
// knows.
inline constexpr std::uint32_t kDictionaryBase = 1;

// Entries [from, to) of one branch, to be sent. `outbox` goes with the chunk that ends at `to`.
struct SendRange {
  StreamId stream;
  std::uint32_t branch = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t outbox = 0;
};

// Cuts ranges into chunks and chunks into parts, as messages have room for them. Holds one packed
// chunk at a time and reads the log again for whatever has to be sent again.
class ChunkSender {
 public:
  ChunkSender(Exchange& exchange, std::size_t chunk_bytes_aim)
      : exchange_(exchange), chunk_bytes_aim_(chunk_bytes_aim) {}

  void set_dictionary_max(std::uint32_t dictionary) { dictionary_max_ = dictionary; }
  void set_window(std::size_t bytes) { window_ = bytes; }
  // What the peer holds of chunks that were cut off.
  void set_spooled(std::vector<pb::Spooled> spooled) { spooled_ = std::move(spooled); }

  // Takes up the rest of a chunk begun before Restart when the range begins with it; such a range
  // comes first.
  void Enqueue(const SendRange& range);
  // Everything is to be enqueued anew, from what the peer says it holds.
  void Restart();
  // Nothing more of this stream, nor an answer expected. An outbox item that goes with it is not
  // passed over: no later chunk says that it completes one.
  void Forget(const StreamId& stream);

  // Adds frames while the message stays within `message_bytes_max`; of a chunk that does not fit,
  // at most `beginning_bytes_max`. Whether it added any.
  bool Fill(Bytes& message, std::size_t message_bytes_max, std::size_t beginning_bytes_max);

  // Nothing is left to send. Chunks may still be unanswered.
  bool idle() const { return queue_.empty() && !current_; }
  // Whether a range of the stream waits, is being sent or is unanswered.
  bool concerns(const StreamId& stream) const;

  // The peer holds the stream so far; frees the window. kBadProof when that is not what was sent.
  Status HandleHeld(const pb::Held& held);
  // The peer has dealt with chunks of this cost (WindowCost) in all.
  void HandleDone(std::uint64_t cost);

  // Streams that could not be read, since this was last called; they are forgotten.
  struct Failure {
    StreamId stream;
    Error error;
  };
  std::vector<Failure> TakeFailures() { return std::exchange(failures_, {}); }

  std::uint64_t entries_sent() const { return entries_sent_; }
  std::uint64_t bytes_resumed() const { return bytes_resumed_; }

 private:
  struct Current {
    SendRange range;  // of this chunk alone
    pb::ChunkHead head;
    Bytes packed;
    std::size_t sent = 0;  // of `packed`, the peer's spooled bytes among them
    bool begun = false;    // its head is sent
    bool stale = false;    // from before Restart, and nothing has asked for it since
  };
  struct Sent {
    SendRange range;
    std::uint64_t cost = 0;  // against the window
  };

  Status Begin();
  Result<PackedChunk> Pack(const SendRange& range, const pb::Spooled* spooled);
  const pb::Spooled* SpooledFor(const SendRange& range) const;
  bool AddPart(Bytes& message, std::size_t message_bytes_max, std::size_t beginning_bytes_max);

  Exchange& exchange_;
  std::size_t chunk_bytes_aim_;
  std::uint32_t dictionary_max_ = kDictionaryBase;
  std::size_t window_ = 0;
  bool outbox_broken_ = false;
  std::vector<pb::Spooled> spooled_;
  std::deque<SendRange> queue_;
  std::optional<Current> current_;
  std::deque<Sent> unanswered_;
  std::uint64_t unanswered_cost_ = 0;
  std::uint64_t cost_done_ = 0;
  std::vector<Failure> failures_;
  std::uint64_t entries_sent_ = 0;
  std::uint64_t bytes_resumed_ = 0;
};

}  // namespace chibo

#endif  // CHIBO_SYNC_CHUNK_SENDER_H_

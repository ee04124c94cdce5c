#ifndef CHIBO_SYNC_FRAME_H_
#define CHIBO_SYNC_FRAME_H_

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

// Types are never used again. An odd type that is not known ends the session politely, an even one
// is skipped.
enum class FrameType : std::uint8_t {
  kHello = 1,
  kWelcome = 3,
  kConfirm = 5,
  kChunkHead = 7,
  kChunkPart = 9,  // body: raw bytes of the chunk last begun in this direction
  kAck = 11,
  kInventory = 13,
  kForkProbe = 15,
  kDownDone = 17,
  kEnd = 19,
  kPairRequest = 21,
  kPairAnswer = 23,
  kNotForMe = 24,
  kPadding = 2,  // body: zeros; skipped
};

struct Frame {
  std::uint8_t type = 0;
  Bytes body;
};

// type (1 byte) ‖ varint body size ‖ body.
void AppendFrame(Bytes& out, FrameType type, ByteView body);
// Messages end at multiples of this.
inline constexpr std::size_t kPadTo = 16;
// Adds a padding frame, unless there is no need, so that the message's size becomes a multiple of
// kPadTo: at most 17 bytes more.
void PadMessage(Bytes& message);
// The frames of one whole Noise payload, in order, without padding; types that are not known
// included. kMalformed, kTooLarge.
Result<std::vector<Frame>> ParseFrames(ByteView message);

}  // namespace chibo

#endif  // CHIBO_SYNC_FRAME_H_

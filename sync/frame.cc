#include "sync/frame.h"

#include "proto/limits.h"

namespace chibo {
namespace {

// A frame with an empty body: type and size.
constexpr std::size_t kFrameBytesMin = 2;
static_assert(kPadTo + kFrameBytesMin < 0x80, "the size of a padding frame is one byte");

}  // namespace

void AppendFrame(Bytes& out, FrameType type, ByteView body) {
  CHECK(body.size() <= limits::kFrameBytesMax);
  out.push_back(static_cast<char>(type));
  AppendVarint(out, body.size());
  out += body;
}

void PadMessage(Bytes& message) {
  std::size_t missing = (kPadTo - message.size() % kPadTo) % kPadTo;
  if (missing == 0) {
    return;
  }
  if (missing < kFrameBytesMin) {
    missing += kPadTo;
  }
  AppendFrame(message, FrameType::kPadding, Bytes(missing - kFrameBytesMin, '\0'));
}

Result<std::vector<Frame>> ParseFrames(ByteView message) {
  std::vector<Frame> frames;
  while (!message.empty()) {
    const auto type = static_cast<std::uint8_t>(message.front());
    message.remove_prefix(1);
    const std::optional<std::uint64_t> size = TakeVarint(message);
    if (!size) {
      return Fail(Code::kMalformed, "frame_size_malformed");
    }
    if (*size > limits::kFrameBytesMax) {
      return Fail(Code::kTooLarge, "frame_too_large");
    }
    const std::optional<ByteView> body = Take(message, *size);
    if (!body) {
      return Fail(Code::kMalformed, "frame_cut_off");
    }
    if (type != static_cast<std::uint8_t>(FrameType::kPadding)) {
      frames.push_back({type, Bytes(*body)});
    } else if (body->find_first_not_of('\0') != ByteView::npos) {
      return Fail(Code::kMalformed, "frame_padding_not_zero");
    }
  }
  return frames;
}

}  // namespace chibo

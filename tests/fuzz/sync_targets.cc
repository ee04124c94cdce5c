#include "proto/limits.h"
#include "sync/chunk.h"
#include "sync/columns.h"
#include "sync/frame.h"
#include "sync/pairing.h"
#include "sync/secure_channel.h"
#include "sync/text_fold.h"
#include "tests/fuzz/reader.h"
#include "tests/fuzz/targets.h"
#include "tests/sync/fake_exchange.h"

namespace chibo::fuzz {
namespace {

const DhKey& ServerKey() {
  static const DhKey kKey = [] {
    SeededRandom random(11);
    return DhKey(SecretKey::Draw(random));
  }();
  return kKey;
}

// A stranger that opens a connection: bytes in pieces as they say themselves.
void ListenTo(Reader& reader, SecureChannel& channel) {
  while (!reader.empty()) {
    const ByteView piece = reader.Take(1 + reader.Byte());
    const Status taken = channel.HandleBytes(piece);
    while (channel.TakeMessage()) {
    }
    CHECK(!channel.finished());
    if (!taken) {
      // An error is final.
      CHECK(!channel.HandleBytes("x").has_value());
      return;
    }
  }
}

}  // namespace

void TakeHandshake(ByteView bytes) {
  Reader reader(bytes);
  SeededRandom random(1);
  ChannelOptions options;
  options.network = FakeNetwork();
  options.static_key = ServerKey();
  options.initiator = reader.Byte() % 2 == 0;
  if (options.initiator) {
    options.remote_static = ServerKey().public_key();
  } else {
    static_cast<void>(PatternOf(bytes));
  }
  SecureChannel channel(options, random);
  if (options.initiator) {
    CHECK(channel.WriteHandshake("hello").has_value());
  }
  ListenTo(reader, channel);
}

void TakeFrames(ByteView bytes) {
  const auto frames = ParseFrames(bytes);
  if (!frames) {
    return;
  }
  Bytes again;
  for (const Frame& frame : *frames) {
    AppendFrame(again, static_cast<FrameType>(frame.type), frame.body);
  }
  const auto second = ParseFrames(again);
  CHECK(second.has_value() && second->size() == frames->size());
  for (std::size_t i = 0; i < frames->size(); ++i) {
    CHECK((*second)[i].type == (*frames)[i].type && (*second)[i].body == (*frames)[i].body);
  }
}

void TakeChunk(ByteView bytes) {
  Reader reader(bytes);
  const std::uint32_t codec = reader.Byte() % 3;
  const std::uint32_t dictionary = reader.Byte() % 3;
  const std::uint32_t count = reader.U16();
  const std::uint32_t raw_bytes = reader.U16() * (reader.Byte() % 32u);
  const auto entries = UnpackChunk(count, codec, dictionary, raw_bytes, reader.Rest());
  if (!entries) {
    return;
  }
  CHECK(entries->size() == count);
  std::size_t plain = 0;
  for (const EntryBytes& entry : *entries) {
    plain += PlainBytes(entry);
  }
  CHECK(plain <= raw_bytes);
}

void TakeColumns(ByteView bytes) {
  Reader reader(bytes);
  const std::uint32_t count = 1 + reader.Byte() % 16u;
  const ByteView texts = reader.Take(reader.U16());
  const ByteView blobs = reader.Take(reader.U16());
  const auto entries = PutTogether(texts, blobs, reader.Rest(), count, limits::kChunkRawBytesMax);
  if (!entries) {
    return;
  }
  CHECK(entries->size() == count);
  // What we would lay out of them reads the same.
  if (const auto columns = LayOut(*entries)) {
    const auto again = PutTogether(columns->texts, columns->blobs, columns->structure, count,
                                   limits::kChunkRawBytesMax);
    CHECK(again.has_value() && *again == *entries);
  }
}

void TakeFoldedText(ByteView bytes) {
  if (const auto folded = FoldText(bytes)) {
    CHECK(folded->size() <= bytes.size());
    ByteView rest = *folded;
    Bytes text;
    CHECK(UnfoldText(rest, bytes.size(), text) && rest.empty() && text == bytes);
  }
  Reader reader(bytes);
  const std::size_t size = reader.U16();
  ByteView rest = reader.Rest();
  Bytes text;
  if (UnfoldText(rest, size, text)) {
    CHECK(text.size() == size);
  }
}

}  // namespace chibo::fuzz

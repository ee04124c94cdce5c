// What travels, byte by byte. What zstd makes of a chunk may differ from one release of it to the
// next: of a packed chunk what counts is that the bytes kept here are read as they were meant.
#include "tests/golden.h"

#include <gtest/gtest.h>

#include "proto/message_bytes.h"
#include "sync/chunk.h"
#include "sync/columns.h"
#include "sync/frame.h"
#include "tests/proto/sample.h"
#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const std::filesystem::path kFolder = CHIBO_SOURCE_DIR "/tests/data/golden/wire";

// Every field set, to its own number where it is a number.
void FillAll(Message& message) {
  const auto& reflection = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto number = static_cast<std::uint32_t>(field.number());
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_UINT32:
        field.is_repeated() ? reflection.AddUInt32(&message, &field, number)
                            : reflection.SetUInt32(&message, &field, number);
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        field.is_repeated() ? reflection.AddUInt64(&message, &field, 1000 + number)
                            : reflection.SetUInt64(&message, &field, 1000 + number);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, &field, true);
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        field.is_repeated() ? reflection.AddString(&message, &field, field.name())
                            : reflection.SetString(&message, &field, field.name());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        FillAll(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                    : *reflection.MutableMessage(&message, &field));
        break;
      default:
        FAIL() << field.full_name() << ": no value for this type";
    }
  }
}

template <typename M>
Bytes FrameWith(FrameType type) {
  M message;
  FillAll(message);
  Bytes frame;
  AppendFrame(frame, type, CanonicalBytes(message));
  return frame;
}

std::vector<EntryBytes> Entries() {
  const Entry entry = sample::MeetingEntry();
  Entry withheld = entry;
  withheld.records[1].payload.reset();
  return {{CanonicalBytes(sample::GenesisHeader()), ""},
          {entry.header, EncodeBody(entry)},
          {withheld.header, EncodeBody(withheld)}};
}

// As chunk.h says of kCodecRaw; packing takes it only where zstd gains nothing.
Bytes RawChunk() {
  Bytes raw;
  for (const EntryBytes& entry : Entries()) {
    for (const Bytes& part : {entry.header, entry.body}) {
      AppendVarint(raw, part.size());
      raw += part;
    }
  }
  return raw;
}

Bytes Padded() {
  Bytes message;
  AppendFrame(message, FrameType::kChunkPart, "part");
  PadMessage(message);
  return message;
}

// What an initiator sends first is plain up to its ephemeral key.
Bytes Preface(NoisePattern pattern) {
  SeededRandom random(1);
  ChannelOptions options;
  options.initiator = true;
  options.pattern = pattern;
  options.network = FakeNetwork();
  options.static_key = DhKey(SecretKey::Draw(random));
  options.remote_static = options.static_key->public_key();
  SecureChannel channel(options, random);
  CHECK(channel.WriteHandshake("").has_value());
  Bytes bytes;
  channel.PollTransmit(kPrefaceBytes, bytes);
  return bytes;
}

std::map<std::string, Bytes> Golden() {
  const auto columns = LayOut(Entries());
  CHECK(columns.has_value());
  return {
      {"preface_ik", Preface(NoisePattern::kIk)},
      {"preface_xx", Preface(NoisePattern::kXx)},
      {"frame_hello", FrameWith<pb::Hello>(FrameType::kHello)},
      {"frame_welcome", FrameWith<pb::Welcome>(FrameType::kWelcome)},
      {"frame_confirm", FrameWith<pb::Confirm>(FrameType::kConfirm)},
      {"frame_chunk_head", FrameWith<pb::ChunkHead>(FrameType::kChunkHead)},
      {"frame_ack", FrameWith<pb::Ack>(FrameType::kAck)},
      {"frame_inventory", FrameWith<pb::Inventory>(FrameType::kInventory)},
      {"frame_fork_probe", FrameWith<pb::ForkProbe>(FrameType::kForkProbe)},
      {"frame_down_done", FrameWith<pb::DownDone>(FrameType::kDownDone)},
      {"frame_end", FrameWith<pb::End>(FrameType::kEnd)},
      {"frame_pair_request", FrameWith<pb::PairRequest>(FrameType::kPairRequest)},
      {"frame_pair_answer", FrameWith<pb::PairAnswer>(FrameType::kPairAnswer)},
      {"frame_not_for_me", FrameWith<pb::NotForMe>(FrameType::kNotForMe)},
      {"message_padded", Padded()},
      {"chunk_raw", RawChunk()},
      {"columns_texts", columns->texts},
      {"columns_blobs", columns->blobs},
      {"columns_structure", columns->structure},
  };
}

TEST(Golden, WhatTravelsIsAsCommitted) { ExpectGolden(kFolder, Golden()); }

TEST(Golden, ARawChunkIsReadAsItsEntries) {
  const Bytes raw = RawChunk();
  const auto size = static_cast<std::uint32_t>(raw.size());
  const auto entries = UnpackChunk(3, kCodecRaw, 0, size, raw);
  ASSERT_TRUE(entries) << ToString(entries.error());
  EXPECT_EQ(*entries, Entries());
}

TEST(Golden, ChunksPackedOnceAreReadForEver) {
  for (const std::uint32_t dictionary : {0u, 1u}) {
    const auto path = kFolder / ("packed_" + std::to_string(dictionary) + ".chunk");
    const PackedChunk now = PackChunk(Entries(), SIZE_MAX, dictionary);
    if (GoldenIsRenewed()) {
      std::ofstream(path) << GoldenLines(now.packed);
    }
    std::string digits = FileText(path);
    std::erase(digits, '\n');
    const auto packed = FromHex(digits);
    ASSERT_TRUE(packed && !packed->empty()) << path;
    const auto entries = UnpackChunk(3, kCodecZstd, dictionary, now.raw_bytes, *packed);
    ASSERT_TRUE(entries) << ToString(entries.error());
    EXPECT_EQ(*entries, Entries());
  }
}

}  // namespace
}  // namespace chibo

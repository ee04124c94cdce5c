#include <algorithm>

#include "proto/checkpoint.h"
#include "proto/message_bytes.h"
#include "proto/record.h"
#include "sync/chunk.h"
#include "sync/columns.h"
#include "sync/frame.h"
#include "sync/text_fold.h"
#include "tests/fuzz/node_seeds.h"
#include "tests/fuzz/targets.h"
#include "tests/proto/sample.h"
#include "tests/sync/session_pair.h"

namespace chibo::fuzz {
namespace {

std::string Numbered(std::size_t number) {
  std::string text = std::to_string(number);
  return std::string(3 - std::min<std::size_t>(3, text.size()), '0') + text;
}

Bytes U16(std::size_t value) {
  Bytes bytes;
  AppendU16(bytes, static_cast<std::uint16_t>(value));
  return bytes;
}

std::vector<EntryBytes> Entries() {
  const Entry entry = sample::MeetingEntry();
  Entry withheld = entry;
  withheld.records[1].payload.reset();
  return {{CanonicalBytes(sample::GenesisHeader()), ""},
          {entry.header, EncodeBody(entry)},
          {withheld.header, EncodeBody(withheld)}};
}

Seeds Records() {
  Seeds seeds;
  std::vector<pb::Record> records = sample::Records();
  const std::vector<pb::Record> others = sample::OtherRecords();
  records.insert(records.end(), others.begin(), others.end());
  for (const pb::Record& record : records) {
    const auto kind = static_cast<std::size_t>(record.body_case());
    const Bytes payload = PayloadOf(record);
    seeds[Numbered(kind) + (seeds.contains(Numbered(kind)) ? "b" : "")] = U16(kind) + payload;
  }
  return seeds;
}

Seeds EntrySeeds() {
  Seeds seeds;
  for (const EntryBytes& entry : Entries()) {
    seeds["entry" + std::to_string(seeds.size())] = Bytes(1, entry.body.empty() ? '\0' : '\1') +
                                                    U16(entry.header.size()) + entry.header +
                                                    entry.body;
  }
  return seeds;
}

Seeds Chunks() {
  Seeds seeds;
  for (const std::uint32_t dictionary : {0u, 1u}) {
    const PackedChunk chunk = PackChunk(Entries(), 16'000, dictionary);
    // raw_bytes is a product there: rounded up to one.
    seeds["chunk" + std::to_string(dictionary)] =
        Bytes(1, static_cast<char>(chunk.codec)) + Bytes(1, static_cast<char>(chunk.dictionary)) +
        U16(chunk.count) + U16(chunk.raw_bytes) + Bytes(1, '\1') + chunk.packed;
  }
  return seeds;
}

Seeds ColumnSeeds() {
  const auto columns = LayOut(Entries());
  CHECK(columns.has_value());
  return {{"entries", Bytes(1, static_cast<char>(Entries().size() - 1)) +
                          U16(columns->texts.size()) + columns->texts + U16(columns->blobs.size()) +
                          columns->blobs + columns->structure}};
}

// What two honest nodes say to each other, as frames and as the bytes on the line.
struct Talk {
  Bytes up;
  Bytes down;
};
Talk TalkOfTwo() {
  World world;
  world.Record(*world.line, 2, 100);
  Talk talk;
  SessionPair pair(world);
  for (int i = 0; i < 3; ++i) {
    const auto move = [&](Session& from, Session& to, FakeExchange& exchange, Bytes& said) {
      Bytes bytes;
      while (from.PollTransmit(SIZE_MAX, bytes) > 0) {
      }
      said += bytes;
      CHECK(to.HandleBytes(bytes, Tick{}).has_value());
      const auto reports = exchange.Commit();
      CHECK(to.HandleCommitted(reports, Tick{}).has_value());
    };
    move(pair.child(), pair.parent(), pair.parent_exchange(), talk.up);
    move(pair.parent(), pair.child(), pair.child_exchange(), talk.down);
  }
  return talk;
}

// As sync_targets.cc reads pieces: their size less one before each.
Bytes Pieces(ByteView bytes) {
  Bytes pieces;
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(256, bytes.size()))) {
    const ByteView piece = bytes.substr(0, 256);
    pieces += static_cast<char>(piece.size() - 1);
    pieces += piece;
  }
  return pieces;
}

Seeds Handshakes() {
  const Talk talk = TalkOfTwo();
  Bytes xx = talk.up;
  xx[6] = static_cast<char>(NoisePattern::kXx);
  return {{"to_server", Bytes(1, '\1') + Pieces(talk.up)},
          {"to_client", Bytes(1, '\0') + Pieces(talk.down)},
          {"pairing", Bytes(1, '\1') + Pieces(xx)}};
}

Bytes Sized(const google::protobuf::Message& message) {
  const Bytes body = CanonicalBytes(message);
  return U16(body.size()) + body;
}

// As session_targets.cc reads frames: how many less one, then type and size of each.
Seeds Words() {
  pb::Hello hello;
  hello.set_rest(Bytes(8, 'r'));
  hello.set_lineage(Bytes(8, 'l'));
  hello.set_cursor(1);
  pb::Held* held = hello.add_news();
  held->set_stream(Bytes(8, 's'));
  held->set_size(3);
  held->set_root(Bytes(8, 't'));
  Bytes say_hello = Bytes(2, '\0') + Sized(hello);
  pb::ChunkHead head;
  head.set_stream(Bytes(8, 's'));
  head.set_from(0);
  head.set_count(3);
  head.set_packed_bytes(100);
  head.set_raw_bytes(200);
  const Bytes send_chunk = Bytes("\1\3", 2) + Sized(head) + "\4" + U16(100) + Bytes(100, 'x');
  pb::End end;
  const Bytes say_end = Bytes("\0\11", 2) + Sized(end);
  pb::Inventory inventory;
  *inventory.add_streams() = *held;
  const Bytes list = Bytes("\0\6", 2) + Sized(inventory);
  return {{"hello", say_hello},
          {"chunk", say_hello + send_chunk + say_end},
          {"inventory", say_hello + list + say_end}};
}

Seeds Notes() {
  Position at;
  at.stream = sample::Stream();
  at.size = 2;
  const Signature signature = SignCheckpoint(sample::DeviceKey(), sample::Network(), at);
  const std::string note =
      CheckpointNote(sample::Network(), at, sample::DeviceKey().public_key(), signature);
  return {{"good", note}, {"unsigned", CheckpointText(sample::Network(), at) + "\n"}};
}

Seeds Scenarios() {
  return {{"year",
           "title \"Tháng 12\"  # a remark\n"
           "unit tinh province \"Đảng bộ tỉnh\"\nunit xa grassroots-body under tinh\n"
           "unit cb-1 cell under xa\nmember \"Lò Văn Sính\" in cb-1 born 12/03/1979 with key\n"
           "on 20/11/2024 15:00\ncb-1 proposes good for \"Lò Văn Sính\"\n  as de-nghi\n"
           "cb-1 records { \"leave\": { \"person\": \"@Lò Văn Sính\" } }\n"
           "cb-1 cannot sync: NotKnown, \"R40\"\n"
           "expect xa: table members has register 1, coverage 1/1\n"},
          {"wrong", "unit tinh provinz\ncb-1 records { \"a\": \n\"b\non 31/02/2024\n"}};
}

Seeds Frames() {
  Bytes frames;
  AppendFrame(frames, FrameType::kHello, "hello");
  AppendFrame(frames, FrameType::kChunkPart, Bytes(300, 'x'));
  PadMessage(frames);
  return {{"three", frames}};
}

Seeds FoldedTexts() { return {{"vietnamese", "Chi bộ thôn Hoa Gạo đề nghị; “nhất trí” 20 %.\n"}}; }

// What a line does, as session_targets.cc reads it.
Seeds Lines() {
  return {{"good", Bytes("\0\xff\xff\5\2\xff\xff\4\0\xff\xff\5\2\xff\xff", 15)},
          {"cut", Bytes("\0\0\x40\7\0\xff\xff\2\0\x20\7\6\1", 13)},
          {"damaged", Bytes("\0\0\x10\x8\0\3\5\0\xff\xff\5", 11)}};
}

// To the parent: message 1 without words, then the request; to the child: message 2, the answer.
Seeds Pairings() {
  pb::PairRequest request;
  request.set_request("may I?");
  pb::PairAnswer answer;
  answer.set_grant("the certificate");
  pb::End end;
  return {{"to_parent", Bytes(2, '\0') + Bytes("\1\0\12", 3) + Sized(request) +
                            Bytes("\1\0\11", 3) + Sized(end)},
          {"to_child", Bytes("\1\0", 2) + Bytes("\1\0\13", 3) + Sized(answer)}};
}

Seeds Certificates() { return {{"cell", PayloadOf(sample::RecordOf(Kind::kCertificate))}}; }

Seeds Copies() { return {{"some", PayloadOf(sample::RecordOf(Kind::kCopy))}}; }

Seeds MadeEntries() {
  return {{"some", Bytes("\3\11\1\20abcdefghijklmnop\1\2\3\4\5\6\7", 28) + Bytes(60, '\2')}};
}

using Source = Seeds (*)();
const std::map<std::string_view, Source>& Sources() {
  static const std::map<std::string_view, Source> kSources{
      {"handshake", Handshakes},
      {"frame", Frames},
      {"chunk", Chunks},
      {"columns", ColumnSeeds},
      {"folded_text", FoldedTexts},
      {"server", Words},
      {"client", Words},
      {"sessions", Lines},
      {"pairing", Pairings},
      {"entry", EntrySeeds},
      {"verify_entry", EntrySeeds},
      {"record", Records},
      {"certificate", Certificates},
      {"note", Notes},
      {"made_entry", MadeEntries},
      {"copy", Copies},
      {"invite", InviteSeeds},
      {"request", RequestSeeds},
      {"grant", GrantSeeds},
      {"key_file", KeyFileSeeds},
      {"action", ActionSeeds},
      {"typed_value", TypedValueSeeds},
      {"store", StoreSeeds},
      {"control", ControlSeeds},
      {"words", WordSeeds},
      {"roster", RosterSeeds},
      {"decision_line", DecisionLineSeeds},
      {"manifest", ManifestSeeds},
      {"scenario", Scenarios},
  };
  return kSources;
}

}  // namespace

Seeds SeedsOf(std::string_view target) { return Sources().at(target)(); }

}  // namespace chibo::fuzz

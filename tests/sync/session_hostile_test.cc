// Peers that lie, send what no chibo sends, or cannot store.
#include <gtest/gtest.h>

#include <array>

#include "proto/message_bytes.h"
#include "sync/frame.h"
#include "sync/stream_compare.h"
#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{1} << 63;

Bytes FrameOf(FrameType type, const google::protobuf::Message& message) {
  Bytes frame;
  AppendFrame(frame, type, CanonicalBytes(message));
  return frame;
}

pb::Held HeldOf(const StreamId& stream, std::uint64_t size, ByteView root) {
  pb::Held held;
  held.set_stream(Bytes(stream.view().substr(0, 8)));
  held.set_size(size);
  held.set_root(Bytes(root));
  return held;
}

// Speaks Noise rightly and says whatever it wants.
class Liar {
 public:
  Liar(World& world, bool initiator) : random_(99) {
    ChannelOptions options;
    options.initiator = initiator;
    options.network = FakeNetwork();
    options.static_key = initiator ? world.child_key : world.parent_key;
    if (initiator) {
      options.remote_static = world.parent_key.public_key();
    }
    channel_.emplace(options, random_);
  }

  // Says it and hears what the honest side answers; that side's status.
  Status Say(const Bytes& payload, Session& honest) {
    const Status said =
        channel_->finished() ? channel_->Send(payload) : channel_->WriteHandshake(payload);
    CHECK(said.has_value());
    Bytes bytes;
    channel_->PollTransmit(SIZE_MAX, bytes);
    Status taken = honest.HandleBytes(bytes, Tick{});
    Listen(honest);
    return taken;
  }
  void Listen(Session& honest) {
    Bytes bytes;
    while (honest.PollTransmit(SIZE_MAX, bytes) > 0) {
    }
    CHECK(channel_->HandleBytes(bytes).has_value());
    while (const auto message = channel_->TakeMessage()) {
      const auto frames = ParseFrames(*message);
      CHECK(frames.has_value());
      for (const Frame& frame : *frames) {
        heard.push_back(frame);
      }
    }
  }
  bool Heard(FrameType type) const {
    return std::any_of(heard.begin(), heard.end(), [&](const Frame& frame) {
      return frame.type == static_cast<std::uint8_t>(type);
    });
  }

  std::vector<Frame> heard;

 private:
  SeededRandom random_;
  std::optional<SecureChannel> channel_;
};

// An honest parent and a lying child.
struct LyingChild {
  explicit LyingChild(World& w)
      : world(w), exchange(world.parent, true, world.registers), random(5), liar(world, true) {
    SessionOptions options;
    options.channel.network = FakeNetwork();
    options.channel.static_key = world.parent_key;
    options.admit = [this](const DhPublicKey&) -> Result<Exchange*> { return &exchange; };
    session.emplace(options, random, Tick{});
    hello.set_rest(Bytes(8, 'r'));
  }
  Status Hello() { return liar.Say(FrameOf(FrameType::kHello, hello), *session); }
  Status Say(FrameType type, const google::protobuf::Message& message) {
    return liar.Say(FrameOf(type, message), *session);
  }
  Status Commit() {
    const auto reports = exchange.Commit();
    const Status status = session->HandleCommitted(reports, Tick{});
    liar.Listen(*session);
    return status;
  }

  World& world;
  FakeExchange exchange;
  SeededRandom random;
  Liar liar;
  std::optional<Session> session;
  pb::Hello hello;
};

// An honest child and a lying parent.
struct LyingParent {
  explicit LyingParent(World& w)
      : world(w), exchange(world.child, false, nullptr), random(5), liar(world, false) {
    SessionOptions options;
    options.channel.initiator = true;
    options.channel.network = FakeNetwork();
    options.channel.static_key = world.child_key;
    options.channel.remote_static = world.parent_key.public_key();
    options.pace.handshake_news_bytes = 0;
    session.emplace(options, exchange, random, Tick{});
    liar.Listen(*session);
    welcome.add_held();
    welcome.set_lineage(Bytes(8, 'l'));
  }
  Status Welcome() { return liar.Say(FrameOf(FrameType::kWelcome, welcome), *session); }
  Status Say(FrameType type, const google::protobuf::Message& message) {
    return liar.Say(FrameOf(type, message), *session);
  }

  World& world;
  FakeExchange exchange;
  SeededRandom random;
  Liar liar;
  std::optional<Session> session;
  pb::Welcome welcome;
};

pb::ChunkHead ChunkOf(const FakeWriter& writer, const FakeNode& node, std::uint64_t from) {
  FakeNode copy = node;
  const FakeBranch& branch = copy.Find(writer.id.view())->branches.front();
  const PackedChunk packed =
      PackChunk({branch.entries.begin() + static_cast<std::ptrdiff_t>(from), branch.entries.end()},
                100'000, 1);
  pb::ChunkHead head;
  head.set_stream(Bytes(writer.id.view().substr(0, 8)));
  head.set_from(from);
  head.set_count(packed.count);
  head.set_codec(packed.codec);
  head.set_dictionary(packed.dictionary);
  head.set_raw_bytes(packed.raw_bytes);
  head.set_signature(Bytes(branch.checkpoints.rbegin()->second.view()));
  head.set_part(packed.packed);
  for (const auto& secret : writer.secrets) {
    head.add_secrets(Bytes(secret->view()));
  }
  return head;
}

// ---- a lying child

TEST(SessionHostile, HugeSizesAllocateNothing) {
  World world;
  LyingChild child(world);
  *child.hello.add_news() = HeldOf(world.line->id, kHuge, Bytes(8, 'x'));
  EXPECT_TRUE(child.Hello());
  pb::Inventory page;
  *page.add_streams() = HeldOf(world.registers->id, ~std::uint64_t{0}, Bytes(8, 'x'));
  page.set_last(true);
  EXPECT_TRUE(child.Say(FrameType::kInventory, page));
  pb::ForkProbe probe;
  probe.set_stream(Bytes(world.registers->id.view()));
  for (const std::uint64_t size : {std::uint64_t{1}, kHuge, ~std::uint64_t{0}}) {
    probe.add_sizes(size);
    probe.add_roots(Bytes(8, 'x'));
  }
  EXPECT_TRUE(child.Say(FrameType::kForkProbe, probe));
  EXPECT_TRUE(child.liar.Heard(FrameType::kForkProbe));
  EXPECT_TRUE(world.parent.Find(world.line->id.view()) == nullptr);
}

TEST(SessionHostile, HeadsOverTheLimitsEndTheSession) {
  const auto say = [](const std::function<void(pb::ChunkHead&)>& change) {
    World world;
    world.Record(*world.line, 1, 100);
    LyingChild child(world);
    EXPECT_TRUE(child.Hello());
    pb::ChunkHead head = ChunkOf(*world.line, world.child, 0);
    change(head);
    const Status said = child.Say(FrameType::kChunkHead, head);
    EXPECT_TRUE(child.liar.Heard(FrameType::kEnd) || said);
    return said ? Code::kNotFound : said.error().code;
  };
  EXPECT_EQ(say([](pb::ChunkHead&) {}), Code::kNotFound);  // as it is, it is taken
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_from(~std::uint64_t{0}); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_count(0); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_stream("short"); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_signature("x"); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_signed_size(1); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.add_proof("x"); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.add_secrets("x"); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_packed_bytes(0x7fffffff); }), Code::kTooLarge);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_raw_bytes(0x7fffffff); }), Code::kTooLarge);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_raw_bytes(3); }), Code::kTooLarge);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_count(16000); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) { head.set_packed_bytes(5); }), Code::kMalformed);
  EXPECT_EQ(say([](pb::ChunkHead& head) {
              head.set_packed_bytes(9000);
              head.set_offset(100);
            }),
            Code::kMalformed);
}

TEST(SessionHostile, WhatNoChibosSaysEndsTheSession) {
  const auto say = [](const Bytes& payload) {
    World world;
    LyingChild child(world);
    EXPECT_TRUE(child.Hello());
    const Status said = child.liar.Say(payload, *child.session);
    EXPECT_EQ(child.liar.Heard(FrameType::kEnd), !said);
    return said ? Code::kNotFound : said.error().code;
  };
  Bytes frame;
  AppendFrame(frame, static_cast<FrameType>(61), "?");
  EXPECT_EQ(say(frame), Code::kUnsupported);
  frame.clear();
  AppendFrame(frame, static_cast<FrameType>(62), "?");
  EXPECT_EQ(say(frame), Code::kNotFound);  // even: skipped
  EXPECT_EQ(say("\x07\xff\xff\xff"), Code::kMalformed);
  EXPECT_EQ(say(FrameOf(FrameType::kHello, pb::Hello())), Code::kMalformed);
  EXPECT_EQ(say(FrameOf(FrameType::kWelcome, pb::Welcome())), Code::kMalformed);
  EXPECT_EQ(say(FrameOf(FrameType::kDownDone, pb::DownDone())), Code::kMalformed);
  frame.clear();
  AppendFrame(frame, FrameType::kChunkPart, "bytes of nothing");
  EXPECT_EQ(say(frame), Code::kMalformed);
  pb::ForkProbe probe;
  probe.set_stream(Bytes(8, 's'));
  probe.add_sizes(3);
  EXPECT_EQ(say(FrameOf(FrameType::kForkProbe, probe)), Code::kMalformed);
  pb::Inventory page;
  for (int i = 0; i < 1025; ++i) {
    *page.add_streams() = HeldOf(StreamId(), 1, Bytes(8, 'r'));
  }
  EXPECT_EQ(say(FrameOf(FrameType::kInventory, page)), Code::kMalformed);
}

TEST(SessionHostile, HellosThatCannotBeMeantAreRefused) {
  const auto hello = [](const std::function<void(pb::Hello&)>& change) {
    World world;
    LyingChild child(world);
    change(child.hello);
    const Status said = child.Hello();
    EXPECT_EQ(child.liar.Heard(FrameType::kEnd), !said);
    return said ? Code::kNotFound : said.error().code;
  };
  EXPECT_EQ(hello([](pb::Hello&) {}), Code::kNotFound);
  EXPECT_EQ(hello([](pb::Hello& h) { h.clear_rest(); }), Code::kMalformed);
  EXPECT_EQ(hello([](pb::Hello& h) { h.set_lineage(Bytes(9, 'l')); }), Code::kMalformed);
  EXPECT_EQ(hello([](pb::Hello& h) { h.set_down(Bytes(8, 'd')); }), Code::kMalformed);
  EXPECT_EQ(hello([](pb::Hello& h) { h.add_news(); }), Code::kMalformed);
  EXPECT_EQ(hello([](pb::Hello& h) {
              for (int i = 0; i < 65; ++i) {
                *h.add_news() = HeldOf(StreamId(), 1, Bytes(8, 'r'));
              }
            }),
            Code::kTooLarge);
}

TEST(SessionHostile, ABombIsRefusedBeforeItIsUnpacked) {
  World world;
  LyingChild child(world);
  ASSERT_TRUE(child.Hello());
  pb::ChunkHead head = ChunkOf(*world.line, world.child, 0);
  head.set_codec(kCodecZstd);
  head.set_raw_bytes(1000);
  head.set_part(Bytes(2000, '\x7f'));
  EXPECT_FALSE(child.Say(FrameType::kChunkHead, head));
  EXPECT_EQ(child.exchange.submitted(), 0U);
}

TEST(SessionHostile, MoreThanTheWindowIsNotTaken) {
  World world;
  LyingChild child(world);
  ASSERT_TRUE(child.Hello());
  world.child.Write(*world.line, Minutes(world.random, 30'000));
  pb::ChunkHead head = ChunkOf(*world.line, world.child, 0);
  Status said;
  int sent = 0;
  // Nothing is committed meanwhile.
  for (; said && sent < 10'000; ++sent) {
    said = child.Say(FrameType::kChunkHead, head);
  }
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, Code::kTooLarge);
  EXPECT_EQ(said.error().reason, "window_exceeded");
  EXPECT_LE(child.exchange.submitted(), 600U);
}

TEST(SessionHostile, ChunksThatProveNothingAreRefusedAndTheSessionGoesOn) {
  World world;
  world.Record(*world.line, 2, 100);
  LyingChild child(world);
  ASSERT_TRUE(child.Hello());
  pb::ChunkHead head = ChunkOf(*world.line, world.child, 0);
  head.set_signature(Bytes(64, 's'));
  EXPECT_TRUE(child.Say(FrameType::kChunkHead, head));
  EXPECT_TRUE(child.Commit());
  EXPECT_TRUE(child.liar.Heard(FrameType::kNotForMe));
  EXPECT_FALSE(child.liar.Heard(FrameType::kAck));
  EXPECT_EQ(world.parent.Find(world.line->id.view()), nullptr);
  EXPECT_TRUE(child.Say(FrameType::kChunkHead, ChunkOf(*world.line, world.child, 0)));
  EXPECT_TRUE(child.Commit());
  EXPECT_TRUE(child.liar.Heard(FrameType::kAck));
}

TEST(SessionHostile, AChildDoesNotMoveItsParentsCursor) {
  World world;
  LyingChild child(world);
  ASSERT_TRUE(child.Hello());
  pb::ChunkHead head = ChunkOf(*world.line, world.child, 0);
  head.set_outbox(77);
  EXPECT_TRUE(child.Say(FrameType::kChunkHead, head));
  EXPECT_TRUE(child.Commit());
  EXPECT_EQ(world.parent.cursor, 0U);
}

// ---- a lying parent

TEST(SessionHostile, AParentThatClaimsEverythingIsNotBelievedItsSilence) {
  World world;
  world.Record(*world.line, 2, 100);
  LyingParent parent(world);
  parent.welcome.mutable_held(0)->set_size(kHuge);
  parent.welcome.mutable_held(0)->set_root(Bytes(8, 'x'));
  parent.welcome.set_head(kHuge);
  EXPECT_TRUE(parent.Welcome());
  // It waits for what was claimed, with nothing set aside for it, and then for nobody.
  EXPECT_FALSE(parent.session->done());
  const Status late = parent.session->HandleTimeout(*parent.session->NextTimeout());
  EXPECT_EQ(late.error().code, Code::kSilent);
}

TEST(SessionHostile, RootsThatAreNotOursAreSearchedAndEnd) {
  World world;
  world.Record(*world.line, 20, 30);
  LyingParent parent(world);
  parent.welcome.mutable_held(0)->set_size(10);
  parent.welcome.mutable_held(0)->set_root(Bytes(8, 'x'));
  ASSERT_TRUE(parent.Welcome());
  ASSERT_TRUE(parent.liar.Heard(FrameType::kForkProbe));
  pb::ForkProbe answer;
  answer.set_stream(Bytes(world.line->id.view().substr(0, 8)));
  answer.set_answer(true);
  int rounds = 0;
  Status said;
  for (; said && !parent.liar.Heard(FrameType::kChunkHead) && rounds < 70; ++rounds) {
    said = parent.Say(FrameType::kForkProbe, answer);
  }
  // Nothing agrees: everything is sent, and soon.
  EXPECT_TRUE(said);
  EXPECT_TRUE(parent.liar.Heard(FrameType::kChunkHead));
  EXPECT_LE(rounds, 3);
  EXPECT_FALSE(parent.Say(FrameType::kForkProbe, answer));  // not asked any more
}

TEST(SessionHostile, AnAnswerThatDoesNotFitTheQuestionEnds) {
  World world;
  world.Record(*world.line, 20, 30);
  LyingParent parent(world);
  parent.welcome.mutable_held(0)->set_forked(true);
  parent.welcome.mutable_held(0)->set_size(5);
  parent.welcome.mutable_held(0)->set_root(Bytes(8, 'x'));
  ASSERT_TRUE(parent.Welcome());
  pb::ForkProbe answer;
  answer.set_stream(Bytes(world.line->id.view().substr(0, 8)));
  answer.set_answer(true);
  answer.set_agreed(kHuge);
  EXPECT_EQ(parent.Say(FrameType::kForkProbe, answer).error().code, Code::kMalformed);
}

TEST(SessionHostile, AcknowledgingAnotherRootIsFoundOut) {
  World world;
  world.Record(*world.line, 2, 100);
  LyingParent parent(world);
  ASSERT_TRUE(parent.Welcome());
  pb::Ack ack;
  *ack.add_held() = HeldOf(world.line->id, 3, Bytes(8, 'x'));
  EXPECT_EQ(parent.Say(FrameType::kAck, ack).error().code, Code::kBadProof);
  EXPECT_FALSE(parent.session->done());
}

TEST(SessionHostile, EndFromTheParentIsNotSuccess) {
  World world;
  LyingParent parent(world);
  ASSERT_TRUE(parent.Welcome());
  EXPECT_EQ(parent.Say(FrameType::kEnd, pb::End()).error().code, Code::kMalformed);
  EXPECT_FALSE(parent.session->done());
}

TEST(SessionHostile, AWelcomeThatDoesNotAnswerEnds) {
  World world;
  LyingParent parent(world);
  parent.welcome.clear_held();
  EXPECT_EQ(parent.Welcome().error().code, Code::kMalformed);
}

TEST(SessionHostile, AHeadThatIsNeverReachedIsNotSuccess) {
  World world;
  LyingParent parent(world);
  parent.welcome.mutable_held(0)->set_all(true);
  parent.welcome.set_head(9);
  EXPECT_TRUE(parent.Welcome());
  EXPECT_FALSE(parent.session->done());
  parent.welcome.set_head(0);
  LyingParent honest(world);
  honest.welcome.mutable_held(0)->set_all(true);
  EXPECT_TRUE(honest.Welcome());
  EXPECT_TRUE(honest.session->done());
}

TEST(SessionHostile, DigestsThatNeverAgreeEndAfterOneInventory) {
  World world;
  LyingParent parent(world);
  parent.welcome.mutable_held(0)->set_all(true);
  parent.welcome.set_digest_follows(true);
  EXPECT_TRUE(parent.Welcome());
  EXPECT_FALSE(parent.session->done());
  EXPECT_TRUE(parent.liar.Heard(FrameType::kConfirm));
  pb::DownDone done;
  done.set_down(Bytes(8, 'x'));
  EXPECT_TRUE(parent.Say(FrameType::kDownDone, done));
  EXPECT_TRUE(parent.liar.Heard(FrameType::kInventory));
  EXPECT_FALSE(parent.session->done());
  pb::Inventory same;
  same.set_last(true);
  EXPECT_TRUE(parent.Say(FrameType::kInventory, same));
  EXPECT_FALSE(parent.session->done());
  const Status ended = parent.Say(FrameType::kDownDone, done);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kBehind);
  EXPECT_TRUE(parent.liar.Heard(FrameType::kEnd));
}

TEST(SessionHostile, FlippedBitsStoreNothing) {
  World world;
  world.Record(*world.line, 3, 100);
  SessionPair recorded(world);
  Bytes hello;
  recorded.child().PollTransmit(SIZE_MAX, hello);
  const Hash before = world.parent.Fingerprint();
  for (std::size_t i = 0; i < hello.size(); i += 3) {
    Bytes flipped = hello;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    LyingChild child(world);
    static_cast<void>(child.session->HandleBytes(flipped, Tick{}));
    EXPECT_EQ(child.exchange.submitted(), 0U) << i;
  }
  EXPECT_EQ(world.parent.Fingerprint(), before);
}

}  // namespace
}  // namespace chibo

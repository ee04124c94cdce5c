// Goal: a link that is cut anywhere loses nothing and costs at most what was in flight.
// Method: one session is delivered byte by byte, in both directions; after every byte the two
// stores are what a cut there would leave. Each state that differs from the one before is taken up
// by a new session.
#include <gtest/gtest.h>

#include <tuple>

#include "tests/sync/session_pair.h"

namespace chibo {
namespace {

constexpr std::size_t kPartBytes = 512;
constexpr std::size_t kNewsBytes = 1024;
// A handshake with Hello, Welcome and a head for each chunk that is taken up again.
constexpr std::size_t kHandshake = 450;
// What may be lost with the link: the news beside Hello, or one message each way.
constexpr std::size_t kInFlight = kNewsBytes + 2 * kPartBytes;

SessionPair::Options OnABadLink() {
  SessionPair::Options options;
  options.child.chunk_bytes_aim = 1600;
  options.child.pace.part_bytes_first = kPartBytes;
  options.child.pace.handshake_news_bytes = kNewsBytes;
  options.parent.chunk_bytes_aim = 1600;
  return options;
}

void Fill(World& world) {
  world.Record(*world.line, 9, 500);
  FakeWriter& decisions = world.AddWriter(false);
  world.Decide(decisions, 900);
}

// What a cut leaves: both stores.
struct Cut {
  FakeNode child;
  FakeNode parent;
  std::size_t up = 0;  // bytes that had arrived
  std::size_t down = 0;
  bool stopped = false;  // the machines too: transactions under way are lost

  Hash Fingerprint() const {
    return Sha256({child.Fingerprint().view(), parent.Fingerprint().view()});
  }
};

struct Recording {
  std::vector<Cut> cuts;  // where a store changed
  struct Step {
    std::size_t up = 0;
    std::size_t down = 0;
    Hash left;  // both stores, when what had arrived whole is committed
  };
  std::vector<Step> steps;  // one a byte
  std::size_t bytes = 0;
};

// Plays one session and notes what a cut after each byte would leave: with the transactions that
// were to come, and without them, for the machine may stop too.
class Recorder {
 public:
  Recording Record(World& world) {
    SessionPair::Options options = OnABadLink();
    options.fragment = 1;
    options.after_fragment = [&](SessionPair& pair) { Note(world, pair); };
    SessionPair pair(world, options);
    pair.Run();
    EXPECT_TRUE(pair.ok()) << pair.Why();
    recording_.bytes = pair.bytes();
    return std::move(recording_);
  }

 private:
  void Note(const World& world, SessionPair& pair) {
    const auto seen =
        std::tuple(world.child.changes, world.parent.changes, pair.child_exchange().submitted(),
                   pair.parent_exchange().submitted());
    if (seen != seen_) {
      seen_ = seen;
      const bool under_way =
          pair.child_exchange().submitted() + pair.parent_exchange().submitted() > 0;
      Keep({world.child, world.parent, pair.bytes_up(), pair.bytes_down(), under_way});
      Keep({pair.child_exchange().Committed(), pair.parent_exchange().Committed(), pair.bytes_up(),
            pair.bytes_down(), false});
    }
    recording_.steps.push_back({pair.bytes_up(), pair.bytes_down(), last_});
  }

  void Keep(Cut cut) {
    const Hash left = cut.Fingerprint();
    if (left != last_) {
      recording_.cuts.push_back(std::move(cut));
      last_ = left;
    }
  }

  Recording recording_;
  std::tuple<std::uint64_t, std::uint64_t, std::size_t, std::size_t> seen_{~0, 0, 0, 0};
  Hash last_;
};

TEST(SessionCut, TheNextSessionCompletesAfterEveryByte) {
  World world;
  Fill(world);
  const Recording recording = Recorder().Record(world);
  ASSERT_TRUE(Agree(world));
  EXPECT_GE(recording.bytes, 4000U);
  EXPECT_LE(recording.bytes, 8000U);
  EXPECT_EQ(recording.steps.size(), recording.bytes);
  EXPECT_GE(recording.cuts.size(), 10U);
  for (const Cut& cut : recording.cuts) {
    SCOPED_TRACE(std::to_string(cut.up) + " up, " + std::to_string(cut.down) + " down");
    world.child = cut.child;
    world.parent = cut.parent;
    SessionPair::Options options = OnABadLink();
    options.child.pace = AfterCut(options.child.pace, cut.down > 0);
    SessionPair next(world, options);
    next.Run();
    ASSERT_TRUE(next.ok()) << next.Why();
    EXPECT_TRUE(Agree(world));
    EXPECT_TRUE(world.child.spool.empty());
    EXPECT_TRUE(world.parent.spool.empty());
    EXPECT_EQ(world.child.registered(*world.line), 10U);
    EXPECT_EQ(world.child.cursor, world.parent.outbox.size());
    if (!cut.stopped) {
      EXPECT_LE(cut.up + cut.down + next.bytes(), recording.bytes + kHandshake + kInFlight);
    }
  }
}

// The states above are what real cuts leave: the same bytes, the link gone, both sides told.
TEST(SessionCut, RealCutsLeaveTheRecordedStates) {
  World recorded;
  Fill(recorded);
  const Recording recording = Recorder().Record(recorded);
  for (std::size_t i = 1; i < recording.steps.size(); i += 197) {
    const Recording::Step& step = recording.steps[i];
    SCOPED_TRACE(std::to_string(step.up) + " up, " + std::to_string(step.down) + " down");
    World world;
    Fill(world);
    SessionPair::Options options = OnABadLink();
    options.fragment = 1;
    // The direction that moved last is the one that is cut.
    if (recording.steps[i - 1].up != step.up) {
      options.cut_up = step.up;
    } else {
      options.cut_down = step.down;
    }
    SessionPair pair(world, options);
    pair.Run();
    EXPECT_EQ(pair.bytes(), step.up + step.down);
    EXPECT_EQ(Sha256({world.child.Fingerprint().view(), world.parent.Fingerprint().view()}),
              step.left);
    EXPECT_EQ(pair.parent_status().error().code, Code::kCut);
    if (!pair.child().done()) {
      EXPECT_EQ(pair.child_status().error().code, Code::kCut);
    }
  }
}

TEST(SessionCut, LongChunksGoOnInsideAgainAndAgain) {
  World world;
  world.Record(*world.line, 30, 700);  // two chunks of the usual size
  World uncut;
  uncut.Record(*uncut.line, 30, 700);
  SessionPair::Options whole;
  SessionPair once(uncut, whole);
  once.Run();
  ASSERT_TRUE(once.ok());

  constexpr std::size_t kCutAt = 3000;
  std::size_t bytes = 0;
  std::size_t resumed = 0;
  std::size_t sessions = 0;
  SessionPair::Options options;
  for (bool done = false; !done && sessions < 40; ++sessions) {
    options.cut_up = kCutAt;
    options.poll = 600;
    options.seed = sessions;
    SessionPair pair(world, options);
    pair.Run();
    bytes += pair.bytes();
    resumed += pair.child().counts().bytes_resumed;
    done = pair.ok();
    options.child.pace = AfterCut(options.child.pace, pair.child().opened());
  }
  EXPECT_LT(sessions, 20U);
  EXPECT_TRUE(Agree(world));
  EXPECT_GT(resumed, 10'000U);
  // First the news beside Hello are lost, whole and by half; then of each cut a handshake and a
  // part.
  EXPECT_LE(bytes, once.bytes() * 105 / 100 + 2 * kCutAt + sessions * (kHandshake + kPartBytes));
}

TEST(SessionCut, NothingIsSpooledForWhoMayBeAReplay) {
  World world;
  world.Record(*world.line, 30, 700);
  SessionPair::Options options;
  options.child.pace.handshake_news_bytes = 2000;
  options.cut_up = 9000;
  options.poll = 500;
  SessionPair pair(world, options);
  pair.Step();
  // The first message carried the beginning of a chunk, which only waits in memory.
  EXPECT_GT(pair.bytes_up(), 1900U);
  EXPECT_TRUE(world.parent.spool.empty());
  pair.Run();
  EXPECT_FALSE(world.parent.spool.empty());
}

TEST(SessionCut, AFirstMessageHeardTwiceStoresOnce) {
  World world;
  world.Record(*world.line, 3, 200);
  SessionPair pair(world);
  Bytes hello;
  pair.child().PollTransmit(SIZE_MAX, hello);
  Hash after;
  for (std::uint64_t i = 0; i < 3; ++i) {
    SeededRandom random(100 + i);
    FakeExchange exchange(world.parent, true, world.registers);
    SessionOptions options;
    options.channel.network = FakeNetwork();
    options.channel.static_key = world.parent_key;
    options.admit = [&](const DhPublicKey&) -> Result<Exchange*> { return &exchange; };
    Session replayed(options, random, Tick{});
    ASSERT_TRUE(replayed.HandleBytes(hello, Tick{}));
    const auto reports = exchange.Commit();
    ASSERT_TRUE(replayed.HandleCommitted(reports, Tick{}));
    EXPECT_FALSE(replayed.done());
    if (i == 0) {
      after = world.parent.Fingerprint();
    }
    EXPECT_EQ(world.parent.Fingerprint(), after);
  }
}

TEST(SessionCut, TwoSessionsOfOneChildDoNotDisturbEachOther) {
  World world;
  world.Record(*world.line, 10, 400);
  world.Decide(world.AddWriter(false), 3000);
  SessionPair::Options options;
  options.child.pace.handshake_news_bytes = 0;
  options.child.chunk_bytes_aim = 800;
  options.parent.chunk_bytes_aim = 800;
  SessionPair first(world, options);
  options.seed = 2;
  SessionPair second(world, options);
  for (bool more = true; more;) {
    more = first.Step();
    more = second.Step() || more;
  }
  first.Run();
  second.Run();
  EXPECT_TRUE(first.ok() || second.ok());
  EXPECT_TRUE(Sync(world));
  EXPECT_TRUE(Agree(world));
}

}  // namespace
}  // namespace chibo

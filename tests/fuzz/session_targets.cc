#include <algorithm>
#include <memory>

#include "proto/limits.h"
#include "sync/frame.h"
#include "sync/pairing.h"
#include "tests/fuzz/reader.h"
#include "tests/fuzz/targets.h"
#include "tests/sync/session_pair.h"

namespace chibo::fuzz {
namespace {

constexpr FrameType kTypes[] = {
    FrameType::kHello,     FrameType::kWelcome, FrameType::kConfirm,     FrameType::kChunkHead,
    FrameType::kChunkPart, FrameType::kAck,     FrameType::kInventory,   FrameType::kForkProbe,
    FrameType::kDownDone,  FrameType::kEnd,     FrameType::kPairRequest, FrameType::kPairAnswer,
    FrameType::kNotForMe,  FrameType::kPadding};

// Two that have met, each with something the other lacks. Made once: only its nodes are copied.
struct Met {
  Met() {
    world.Record(*world.line, 3, 200);
    world.Decide(*world.registers, 100);
    child = world.child;
    parent = world.parent;
  }
  World& Fresh() {
    world.child = child;
    world.parent = parent;
    return world;
  }

  World world;
  FakeNode child;
  FakeNode parent;
};

Met& TheMet() {
  static Met met;
  return met;
}

// Messages as the bytes say, in frames as they say: from a peer whose key is good.
Bytes NextMessage(Reader& reader) {
  Bytes message;
  for (int frames = 1 + reader.Byte() % 3; frames > 0; --frames) {
    const std::uint8_t type = reader.Byte();
    AppendFrame(message,
                type < 200 ? kTypes[type % std::size(kTypes)] : static_cast<FrameType>(type),
                reader.Take(reader.U16() % 2048));
  }
  return message;
}

// Has the honest side's word and answers with the fuzzer's.
void TalkTo(Reader& reader, Session& honest, FakeExchange& exchange, SecureChannel& channel) {
  Tick now{};
  while (!reader.empty()) {
    Bytes bytes;
    while (honest.PollTransmit(SIZE_MAX, bytes) > 0) {
    }
    CHECK(channel.HandleBytes(bytes).has_value());
    while (channel.TakeMessage()) {
    }
    const Bytes message = NextMessage(reader);
    const Status said = channel.finished()
                            ? channel.Send(message)
                            : channel.WriteHandshake(ByteView(message).substr(
                                  0, std::min(message.size(), kHandshakePayloadBytesMax)));
    if (!said) {
      return;
    }
    Bytes sent;
    channel.PollTransmit(SIZE_MAX, sent);
    const Status taken = honest.HandleBytes(sent, now);
    if (exchange.submitted() > 0) {
      const auto reports = exchange.Commit();
      static_cast<void>(honest.HandleCommitted(reports, now));
    }
    if (!taken || honest.done()) {
      break;
    }
  }
  static_cast<void>(honest.HandleClosed());
}

ChannelOptions ChannelOf(bool initiator, const World& world) {
  ChannelOptions options;
  options.initiator = initiator;
  options.network = FakeNetwork();
  options.static_key = initiator ? world.child_key : world.parent_key;
  if (initiator) {
    options.remote_static = world.parent_key.public_key();
  }
  return options;
}

// Whatever a liar says, what is held of each stream stays: more may come, nothing goes.
void CheckNothingLost(const FakeNode& before, const FakeNode& after) {
  for (const FakeStream& stream : before.streams) {
    const auto found = std::find_if(after.streams.begin(), after.streams.end(),
                                    [&](const FakeStream& other) { return other.id == stream.id; });
    CHECK(found != after.streams.end());
    CHECK(found->branches.size() >= stream.branches.size());
    for (std::size_t i = 0; i < stream.branches.size(); ++i) {
      const auto& old = stream.branches[i].entries;
      const auto& now = found->branches[i].entries;
      CHECK(now.size() >= old.size() && std::equal(old.begin(), old.end(), now.begin()));
    }
  }
}

}  // namespace

void TalkToServer(ByteView bytes) {
  World& world = TheMet().Fresh();
  Reader reader(bytes);
  SeededRandom random(1);
  FakeExchange exchange(world.parent, true, world.registers);
  SessionOptions options;
  options.channel = ChannelOf(false, world);
  options.admit = [&](const DhPublicKey&) -> Result<Exchange*> { return &exchange; };
  Session honest(options, random, Tick{});
  SecureChannel channel(ChannelOf(true, world), random);
  const FakeNode before = world.parent;
  TalkTo(reader, honest, exchange, channel);
  CheckNothingLost(before, world.parent);
}

void TalkToClient(ByteView bytes) {
  World& world = TheMet().Fresh();
  Reader reader(bytes);
  SeededRandom random(1);
  FakeExchange exchange(world.child, false, nullptr);
  SessionOptions options;
  options.channel = ChannelOf(true, world);
  Session honest(options, exchange, random, Tick{});
  SecureChannel channel(ChannelOf(false, world), random);
  const FakeNode before = world.child;
  TalkTo(reader, honest, exchange, channel);
  CheckNothingLost(before, world.child);
}

namespace {

// Sessions of two honest nodes over a line that the bytes rule.
class Line {
 public:
  explicit Line(World& world) : world_(world) { Connect(); }

  void Do(std::uint8_t what, Reader& reader) {
    switch (what % 9) {
      case 0:
      case 1:
        return Carry(pair_->child(), pair_->parent(), up_, 1 + reader.U16() % 4096);
      case 2:
      case 3:
        return Carry(pair_->parent(), pair_->child(), down_, 1 + reader.U16() % 4096);
      case 4:
        return Commit(pair_->child(), pair_->child_exchange());
      case 5:
        return Commit(pair_->parent(), pair_->parent_exchange());
      case 6:
        pair_->now += Duration(1 + 1000 * reader.Byte());
        static_cast<void>(pair_->child().HandleTimeout(pair_->now));
        static_cast<void>(pair_->parent().HandleTimeout(pair_->now));
        return;
      case 7:
        return Connect();
      default:
        // What flies may be damaged, or arrive twice.
        if (!up_.empty() && reader.Byte() % 2 == 0) {
          up_[reader.Below(up_.size())] ^= static_cast<char>(1 + reader.Byte() % 255);
        } else {
          down_ += down_.substr(0, reader.Byte());
        }
    }
  }

 private:
  void Connect() {
    if (pair_) {
      static_cast<void>(pair_->child().HandleClosed());
      static_cast<void>(pair_->parent().HandleClosed());
    }
    up_.clear();
    down_.clear();
    SessionPair::Options options;
    options.seed = ++sessions_;
    pair_.emplace(world_, options);
  }
  void Carry(Session& from, Session& to, Bytes& flying, std::size_t bytes) {
    while (from.PollTransmit(SIZE_MAX, flying) > 0) {
    }
    const Bytes piece = flying.substr(0, bytes);
    flying.erase(0, piece.size());
    if (!piece.empty()) {
      static_cast<void>(to.HandleBytes(piece, pair_->now));
    }
  }
  static void Commit(Session& session, FakeExchange& exchange) {
    if (exchange.submitted() > 0) {
      const auto reports = exchange.Commit();
      static_cast<void>(session.HandleCommitted(reports, Tick{}));
    }
  }

  World& world_;
  std::optional<SessionPair> pair_;
  std::uint64_t sessions_ = 0;
  Bytes up_;
  Bytes down_;
};

}  // namespace

void DriveSessions(ByteView bytes) {
  World& world = TheMet().Fresh();
  Reader reader(bytes);
  const FakeNode child = world.child;
  const FakeNode parent = world.parent;
  {
    Line line(world);
    while (!reader.empty()) {
      const std::uint8_t what = reader.Byte();
      line.Do(what, reader);
    }
  }
  CheckNothingLost(child, world.child);
  CheckNothingLost(parent, world.parent);
  // The line is good again: everything arrives.
  bool agreed = false;
  for (int i = 0; i < 4 && !agreed; ++i) {
    agreed = Sync(world) && Agree(world);
  }
  CHECK(agreed);
}

// A stranger asks for a certificate, or a parent answers: its key is good, the rest is as it likes.
void TalkToPairing(ByteView bytes) {
  World& world = TheMet().Fresh();
  Reader reader(bytes);
  SeededRandom random(1);
  const bool as_parent = reader.Byte() % 2 == 0;
  PairingOptions options;
  options.channel = {!as_parent, NoisePattern::kXx, FakeNetwork(),
                     as_parent ? world.parent_key : world.child_key, std::nullopt};
  options.parent_key = Sha256(world.parent_key.public_key().view());
  options.request = "may I?";
  bool asked = false;
  options.answer = [&](ByteView request, const DhPublicKey& peer) -> Result<PairReply> {
    CHECK(!asked && peer == world.child_key.public_key());
    asked = true;
    return PairReply{request.empty(), "the certificate"};
  };
  Pairing honest(options, random, Tick{});
  ChannelOptions other = options.channel;
  other.initiator = as_parent;
  other.static_key = as_parent ? world.child_key : world.parent_key;
  SecureChannel channel(other, random);
  while (!reader.empty()) {
    Bytes heard;
    while (honest.PollTransmit(SIZE_MAX, heard) > 0) {
    }
    CHECK(channel.HandleBytes(heard).has_value());
    while (channel.TakeMessage()) {
    }
    // Before the last message of the handshake nothing is to be said.
    const Bytes message = reader.Byte() % 8 == 0 ? Bytes() : NextMessage(reader);
    if (!(channel.finished() ? channel.Send(message)
                             : channel.WriteHandshake(ByteView(message).substr(
                                   0, std::min(message.size(), kHandshakePayloadBytesMax))))) {
      break;
    }
    Bytes said;
    channel.PollTransmit(SIZE_MAX, said);
    const Status taken = honest.HandleBytes(said, Tick{});
    if (!taken) {
      CHECK(!honest.HandleBytes("x", Tick{}).has_value() && !honest.done());
      break;
    }
    if (honest.done()) {
      CHECK(as_parent ? asked : honest.reply().has_value());
      break;
    }
  }
  static_cast<void>(honest.HandleClosed());
}

}  // namespace chibo::fuzz

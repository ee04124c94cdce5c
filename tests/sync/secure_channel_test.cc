#include "sync/secure_channel.h"

#include <gtest/gtest.h>

#include <vector>

namespace chibo {
namespace {

constexpr std::size_t kAll = ~std::size_t{0};

class ChannelTest : public testing::TestWithParam<NoisePattern> {
 protected:
  ChannelTest() : random_(11) {
    network_ = NetworkId::FromChecked(Bytes(32, 'n'));
    child_key_ = DhKey(SecretKey::Draw(random_));
    parent_key_ = DhKey(SecretKey::Draw(random_));
  }

  SecureChannel Child(std::uint64_t seed = 1) {
    SeededRandom random(seed);
    ChannelOptions options;
    options.initiator = true;
    options.pattern = GetParam();
    options.network = network_;
    options.static_key = child_key_;
    if (GetParam() == NoisePattern::kIk) {
      options.remote_static = parent_key_->public_key();
    }
    return SecureChannel(options, random);
  }

  SecureChannel Parent(std::uint64_t seed = 2) {
    SeededRandom random(seed);
    ChannelOptions options;
    options.network = network_;
    options.static_key = parent_key_;
    return SecureChannel(options, random);
  }

  static Bytes Drain(SecureChannel& channel) {
    Bytes bytes;
    channel.PollTransmit(kAll, bytes);
    return bytes;
  }

  // Plays the handshake to its end.
  static void Connect(SecureChannel& child, SecureChannel& parent) {
    ASSERT_TRUE(child.WriteHandshake("1").has_value());
    ASSERT_TRUE(parent.HandleBytes(Drain(child)).has_value());
    ASSERT_EQ(parent.TakeMessage(), "1");
    ASSERT_TRUE(parent.WriteHandshake("2").has_value());
    ASSERT_TRUE(child.HandleBytes(Drain(parent)).has_value());
    ASSERT_EQ(child.TakeMessage(), "2");
    if (!child.finished()) {
      ASSERT_TRUE(child.WriteHandshake("3").has_value());
      ASSERT_TRUE(parent.HandleBytes(Drain(child)).has_value());
      ASSERT_EQ(parent.TakeMessage(), "3");
    }
    ASSERT_TRUE(child.finished());
    ASSERT_TRUE(parent.finished());
  }

  // What an initiator says of this answer to its first message.
  Status Answered(ByteView answer, std::size_t piece) {
    SecureChannel child = Child();
    EXPECT_TRUE(child.WriteHandshake({}).has_value());
    while (!answer.empty()) {
      const Status status = child.HandleBytes(answer.substr(0, piece));
      answer.remove_prefix(std::min(piece, answer.size()));
      EXPECT_FALSE(child.TakeMessage().has_value());
      if (!status) {
        return status;
      }
    }
    return {};
  }

  SeededRandom random_;
  NetworkId network_;
  std::optional<DhKey> child_key_;
  std::optional<DhKey> parent_key_;
};

INSTANTIATE_TEST_SUITE_P(Patterns, ChannelTest,
                         testing::Values(NoisePattern::kIk, NoisePattern::kXx));

TEST_P(ChannelTest, CarriesPayloadsAndKeysBothWays) {
  SecureChannel child = Child();
  SecureChannel parent = Parent();
  Connect(child, parent);
  EXPECT_EQ(parent.remote_static(), child_key_->public_key());
  EXPECT_EQ(child.remote_static(), parent_key_->public_key());
  ASSERT_TRUE(child.Send("up").has_value());
  ASSERT_TRUE(child.Send({}).has_value());
  ASSERT_TRUE(parent.Send("down").has_value());
  ASSERT_TRUE(parent.HandleBytes(Drain(child)).has_value());
  ASSERT_TRUE(child.HandleBytes(Drain(parent)).has_value());
  EXPECT_EQ(parent.TakeMessage(), "up");
  EXPECT_EQ(parent.TakeMessage(), "");
  EXPECT_FALSE(parent.TakeMessage().has_value());
  EXPECT_EQ(child.TakeMessage(), "down");
}

TEST_P(ChannelTest, BeginsWithThePreface) {
  SecureChannel child = Child();
  ASSERT_TRUE(child.WriteHandshake({}).has_value());
  const Bytes bytes = Drain(child);
  EXPECT_EQ(ToHex(ByteView(bytes).substr(0, kPrefaceBytes)),
            GetParam() == NoisePattern::kIk ? "6368696200000100" : "6368696200000200");
  EXPECT_EQ(ReadU16(ByteView(bytes).substr(kPrefaceBytes)), bytes.size() - kPrefaceBytes - 2);
}

TEST_P(ChannelTest, TwoPlayAgainstEachOtherHoweverTheBytesAreSplit) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SeededRandom random(seed);
    SecureChannel sides[2] = {Child(seed), Parent(seed + 1000)};
    // Seed 0: one byte at a time; else pieces of any size.
    const std::uint64_t piece_max = seed == 0 ? 1 : 1 + random.Below(3000);
    std::vector<Bytes> sent[2];
    std::vector<Bytes> received[2];
    Bytes wire[2];  // from that side
    ASSERT_TRUE(sides[0].WriteHandshake("h").has_value());
    int handshakes = 1;
    for (int step = 0; step < 400000; ++step) {
      const std::size_t at = random.Below(2);
      SecureChannel& side = sides[at];
      side.PollTransmit(1 + random.Below(piece_max), wire[at]);
      Bytes& inbound = wire[1 - at];
      const std::size_t piece = std::min<std::size_t>(inbound.size(), 1 + random.Below(piece_max));
      ASSERT_TRUE(side.HandleBytes(ByteView(inbound).substr(0, piece)).has_value());
      inbound.erase(0, piece);
      while (auto message = side.TakeMessage()) {
        if (*message == "h") {
          if (!side.finished()) {
            ASSERT_TRUE(side.WriteHandshake("h").has_value());
            ++handshakes;
          }
        } else {
          received[1 - at].push_back(*std::move(message));
        }
      }
      if (side.finished() && sent[at].size() < 8 && random.Below(4) == 0) {
        const std::size_t bound = sent[at].size() == 3 ? kTransportPayloadBytesMax + 1 : 300;
        sent[at].push_back(random.Draw(2 + random.Below(seed == 0 ? 300 : bound)));
        ASSERT_TRUE(side.Send(sent[at].back()).has_value());
      }
      if (received[0].size() == 8 && received[1].size() == 8) {
        break;
      }
    }
    EXPECT_EQ(handshakes, GetParam() == NoisePattern::kIk ? 2 : 3);
    EXPECT_EQ(received[0], sent[0]) << seed;
    EXPECT_EQ(received[1], sent[1]) << seed;
    ASSERT_EQ(sent[0].size(), 8U);
  }
}

// Records what the child sends over a whole session and plays it, with one bit flipped, to a parent
// with the same randomness: every message that opens must be one that was sent, and not all may.
TEST_P(ChannelTest, NoFlippedBitOfASessionYieldsAMessage) {
  const std::vector<Bytes> payloads = {"entries", Bytes(40, 'x'), "end"};
  SecureChannel child = Child();
  Bytes first;
  Bytes rest;
  {
    SecureChannel parent = Parent();
    ASSERT_TRUE(child.WriteHandshake("hello").has_value());
    first = Drain(child);
    ASSERT_TRUE(parent.HandleBytes(first).has_value());
    ASSERT_TRUE(parent.WriteHandshake("welcome").has_value());
    ASSERT_TRUE(child.HandleBytes(Drain(parent)).has_value());
    if (GetParam() == NoisePattern::kXx) {
      ASSERT_TRUE(child.WriteHandshake("confirm").has_value());
    }
    for (const Bytes& payload : payloads) {
      ASSERT_TRUE(child.Send(payload).has_value());
    }
    rest = Drain(child);
  }
  std::vector<Bytes> all = {"hello"};
  if (GetParam() == NoisePattern::kXx) {
    all.emplace_back("confirm");
  }
  all.insert(all.end(), payloads.begin(), payloads.end());

  const auto play = [&](ByteView begin, ByteView end) {
    std::vector<Bytes> opened;
    SecureChannel parent = Parent();
    const auto take = [&] {
      while (auto message = parent.TakeMessage()) {
        opened.push_back(*std::move(message));
      }
    };
    const bool first_ok = parent.HandleBytes(begin).has_value();
    take();
    if (!first_ok || opened.empty() || !parent.WriteHandshake("welcome")) {
      return opened;
    }
    static_cast<void>(parent.HandleBytes(end).has_value());
    take();
    return opened;
  };
  ASSERT_EQ(play(first, rest), all);
  for (std::size_t bit = 0; bit < (first.size() + rest.size()) * 8; ++bit) {
    Bytes bytes = first + rest;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto opened =
        play(ByteView(bytes).substr(0, first.size()), ByteView(bytes).substr(first.size()));
    ASSERT_LT(opened.size(), all.size()) << "bit " << bit;
    for (std::size_t i = 0; i < opened.size(); ++i) {
      // XX's first payload is not sealed yet: only that nothing follows it can be asked for.
      if (GetParam() == NoisePattern::kIk || i > 0) {
        ASSERT_EQ(opened[i], all[i]) << "bit " << bit;
      }
    }
    if (GetParam() == NoisePattern::kXx && bit < first.size() * 8) {
      ASSERT_LE(opened.size(), 1U) << "bit " << bit;
    }
  }
}

TEST_P(ChannelTest, OtherServersAreToldFromTheirFirstBytes) {
  const std::vector<Bytes> answers = {
      "HTTP/1.1 400 Bad Request\r\nServer: x\r\nConnection: close\r\n\r\n",
      "<html><body>Chào mừng đến với Wi-Fi</body></html>",
      "SSH-2.0-OpenSSH_9.2p1\r\n",
      "220 mail ESMTP\r\n",
      "* OK IMAP4rev1\r\n",
      Bytes("\x15\x03\x01\x00\x02\x02\x46", 7),
      Bytes("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", 11),
      Bytes("\x00\x00\x00\x00", 4),
      Bytes(8, '\xff'),
  };
  for (const Bytes& answer : answers) {
    for (const std::size_t piece : {std::size_t{1}, kAll}) {
      const Status status = Answered(answer, piece);
      ASSERT_FALSE(status.has_value()) << answer;
      EXPECT_EQ(status.error().code, Code::kNotChibo) << answer;
    }
  }
}

TEST_P(ChannelTest, GarbageOfTheRightShapeDoesNotOpen) {
  for (int round = 0; round < 200; ++round) {
    Bytes answer;
    const std::size_t size = 96 + random_.Below(200);
    AppendU16(answer, static_cast<std::uint16_t>(size));
    answer += random_.Draw(size);
    const Status status = Answered(answer, kAll);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code,
              GetParam() == NoisePattern::kIk ? Code::kNotChibo : Code::kWrongNetwork);
  }
}

TEST_P(ChannelTest, AResponderKnowsForeignClientsByTheirFirstByte) {
  for (const Bytes& start : {Bytes("GET / HTTP/1.1\r\n\r\n"), Bytes("\x16\x03\x01", 3), Bytes("x"),
                             Bytes("chic"), Bytes(1, '\0')}) {
    SecureChannel parent = Parent();
    const Status status = parent.HandleBytes(start);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Code::kNotChibo);
    EXPECT_EQ(parent.transmit_bytes(), 0U);
    EXPECT_EQ(parent.HandleBytes("more").error().code, Code::kNotChibo) << "ended for good";
  }
}

TEST_P(ChannelTest, RefusesVersionsPatternsAndFlagsItDoesNotSpeak) {
  struct Case {
    ByteView preface;
    std::optional<Code> code;
  };
  const std::vector<Case> cases = {
      {ByteView("chib\x00\x00\x01\x00", 8), std::nullopt},
      {ByteView("chib\x07\x00\x02\x00", 8), std::nullopt},  // newer, but speaks ours
      {ByteView("chib\x07\x01\x01\x00", 8), Code::kUnsupported},
      {ByteView("chib\x00\x00\x03\x00", 8), Code::kUnsupported},
      {ByteView("chib\x00\x00\x01\x01", 8), Code::kUnsupported},
      {ByteView("chib\x00\x01\x01\x00", 8), Code::kMalformed},
  };
  for (const auto& [preface, code] : cases) {
    SecureChannel parent = Parent();
    const Status status = parent.HandleBytes(preface);
    EXPECT_EQ(status.has_value(), !code.has_value()) << ToHex(preface);
    if (code) {
      EXPECT_EQ(status.error().code, *code) << ToHex(preface);
    }
  }
}

TEST_P(ChannelTest, ADowngradedPrefaceDoesNotOpen) {
  SecureChannel child = Child();
  ASSERT_TRUE(child.WriteHandshake({}).has_value());
  Bytes bytes = Drain(child);
  bytes[4] = 1;  // somebody on the way says that a newer version was wanted
  SecureChannel parent = Parent();
  const Status first = parent.HandleBytes(bytes);
  if (GetParam() == NoisePattern::kIk) {
    EXPECT_EQ(first.error().code, Code::kNotKnown);
    return;
  }
  ASSERT_TRUE(parent.WriteHandshake({}).has_value());
  EXPECT_EQ(child.HandleBytes(Drain(parent)).error().code, Code::kWrongNetwork);
}

TEST_P(ChannelTest, AnotherNetworkOrKeyIsNotKnown) {
  SecureChannel child = Child();
  ASSERT_TRUE(child.WriteHandshake("news").has_value());
  const Bytes bytes = Drain(child);
  if (GetParam() == NoisePattern::kIk) {
    const std::optional<DhKey> key = parent_key_;
    parent_key_ = DhKey(SecretKey::Draw(random_));
    SecureChannel impostor = Parent();
    EXPECT_EQ(impostor.HandleBytes(bytes).error().code, Code::kNotKnown);
    EXPECT_FALSE(impostor.TakeMessage().has_value());
    EXPECT_EQ(impostor.transmit_bytes(), 0U);
    parent_key_ = key;
  }
  network_ = NetworkId::FromChecked(Bytes(32, 'm'));
  SecureChannel other = Parent();
  const Status status = other.HandleBytes(bytes);
  if (GetParam() == NoisePattern::kIk) {
    EXPECT_EQ(status.error().code, Code::kNotKnown);
    EXPECT_FALSE(other.TakeMessage().has_value());
    return;
  }
  ASSERT_TRUE(other.WriteHandshake({}).has_value());
  EXPECT_EQ(child.HandleBytes(Drain(other)).error().code, Code::kWrongNetwork);
}

TEST_P(ChannelTest, BeforeTheHandshakeMessagesAreSmall) {
  SecureChannel child = Child();
  EXPECT_EQ(child.WriteHandshake(Bytes(kHandshakePayloadBytesMax + 1, 'x')).error().code,
            Code::kTooLarge);
  ASSERT_TRUE(child.WriteHandshake(Bytes(kHandshakePayloadBytesMax, 'x')).has_value());
  SecureChannel parent = Parent();
  ASSERT_TRUE(parent.HandleBytes(Drain(child)).has_value());
  ASSERT_TRUE(parent.WriteHandshake(Bytes(kHandshakePayloadBytesMax, 'y')).has_value());
  ASSERT_TRUE(child.HandleBytes(Drain(parent)).has_value());
  EXPECT_EQ(child.TakeMessage()->size(), kHandshakePayloadBytesMax);

  SecureChannel fresh = Parent();
  const Bytes preface("chib\x00\x00\x01\x00", 8);
  ASSERT_TRUE(fresh.HandleBytes(preface).has_value());
  EXPECT_EQ(fresh.HandleBytes("\x20").has_value(), true);
  EXPECT_EQ(fresh.HandleBytes(ByteView("\x00", 1)).error().code, Code::kTooLarge);
}

TEST_P(ChannelTest, NobodySpeaksOutOfTurn) {
  SecureChannel child = Child();
  ASSERT_TRUE(child.WriteHandshake({}).has_value());
  SecureChannel parent = Parent();
  EXPECT_EQ(parent.HandleBytes(Drain(child) + Bytes(1, '\0')).error().code, Code::kMalformed);
}

TEST_P(ChannelTest, AKeyThatAgreesOnNothingEndsTheChannel) {
  SecureChannel parent = Parent();
  Bytes bytes = "chib";
  bytes += ByteView("\x00\x00", 2);
  bytes.push_back(static_cast<char>(GetParam()));
  bytes.push_back('\0');
  AppendU16(bytes, 96);
  bytes += Bytes(96, '\0');
  Status status = parent.HandleBytes(bytes);
  if (status) {
    status = parent.WriteHandshake({});
  }
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Code::kNotKnown);
  EXPECT_EQ(parent.HandleBytes("x").error().code, Code::kNotKnown);
}

TEST_P(ChannelTest, AReplayedSessionDoesNotOpen) {
  SecureChannel child = Child();
  SecureChannel parent = Parent();
  ASSERT_TRUE(child.WriteHandshake("1").has_value());
  const Bytes first = Drain(child);
  ASSERT_TRUE(parent.HandleBytes(first).has_value());
  ASSERT_TRUE(parent.WriteHandshake("2").has_value());
  ASSERT_TRUE(child.HandleBytes(Drain(parent)).has_value());
  if (!child.finished()) {
    ASSERT_TRUE(child.WriteHandshake("3").has_value());
  }
  ASSERT_TRUE(child.Send("entries").has_value());
  const Bytes rest = Drain(child);

  SecureChannel later = Parent(99);
  ASSERT_TRUE(later.HandleBytes(first).has_value());
  EXPECT_EQ(later.TakeMessage(), "1");
  ASSERT_TRUE(later.WriteHandshake("2").has_value());
  EXPECT_FALSE(later.HandleBytes(rest).has_value());
  EXPECT_FALSE(later.TakeMessage().has_value());
}

TEST_P(ChannelTest, KeepsWhatOpenedBeforeABadMessage) {
  SecureChannel child = Child();
  SecureChannel parent = Parent();
  Connect(child, parent);
  ASSERT_TRUE(child.Send("good").has_value());
  ASSERT_TRUE(child.Send("bad").has_value());
  Bytes bytes = Drain(child);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(parent.HandleBytes(bytes).error().code, Code::kBadSignature);
  EXPECT_EQ(parent.TakeMessage(), "good");
  EXPECT_FALSE(parent.TakeMessage().has_value());
  EXPECT_FALSE(parent.Send("more").has_value());
}

TEST_P(ChannelTest, ShortAndLargeTransportMessagesAreRefused) {
  SecureChannel child = Child();
  SecureChannel parent = Parent();
  Connect(child, parent);
  EXPECT_EQ(child.Send(Bytes(kTransportPayloadBytesMax + 1, 'x')).error().code, Code::kTooLarge);
  EXPECT_EQ(parent.HandleBytes(ByteView("\x00\x0f", 2)).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace chibo

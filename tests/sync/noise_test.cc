#include "sync/noise.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "proto/limits.h"

namespace chibo {
namespace {

using Json = google::protobuf::Struct;

// The published vectors belong to others and are read where they lie.
std::filesystem::path VectorsFile() {
  const char* folder = std::getenv("CHIBO_VECTORS");
  const std::filesystem::path vectors =
      folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::path(CHIBO_SOURCE_DIR) / ".." / "shared" / "vectors";
  return vectors / "noise.json";
}

std::optional<Json> ReadJson(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  Json json;
  if (!google::protobuf::util::JsonStringToMessage(text.str(), &json).ok()) {
    return std::nullopt;
  }
  return json;
}

Bytes HexField(const Json& object, const std::string& name) {
  return *FromHex(object.fields().at(name).string_value());
}

SecretKey Secret(ByteView bytes) { return *SecretKey::From(bytes); }

NoiseHandshake Side(const Json& vector, bool initiator) {
  const std::string prefix = initiator ? "init_" : "resp_";
  NoiseOptions options;
  options.pattern = vector.fields().at("protocol_name").string_value().starts_with("Noise_IK")
                        ? NoisePattern::kIk
                        : NoisePattern::kXx;
  options.initiator = initiator;
  options.prologue = HexField(vector, prefix + "prologue");
  options.static_key = DhKey(Secret(HexField(vector, prefix + "static")));
  options.ephemeral = Secret(HexField(vector, prefix + "ephemeral"));
  if (vector.fields().contains(prefix + "remote_static")) {
    options.remote_static = DhPublicKey::From(HexField(vector, prefix + "remote_static"));
  }
  return NoiseHandshake(options);
}

void PlayVector(const Json& vector) {
  SCOPED_TRACE(vector.fields().at("protocol_name").string_value());
  NoiseHandshake initiator = Side(vector, true);
  NoiseHandshake responder = Side(vector, false);
  std::optional<std::pair<NoiseCipher, NoiseCipher>> ciphers[2];
  bool from_initiator = true;
  for (const auto& value : vector.fields().at("messages").list_value().values()) {
    const Bytes payload = HexField(value.struct_value(), "payload");
    const Bytes expected = HexField(value.struct_value(), "ciphertext");
    NoiseHandshake& sender = from_initiator ? initiator : responder;
    NoiseHandshake& receiver = from_initiator ? responder : initiator;
    if (!sender.finished()) {
      const auto message = sender.WriteMessage(payload);
      ASSERT_TRUE(message.has_value());
      EXPECT_EQ(ToHex(*message), ToHex(expected));
      EXPECT_EQ(receiver.ReadMessage(*message), payload);
    } else {
      if (!ciphers[0]) {
        EXPECT_EQ(initiator.handshake_hash().view(), HexField(vector, "handshake_hash"));
        EXPECT_EQ(responder.handshake_hash(), initiator.handshake_hash());
        ciphers[0] = initiator.Split();
        ciphers[1] = responder.Split();
      }
      const auto message = ciphers[from_initiator ? 0 : 1]->first.Encrypt({}, payload);
      ASSERT_TRUE(message.has_value());
      EXPECT_EQ(ToHex(*message), ToHex(expected));
      EXPECT_EQ(ciphers[from_initiator ? 1 : 0]->second.Decrypt({}, *message), payload);
    }
    from_initiator = !from_initiator;
  }
  EXPECT_TRUE(ciphers[0].has_value());
}

TEST(Noise, ReproducesThePublishedVectors) {
  if (!std::filesystem::exists(VectorsFile())) {
    GTEST_SKIP() << "No published Noise vectors at " << VectorsFile()
                 << ": name their folder in CHIBO_VECTORS to run this test.";
  }
  const auto json = ReadJson(VectorsFile());
  ASSERT_TRUE(json.has_value());
  const auto& vectors = json->fields().at("vectors").list_value();
  ASSERT_GE(vectors.values_size(), 2);
  for (const auto& vector : vectors.values()) {
    PlayVector(vector.struct_value());
  }
}

class NoisePair : public testing::TestWithParam<NoisePattern> {
 protected:
  NoisePair() : random_(7) {
    initiator_options_.pattern = responder_options_.pattern = GetParam();
    initiator_options_.initiator = true;
    initiator_options_.prologue = responder_options_.prologue = "here";
    initiator_options_.static_key = DhKey(SecretKey::Draw(random_));
    responder_options_.static_key = DhKey(SecretKey::Draw(random_));
    initiator_options_.ephemeral = SecretKey::Draw(random_);
    responder_options_.ephemeral = SecretKey::Draw(random_);
    if (GetParam() == NoisePattern::kIk) {
      initiator_options_.remote_static = responder_options_.static_key->public_key();
    }
  }

  SeededRandom random_;
  NoiseOptions initiator_options_;
  NoiseOptions responder_options_;
};

INSTANTIATE_TEST_SUITE_P(Patterns, NoisePair,
                         testing::Values(NoisePattern::kIk, NoisePattern::kXx));

TEST_P(NoisePair, AgreesAndTellsEachTheOthersKey) {
  NoiseHandshake initiator(initiator_options_);
  NoiseHandshake responder(responder_options_);
  while (!initiator.finished() || !responder.finished()) {
    ASSERT_NE(initiator.my_turn(), responder.my_turn());
    NoiseHandshake& sender = initiator.my_turn() ? initiator : responder;
    NoiseHandshake& receiver = initiator.my_turn() ? responder : initiator;
    const auto message = sender.WriteMessage("payload");
    ASSERT_TRUE(message.has_value());
    ASSERT_EQ(receiver.ReadMessage(*message), "payload");
  }
  EXPECT_EQ(initiator.handshake_hash(), responder.handshake_hash());
  EXPECT_EQ(responder.remote_static(), initiator_options_.static_key->public_key());
  EXPECT_EQ(initiator.remote_static(), responder_options_.static_key->public_key());
  auto [to_responder, from_responder] = initiator.Split();
  auto [to_initiator, from_initiator] = responder.Split();
  EXPECT_EQ(from_initiator.Decrypt({}, *to_responder.Encrypt({}, "up")), "up");
  EXPECT_EQ(from_responder.Decrypt({}, *to_initiator.Encrypt({}, "down")), "down");
}

TEST_P(NoisePair, FailsWhenThePrologueDiffers) {
  responder_options_.prologue = "there";
  NoiseHandshake initiator(initiator_options_);
  NoiseHandshake responder(responder_options_);
  const auto first = responder.ReadMessage(*initiator.WriteMessage("news"));
  if (GetParam() == NoisePattern::kIk) {
    ASSERT_FALSE(first.has_value());
    EXPECT_EQ(first.error().code, Code::kBadSignature);
    return;
  }
  ASSERT_TRUE(first.has_value());
  const auto second = initiator.ReadMessage(*responder.WriteMessage({}));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kBadSignature);
}

TEST_P(NoisePair, EveryFlippedBitOfAHandshakeEndsIt) {
  NoiseHandshake writer(initiator_options_);
  const Bytes message = *writer.WriteMessage("news of the day");
  const std::size_t sealed_from = GetParam() == NoisePattern::kIk ? 0 : message.size();
  for (std::size_t bit = sealed_from * 8; bit < message.size() * 8; ++bit) {
    Bytes flipped = message;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    NoiseHandshake responder(responder_options_);
    // X25519 ignores the highest bit of a key, but the hash does not.
    EXPECT_FALSE(responder.ReadMessage(flipped).has_value()) << bit;
    EXPECT_FALSE(responder.ReadMessage(message).has_value()) << "after a failed read";
  }
}

TEST_P(NoisePair, RefusesAMessageCutShort) {
  NoiseHandshake writer(initiator_options_);
  const Bytes message = *writer.WriteMessage({});
  for (std::size_t size = 0; size < message.size(); ++size) {
    NoiseHandshake responder(responder_options_);
    EXPECT_FALSE(responder.ReadMessage(ByteView(message).substr(0, size)).has_value()) << size;
  }
}

TEST_P(NoisePair, RefusesToReadOutOfTurn) {
  NoiseHandshake initiator(initiator_options_);
  const auto read = initiator.ReadMessage(Bytes(100, 'x'));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Code::kMalformed);
}

// Points of small order, whose agreement with any key is all zero.
TEST_P(NoisePair, FailsOnAnAllZeroAgreement) {
  Bytes one(32, '\0');
  one[0] = 1;
  for (const Bytes& point : {Bytes(32, '\0'), one}) {
    NoiseHandshake responder(responder_options_);
    auto read = responder.ReadMessage(point + Bytes(64, 'x'));
    if (GetParam() == NoisePattern::kXx) {
      ASSERT_TRUE(read.has_value());
      read = responder.WriteMessage({});
    }
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().reason, "noise_key_agrees_on_nothing");
  }
}

TEST(NoiseCipher, AFailedMessageLeavesTheCounterAsItWas) {
  SeededRandom random(1);
  const SecretKey key = SecretKey::Draw(random);
  NoiseCipher sender(key);
  NoiseCipher receiver(key);
  const Bytes first = *sender.Encrypt("ad", "one");
  Bytes bad = first;
  bad[0] = static_cast<char>(bad[0] ^ 1);
  EXPECT_FALSE(receiver.Decrypt("ad", bad).has_value());
  EXPECT_FALSE(receiver.Decrypt("other", first).has_value());
  EXPECT_FALSE(receiver.Decrypt("ad", {}).has_value());
  EXPECT_EQ(receiver.counter(), 0U);
  EXPECT_EQ(receiver.Decrypt("ad", first), "one");
  EXPECT_EQ(receiver.counter(), 1U);
  EXPECT_FALSE(receiver.Decrypt("ad", first).has_value()) << "replayed";
  EXPECT_EQ(receiver.Decrypt("ad", *sender.Encrypt("ad", "two")), "two");
}

TEST(NoiseCipher, TheLastCounterIsRefused) {
  SeededRandom random(1);
  const SecretKey key = SecretKey::Draw(random);
  NoiseCipher sender(key);
  NoiseCipher receiver(key);
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max() - 1;
  sender.set_counter(kLast);
  receiver.set_counter(kLast);
  const auto last = sender.Encrypt({}, "last");
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(receiver.Decrypt({}, *last), "last");
  const auto over = sender.Encrypt({}, "over");
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().reason, "noise_counter_used_up");
  EXPECT_EQ(sender.counter(), kLast + 1);
  EXPECT_EQ(receiver.Decrypt({}, *last).error().reason, "noise_counter_used_up");
}

TEST(NoiseCipher, RefusesWhatDoesNotFitAMessage) {
  SeededRandom random(1);
  NoiseCipher cipher(SecretKey::Draw(random));
  EXPECT_TRUE(cipher.Encrypt({}, Bytes(limits::kNoiseMessageBytesMax - 16, 'x')).has_value());
  EXPECT_EQ(cipher.Encrypt({}, Bytes(limits::kNoiseMessageBytesMax - 15, 'x')).error().code,
            Code::kTooLarge);
}

}  // namespace
}  // namespace chibo

#include "proto/checkpoint.h"

#include <gtest/gtest.h>

#include "proto/limits.h"
#include "tests/proto/sample.h"

namespace chibo {
namespace {

const Position kAt{StreamId::FromChecked(Bytes(32, 's')), 12, Hash::FromChecked(Bytes(32, 'r'))};

std::string Note(const Position& at = kAt) {
  const SigningKey& key = sample::DeviceKey();
  return CheckpointNote(sample::Network(), at, key.public_key(),
                        SignCheckpoint(key, sample::Network(), at));
}

Result<Position> OpenNote(std::string_view note) {
  return OpenCheckpointNote(note, sample::Network(), sample::DeviceKey().public_key());
}

// A note over any text, signed as it should be: so that refusals are of the text and not of the
// signature.
std::string Signed(const std::string& text) {
  const std::string honest = Note();
  const std::string name = text.substr(0, text.find('\n'));
  const std::string blob =
      *FromBase64(honest.substr(honest.rfind(' ') + 1, honest.size() - honest.rfind(' ') - 2));
  const Bytes sealed = blob.substr(0, 4) + Bytes(sample::DeviceKey().Sign(text).view());
  return text + "\n\xe2\x80\x94 " + name + " " + ToBase64(sealed) + "\n";
}

TEST(Checkpoint, IsThreeLines) {
  EXPECT_EQ(CheckpointText(sample::Network(), kAt),
            "chibo/v0/6e6574776f726b2d69642d2e2e2e2e2e/" + ToHex(Bytes(32, 's')) +
                "\n12\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n");
}

TEST(Checkpoint, SignatureHoldsForItsKeyNetworkAndPositionOnly) {
  const SigningKey& key = sample::DeviceKey();
  const Signature signature = SignCheckpoint(key, sample::Network(), kAt);
  EXPECT_TRUE(VerifyCheckpoint(key.public_key(), sample::Network(), kAt, signature));
  const auto refused = [&](const SignPublicKey& by, const NetworkId& network, const Position& at) {
    return VerifyCheckpoint(by, network, at, signature).error().code == Code::kBadSignature;
  };
  EXPECT_TRUE(refused(sample::AuthorityKey().public_key(), sample::Network(), kAt));
  EXPECT_TRUE(refused(key.public_key(), NetworkId(), kAt));
  EXPECT_TRUE(refused(key.public_key(), sample::Network(), {kAt.stream, 13, kAt.root}));
  EXPECT_TRUE(refused(key.public_key(), sample::Network(), {kAt.stream, 12, Hash()}));
  EXPECT_TRUE(refused(key.public_key(), sample::Network(), {StreamId(), 12, kAt.root}));
}

TEST(CheckpointNote, GoesThereAndBack) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
    const Position at{kAt.stream, size, kAt.root};
    EXPECT_EQ(OpenNote(Note(at)), at);
  }
}

TEST(CheckpointNote, KeyIdIsThatOfTheVkey) {
  const std::string vkey = Vkey(sample::Network(), kAt.stream, sample::DeviceKey().public_key());
  const std::string origin = CheckpointOrigin(sample::Network(), kAt.stream);
  ASSERT_EQ(vkey.substr(0, origin.size() + 1), origin + "+");
  const auto key_id = FromHex(vkey.substr(origin.size() + 1, 8));
  const auto key = FromBase64(vkey.substr(origin.size() + 10));
  ASSERT_TRUE(key_id && key);
  EXPECT_EQ(*key, Bytes("\x01") + Bytes(sample::DeviceKey().public_key().view()));
  EXPECT_EQ(*key_id, Sha256({origin, "\n", *key}).view().substr(0, 4));
  EXPECT_NE(Note().find(ToBase64(*key_id).substr(0, 5)), std::string::npos);
}

TEST(CheckpointNote, IgnoresSignaturesOfUnknownKeys) {
  const std::string stranger = "\xe2\x80\x94 witness.example/1 " + ToBase64(Bytes(68, 'w')) + "\n";
  const std::string note = Note();
  const auto signatures = note.find("\n\n") + 2;
  EXPECT_EQ(OpenNote(note + stranger), kAt);
  EXPECT_EQ(
      OpenNote(sample::Replaced(note, note.substr(signatures), stranger + note.substr(signatures))),
      kAt);
  // Another name with the id of this key.
  const std::string blob = *FromBase64(note.substr(note.rfind(' ') + 1, 92));
  EXPECT_EQ(OpenNote(note + "\xe2\x80\x94 witness.example/1 " +
                     ToBase64(blob.substr(0, 4) + Bytes(64, 'w')) + "\n"),
            kAt);
  // The same name with the id of another key.
  const std::string origin = CheckpointOrigin(sample::Network(), kAt.stream);
  EXPECT_EQ(OpenNote(note + "\xe2\x80\x94 " + origin + " " + ToBase64(Bytes(68, 'w')) + "\n"), kAt);
}

TEST(CheckpointNote, RefusesWhenTheKeyIsNotAmongTheSigners) {
  const std::string note = Note();
  const std::string stranger = "\xe2\x80\x94 witness.example/1 " + ToBase64(Bytes(68, 'w')) + "\n";
  EXPECT_EQ(OpenNote(note.substr(0, note.find("\n\n") + 2) + stranger).error().code,
            Code::kNotFound);
  EXPECT_EQ(OpenNote(note.substr(0, note.find("\n\n") + 2)).error().code, Code::kNotFound);
  EXPECT_EQ(
      OpenCheckpointNote(note, sample::Network(), sample::AuthorityKey().public_key()).error().code,
      Code::kNotFound);
}

TEST(CheckpointNote, RefusesAFailingSignatureOfTheKeyEvenBesideAGoodOne) {
  const std::string good = Note();
  const std::string other = Note({kAt.stream, 13, kAt.root});
  const std::string bad_line = other.substr(other.find("\n\n") + 2);
  EXPECT_EQ(OpenNote(sample::Replaced(good, "\n12\n", "\n13\n")).error().code, Code::kBadSignature);
  EXPECT_EQ(OpenNote(good + bad_line).error().code, Code::kBadSignature);
  // Right key, signature cut short.
  const std::string blob = *FromBase64(bad_line.substr(bad_line.rfind(' ') + 1, 92));
  const std::string cut =
      sample::Replaced(good, ToBase64(*FromBase64(good.substr(good.rfind(' ') + 1, 92))),
                       ToBase64(blob.substr(0, 67)));
  EXPECT_EQ(OpenNote(cut).error().code, Code::kBadSignature);
}

TEST(CheckpointNote, RefusesAnotherNetwork) {
  EXPECT_EQ(OpenCheckpointNote(Note(), NetworkId(), sample::DeviceKey().public_key()).error().code,
            Code::kWrongNetwork);
}

TEST(CheckpointNote, RefusesOtherTextsThoughSigned) {
  const std::string text = CheckpointText(sample::Network(), kAt);
  ASSERT_EQ(OpenNote(Signed(text)), kAt);
  const std::string root = ToBase64(kAt.root.view());
  for (const std::string& other :
       {text + "an extension line\n", sample::Replaced(text, "\n12\n", "\n012\n"),
        sample::Replaced(text, "\n12\n", "\n+12\n"), sample::Replaced(text, "\n12\n", "\n-12\n"),
        sample::Replaced(text, "\n12\n", "\n12 \n"), sample::Replaced(text, "\n12\n", "\n\n"),
        sample::Replaced(text, "\n12\n", "\n18446744073709551616\n"),
        sample::Replaced(text, root, root.substr(4)), sample::Replaced(text, root, root + "AAAA"),
        sample::Replaced(text, root, root.substr(0, 43)),
        sample::Replaced(text, "chibo/v0/", "chibo/v1/"),
        sample::Replaced(text, "chibo/v0/6e", "chibo/v0/6E"),
        sample::Replaced(text, "/7373", "/73"), sample::Replaced(text, "/7373", "/737373"),
        sample::Replaced(text, "\n12\n", "\r\n12\n"), sample::Replaced(text, "chibo/", "/")}) {
    EXPECT_EQ(OpenNote(Signed(other)).error().code, Code::kMalformed) << other;
  }
}

TEST(CheckpointNote, RefusesAnythingBetweenTextAndSignatures) {
  EXPECT_EQ(OpenNote(sample::Replaced(Note(), "\n\n", "\njunk\n")).error().code, Code::kMalformed);
  EXPECT_EQ(OpenNote(sample::Replaced(Note(), "\n\n", "\n\n\n")).error().code, Code::kMalformed);
}

TEST(CheckpointNote, RefusesMalformedSignatureLines) {
  const std::string note = Note();
  const std::string name = CheckpointOrigin(sample::Network(), kAt.stream);
  for (const std::string& line :
       {std::string("x\n"), std::string("\xe2\x80\x94 name\n"),
        "\xe2\x80\x94  " + ToBase64(Bytes(68, 'w')) + "\n",
        "- name " + ToBase64(Bytes(68, 'w')) + "\n", std::string("\xe2\x80\x94 name AAA\n"),
        "\xe2\x80\x94 name " + ToBase64("four") + "\n",
        "\xe2\x80\x94 na+me " + ToBase64(Bytes(68, 'w')) + "\n",
        "\xe2\x80\x94 name " + ToBase64(Bytes(68, 'w')), std::string("\n")}) {
    EXPECT_EQ(OpenNote(note + line).error().code, Code::kMalformed) << line;
  }
  EXPECT_EQ(
      OpenNote(note + "\xe2\x80\x94 na\xffme " + ToBase64(Bytes(68, 'w')) + "\n").error().code,
      Code::kMalformed);
}

TEST(CheckpointNote, RefusesEveryCut) {
  const std::string note = Note();
  for (std::size_t size = 0; size < note.size(); ++size) {
    EXPECT_FALSE(OpenNote(std::string_view(note).substr(0, size))) << size;
  }
}

TEST(CheckpointNote, TakesManySignaturesButNotAnyNumber) {
  std::string note = Note();
  const std::string stranger = "\xe2\x80\x94 w " + ToBase64(Bytes(68, 'w')) + "\n";
  for (std::size_t i = 1; i < limits::kNoteSignaturesMax; ++i) {
    note += stranger;
  }
  EXPECT_EQ(OpenNote(note), kAt);
  EXPECT_EQ(OpenNote(note + stranger).error().code, Code::kTooLarge);
  EXPECT_EQ(OpenNote(Bytes(limits::kNoteBytesMax + 1, 'x')).error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace chibo

// Key files as docs/protocol.md writes them down.
#include <gtest/gtest.h>

#include "node/identity.h"

namespace chibo {
namespace {

constexpr std::string_view kName = "Lê Thị Mai";
constexpr std::string_view kPassphrase = "mật khẩu";

NewKey MakePersonKey(bool sealed) {
  SeededRandom random(7);
  NewKeyOptions options;
  options.purpose = "person";
  options.owner = Bytes(16, 'p');
  options.label = kName;
  options.cost = kPassphraseCostLeast;
  if (sealed) {
    options.passphrase = Bytes(kPassphrase);
  }
  auto made = MakeKey(options, random);
  CHECK(made.has_value());
  return *std::move(made);
}

bool Holds(const pb::KeyFile& file, std::string_view text) {
  return file.SerializeAsString().find(text) != std::string::npos;
}

TEST(KeyFile, HasTheseBytes) {
  const NewKey made = MakePersonKey(false);
  const std::string secrets = "0a20" + ToHex(made.key.sign.seed().view()) + "2a0d" + ToHex(kName);
  EXPECT_EQ(ToHex(made.file.SerializeAsString()), "1206" + ToHex("person") + "1a26080110011a20" +
                                                      ToHex(made.key.sign.public_key().view()) +
                                                      "3a31" + secrets + "4210" +
                                                      ToHex(Bytes(16, 'p')));
  // Sealed: the nonce before it and the tag behind it.
  EXPECT_EQ(MakePersonKey(true).file.secrets().size(), 24 + secrets.size() / 2 + 16);
}

TEST(KeyFile, TellsItsLabelToWhoOpensItOnly) {
  const pb::KeyFile file = MakePersonKey(true).file;
  EXPECT_FALSE(Holds(file, kName));
  const auto opened = UnlockKey(file, kPassphrase);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->label, kName);
}

// Files from before the label lay with the secrets.
TEST(KeyFile, OpensWithALabelInPlainAndSealsItWithTheNextPassphrase) {
  SeededRandom random(8);
  NewKeyOptions options;
  options.purpose = "person";
  options.passphrase = Bytes(kPassphrase);
  options.cost = kPassphraseCostLeast;
  const auto made = MakeKey(options, random);
  ASSERT_TRUE(made);
  pb::KeyFile old = made->file;
  old.set_label(std::string(kName));
  const auto opened = UnlockKey(old, kPassphrase);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->label, kName);
  const auto changed = ResealKey(old, *opened, "mật khẩu mới", kPassphraseCostLeast, random);
  ASSERT_TRUE(changed);
  EXPECT_FALSE(Holds(*changed, kName));
  const auto again = UnlockKey(*changed, "mật khẩu mới");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->label, kName);
  EXPECT_EQ(again->sign.public_key(), opened->sign.public_key());
}

}  // namespace
}  // namespace chibo

#include "proto/crypto.h"

#include <gtest/gtest.h>

namespace chibo {
namespace {

Bytes Hex(std::string_view text) { return *FromHex(text); }
SecretKey Secret(std::string_view hex) { return *SecretKey::From(Hex(hex)); }
template <typename Fixed>
Fixed Fix(std::string_view hex) {
  return *Fixed::FromHexText(hex);
}

TEST(Sha256, KnowsTheVectorsOfFips180) {
  EXPECT_EQ(Sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(Bytes(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPartsIsOfTheirConcatenation) {
  EXPECT_EQ(Sha256({"a", "", "bc"}), Sha256("abc"));
  EXPECT_EQ(Sha256({}), Sha256(""));
}

TEST(HmacSha256, KnowsTheVectorsOfRfc4231) {
  EXPECT_EQ(HmacSha256(Bytes(20, '\x0b'), {"Hi There"}).hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HmacSha256("Jefe", {"what do ya want ", "for nothing?"}).hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // A key longer than a block.
  EXPECT_EQ(
      HmacSha256(Bytes(131, '\xaa'), {"Test Using Larger Than Block-Size Key - Hash Key First"})
          .hex(),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, IsTheBasisOfHkdfAsInRfc5869) {
  const Hash prk = HmacSha256(Hex("000102030405060708090a0b0c"), {Bytes(22, '\x0b')});
  EXPECT_EQ(prk.hex(), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  const Bytes info = Hex("f0f1f2f3f4f5f6f7f8f9");
  const Hash first = HmacSha256(prk.view(), {info, "\x01"});
  const Hash second = HmacSha256(prk.view(), {first.view(), info, "\x02"});
  EXPECT_EQ(first.hex() + second.hex().substr(0, 20),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

struct SignVector {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

TEST(Ed25519, KnowsTheVectorsOfRfc8032) {
  for (const SignVector& v :
       {SignVector{
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        SignVector{
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        SignVector{
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
            "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}}) {
    const SigningKey key(Secret(v.seed));
    EXPECT_EQ(key.public_key().hex(), v.key);
    EXPECT_EQ(key.Sign(Hex(v.message)).hex(), v.signature);
    EXPECT_TRUE(Verify(key.public_key(), Hex(v.message), Fix<Signature>(v.signature)));
  }
}

TEST(Ed25519, RefusesEveryFlippedBit) {
  const SigningKey key(Secret("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
  const Signature signature = key.Sign("chibo");
  ASSERT_TRUE(Verify(key.public_key(), "chibo", signature));
  EXPECT_FALSE(Verify(key.public_key(), "chibo ", signature));
  for (std::size_t bit = 0; bit < Signature::kSize * 8; ++bit) {
    Signature flipped = signature;
    flipped.data()[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
    EXPECT_FALSE(Verify(key.public_key(), "chibo", flipped)) << bit;
  }
  for (std::size_t bit = 0; bit < SignPublicKey::kSize * 8; ++bit) {
    SignPublicKey flipped = key.public_key();
    flipped.data()[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
    EXPECT_FALSE(Verify(flipped, "chibo", signature)) << bit;
  }
}

// Each of these fulfils the verification equation (or, where it says so, the one with the
// cofactor), made from the secret scalar: a lenient verifier takes them. The key is that of the
// seed 00 01 … 1f.
constexpr char kKey[] = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
constexpr char kBasePoint[] = "5866666666666666666666666666666666666666666666666666666666666666";
constexpr char kOne[] = "0100000000000000000000000000000000000000000000000000000000000000";
// The neutral element, with p added to its y.
constexpr char kOneNotCanonical[] =
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
constexpr char kOrderEight[] = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

bool Holds(std::string_view key, ByteView message, const std::string& signature) {
  return Verify(Fix<SignPublicKey>(key), message, Fix<Signature>(signature));
}

TEST(Ed25519, RefusesASignatureWithSNotBelowL) {
  const std::string r = "606464627fdc77d2253dfffcdfa6909d976c90329d4b887c6ac6fd1a20a9f600";
  EXPECT_TRUE(
      Holds(kKey, "chibo", r + "eccddb968d30939a5796b86bca58d426bf1c5941664b433b2bece5f44bd5db0d"));
  EXPECT_FALSE(
      Holds(kKey, "chibo", r + "d9a1d1f3a793a5f22d33b00ea952b33bbf1c5941664b433b2bece5f44bd5db1d"));
}

TEST(Ed25519, RefusesAKeyOfSmallOrder) {
  EXPECT_FALSE(Holds(kOne, "anything", std::string(kBasePoint).append(kOne)));
  // The hash of this message is a multiple of 8 with this R.
  EXPECT_FALSE(Holds(kOrderEight, "chibo 22", std::string(kBasePoint).append(kOne)));
}

TEST(Ed25519, RefusesAKeyThatIsNotCanonical) {
  EXPECT_FALSE(Holds(kOneNotCanonical, "anything", std::string(kBasePoint).append(kOne)));
}

TEST(Ed25519, RefusesAnROfSmallOrder) {
  EXPECT_FALSE(Holds(kKey, "chibo",
                     std::string(kOne).append(
                         "431e95ed0270dd687ae8dca8d47bd099c6448ea91a33c2e560417e4432694b0c")));
}

TEST(Ed25519, RefusesAnRThatIsNotCanonical) {
  EXPECT_FALSE(Holds(kKey, "chibo",
                     std::string(kOneNotCanonical) +
                         "afd4967c85e33cb7fa89ebffe703e6c85b63f4521a5436c7fbbac6ee114a1a06"));
  // x = 0 with the sign bit set.
  EXPECT_FALSE(Holds(kKey, "chibo",
                     "0100000000000000000000000000000000000000000000000000000000000080"
                     "c011beb6123eb6e9c04fd72acbfc050c986de0943e97b71026030d4b19ba4f03"));
}

TEST(Ed25519, RefusesWhatHoldsOnlyWithTheCofactor) {
  // R has a part of order 8.
  EXPECT_FALSE(Holds(kKey, "chibo",
                     "ce67c61fd4ce34cf6523948b18f6a6cf517a0cb8fab0869c9a73525a1a3551dd"
                     "cb441cc5d6e31e4edb0f7831fa841ce6ecd59f9c004ab22fee70883f7fc42d0e"));
  // The key has one.
  EXPECT_FALSE(Holds("b154bd62188ae283dd187fefe8c31f5e276edf083b4cff11c9d5cff856c74440", "chibo 0",
                     "b00598e79f256bad6c67247e275787e0f4200aa8d51406c18b5977df5284244f"
                     "74f8df782d2ee2c89700dcaa5b79da5e7e4ddec6d09b1eb122df2539b8dcb504"));
}

TEST(KeyId, IsTheStartOfTheHash) {
  const auto key = Fix<SignPublicKey>(kKey);
  EXPECT_EQ(KeyId(key), Sha256(key.view()).view().substr(0, 8));
}

TEST(X25519, KnowsTheVectorOfRfc7748) {
  const DhKey alice(Secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const DhKey bob(Secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(alice.public_key().hex(),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(bob.public_key().hex(),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const Bytes shared = Hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  EXPECT_EQ(alice.Agree(bob.public_key())->view(), shared);
  EXPECT_EQ(bob.Agree(alice.public_key())->view(), shared);
}

TEST(X25519, GivesNothingWithAPeerOfSmallOrder) {
  SeededRandom random(4);
  const DhKey key(SecretKey::Draw(random));
  EXPECT_FALSE(key.Agree(DhPublicKey()));
  EXPECT_FALSE(key.Agree(Fix<DhPublicKey>(kOne)));
  EXPECT_FALSE(key.Agree(
      Fix<DhPublicKey>("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")));
  EXPECT_TRUE(key.Agree(DhKey(SecretKey::Draw(random)).public_key()));
}

TEST(Noise, KnowsTheSecondVectorOfRfc8439) {
  const SecretKey key = Secret("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  const Bytes ad = Hex("f33388860000000000004e91");
  const Bytes sealed = Hex(
      "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d"
      "26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1"
      "ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b"
      "5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea"
      "1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d36"
      "1094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b"
      "eead9d67890cbb22392336fea1851f38");
  const std::uint64_t counter = 0x0807060504030201;
  const auto plain = NoiseDecrypt(key, counter, ad, sealed);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->substr(0, 15), "Internet-Drafts");
  EXPECT_EQ(NoiseEncrypt(key, counter, ad, *plain), sealed);
  EXPECT_EQ(NoiseDecrypt(key, counter + 1, ad, sealed), std::nullopt);
  EXPECT_EQ(NoiseDecrypt(key, counter, "", sealed), std::nullopt);
}

TEST(Noise, RefusesCutAndFlippedMessages) {
  SeededRandom random(5);
  const SecretKey key = SecretKey::Draw(random);
  const Bytes sealed = NoiseEncrypt(key, 0, "ad", "plain");
  EXPECT_EQ(sealed.size(), 5U + 16U);
  EXPECT_EQ(NoiseDecrypt(key, 0, "ad", sealed), "plain");
  EXPECT_EQ(NoiseDecrypt(key, 0, "", NoiseEncrypt(key, 0, "", "")), "");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_EQ(NoiseDecrypt(key, 0, "ad", ByteView(sealed).substr(0, i)), std::nullopt);
    Bytes flipped = sealed;
    flipped[i] ^= 1;
    EXPECT_EQ(NoiseDecrypt(key, 0, "ad", flipped), std::nullopt);
  }
}

TEST(Seal, OpensWithItsKeyAndAdOnly) {
  SeededRandom random(6);
  const SecretKey key = SecretKey::Draw(random);
  const Bytes nonce = random.Draw(24);
  const Bytes sealed = Seal(key, nonce, "ad", "plain");
  EXPECT_EQ(sealed.size(), 5U + kSealOverhead);
  EXPECT_EQ(sealed.substr(0, 24), nonce);
  EXPECT_EQ(Open(key, "ad", sealed), "plain");
  EXPECT_EQ(Open(key, "da", sealed), std::nullopt);
  EXPECT_EQ(Open(SecretKey::Draw(random), "ad", sealed), std::nullopt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_EQ(Open(key, "ad", ByteView(sealed).substr(0, i)), std::nullopt);
    Bytes flipped = sealed;
    flipped[i] ^= 1;
    EXPECT_EQ(Open(key, "ad", flipped), std::nullopt);
  }
}

TEST(SecretKey, TakesThirtyTwoBytesOnly) {
  EXPECT_FALSE(SecretKey::From(Bytes(31, 'x')));
  EXPECT_FALSE(SecretKey::From(Bytes(33, 'x')));
  EXPECT_EQ(SecretKey::From(Bytes(32, 'x'))->view(), Bytes(32, 'x'));
}

TEST(Wipe, LeavesNothing) {
  Bytes secret = "mật khẩu của bí thư, dài hơn chỗ trong chính chuỗi";
  const char* const place = secret.data();
  const std::size_t size = secret.size();
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(ByteView(place, size), Bytes(size, '\0'));
}

TEST(EqualInConstantTime, ComparesSizesToo) {
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_TRUE(EqualInConstantTime("", ""));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "ab"));
  EXPECT_FALSE(EqualInConstantTime("ab", "abc"));
}

TEST(KeyFromPassphrase, DependsOnEverything) {
  const Bytes salt(16, 's');
  const auto key = [&](ByteView passphrase, ByteView with, PassphraseCost cost) {
    return Bytes(KeyFromPassphrase(passphrase, with, cost)->view());
  };
  const Bytes first = key("mật khẩu", salt, kPassphraseCostLeast);
  EXPECT_EQ(first, key("mật khẩu", salt, kPassphraseCostLeast));
  EXPECT_NE(first, key("mật khâu", salt, kPassphraseCostLeast));
  EXPECT_NE(first, key("mật khẩu", Bytes(16, 't'), kPassphraseCostLeast));
  EXPECT_NE(first, key("mật khẩu", salt, {2, 8}));
  EXPECT_NE(first, key("mật khẩu", salt, {1, 16}));
}

TEST(KeyFromPassphrase, RefusesCostsThatAKeyFileMayLieAbout) {
  const Bytes salt(16, 's');
  EXPECT_EQ(KeyFromPassphrase("x", salt, {3, 1024 * 1024 + 1}).error().code, Code::kTooLarge);
  EXPECT_EQ(KeyFromPassphrase("x", salt, {65, 8}).error().code, Code::kTooLarge);
  EXPECT_EQ(KeyFromPassphrase("x", salt, {0, 8}).error().code, Code::kMalformed);
  EXPECT_EQ(KeyFromPassphrase("x", salt, {1, 7}).error().code, Code::kMalformed);
  EXPECT_EQ(KeyFromPassphrase("x", Bytes(15, 's'), {1, 8}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace chibo

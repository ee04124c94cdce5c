#include "proto/merkle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

// ---- The definitions of RFC 6962 §2.1, word for word, as the oracle -----------------------------

using Leaves = std::span<const Hash>;

std::size_t Split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) {
    k *= 2;
  }
  return k;
}

Hash NaiveRoot(Leaves d) {
  if (d.empty()) {
    return Sha256("");
  }
  if (d.size() == 1) {
    return d[0];
  }
  const std::size_t k = Split(d.size());
  return NodeHash(NaiveRoot(d.first(k)), NaiveRoot(d.subspan(k)));
}

std::vector<Hash> NaivePath(std::size_t m, Leaves d) {
  if (d.size() == 1) {
    return {};
  }
  const std::size_t k = Split(d.size());
  std::vector<Hash> path = m < k ? NaivePath(m, d.first(k)) : NaivePath(m - k, d.subspan(k));
  path.push_back(m < k ? NaiveRoot(d.subspan(k)) : NaiveRoot(d.first(k)));
  return path;
}

std::vector<Hash> NaiveSubproof(std::size_t m, Leaves d, bool whole) {
  if (m == d.size()) {
    return whole ? std::vector<Hash>() : std::vector<Hash>{NaiveRoot(d)};
  }
  const std::size_t k = Split(d.size());
  std::vector<Hash> proof =
      m <= k ? NaiveSubproof(m, d.first(k), whole) : NaiveSubproof(m - k, d.subspan(k), false);
  proof.push_back(m <= k ? NaiveRoot(d.subspan(k)) : NaiveRoot(d.first(k)));
  return proof;
}

std::vector<Hash> SomeLeaves(std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back(LeafHash(std::to_string(i)));
  }
  return leaves;
}

constexpr std::size_t kTreeMax = 70;

// ---- Hashes and roots ---------------------------------------------------------------------------

TEST(Merkle, PrefixesLeavesAndNodes) {
  EXPECT_EQ(LeafHash("L123456").hex(),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  EXPECT_EQ(LeafHash("").hex(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(NodeHash(LeafHash("a"), LeafHash("b")),
            Sha256({ByteView("\x01", 1), LeafHash("a").view(), LeafHash("b").view()}));
}

TEST(Merkle, EmptyTreeIsTheHashOfNothing) {
  EXPECT_EQ(MerkleRoot({}), Sha256(""));
  EXPECT_EQ(MerklePeaks().Root(), Sha256(""));
}

TEST(Merkle, RootsAreThoseOfTheDefinition) {
  const std::vector<Hash> leaves = SomeLeaves(300);
  MerklePeaks tree;
  for (std::size_t n = 0; n <= leaves.size(); ++n) {
    EXPECT_EQ(tree.size(), n);
    EXPECT_EQ(tree.Root(), NaiveRoot(Leaves(leaves).first(n))) << n;
    if (n < leaves.size()) {
      tree.Append(leaves[n]);
    }
  }
  EXPECT_EQ(MerkleRoot(leaves), tree.Root());
}

TEST(MerklePeaks, GoOnFromTheirStoredForm) {
  const std::vector<Hash> leaves = SomeLeaves(kTreeMax);
  MerklePeaks tree;
  for (const Hash& leaf : leaves) {
    const auto stored = MerklePeaks::Decode(tree.size(), tree.Encode());
    ASSERT_TRUE(stored);
    tree = *stored;
    tree.Append(leaf);
  }
  EXPECT_EQ(tree.Root(), NaiveRoot(leaves));
}

TEST(MerklePeaks, RefuseAnotherCountThanBitsInTheSize) {
  EXPECT_FALSE(MerklePeaks::From(3, SomeLeaves(1)));
  EXPECT_FALSE(MerklePeaks::From(0, SomeLeaves(1)));
  EXPECT_TRUE(MerklePeaks::From(3, SomeLeaves(2)));
  EXPECT_FALSE(MerklePeaks::Decode(3, Bytes(63, 'x')));
  EXPECT_FALSE(MerklePeaks::Decode(3, Bytes(96, 'x')));
  EXPECT_TRUE(MerklePeaks::Decode(UINT64_MAX, Bytes(64 * 32, 'x')));
}

// ---- Proofs -------------------------------------------------------------------------------------

TEST(Merkle, InclusionProofsAreThoseOfTheDefinitionAndHold) {
  const std::vector<Hash> leaves = SomeLeaves(kTreeMax);
  for (std::size_t n = 1; n <= leaves.size(); ++n) {
    const Leaves tree = Leaves(leaves).first(n);
    const Hash root = NaiveRoot(tree);
    for (std::size_t i = 0; i < n; ++i) {
      const std::vector<Hash> proof = InclusionProof(tree, i);
      ASSERT_EQ(proof, NaivePath(i, tree)) << i << " of " << n;
      ASSERT_TRUE(VerifyInclusion(tree[i], i, n, proof, root)) << i << " of " << n;
      ASSERT_EQ(RootFromInclusion(tree[i], i, n, proof), root);
    }
  }
}

TEST(Merkle, ConsistencyProofsAreThoseOfTheDefinitionAndHold) {
  const std::vector<Hash> leaves = SomeLeaves(kTreeMax);
  for (std::size_t n = 1; n <= leaves.size(); ++n) {
    const Leaves tree = Leaves(leaves).first(n);
    for (std::size_t m = 1; m <= n; ++m) {
      const std::vector<Hash> proof = ConsistencyProof(tree, m);
      ASSERT_EQ(proof, NaiveSubproof(m, tree, true)) << m << " in " << n;
      ASSERT_TRUE(VerifyConsistency(m, NaiveRoot(tree.first(m)), n, NaiveRoot(tree), proof))
          << m << " in " << n;
    }
  }
}

// Every way of spoiling a proof by one step: a flipped bit, one hash less at either end, one more
// at either end, two hashes exchanged.
std::vector<std::vector<Hash>> Spoiled(const std::vector<Hash>& proof, Random& random) {
  std::vector<std::vector<Hash>> all;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    all.push_back(proof);
    all.back()[i].data()[random.Below(32)] ^= static_cast<unsigned char>(1U << random.Below(8));
  }
  if (!proof.empty()) {
    all.emplace_back(proof.begin() + 1, proof.end());
    all.emplace_back(proof.begin(), proof.end() - 1);
  }
  const Hash more = random.DrawFixed<Hash>();
  all.push_back(proof);
  all.back().insert(all.back().begin(), more);
  all.push_back(proof);
  all.back().push_back(more);
  if (proof.size() > 1) {
    all.push_back(proof);
    std::swap(all.back()[0], all.back()[1]);
  }
  return all;
}

TEST(Merkle, RefusesSpoiledInclusionProofs) {
  SeededRandom random(11);
  const std::vector<Hash> leaves = SomeLeaves(40);
  for (std::size_t n = 1; n <= leaves.size(); ++n) {
    const Leaves tree = Leaves(leaves).first(n);
    const Hash root = NaiveRoot(tree);
    for (std::size_t i = 0; i < n; ++i) {
      const std::vector<Hash> proof = InclusionProof(tree, i);
      for (const auto& spoiled : Spoiled(proof, random)) {
        ASSERT_EQ(VerifyInclusion(tree[i], i, n, spoiled, root).error().code, Code::kBadProof);
      }
      EXPECT_FALSE(VerifyInclusion(LeafHash("other"), i, n, proof, root));
      EXPECT_FALSE(VerifyInclusion(tree[i], i, n, proof, LeafHash("other")));
      for (std::size_t other = 0; other < n; ++other) {
        EXPECT_TRUE(other == i || !VerifyInclusion(tree[i], other, n, proof, root));
      }
    }
  }
}

TEST(Merkle, RefusesSpoiledConsistencyProofs) {
  SeededRandom random(12);
  const std::vector<Hash> leaves = SomeLeaves(40);
  for (std::size_t n = 1; n <= leaves.size(); ++n) {
    const Leaves tree = Leaves(leaves).first(n);
    const Hash root = NaiveRoot(tree);
    for (std::size_t m = 1; m <= n; ++m) {
      const Hash old_root = NaiveRoot(tree.first(m));
      const std::vector<Hash> proof = ConsistencyProof(tree, m);
      for (const auto& spoiled : Spoiled(proof, random)) {
        ASSERT_EQ(VerifyConsistency(m, old_root, n, root, spoiled).error().code, Code::kBadProof)
            << m << " in " << n;
      }
      EXPECT_FALSE(VerifyConsistency(m, LeafHash("other"), n, root, proof));
      EXPECT_FALSE(VerifyConsistency(m, old_root, n, LeafHash("other"), proof));
    }
  }
}

TEST(Merkle, RefusesPlacesOutsideTheTree) {
  const std::vector<Hash> leaves = SomeLeaves(1);
  EXPECT_FALSE(VerifyInclusion(leaves[0], 0, 0, {}, leaves[0]));
  EXPECT_FALSE(VerifyInclusion(leaves[0], 1, 1, {}, leaves[0]));
  EXPECT_FALSE(VerifyConsistency(0, Sha256(""), 1, leaves[0], {}));
  EXPECT_FALSE(VerifyConsistency(2, leaves[0], 1, leaves[0], {}));
  EXPECT_FALSE(VerifyConsistency(UINT64_MAX, leaves[0], 1, leaves[0], {}));
}

TEST(Merkle, RefusesHugeSizesWithoutWork) {
  const Hash leaf = LeafHash("x");
  EXPECT_FALSE(VerifyInclusion(leaf, UINT64_MAX - 1, UINT64_MAX, {}, leaf));
  EXPECT_FALSE(VerifyConsistency(1, leaf, UINT64_MAX, leaf, std::vector<Hash>(64, leaf)));
}

// ---- Published vectors --------------------------------------------------------------------------

using Json = nlohmann::json;

std::optional<Json> Vectors() {
  const char* given = std::getenv("CHIBO_VECTORS");
  const std::string folder = given != nullptr ? given : CHIBO_SOURCE_DIR "/../shared/vectors";
  std::ifstream file(folder + "/merkle.json");
  return file ? std::optional(Json::parse(file)) : std::nullopt;
}

constexpr char kNoVectors[] =
    "merkle.json is not here: set CHIBO_VECTORS to the folder that holds it";

// Nothing when one of the hashes is not 32 bytes: malformed, hence refused before any computing.
std::optional<Hash> HashOf(const Json& text) {
  const auto bytes = text.is_string() ? FromBase64(text.get<std::string>()) : std::nullopt;
  return bytes ? Hash::From(*bytes) : std::nullopt;
}

// Some vectors about equal sizes have roots of other lengths, of which nothing but equality
// matters.
std::optional<Hash> RootOf(const Json& text) {
  const auto bytes = FromBase64(text.get<std::string>());
  return bytes && !bytes->empty() && bytes->size() < Hash::kSize ? Sha256(*bytes) : HashOf(text);
}

std::optional<std::vector<Hash>> ProofOf(const Json& list) {
  std::vector<Hash> proof;
  for (const Json& text : list.is_null() ? Json::array() : list) {
    const auto hash = HashOf(text);
    if (!hash) {
      return std::nullopt;
    }
    proof.push_back(*hash);
  }
  return proof;
}

TEST(MerkleVectors, Inclusion) {
  const auto vectors = Vectors();
  if (!vectors) {
    GTEST_SKIP() << kNoVectors;
  }
  int held = 0;
  for (const Json& v : vectors->at("inclusion")) {
    const auto root = HashOf(v.at("root"));
    const auto leaf = HashOf(v.at("leafHash"));
    const auto proof = ProofOf(v.at("proof"));
    const bool holds = root && leaf && proof &&
                       VerifyInclusion(*leaf, v.at("leafIdx").get<std::uint64_t>(),
                                       v.at("treeSize").get<std::uint64_t>(), *proof, *root);
    EXPECT_EQ(holds, !v.at("wantErr").get<bool>()) << v.at("name");
    held += holds ? 1 : 0;
  }
  EXPECT_GT(held, 0);
}

TEST(MerkleVectors, Consistency) {
  const auto vectors = Vectors();
  if (!vectors) {
    GTEST_SKIP() << kNoVectors;
  }
  int held = 0;
  for (const Json& v : vectors->at("consistency")) {
    const auto old_root = RootOf(v.at("root1"));
    const auto root = RootOf(v.at("root2"));
    const auto proof = ProofOf(v.at("proof"));
    const bool holds = old_root && root && proof &&
                       VerifyConsistency(v.at("size1").get<std::uint64_t>(), *old_root,
                                         v.at("size2").get<std::uint64_t>(), *root, *proof);
    EXPECT_EQ(holds, !v.at("wantErr").get<bool>()) << v.at("name");
    held += holds ? 1 : 0;
  }
  EXPECT_GT(held, 0);
}

}  // namespace
}  // namespace chibo

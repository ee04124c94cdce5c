#include "sync/fork_search.h"

#include <gtest/gtest.h>

#include <map>

#include "proto/crypto.h"
#include "sync/set_digest.h"

namespace chibo {
namespace {

// Branches of any size without their entries: two roots are equal as long as neither branch has
// parted from the first.
class Branching final {
 public:
  HeldStream Branch(std::uint32_t number, std::uint64_t size) {
    HeldStream branch;
    branch.id = StreamId::FromChecked(Bytes(32, 's'));
    branch.branch = number;
    branch.size = branch.signed_size = size;
    branch.root = RootOf(number, size);
    return branch;
  }
  Hash RootOf(std::uint32_t number, std::uint64_t size) const {
    Bytes bytes;
    AppendU64(bytes, size);
    AppendU64(bytes, size > parts_at ? number : 0);
    return Sha256(bytes);
  }
  std::uint64_t parts_at = 0;
};

class Roots final : public Exchange {
 public:
  explicit Roots(const Branching& branching) : branching_(branching) {}
  Result<std::optional<Hash>> RootAt(const StreamId&, std::uint32_t branch,
                                     std::uint64_t size) override {
    return branching_.RootOf(branch, size);
  }
  Result<std::optional<LackingText>> LackingAt(const StreamId&, std::uint32_t branch,
                                               std::uint64_t) override {
    return LackingEntries(lacking[branch]);
  }
  std::map<std::uint32_t, std::vector<EntryRun>> lacking;  // below every size that is asked for
  Result<std::optional<HeldStream>> Find(ByteView) override { return std::nullopt; }
  Result<std::vector<HeldStream>> Branches(const StreamId&) override { return {}; }
  Result<std::vector<EntryBytes>> Read(const StreamId&, std::uint32_t, std::uint64_t, std::uint64_t,
                                       std::size_t) override {
    return {};
  }
  Result<ChunkClose> Close(const StreamId&, std::uint32_t, std::uint64_t) override { return {}; }
  Result<StreamSecrets> SecretsFor(const StreamId&) override { return {}; }
  void Submit(ReceivedChunk) override {}
  Result<std::vector<HeldStream>> Upward() override { return {}; }
  Result<SetDigest> UpwardDigest(std::span<const StreamId>) override { return {}; }
  Result<std::vector<HeldStream>> Downward() override { return {}; }
  Result<SetDigest> DownwardDigest() override { return {}; }
  Bytes Lineage() override { return {}; }
  std::uint64_t Cursor() override { return 0; }
  Result<std::vector<OutboxRange>> Outbox(std::uint64_t, std::size_t) override { return {}; }
  std::vector<std::pair<pb::Spooled, Bytes>> Spool() override { return {}; }
  void PutSpool(const pb::ChunkHead&, ByteView) override {}
  void DropSpool(ByteView) override {}

 private:
  const Branching& branching_;
};

struct Found {
  std::uint64_t shared = 0;
  std::uint64_t shared_there = 0;
  int rounds = 0;
};

// Ours is branch 0, theirs branch 1; they part after `parts_at`.
Found Search(std::uint64_t parts_at, std::uint64_t ours, std::uint64_t theirs) {
  Branching branching;
  branching.parts_at = parts_at;
  Roots exchange(branching);
  ForkSearch search({branching.Branch(0, ours)});
  ForkAnswers answers;
  const std::vector<HeldStream> their_branches = {branching.Branch(1, theirs)};
  Found found;
  while (!search.found()) {
    const auto question = search.Ask(exchange);
    EXPECT_TRUE(question.has_value());
    EXPECT_LE(question->sizes_size(), 16);
    const auto answer = answers.Answer(exchange, their_branches, *question);
    EXPECT_TRUE(answer.has_value());
    EXPECT_TRUE(search.HandleAnswer(*answer));
    ++found.rounds;
    if (found.rounds > 100) {
      ADD_FAILURE() << "does not come to an end";
      break;
    }
  }
  found.shared = search.shared().at(0).size;
  found.shared_there = answers.shared(1);
  return found;
}

TEST(ForkSearch, FindsWhereCopiesPart) {
  for (std::uint64_t at = 1; at <= 60; ++at) {
    EXPECT_EQ(Search(at, 60, at + 20).shared, at) << at;
    EXPECT_EQ(Search(at, 60, at + 20).shared_there, at) << at;
  }
  EXPECT_EQ(Search(0, 60, 60).shared, 0U);
}

TEST(ForkSearch, TakesFewRounds) {
  EXPECT_LE(Search(700, 1000, 1000).rounds, 3);
  EXPECT_LE(Search(123'456, 1'000'000, 900'000).rounds, 6);
  EXPECT_EQ(Search(1000, 1000, 1000).rounds, 1);
}

TEST(ForkSearch, HugeSizesDoNotOverflow) {
  const std::uint64_t huge = ~std::uint64_t{0} - 1;
  const Found found = Search(huge / 3, huge, huge);
  EXPECT_EQ(found.shared, huge / 3);
  EXPECT_LE(found.rounds, 17);
}

TEST(ForkSearch, GoesThroughAllBranches) {
  Branching branching;
  branching.parts_at = 5;
  Roots exchange(branching);
  ForkSearch search({branching.Branch(0, 9), branching.Branch(2, 40)});
  ForkAnswers answers;
  const std::vector<HeldStream> theirs = {branching.Branch(1, 50), branching.Branch(2, 30)};
  while (!search.found()) {
    ASSERT_TRUE(search.HandleAnswer(*answers.Answer(exchange, theirs, *search.Ask(exchange))));
  }
  ASSERT_EQ(search.shared().size(), 2U);
  EXPECT_EQ(search.shared()[0].size, 5U);
  const ForkSearch::Wanted wanted = *search.Compare(exchange);
  ASSERT_EQ(wanted.branches.size(), 1U);  // the other stands in ours
  EXPECT_EQ(wanted.branches[0].size(), 50U);
  EXPECT_EQ(wanted.texts_from, UINT64_MAX);
}

// Branches 0 and 1 of both sides, which part at 5: `mine` of branch 0 is lacking here and `theirs`
// of both there.
ForkSearch::Wanted CompareTexts(const std::vector<EntryRun>& mine,
                                const std::vector<EntryRun>& theirs) {
  Branching branching;
  branching.parts_at = 5;
  Roots here(branching);
  Roots there(branching);
  here.lacking[0] = mine;
  there.lacking[0] = there.lacking[1] = theirs;
  const std::vector<HeldStream> branches = {branching.Branch(0, 20), branching.Branch(1, 30)};
  std::vector<HeldStream> ours = branches;
  ours[0].lacking = LackingEntries(mine);
  ForkSearch search(ours);
  ForkAnswers answers;
  while (!search.found()) {
    const auto answer = answers.Answer(there, branches, *search.Ask(here));
    CHECK(search.HandleAnswer(*answer));
  }
  return *search.Compare(here);
}

TEST(ForkSearch, AsksForTextsThatAreLackingHereAndSendsThoseLackingThere) {
  const ForkSearch::Wanted wanted = CompareTexts({{7, 9}}, {{3, 4}});
  EXPECT_EQ(wanted.texts_from, 3U);
  ASSERT_EQ(wanted.branches.size(), 1U);
  EXPECT_EQ(wanted.branches[0].size(), 20U);
  EXPECT_EQ(wanted.branches[0].lacking().from(), 7U);
  EXPECT_EQ(wanted.branches[0].again(), 20U);
}

TEST(ForkSearch, NothingIsSentForTextsThatBothSidesLack) {
  Branching branching;
  Roots exchange(branching);
  exchange.lacking[0] = {{2, 6}};
  HeldStream branch = branching.Branch(0, 20);
  branch.lacking = LackingEntries(exchange.lacking[0]);
  ForkSearch search({branch});
  ForkAnswers answers;
  ASSERT_TRUE(search.HandleAnswer(*answers.Answer(exchange, {{branch}}, *search.Ask(exchange))));
  const ForkSearch::Wanted wanted = *search.Compare(exchange);
  EXPECT_TRUE(wanted.branches.empty());
  EXPECT_EQ(wanted.texts_from, UINT64_MAX);
}

TEST(ForkSearch, RefusesAnswersToOtherQuestions) {
  Branching branching;
  Roots exchange(branching);
  ForkSearch search({branching.Branch(0, 40)});
  pb::ForkProbe answer;
  answer.set_agreed(41);
  EXPECT_FALSE(search.HandleAnswer(answer));
  answer.set_agreed(1);  // not among the sixteen
  EXPECT_FALSE(search.HandleAnswer(answer));
  answer.set_agreed(40);
  EXPECT_TRUE(search.HandleAnswer(answer));
  EXPECT_FALSE(search.HandleAnswer(answer));
}

}  // namespace
}  // namespace chibo

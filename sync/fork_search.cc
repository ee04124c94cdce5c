#include "sync/fork_search.h"

#include <algorithm>

#include "base/check.h"
#include "sync/stream_compare.h"

namespace chibo {
namespace {

constexpr std::uint64_t kSizesPerQuestion = 16;

}  // namespace

ForkSearch::ForkSearch(std::vector<HeldStream> branches) : branches_(std::move(branches)) {
  CHECK(!branches_.empty());
  differs_ = branches_[0].signed_size + 1;
}

// Sizes that cut what lies between `agreed_` and `differs_` into even parts; at first the whole
// branch among them.
std::vector<std::uint64_t> ForkSearch::Sizes() const {
  const std::uint64_t unknown = differs_ - agreed_ - 1;
  const std::uint64_t count = std::min(unknown, kSizesPerQuestion);
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t i = 1; i <= count; ++i) {
    // Written so that it does not overflow for any size.
    sizes.push_back(agreed_ + unknown / count * i + unknown % count * i / count);
  }
  return sizes;
}

Result<pb::ForkProbe> ForkSearch::Ask(Exchange& exchange) const {
  CHECK(!found());
  const HeldStream& branch = branches_[at_];
  pb::ForkProbe probe;
  probe.set_stream(WireName(exchange, branch.id));
  for (const std::uint64_t size : Sizes()) {
    CHIBO_TRY_VALUE(const auto root, exchange.RootAt(branch.id, branch.branch, size));
    if (!root) {
      return Fail(Code::kDamaged, "entries_missing", branch.id.hex());
    }
    probe.add_sizes(size);
    probe.add_roots(RootPrefix(*root));
  }
  return probe;
}

Status ForkSearch::HandleAnswer(const pb::ForkProbe& answer) {
  if (found()) {
    return Fail(Code::kMalformed, "fork_answer_not_asked");
  }
  const std::vector<std::uint64_t> sizes = Sizes();
  const auto agreed = std::find(sizes.begin(), sizes.end(), answer.agreed());
  const bool none = answer.agreed() == 0;
  if ((!none && agreed == sizes.end()) || answer.branches_size() > kForkBranchesMax) {
    return Fail(Code::kMalformed, "fork_answer_malformed");
  }
  const auto next = none ? sizes.begin() : agreed + 1;
  if (!none) {
    agreed_ = *agreed;
  }
  if (next != sizes.end()) {
    differs_ = *next;
  }
  theirs_.assign(answer.branches().begin(), answer.branches().end());
  for (const pb::Held& branch : theirs_) {
    CHIBO_TRY(CheckHeld(branch, false));
  }
  if (differs_ - agreed_ > 1) {
    return {};
  }
  shared_.push_back({branches_[at_], agreed_});
  ++at_;
  agreed_ = 0;
  differs_ = found() ? 0 : branches_[at_].signed_size + 1;
  return {};
}

Result<const HeldStream*> ForkSearch::HolderOf(Exchange& exchange, const pb::Held& theirs) const {
  for (const HeldStream& branch : branches_) {
    CHIBO_TRY_VALUE(const bool holds,
                    HasRootAt(exchange, {&branch, 1}, theirs.size(), theirs.root()));
    if (holds) {
      return &branch;
    }
  }
  return nullptr;
}

Result<ForkSearch::Wanted> ForkSearch::Compare(Exchange& exchange) const {
  // Which of our branches share what with one that is not here is not known: from the lowest.
  std::optional<LackingText> lowest;
  for (const HeldStream& branch : branches_) {
    if (branch.lacking && (!lowest || branch.lacking->from < lowest->from)) {
      lowest = branch.lacking;
    }
  }
  Wanted wanted;
  for (const pb::Held& theirs : theirs_) {
    CHIBO_TRY_VALUE(const HeldStream* const holder, HolderOf(exchange, theirs));
    std::optional<LackingText> lacking = lowest;
    if (holder != nullptr) {
      CHIBO_TRY_VALUE(lacking, exchange.LackingAt(holder->id, holder->branch, theirs.size()));
      if (Says(theirs, lacking)) {
        continue;
      }
    }
    if (theirs.has_lacking()) {
      wanted.texts_from = std::min(wanted.texts_from, theirs.lacking().from());
    }
    if (holder == nullptr || lacking) {
      pb::Held& branch = wanted.branches.emplace_back(theirs);
      branch.clear_lacking();
      if (lacking && lacking->from < theirs.size()) {
        *branch.mutable_lacking() = ToMessage(*lacking);
      }
      branch.set_again(holder == nullptr ? 0 : theirs.size());
    }
  }
  return wanted;
}

Result<pb::ForkProbe> ForkAnswers::Answer(Exchange& exchange, std::span<const HeldStream> branches,
                                          const pb::ForkProbe& question) {
  if (question.sizes_size() > kForkSizesMax || question.sizes_size() != question.roots_size()) {
    return Fail(Code::kMalformed, "fork_question_malformed");
  }
  pb::ForkProbe answer;
  answer.set_stream(question.stream());
  answer.set_answer(true);
  for (const HeldStream& branch : branches) {
    CHIBO_TRY_VALUE(const auto end, exchange.RootAt(branch.id, branch.branch, branch.signed_size));
    if (branch.signed_size == 0 || !end || answer.branches_size() == kForkBranchesMax) {
      continue;
    }
    pb::Held& told = *answer.add_branches();
    told.set_size(branch.signed_size);
    told.set_root(RootPrefix(*end));
    CHIBO_TRY_VALUE(const auto lacking,
                    exchange.LackingAt(branch.id, branch.branch, branch.signed_size));
    if (lacking) {
      *told.mutable_lacking() = ToMessage(*lacking);
    }
    auto mine = std::find_if(shared_.begin(), shared_.end(),
                             [&](const auto& one) { return one.first == branch.branch; });
    if (mine == shared_.end()) {
      mine = shared_.insert(shared_.end(), {branch.branch, 0});
    }
    for (int i = 0; i < question.sizes_size(); ++i) {
      const std::uint64_t size = question.sizes(i);
      CHIBO_TRY_VALUE(const auto root, exchange.RootAt(branch.id, branch.branch, size));
      if (size > 0 && root && RootPrefix(*root) == question.roots(i)) {
        mine->second = std::max(mine->second, size);
        answer.set_agreed(std::max(answer.agreed(), size));
      }
    }
  }
  return answer;
}

std::uint64_t ForkAnswers::shared(std::uint32_t branch) const {
  const auto mine = std::find_if(shared_.begin(), shared_.end(),
                                 [&](const auto& one) { return one.first == branch; });
  return mine == shared_.end() ? 0 : mine->second;
}

}  // namespace chibo

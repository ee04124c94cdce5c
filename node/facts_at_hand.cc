#include "node/facts_at_hand.h"

namespace chibo {
namespace {

// Remembered at most; all are forgotten when there are more. Subjects are evaluated one after the
// other, so that what is asked for again was mostly asked for just before.
constexpr std::size_t kFactsMax = 2048;

}  // namespace

std::size_t FactsAtHand::HashOfPlace::operator()(const Place& place) const noexcept {
  // Streams differ at random; of one stream, places follow each other.
  constexpr std::size_t kOdd = 0x9e3779b97f4a7c15;
  return std::hash<StreamId>()(place.name.stream) ^
         ((place.name.index << 8) + place.name.position + (std::size_t{place.branch} << 40)) * kOdd;
}

void FactsAtHand::Put(const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    facts_[{fact.name, fact.branch}] = &fact;
  }
}

void FactsAtHand::Clear() {
  facts_.clear();
  settled_ = false;
  read_.clear();
  read_count_ = 0;
}

Result<std::vector<Fact>> FactsAtHand::FactsOf(const FactKey& key) const {
  if (!settled_) {
    return Read(key);
  }
  const auto known = read_.find(key);
  if (known != read_.end()) {
    return known->second;
  }
  CHIBO_TRY_VALUE(auto facts, Read(key));
  if (read_count_ + facts.size() > kFactsMax) {
    read_.clear();
    read_count_ = 0;
  }
  read_count_ += facts.size();
  read_.emplace(key, facts);
  return facts;
}

Result<std::vector<Fact>> FactsAtHand::Read(const FactKey& key) const {
  if (facts_.empty()) {
    return view_.FactsOf(key);
  }
  return view_.FactsOf(key, [this](const RecordName& name, std::uint32_t branch) {
    const auto found = facts_.find({name, branch});
    return found == facts_.end() ? nullptr : found->second;
  });
}

}  // namespace chibo

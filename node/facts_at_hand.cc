#include "node/facts_at_hand.h"

namespace chibo {
namespace {

// Remembered at most; all are forgotten when there are more. Subjects are evaluated one after the
// other, so that what is asked for again was mostly asked for just before.
constexpr std::size_t kFactsMax = 2048;

}  // namespace

void FactsAtHand::Clear() {
  settled_ = false;
  read_.clear();
  read_count_ = 0;
}

Result<std::vector<Fact>> FactsAtHand::FactsOf(const FactKey& key) const {
  if (!settled_) {
    return view_.FactsOf(key);
  }
  const auto known = read_.find(key);
  if (known != read_.end()) {
    return known->second;
  }
  CHIBO_TRY_VALUE(auto facts, view_.FactsOf(key));
  if (read_count_ + facts.size() > kFactsMax) {
    read_.clear();
    read_count_ = 0;
  }
  read_count_ += facts.size();
  read_.emplace(key, facts);
  return facts;
}

}  // namespace chibo

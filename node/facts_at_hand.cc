#include "node/facts_at_hand.h"

namespace chibo {

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

Result<std::vector<Fact>> FactsAtHand::FactsOf(const FactKey& key) const {
  if (facts_.empty()) {
    return view_.FactsOf(key);
  }
  return view_.FactsOf(key, [this](const RecordName& name, std::uint32_t branch) {
    const auto found = facts_.find({name, branch});
    return found == facts_.end() ? nullptr : found->second;
  });
}

}  // namespace chibo

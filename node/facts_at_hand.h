#ifndef CHIBO_NODE_FACTS_AT_HAND_H_
#define CHIBO_NODE_FACTS_AT_HAND_H_

#include <unordered_map>
#include <vector>

#include "storage/view_store.h"

namespace chibo {

// The view's facts. Those that came in just now are in memory and need not be read out of the store
// again to be judged and evaluated: most of what an ingest reads.
class FactsAtHand final : public FactSource {
 public:
  // `view` must outlive it.
  explicit FactsAtHand(const ViewStore& view) : view_(view) {}

  // Facts as they are put into the view; they must stay where they are until Clear.
  void Put(const std::vector<Fact>& facts);
  // One whose standing has changed in the view since: from now on it is read there.
  void Forget(const Fact& fact) { facts_.erase({fact.name, fact.branch}); }
  void Clear() { facts_.clear(); }

  Result<std::vector<Fact>> FactsOf(const FactKey& key) const override;

 private:
  struct Place {
    RecordName name;
    std::uint32_t branch = 0;

    friend bool operator==(const Place&, const Place&) = default;
  };
  struct HashOfPlace {
    std::size_t operator()(const Place& place) const noexcept;
  };

  const ViewStore& view_;
  std::unordered_map<Place, const Fact*, HashOfPlace> facts_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_FACTS_AT_HAND_H_

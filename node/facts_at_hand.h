#ifndef CHIBO_NODE_FACTS_AT_HAND_H_
#define CHIBO_NODE_FACTS_AT_HAND_H_

#include <map>
#include <unordered_map>
#include <vector>

#include "storage/view_store.h"

namespace chibo {

// The view's facts. Those that came in just now are in memory and need not be read out of the store
// again to be judged and evaluated: most of what an ingest reads. Once all are judged the same few
// are asked for again and again, to find the subjects, their periods and what each comes to: what
// was read is then remembered, up to a limit.
class FactsAtHand final : public FactSource {
 public:
  // `view` must outlive it.
  explicit FactsAtHand(const ViewStore& view) : view_(view) {}

  // Facts as they are put into the view; they must stay where they are until Clear.
  void Put(const std::vector<Fact>& facts);
  // One whose standing has changed in the view since: from now on it is read there.
  void Forget(const Fact& fact) { facts_.erase({fact.name, fact.branch}); }
  // Until Clear no fact is put into the view and none gets another standing.
  void Settled() { settled_ = true; }
  void Clear();

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

  Result<std::vector<Fact>> Read(const FactKey& key) const;

  const ViewStore& view_;
  std::unordered_map<Place, const Fact*, HashOfPlace> facts_;
  bool settled_ = false;
  mutable std::map<FactKey, std::vector<Fact>> read_;
  mutable std::size_t read_count_ = 0;  // facts among them
};

}  // namespace chibo

#endif  // CHIBO_NODE_FACTS_AT_HAND_H_

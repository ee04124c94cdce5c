#ifndef CHIBO_NODE_FACTS_AT_HAND_H_
#define CHIBO_NODE_FACTS_AT_HAND_H_

#include <map>
#include <vector>

#include "storage/view_store.h"

namespace chibo {

// The view's facts. Once all that came in are judged the same few are asked for again and again, to
// find the subjects, their periods and what each comes to: what was read is then remembered, up to
// a limit.
class FactsAtHand final : public FactSource {
 public:
  // `view` must outlive it.
  explicit FactsAtHand(const ViewStore& view) : view_(view) {}

  // Until Clear no fact is put into the view and none gets another standing.
  void Settled() { settled_ = true; }
  void Clear();

  Result<std::vector<Fact>> FactsOf(const FactKey& key) const override;

 private:
  const ViewStore& view_;
  bool settled_ = false;
  mutable std::map<FactKey, std::vector<Fact>> read_;
  mutable std::size_t read_count_ = 0;  // facts among them
};

}  // namespace chibo

#endif  // CHIBO_NODE_FACTS_AT_HAND_H_

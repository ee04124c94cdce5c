#include "node/unheeded.h"

#include <utility>

namespace chibo {

Status VisitUnheeded(const Replica& replica,
                     const std::function<bool(const UnheededRecord&)>& visit) {
  const Context context = replica.projector().context();
  UnheededReader reader(context);
  Status read;
  CHIBO_TRY(replica.view().VisitFacts([&](const Fact& fact) {
    auto parts = reader.PartsOf(fact);
    if (!parts) {
      read = tl::unexpected(std::move(parts).error());
      return false;
    }
    return parts->empty() || visit({fact, *std::move(parts)});
  }));
  return read;
}

Result<std::vector<UnheededRecord>> UnheededIn(const Replica& replica,
                                               std::span<const RecordName> first) {
  const Context context = replica.projector().context();
  UnheededReader reader(context);
  std::vector<UnheededRecord> unheeded;
  for (RecordName name : first) {
    while (true) {
      CHIBO_TRY_VALUE(const auto fact, replica.view().FactAt(name, 0));
      if (!fact) {
        break;
      }
      CHIBO_TRY_VALUE(auto parts, reader.PartsOf(*fact));
      if (!parts.empty()) {
        unheeded.push_back({*fact, std::move(parts)});
      }
      ++name.position;
    }
  }
  return unheeded;
}

}  // namespace chibo

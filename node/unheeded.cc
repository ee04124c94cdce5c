#include "node/unheeded.h"

#include <utility>

namespace chibo {
namespace {

// The records of entries of which `first` names the first record each.
Status VisitWritten(const Replica& replica, std::span<const RecordName> first,
                    const std::function<Status(const Fact&)>& visit) {
  for (RecordName name : first) {
    while (true) {
      CHIBO_TRY_VALUE(const auto fact, replica.view().FactAt(name, 0));
      if (!fact) {
        break;
      }
      CHIBO_TRY(visit(*fact));
      ++name.position;
    }
  }
  return {};
}

}  // namespace

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
  CHIBO_TRY(VisitWritten(replica, first, [&](const Fact& fact) -> Status {
    CHIBO_TRY_VALUE(auto parts, reader.PartsOf(fact));
    if (!parts.empty()) {
      unheeded.push_back({fact, std::move(parts)});
    }
    return {};
  }));
  return unheeded;
}

Result<std::vector<Fact>> SetAsideIn(const Replica& replica, std::span<const RecordName> first) {
  std::vector<Fact> set_aside;
  CHIBO_TRY(VisitWritten(replica, first, [&](const Fact& fact) -> Status {
    if (!fact.counts()) {
      set_aside.push_back(fact);
    }
    return {};
  }));
  return set_aside;
}

}  // namespace chibo

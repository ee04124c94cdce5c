#include "tests/sim/options.h"

#include "proto/crypto.h"

namespace chibo::sim {

std::string_view Name(FaultKind kind) {
  switch (kind) {
#define CHIBO_SIM_FAULT(name, word) \
  case FaultKind::name:             \
    return word;
    CHIBO_SIM_FAULTS(CHIBO_SIM_FAULT)
#undef CHIBO_SIM_FAULT
  }
  return "";
}

const std::set<FaultKind>& AllFaults() {
  static const std::set<FaultKind> kAll{
#define CHIBO_SIM_FAULT(name, word) FaultKind::name,
      CHIBO_SIM_FAULTS(CHIBO_SIM_FAULT)
#undef CHIBO_SIM_FAULT
  };
  return kAll;
}

std::optional<std::set<FaultKind>> ParseFaults(std::string_view text) {
  if (text == "all") {
    return AllFaults();
  }
  std::set<FaultKind> faults;
  while (!text.empty() && text != "none") {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t before = faults.size();
    for (const FaultKind kind : AllFaults()) {
      if (Name(kind) == word) {
        faults.insert(kind);
      }
    }
    if (faults.size() == before) {
      return std::nullopt;
    }
  }
  return faults;
}

SeededRandom DiceFor(std::uint64_t seed, std::string_view purpose) {
  Bytes number;
  AppendU64(number, seed);
  return SeededRandom(ReadU64(Sha256({number, purpose}).view()));
}

Options Derive(const Wanted& wanted) {
  Options options;
  options.seed = wanted.seed;
  options.nodes = wanted.nodes;
  options.trace = wanted.trace;
  SeededRandom dice = DiceFor(wanted.seed, "options");
  options.actions = 2 + static_cast<std::uint32_t>(dice.Below(6));
  options.span = std::chrono::hours(6 + dice.Below(72));
  const std::uint64_t mood = dice.Below(10);
  for (const FaultKind kind : AllFaults()) {
    const bool drawn = dice.Below(2) == 0;
    if (mood == 1 || (mood > 1 && drawn)) {
      options.faults.insert(kind);
    }
  }
  options.faults = wanted.faults.value_or(options.faults);
  options.actions = wanted.actions.value_or(options.actions);
  return options;
}

std::string Options::Text() const {
  std::string kinds;
  for (const FaultKind kind : faults) {
    kinds += (kinds.empty() ? "" : ",") + std::string(Name(kind));
  }
  return "--seed " + std::to_string(seed) + " --nodes " + std::to_string(nodes) + " --faults " +
         (kinds.empty() ? "none" : kinds) + " --actions " + std::to_string(actions);
}

}  // namespace chibo::sim

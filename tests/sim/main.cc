// Runs seeds of the simulator. tests/sim/run builds it and hands its words over; what they mean
// stands in tests/sim/README.md.
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/planted.h"
#include "proto/crypto.h"
#include "tests/remembered_signatures.h"
#include "tests/sim/checkers/i17_clock.h"
#include "tests/sim/kept_logs.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

constexpr int kUsage = 1;
constexpr int kViolated = 3;

struct Arguments {
  Wanted wanted;
  std::uint64_t seeds = 1;
  double seconds = 0;  // 0: no limit
  bool json = false;
  bool twice = false;
  bool clocks = false;
  std::string keep;  // a folder to keep stores in
  std::string kept;  // a folder of stores to look at
  bool shrink = false;
  bool stop = false;
  std::string commit;
};

struct SeedResult {
  Options options;
  std::optional<Violation> violation;
  Hash trace;
  std::uint64_t lines = 0;
  std::map<std::string, std::uint64_t> probes;
};

std::string running;

// Stores lie in memory and are copied and dropped all the time: what they took is not given back to
// the system, to be asked for and cleared again.
void KeepMemoryAtHand() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

// A CHECK that fails is a finding too: says which run it was before the process is gone.
void OnAbort(int) {
  std::fflush(stdout);
  static_cast<void>(!write(STDERR_FILENO, running.data(), running.size()));
  _exit(kViolated);
}

SeedResult RunSeed(const Options& options, const std::string& commit) {
  running = "aborted: tests/sim/run " + options.Text() + " (commit " + commit + ")\n";
  ForgetSignatures();
  World world(options);
  SeedResult result;
  result.options = options;
  result.violation = world.Run();
  result.trace = world.trace().hash();
  result.lines = world.trace().lines();
  result.probes = world.probes().counts();
  return result;
}

// Switches a known mistake on; false when this build has none of that name.
bool Plant([[maybe_unused]] const std::string& name) {
#ifdef CHIBO_PLANTED_BUGS
#define CHIBO_PLANTED_BUG(bug, word, what) \
  if (name == (word)) {                    \
    planted::active = planted::Bug::bug;   \
    return true;                           \
  }
  CHIBO_PLANTED_LIST(CHIBO_PLANTED_BUG)
#undef CHIBO_PLANTED_BUG
#endif
  return false;
}

// All that can be switched on, a line each.
void ListPlanted() {
#ifdef CHIBO_PLANTED_BUGS
#define CHIBO_PLANTED_BUG(bug, word, what) std::printf("%s\t%s\n", word, what);
  CHIBO_PLANTED_LIST(CHIBO_PLANTED_BUG)
#undef CHIBO_PLANTED_BUG
#endif
}

// Words that stand alone; false when it is none of them.
bool TakeSwitch(const std::string& word, Arguments& arguments) {
  for (const auto& [name, value] :
       {std::pair("--trace", &arguments.wanted.trace), std::pair("--json", &arguments.json),
        std::pair("--twice", &arguments.twice), std::pair("--clocks", &arguments.clocks),
        std::pair("--stop", &arguments.stop), std::pair("--shrink", &arguments.shrink)}) {
    if (word == name) {
      *value = true;
      return true;
    }
  }
  return false;
}

std::optional<Arguments> Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool last = i + 1 == words.size();
    const auto number = [&] { return std::strtoull(words[i + 1].c_str(), nullptr, 10); };
    if (TakeSwitch(word, arguments)) {
      continue;
    }
    if (last) {
      return std::nullopt;
    }
    if (word == "--seed") {
      arguments.wanted.seed = number();
    } else if (word == "--seeds") {
      arguments.seeds = number();
    } else if (word == "--nodes") {
      arguments.wanted.nodes = static_cast<std::uint32_t>(number());
    } else if (word == "--actions") {
      arguments.wanted.actions = static_cast<std::uint32_t>(number());
    } else if (word == "--seconds") {
      arguments.seconds = std::atof(words[i + 1].c_str());
    } else if (word == "--planted") {
      if (!Plant(words[i + 1])) {
        return std::nullopt;
      }
    } else if (word == "--keep") {
      arguments.keep = words[i + 1];
    } else if (word == "--kept") {
      arguments.kept = words[i + 1];
    } else if (word == "--commit") {
      arguments.commit = words[i + 1];
    } else if (word == "--faults") {
      arguments.wanted.faults = ParseFaults(words[i + 1]);
      if (!arguments.wanted.faults) {
        return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
    ++i;
  }
  return arguments;
}

void PrintViolation(const SeedResult& result, const std::string& commit) {
  std::printf("violated %s: %s\n  again: tests/sim/run %s --trace\n  commit %s, trace %s\n",
              result.violation->invariant.c_str(), result.violation->what.c_str(),
              result.options.Text().c_str(), commit.c_str(), result.trace.hex().c_str());
}

// The smallest run found that violates the same invariant: fewer kinds of faults, fewer machines,
// less work.
SeedResult Shrink(SeedResult failed, const std::string& commit) {
  const std::string invariant = failed.violation->invariant;
  const auto fails = [&](const Options& options) {
    SeedResult tried = RunSeed(options, commit);
    if (!tried.violation || tried.violation->invariant != invariant) {
      return false;
    }
    failed = std::move(tried);
    return true;
  };
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (const FaultKind kind : std::set<FaultKind>(failed.options.faults)) {
      Options options = failed.options;
      options.faults.erase(kind);
      smaller = fails(options) || smaller;
    }
    for (const std::uint32_t nodes : {3U, failed.options.nodes / 2, failed.options.nodes - 1}) {
      Options options = failed.options;
      options.nodes = std::max(3U, nodes);
      if (options.nodes < failed.options.nodes && fails(options)) {
        smaller = true;
        break;
      }
    }
    if (failed.options.actions > 1) {
      Options options = failed.options;
      --options.actions;
      smaller = fails(options) || smaller;
    }
  }
  return failed;
}

int ReportKept(const std::optional<Violation>& violation) {
  if (violation) {
    std::printf("violated %s: %s\n", violation->invariant.c_str(), violation->what.c_str());
  }
  return violation ? kViolated : 0;
}

// Of all seeds that were run.
struct Outcome {
  std::uint64_t seeds = 0;
  std::uint64_t lines = 0;
  double seconds = 0;
  Hash last;
  std::map<std::string, std::uint64_t> probes;
  std::vector<SeedResult> failed;
};

void PrintOutcome(const Arguments& arguments, const Outcome& outcome) {
  const double each_ms =
      outcome.seeds == 0 ? 0 : outcome.seconds * 1000 / static_cast<double>(outcome.seeds);
  if (arguments.json) {
    nlohmann::ordered_json json;
    json["commit"] = arguments.commit;
    json["first_seed"] = arguments.wanted.seed;
    json["seeds"] = outcome.seeds;
    json["nodes"] = arguments.wanted.nodes;
    json["seconds"] = outcome.seconds;
    json["ms_per_seed"] = each_ms;
    json["events"] = outcome.lines;
    json["trace"] = outcome.last.hex();
    json["probes"] = outcome.probes;
    json["violations"] = nlohmann::ordered_json::array();
    for (const SeedResult& result : outcome.failed) {
      json["violations"].push_back({{"invariant", result.violation->invariant},
                                    {"what", result.violation->what},
                                    {"options", result.options.Text()},
                                    {"trace", result.trace.hex()}});
    }
    std::printf("%s\n", json.dump(1).c_str());
  } else {
    std::printf(
        "%llu seeds from %llu, %u nodes, %zu violated, %llu events, %.1f ms a seed, trace "
        "%s\n",
        static_cast<unsigned long long>(outcome.seeds),
        static_cast<unsigned long long>(arguments.wanted.seed), arguments.wanted.nodes,
        outcome.failed.size(), static_cast<unsigned long long>(outcome.lines), each_ms,
        outcome.last.hex().c_str());
    for (const auto& [name, count] : outcome.probes) {
      std::printf("  %10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
    }
  }
}

int Run(const Arguments& arguments) {
  using Watch = std::chrono::steady_clock;
  const auto begun = Watch::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Watch::now() - begun).count(); };
  std::map<std::string, std::uint64_t> probes;
  std::uint64_t seeds = 0;
  std::uint64_t lines = 0;
  std::vector<SeedResult> failed;
  Hash last;
  while (seeds < arguments.seeds && !(arguments.stop && !failed.empty()) &&
         (arguments.seconds == 0 || seconds() < arguments.seconds)) {
    Wanted wanted = arguments.wanted;
    wanted.seed += seeds;
    SeedResult result = RunSeed(Derive(wanted), arguments.commit);
    if (arguments.twice && !result.violation) {
      const SeedResult again = RunSeed(Derive(wanted), arguments.commit);
      if (again.trace != result.trace) {
        result.violation = Violation{"I7", "the same seed gave another trace"};
      }
    }
    if (arguments.clocks && !result.violation) {
      result.violation = CompareClocks(Derive(wanted));
    }
    ++seeds;
    lines += result.lines;
    last = result.trace;
    for (const auto& [name, count] : result.probes) {
      probes[name] += count;
    }
    if (result.violation) {
      if (!arguments.json) {
        PrintViolation(result, arguments.commit);
      }
      failed.push_back(arguments.shrink ? Shrink(result, arguments.commit) : result);
      if (!arguments.json && arguments.shrink) {
        std::printf("shrunk to:\n");
        PrintViolation(failed.back(), arguments.commit);
      }
    }
  }
  const Outcome outcome{seeds, lines, seconds(), last, probes, failed};
  PrintOutcome(arguments, outcome);
  return failed.empty() ? 0 : kViolated;
}

}  // namespace
}  // namespace chibo::sim

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--list-planted") {
    chibo::sim::ListPlanted();
    return 0;
  }
  const auto arguments = chibo::sim::Parse(std::vector<std::string>(argv + 1, argv + argc));
  if (!arguments) {
    std::fprintf(
        stderr,
        "chibo-sim [--seed N] [--seeds N] [--seconds S] [--nodes N] [--faults all|none|A,B…]\n"
        "          [--actions N] [--trace] [--twice] [--clocks] [--shrink] [--stop] [--json]\n"
        "          [--planted NAME] [--commit ID] [--keep DIR | --kept DIR]\n");
    return chibo::sim::kUsage;
  }
  chibo::sim::KeepMemoryAtHand();
  chibo::InitCrypto();
  signal(SIGABRT, chibo::sim::OnAbort);
  if (!arguments->keep.empty()) {
    return chibo::sim::ReportKept(
        chibo::sim::KeepLogs(chibo::sim::Derive(arguments->wanted), arguments->keep));
  }
  if (!arguments->kept.empty()) {
    return chibo::sim::ReportKept(chibo::sim::CheckKeptLogs(arguments->kept));
  }
  return chibo::sim::Run(*arguments);
}

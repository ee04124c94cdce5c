// Runs random orders. tests/orders/run builds it and hands its words over.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "proto/crypto.h"
#include "tests/orders/orders.h"

namespace chibo::orders {
namespace {

constexpr int kUsage = 1;
constexpr int kViolated = 3;
// Of one province so many sets, in so many orders each.
constexpr std::uint64_t kSets = 16;
constexpr std::uint32_t kOrders = 4;

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;
  double seconds = 0;  // 0: no limit
  bool json = false;
};

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t runs = 0;
  std::uint64_t violated = 0;
  std::uint64_t entries = 0;
  std::uint64_t early = 0;
  std::uint64_t restarts = 0;
  std::uint64_t forks = 0;
};

void RunSeed(std::uint64_t seed, const Arguments& arguments, Totals& totals) {
  Orders orders(seed);
  for (std::uint64_t set = 1; set <= kSets && totals.runs < arguments.runs; ++set) {
    if (const auto wrong = orders.Run(set, kOrders)) {
      ++totals.violated;
      std::fprintf(stderr, "violated I6: %s\n  again: tests/orders/run --seed %llu --runs %llu\n",
                   wrong->c_str(), static_cast<unsigned long long>(seed),
                   static_cast<unsigned long long>(set * kOrders));
    }
    totals.runs += kOrders;
  }
  ++totals.seeds;
  totals.entries += orders.entries();
  totals.early += orders.early();
  totals.restarts += orders.restarts();
  totals.forks += orders.forks();
}

int Run(const Arguments& arguments) {
  using Watch = std::chrono::steady_clock;
  const auto begun = Watch::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Watch::now() - begun).count(); };
  Totals totals;
  while (totals.runs < arguments.runs &&
         (arguments.seconds == 0 || seconds() < arguments.seconds)) {
    RunSeed(arguments.seed + totals.seeds, arguments, totals);
  }
  const auto runs = static_cast<double>(totals.runs);
  const double each_ms = seconds() * 1000 / runs;
  const double each_cpu_ms = static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC / runs;
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  if (arguments.json) {
    std::printf(
        "{\"first_seed\": %llu, \"seeds\": %llu, \"runs\": %llu, \"violated\": %llu, "
        "\"entries\": %llu, \"ms_per_run\": %.3f, \"cpu_ms_per_run\": %.3f}\n",
        number(arguments.seed), number(totals.seeds), number(totals.runs), number(totals.violated),
        number(totals.entries), each_ms, each_cpu_ms);
  } else {
    std::printf(
        "%llu provinces from %llu, %llu runs, %llu violated, %llu entries taken in, %llu chunks "
        "early, %llu restarts, %llu forks, %.2f ms a run, %.2f ms CPU\n",
        number(totals.seeds), number(arguments.seed), number(totals.runs), number(totals.violated),
        number(totals.entries), number(totals.early), number(totals.restarts), number(totals.forks),
        each_ms, each_cpu_ms);
  }
  return totals.violated == 0 ? 0 : kViolated;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (word == "--json") {
      arguments.json = true;
      continue;
    }
    if (value != nullptr && word == "--seed") {
      arguments.seed = std::strtoull(value, nullptr, 10);
    } else if (value != nullptr && word == "--runs") {
      arguments.runs = std::strtoull(value, nullptr, 10);
    } else if (value != nullptr && word == "--seconds") {
      arguments.seconds = std::atof(value);
    } else {
      std::fprintf(stderr, "chibo-orders [--seed N] [--runs N] [--seconds S] [--json]\n");
      return kUsage;
    }
    ++i;
  }
  InitCrypto();
  return Run(arguments);
}

}  // namespace
}  // namespace chibo::orders

int main(int argc, char** argv) { return chibo::orders::Main(argc, argv); }

// Plays a season of a whole province. tests/season/run builds it and hands its words over.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "proto/crypto.h"
#include "tests/season/season.h"

namespace chibo::sim {
namespace {

constexpr int kUsage = 1;
constexpr int kViolated = 3;
constexpr std::size_t kToldMax = 20;

// The most that this process ever had in memory, in MiB.
double PeakMib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  }
  return 0;
}

double Mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1024 * 1024); }

int Play(const SeasonPlan& plan) {
  Season season(plan);
  season.Play();
  SeasonCost all;
  for (const SeasonCost& cost : season.costs()) {
    std::printf("  %8.2f s  %8.2f s CPU  %8.2f ms a cell  %s\n", cost.seconds, cost.cpu_seconds,
                cost.cpu_seconds * 1000 / plan.cells, cost.phase.c_str());
    all.seconds += cost.seconds;
    all.cpu_seconds += cost.cpu_seconds;
  }
  for (std::size_t i = 0; i < season.all().wrong.size() && i < kToldMax; ++i) {
    std::printf("wrong: %s\n", season.all().wrong[i].c_str());
  }
  std::printf(
      "season of %u cells, %llu members, %llu records, %llu decided, seed %llu: %.1f s, %.1f s "
      "CPU, %.2f ms a cell, peak %.0f MiB, %llu sessions (%llu cut), %.1f MiB up, %.1f MiB down, "
      "%.1f MiB in the cells' directories, %zu wrong\n",
      plan.cells, static_cast<unsigned long long>(season.members()),
      static_cast<unsigned long long>(season.records()),
      static_cast<unsigned long long>(season.all().decided),
      static_cast<unsigned long long>(plan.seed), all.seconds, all.cpu_seconds,
      all.cpu_seconds * 1000 / plan.cells, PeakMib(),
      static_cast<unsigned long long>(season.all().sessions),
      static_cast<unsigned long long>(season.all().cuts), Mib(season.all().bytes_up),
      Mib(season.all().bytes_down), Mib(season.directory_bytes()), season.all().wrong.size());
  return season.all().wrong.empty() ? 0 : kViolated;
}

int Main(int argc, char** argv) {
  SeasonPlan plan;
  for (int i = 1; i < argc; i += 2) {
    const std::string word = argv[i];
    const unsigned long long number = i + 1 < argc ? std::strtoull(argv[i + 1], nullptr, 10) : 0;
    if (word == "--seed") {
      plan.seed = number;
    } else if (number > 0 && word == "--cells") {
      plan.cells = static_cast<std::uint32_t>(number);
    } else if (number > 3 && word == "--members") {
      plan.members = static_cast<std::uint32_t>(number);
    } else if (number > 0 && word == "--commune") {
      plan.cells_a_commune = static_cast<std::uint32_t>(number);
    } else {
      std::fprintf(stderr,
                   "chibo-season [--cells N] [--members N] [--commune N] [--seed N]; "
                   "tests/season/run --help says more\n");
      return kUsage;
    }
  }
  InitCrypto();
  return Play(plan);
}

}  // namespace
}  // namespace chibo::sim

int main(int argc, char** argv) { return chibo::sim::Main(argc, argv); }

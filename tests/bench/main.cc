// chibo-bench --workload FILE [--only P1,P3] [--tiny] [--dir DIR]: see tools/bench, which makes the
// workload and says the rest.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "proto/crypto.h"
#include "tests/bench/figures.h"
#include "tests/bench/report.h"

namespace chibo::bench {
namespace {

constexpr int kWrongUsage = 1;
constexpr int kBadInput = 2;

const std::set<std::string>& AllIds() {
  static const std::set<std::string> kIds{"P1", "P2", "P3", "P4", "P5", "P6", "P7"};
  return kIds;
}

// Of no interest but to check the bench itself.
constexpr std::string_view kBoundId = "bound";

struct Arguments {
  std::string workload;
  std::string directory = ".";
  std::set<std::string> ids = AllIds();
  bool tiny = false;
};

std::optional<Arguments> Parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--tiny") {
      arguments.tiny = true;
      continue;
    }
    if (i + 1 == count) {
      return std::nullopt;
    }
    const std::string value = values[++i];
    if (name == "--workload") {
      arguments.workload = value;
    } else if (name == "--dir") {
      arguments.directory = value;
    } else if (name == "--only") {
      arguments.ids.clear();
      std::istringstream list(value);
      for (std::string id; std::getline(list, id, ',');) {
        if (!AllIds().contains(id) && id != kBoundId) {
          return std::nullopt;
        }
        arguments.ids.insert(id);
      }
    } else {
      return std::nullopt;
    }
  }
  return arguments.workload.empty() || arguments.ids.empty() ? std::nullopt
                                                             : std::optional(arguments);
}

void MakeTiny(Plan& plan) {
  plan.parents = {2, 5};
  plan.ingest_cells = 3;
  plan.ingest_rounds = 1;
  plan.cut_seeds = 8;
  plan.meetings = 2;
  plan.idle_runs = 3;
}

int MeasureAll(const Arguments& arguments) {
  std::ifstream file(arguments.workload);
  if (!file) {
    Say("cannot read " + arguments.workload);
    return kBadInput;
  }
  auto workload = ReadWorkload(file);
  if (!workload) {
    Say(arguments.workload + ": " + ToString(workload.error()));
    return kBadInput;
  }
  Plan plan;
  plan.workload = *std::move(workload);
  plan.ids = arguments.ids;
  plan.directory = arguments.directory + "/bench-data";
  if (arguments.tiny) {
    MakeTiny(plan);
  }
  std::filesystem::remove_all(plan.directory);
  std::filesystem::create_directories(plan.directory);
  if (plan.wants(std::string(kBoundId))) {
    MeasureBound(plan);
  }
  if (plan.wants("P1") || plan.wants("P3") || plan.wants("P4") || plan.wants("P5")) {
    Say("P1, P3, P4, P5: one cell and its parent");
    MeasureWire(plan);
  }
  if (plan.wants("P2") || plan.wants("P7")) {
    MeasureIdle(plan);
  }
  if (plan.wants("P6")) {
    MeasureIngest(plan);
  }
  std::filesystem::remove_all(plan.directory);
  return 0;
}

}  // namespace
}  // namespace chibo::bench

int main(int count, char** values) {
  const auto arguments = chibo::bench::Parse(count, values);
  if (!arguments) {
    chibo::bench::Say("chibo-bench --workload FILE [--only P1,P3] [--tiny] [--dir DIR]");
    return chibo::bench::kWrongUsage;
  }
  chibo::InitCrypto();
  return chibo::bench::MeasureAll(*arguments);
}

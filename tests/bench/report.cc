#include "tests/bench/report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace chibo::bench {
namespace {

double Rounded(double value) { return std::round(value * 1000) / 1000; }

std::string Said(const Target& target) {
  if (!target.at_least && target.ratio == 1) {
    return "";
  }
  char text[48];
  std::snprintf(text, sizeof text, "; target: at %s %g", target.at_least ? "least" : "most",
                target.ratio);
  return text;
}

}  // namespace

void Print(const Figure& figure) {
  const double value = Rounded(figure.value);
  const double limit = Rounded(figure.limit);
  nlohmann::ordered_json line;
  line["id"] = figure.id;
  line["what"] = figure.what + Said(figure.target);
  line["value"] = value;
  line["unit"] = figure.unit;
  line["limit"] = limit;
  line["ratio"] = std::round(value / limit * 10'000) / 10'000;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

void Say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

}  // namespace chibo::bench

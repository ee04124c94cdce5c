#ifndef CHIBO_TESTS_BENCH_REPORT_H_
#define CHIBO_TESTS_BENCH_REPORT_H_

#include <string>

namespace chibo::bench {

// Which ratios of value and limit are good.
struct Target {
  double ratio = 1;
  bool at_least = false;
};
constexpr Target AtMost(double ratio) { return {ratio, false}; }
constexpr Target AtLeast(double ratio) { return {ratio, true}; }

// One measured figure beside its limit, which was measured or computed in the same run unless
// `what` says otherwise.
struct Figure {
  std::string id;  // "P1" … "P7"
  std::string what;
  double value = 0;
  std::string unit;
  double limit = 0;
  Target target = {};
};

// {"id", "what", "value", "unit", "limit", "ratio"} as one line on standard output. `what` ends
// with the target, as in "; target: at least 0.6", unless that is a ratio of at most 1.
void Print(const Figure& figure);
// A line of progress on standard error.
void Say(const std::string& text);

}  // namespace chibo::bench

#endif  // CHIBO_TESTS_BENCH_REPORT_H_

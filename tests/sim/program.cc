#include "tests/sim/program.h"

#include <algorithm>
#include <array>
#include <utility>

// The product's own table under other names; the linker then takes the functions below for those
// of proto/kind.cc, which is not linked.
#define AllKinds KindsOfToday
#define TraitsOf TraitsOfToday
#include "proto/kind.cc"  // NOLINT(bugprone-suspicious-include): the table must be the product's
#undef AllKinds
#undef TraitsOf

namespace chibo {
namespace {

bool runs_older = false;

constexpr std::array kOfToday{pb::Record::kReviewReport, pb::Record::kMinutes,
                              pb::Record::kDuplicateChoice};

}  // namespace

std::span<const KindTraits> AllKinds();
const KindTraits* TraitsOf(std::uint32_t kind);

std::span<const KindTraits> AllKinds() { return KindsOfToday(); }

const KindTraits* TraitsOf(std::uint32_t kind) {
  return runs_older && sim::IsOfToday(kind) ? nullptr : TraitsOfToday(kind);
}

namespace sim {

RunningProgram::RunningProgram(bool older) : before_(std::exchange(runs_older, older)) {}
RunningProgram::~RunningProgram() { runs_older = before_; }

bool IsOfToday(std::uint32_t kind) {
  return std::any_of(kOfToday.begin(), kOfToday.end(),
                     [&](Kind known) { return static_cast<std::uint32_t>(known) == kind; });
}

}  // namespace sim
}  // namespace chibo

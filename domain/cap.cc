#include "domain/cap.h"

#include <algorithm>

namespace chibo {
namespace {

std::uint32_t Rounded(std::uint64_t hundredths, CapRounding rounding) {
  const std::uint64_t up = rounding == CapRounding::kFloor    ? 0
                           : rounding == CapRounding::kHalfUp ? 50
                                                              : 99;
  return static_cast<std::uint32_t>((hundredths + up) / 100);
}

bool ExceptionApplies(const CapCount& group, const CapCount& elsewhere, const CapRule& rule) {
  CapCount place = group;
  place += elsewhere;
  if (rule.small == SmallPlace::kOff || group.graded == 0 || place.unknown > 0 ||
      place.graded >= rule.small_below || elsewhere.excellent > 0) {
    return false;
  }
  // "100 % good": read as good or better, or as good before the one is chosen from among them.
  const std::uint32_t chosen = place.excellent + place.waiting;
  return rule.small == SmallPlace::kGoodOrBetter
             ? place.good + chosen == place.graded
             : place.good + std::min(chosen, std::uint32_t{1}) == place.graded;
}

}  // namespace

CapRule CapRuleOf(const EffectivePack& pack) {
  CapRule rule;
  rule.percent = pack.Number(parameter::kCapPercent);
  rule.base =
      pack.Word(parameter::kCapBase) == "good_only" ? CapBase::kGoodOnly : CapBase::kGoodOrBetter;
  const std::string& rounding = pack.Word(parameter::kCapRounding);
  rule.rounding = rounding == "half_up" ? CapRounding::kHalfUp
                  : rounding == "ceil"  ? CapRounding::kCeil
                                        : CapRounding::kFloor;
  rule.small = !pack.Flag(parameter::kLessThanFive) ? SmallPlace::kOff
               : pack.Word(parameter::kLessThanFiveAll) == "exactly_good"
                   ? SmallPlace::kExactlyGood
                   : SmallPlace::kGoodOrBetter;
  rule.verified = pack.Verified(parameter::kCapPercent) && pack.Verified(parameter::kCapBase) &&
                  pack.Verified(parameter::kCapRounding);
  rule.small_verified = pack.Verified(parameter::kLessThanFive) &&
                        pack.Verified(parameter::kLessThanFiveScope) &&
                        pack.Verified(parameter::kLessThanFiveAll);
  return rule;
}

CapCount& CapCount::operator+=(const CapCount& other) {
  graded += other.graded;
  good += other.good;
  excellent += other.excellent;
  waiting += other.waiting;
  unknown += other.unknown;
  return *this;
}

CapAnswer CapOf(const CapCount& count, const CapRule& rule, const CapCount& elsewhere) {
  const std::uint64_t base = rule.base == CapBase::kGoodOnly
                                 ? count.good
                                 : std::uint64_t{count.good} + count.excellent + count.waiting;
  CapAnswer answer;
  answer.cap = Rounded(base * rule.percent, rule.rounding);
  if (answer.cap < 1 && ExceptionApplies(count, elsewhere, rule)) {
    answer.cap = 1;
    answer.by_exception = true;
  }
  answer.exceeded = count.excellent > answer.cap;
  return answer;
}

}  // namespace chibo

#include "domain/parameter_table.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "proto/record.h"

namespace chibo {
namespace {

using enum ParameterType;
using enum Tightens;

constexpr std::uint32_t kNumberMax = 1000;
constexpr bool kSeen = true;      // the text it rests on was read
constexpr bool kNotSeen = false;  // taken from another year, another unit, or by inference

constexpr std::string_view kHd21 = "HD 21-HD/BTCTW 18/10/2019";
// Of another year and another unit: the only text seen.
constexpr std::string_view kOverlay2024 = "CV 154-CV/ĐU 2024";
constexpr std::string_view kRule24 = "QĐ 24-QĐ/TW, điểm 9.3.2";
constexpr std::string_view kHd07 = "HD 07-HD/BTCTW 11/10/2011, mục 4";
constexpr std::string_view kInferred;  // no document: what the others leave open

constexpr std::array kParameters = {
    // Who is reviewed and graded.
    ParameterRule{parameter::kNewMemberMonths, kNumber, "", "6", kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kNewMemberReviewed, kFlag, "", "true", kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kNewPostMonths, kNumber, "", "6", kNotSeen, kOverlay2024, kAnyWay},
    ParameterRule{parameter::kNewPostGradedAsMember, kFlag, "", "true", kNotSeen, kInferred,
                  kAnyWay},
    ParameterRule{parameter::kNewUnitMonths, kNumber, "", "6", kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kSickLeaveMonths, kNumber, "", "3", kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kSickLeave, kWord, "cap_completed|by_actual_result", "cap_completed",
                  kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kOldPlaceMonths, kNumber, "", "6", kSeen,
                  "HD 21-HD/BTCTW 18/10/2019, mục II.B.6", kAnyWay},
    ParameterRule{parameter::kOldPlaceWithinYear, kFlag, "", "true", kNotSeen, kInferred, kAnyWay},
    ParameterRule{parameter::kAbsentDeadline, kDay, "", "none", kSeen, kHd21, kAnyWay},
    ParameterRule{parameter::kCivilServantFirst, kWord, "block|warn|none", "block", kSeen, kHd21,
                  kDown},
    // The cap on excellence.
    ParameterRule{parameter::kCapPercent, kNumber, "", "20", kSeen, kHd21, kDown},
    ParameterRule{parameter::kCapBase, kWord, "good_only|good_or_better", "good_or_better",
                  kNotSeen, kInferred, kDown},
    ParameterRule{parameter::kCapRounding, kWord, "floor|half_up|ceil", "floor", kSeen, kHd21,
                  kDown},
    ParameterRule{parameter::kMemberCapScope, kWord, "tccsd|peer_group", "tccsd", kSeen, kHd21,
                  kAnyWay},
    ParameterRule{parameter::kLeaderCapScope, kWord, "tccsd|peer_group", "peer_group", kNotSeen,
                  kInferred, kAnyWay},
    ParameterRule{parameter::kOrgCapScope, kWord, "tccsd|peer_group", "peer_group", kSeen, kHd21,
                  kAnyWay},
    ParameterRule{parameter::kLessThanFive, kFlag, "", "true", kNotSeen, kOverlay2024, kDown},
    ParameterRule{parameter::kLessThanFiveScope, kWord, "place|peer_group", "place", kNotSeen,
                  kOverlay2024, kAnyWay},
    ParameterRule{parameter::kLessThanFiveAll, kWord, "exactly_good|good_or_better",
                  "good_or_better", kNotSeen, kOverlay2024, kAnyWay},
    // Ceilings.
    ParameterRule{parameter::kCommitteeCeiling, kFlag, "", "true", kNotSeen, kOverlay2024, kUp},
    ParameterRule{parameter::kHeadCeiling, kFlag, "", "true", kNotSeen, kOverlay2024, kUp},
    ParameterRule{parameter::kNewHeadException, kFlag, "", "true", kNotSeen, kHd21, kDown},
    ParameterRule{parameter::kCivilServantExcellent, kFlag, "", "true", kSeen, kHd21, kUp},
    // Voting.
    ParameterRule{parameter::kVoteMethod, kWord, "secret|open|either", "secret", kNotSeen, kHd07,
                  kAnyWay},
    ParameterRule{parameter::kVoteBase, kWord, "r65|valid_ballots|present", "r65", kNotSeen,
                  kRule24, kAnyWay},
    ParameterRule{parameter::kThresholdExcellent, kFraction, "", ">=2/3", kNotSeen, kHd07, kUp},
    ParameterRule{parameter::kThresholdGood, kFraction, "", ">1/2", kNotSeen, kHd07, kUp},
    ParameterRule{parameter::kThresholdFulfilled, kFraction, "", ">1/2", kNotSeen, kInferred, kUp},
    ParameterRule{parameter::kThresholdNotFulfilled, kFraction, "", ">1/2", kNotSeen,
                  "HD 27-HD/BTCTW 25/9/2014", kUp},
    ParameterRule{parameter::kNoMajority, kWord, "refer_up|revote|cumulate_down", "refer_up",
                  kNotSeen, kInferred, kAnyWay},
    ParameterRule{parameter::kTellersMin, kNumber, "", "2", kNotSeen, kInferred, kUp},
    // Deciding and reporting.
    ParameterRule{parameter::kDecider, kWord, "immediate_superior|grassroots_cell",
                  "immediate_superior", kNotSeen, "QĐ 124-QĐ/TW 4/10/2023, Điều 13", kAnyWay},
    ParameterRule{parameter::kManyPostsDecider, kWord, "highest_post|common_superior",
                  "highest_post", kNotSeen, kInferred, kAnyWay},
    ParameterRule{parameter::kReportDeadline, kMoment, "", "none", kSeen, "", kAnyWay},
};

// Where the word stands in "a|b|c"; nothing when it does not.
std::optional<std::size_t> PlaceOf(std::string_view words, std::string_view word) {
  for (std::size_t place = 0; !words.empty(); ++place) {
    const std::size_t end = std::min(words.find('|'), words.size());
    if (words.substr(0, end) == word) {
      return place;
    }
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return std::nullopt;
}

bool FitsPattern(std::string_view pattern, std::string_view text) {
  return std::equal(pattern.begin(), pattern.end(), text.begin(), text.end(),
                    [](char p, char t) { return p == '0' ? t >= '0' && t <= '9' : p == t; });
}

std::uint32_t Digits(std::string_view text, std::size_t at, std::size_t count) {
  return ReadNumber(text.substr(at, count)).value_or(kNumberMax);
}

bool IsDay(std::string_view text) {
  return FitsPattern("00-00", text) &&
         IsDate(20190000 + Digits(text, 0, 2) * 100 + Digits(text, 3, 2));
}

bool IsMoment(std::string_view text) {
  if (!FitsPattern("0000-00-00T00:00", text)) {
    return false;
  }
  const std::uint32_t year = Digits(text, 0, 2) * 100 + Digits(text, 2, 2);
  return IsDate(year * 10000 + Digits(text, 5, 2) * 100 + Digits(text, 8, 2)) &&
         Digits(text, 11, 2) < 24 && Digits(text, 14, 2) < 60;
}

// How much a value asks for: more is stricter where kUp, less where kDown.
bool Less(const ParameterRule& rule, std::string_view a, std::string_view b) {
  switch (rule.type) {
    case kNumber:
      return *ReadNumber(a) < *ReadNumber(b);
    case kFlag:
      return a == "false" && b == "true";
    case kWord:
      return *PlaceOf(rule.words, a) < *PlaceOf(rule.words, b);
    case kFraction: {
      const Fraction x = *ReadFraction(a);
      const Fraction y = *ReadFraction(b);
      const std::uint64_t left = std::uint64_t{x.numerator} * y.denominator;
      const std::uint64_t right = std::uint64_t{y.numerator} * x.denominator;
      return left < right || (left == right && !x.strict && y.strict);
    }
    default:
      return false;
  }
}

}  // namespace

std::span<const ParameterRule> AllParameters() { return kParameters; }

const ParameterRule* FindParameter(std::string_view name) {
  const auto* const found =
      std::find_if(kParameters.begin(), kParameters.end(),
                   [&](const ParameterRule& rule) { return rule.name == name; });
  return found == kParameters.end() ? nullptr : found;
}

bool Reads(const ParameterRule& rule, std::string_view value) {
  switch (rule.type) {
    case kNumber:
      return ReadNumber(value).has_value();
    case kFlag:
      return value == "true" || value == "false";
    case kWord:
      return PlaceOf(rule.words, value).has_value();
    case kFraction:
      return ReadFraction(value).has_value();
    case kDay:
      return value == "none" || IsDay(value);
    case kMoment:
      return value == "none" || IsMoment(value);
  }
  return false;
}

bool Widens(const ParameterRule& rule, std::string_view from, std::string_view to) {
  switch (rule.tightens) {
    case kAnyWay:
      return false;
    case kDown:
      return Less(rule, from, to);
    case kUp:
      return Less(rule, to, from);
  }
  return false;
}

std::optional<std::uint32_t> ReadNumber(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc() && stop == end && !text.empty();
  return whole && number <= kNumberMax ? std::optional(number) : std::nullopt;
}

std::optional<Fraction> ReadFraction(std::string_view text) {
  if (!text.starts_with('>')) {
    return std::nullopt;
  }
  Fraction fraction;
  fraction.strict = !text.starts_with(">=");
  text.remove_prefix(fraction.strict ? 1 : 2);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto numerator = ReadNumber(text.substr(0, slash));
  const auto denominator = ReadNumber(text.substr(slash + 1));
  if (!numerator || !denominator || *denominator == 0 || *numerator > *denominator) {
    return std::nullopt;
  }
  fraction.numerator = *numerator;
  fraction.denominator = *denominator;
  return fraction;
}

}  // namespace chibo

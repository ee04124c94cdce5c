#include "node/typed_value.h"

#include <chrono>

#include "proto/record.h"

namespace chibo {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHanoiMinutes = 7 * 60;

std::optional<std::uint32_t> Digits(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  for (const char digit : text) {
    value = value * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return value;
}

std::optional<std::uint32_t> TwoDigits(std::string_view& text, std::uint32_t most) {
  const auto value = Digits(text.substr(0, 2), 2, 2);
  if (!value || *value > most) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  return value;
}

bool Skip(std::string_view& text, char expected) {
  const bool there = text.starts_with(expected);
  text.remove_prefix(there ? 1 : 0);
  return there;
}

// "", "Z" or "+07:00", in minutes.
std::optional<std::int64_t> ZoneFrom(std::string_view text) {
  if (text.empty()) {
    return kHanoiMinutes;
  }
  if (text == "Z") {
    return 0;
  }
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto hours = TwoDigits(text, 14);
  Skip(text, ':');
  const auto minutes = TwoDigits(text, 59);
  if (!hours || !minutes || !text.empty()) {
    return std::nullopt;
  }
  const std::int64_t offset = std::int64_t{*hours} * 60 + *minutes;
  return west ? -offset : offset;
}

std::int64_t MsOf(std::uint32_t date) {
  const std::chrono::sys_days day = std::chrono::year(static_cast<int>(date / 10000)) /
                                    std::chrono::month(date / 100 % 100) /
                                    std::chrono::day(date % 100);
  return std::chrono::duration_cast<std::chrono::milliseconds>(day.time_since_epoch()).count();
}

}  // namespace

std::optional<std::uint32_t> DateFrom(std::string_view text) {
  std::optional<std::uint32_t> day;
  std::optional<std::uint32_t> month;
  std::optional<std::uint32_t> year;
  const std::size_t first = text.find_first_of("/-.");
  if (first == std::string_view::npos) {
    const auto whole = Digits(text, 8, 8);
    return whole && IsDate(*whole) ? whole : std::nullopt;
  }
  const std::size_t second = text.find(text[first], first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  const bool iso = first == 4;
  year = Digits(iso ? text.substr(0, first) : text.substr(second + 1), 4, 4);
  month = Digits(text.substr(first + 1, second - first - 1), 1, 2);
  day = Digits(iso ? text.substr(second + 1) : text.substr(0, first), 1, 2);
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::uint32_t date = *year * 10000 + *month * 100 + *day;
  return IsDate(date) ? std::optional(date) : std::nullopt;
}

std::optional<std::int64_t> TimeFrom(std::string_view text) {
  const std::size_t gap = text.find_first_of(" T");
  const auto date = DateFrom(text.substr(0, gap));
  if (!date) {
    return std::nullopt;
  }
  if (gap == std::string_view::npos) {
    return MsOf(*date) - kHanoiMinutes * kMinuteMs;
  }
  text.remove_prefix(gap + 1);
  const auto hour = TwoDigits(text, 23);
  const bool colon = Skip(text, ':');
  const auto minute = TwoDigits(text, 59);
  if (!hour || !colon || !minute) {
    return std::nullopt;
  }
  std::uint32_t second = 0;
  if (Skip(text, ':')) {
    const auto seconds = TwoDigits(text, 59);
    if (!seconds) {
      return std::nullopt;
    }
    second = *seconds;
  }
  const auto zone = ZoneFrom(text);
  if (!zone) {
    return std::nullopt;
  }
  return MsOf(*date) + (std::int64_t{*hour} * 60 + *minute - *zone) * kMinuteMs +
         std::int64_t{second} * 1000;
}

}  // namespace chibo

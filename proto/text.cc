#include "proto/text.h"

#include <optional>

namespace chibo {
namespace {

// Takes one code point from the front; nothing when it is not UTF-8 in its shortest form.
std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) {
    return std::nullopt;
  }
  char32_t point = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) {
      return std::nullopt;
    }
    point = point << 6 | (next & 0x3fU);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (overlong || surrogate || point > 0x10ffff) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return point;
}

bool MayStand(char32_t point, Lines lines) {
  if (point == '\n' || point == '\r' || point == '\t') {
    return lines == Lines::kMany;
  }
  const bool control = point < 0x20 || (point >= 0x7f && point <= 0x9f);
  const bool separator = point == 0x2028 || point == 0x2029;
  const bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
  return !control && !separator && !turns;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeCodePoint(text)) {
      return false;
    }
  }
  return true;
}

bool IsPlainText(std::string_view text, Lines lines) {
  while (!text.empty()) {
    const auto point = TakeCodePoint(text);
    if (!point || !MayStand(*point, lines)) {
      return false;
    }
  }
  return true;
}

}  // namespace chibo

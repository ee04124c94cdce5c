#include "proto/lines.h"

#include <charconv>

namespace chibo {

std::optional<std::string_view> TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> ParseDecimal(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool canonical = digits.size() == 1 || (!digits.empty() && digits.front() != '0');
  if (error != std::errc() || end != digits.data() + digits.size() || !canonical) {
    return std::nullopt;
  }
  return value;
}

}  // namespace chibo

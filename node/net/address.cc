#include "node/net/address.h"

#include <charconv>
#include <cstdint>

namespace chibo {

Result<NetAddress> NetAddress::Parse(std::string_view text) {
  const auto unreadable = Fail(Code::kBadInput, "address_unreadable", std::string(text));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return unreadable;
  }
  const std::string_view port = text.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) {
    return unreadable;
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of("[]:") != std::string_view::npos) {
    return unreadable;
  }
  if (host.empty()) {
    return unreadable;
  }
  return NetAddress{std::string(host), std::string(port)};
}

}  // namespace chibo

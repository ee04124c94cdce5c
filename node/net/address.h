#ifndef CHIBO_NODE_NET_ADDRESS_H_
#define CHIBO_NODE_NET_ADDRESS_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace chibo {

// "host:port", "[v6]:port".
struct NetAddress {
  std::string host;
  std::string port;

  // kBadInput "address_unreadable".
  static Result<NetAddress> Parse(std::string_view text);
  // For sentences.
  std::string text() const { return host + ":" + port; }
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_ADDRESS_H_

#ifndef CHIBO_NODE_NET_DIAL_H_
#define CHIBO_NODE_NET_DIAL_H_

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/result.h"
#include "node/net/address.h"

namespace chibo {

// A line that answers at all does so within this: four calls of TCP, the last after 7 seconds. A
// system by itself would go on calling for minutes.
inline constexpr std::chrono::seconds kDialMax{15};

// Calls an address. On the loop's only thread; one call at a time; may go at any time.
class Dial {
 public:
  // A connected socket, or kUnreachable "parent_unreachable" with the address.
  using Told = std::function<void(Result<asio::ip::tcp::socket>)>;

  explicit Dial(asio::io_context& io) : io_(io) {}
  // NOLINTNEXTLINE(bugprone-exception-escape): closing takes an error_code and does not throw
  ~Dial() { Stop(); }
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  // Told once, after kDialMax at the latest.
  void Start(const NetAddress& address, Told told);
  // Nothing is told any more.
  void Stop();

 private:
  class Call;

  asio::io_context& io_;
  std::weak_ptr<Call> call_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_DIAL_H_

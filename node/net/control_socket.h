#ifndef CHIBO_NODE_NET_CONTROL_SOCKET_H_
#define CHIBO_NODE_NET_CONTROL_SOCKET_H_

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "node/net/control_message.h"
#include "node/net/door.h"

// How a command reaches the process that holds its data directory: a greeting of one byte, one
// request and one answer over a Unix socket in the directory, which its owner alone may open (mode
// 0600).
//
// A request is sent only to a process that has greeted: one that has stopped and goes on later must
// not do then what was given up long before.
namespace chibo {

// Told every few seconds: for how long there has been no greeting, or, once `asked`, no answer.
using ControlWait = std::function<void(bool asked, Duration so_far)>;

// Sends a request and waits for the answer; nothing when nobody listens there (any more). kSilent
// "control_socket_silent" (nothing was asked), "control_answer_late"; kCut.
Result<std::optional<ControlAnswer>> Ask(const std::string& socket, const ControlRequest& request,
                                         const ControlWait& wait);

// Listens in a data directory. On the loop's only thread.
class ControlSocket {
 public:
  using Answer = std::function<void(const ControlAnswer&)>;
  // Calls `answer` once, at once or later.
  using Handle = std::function<void(ControlRequest, Answer)>;

  explicit ControlSocket(asio::io_context& io) : door_(io) {}
  ~ControlSocket();  // NOLINT(bugprone-exception-escape): see control_socket.cc

  // Takes the place of a socket that a dead process left. kIo "control_socket_not_made".
  Status Listen(const std::string& path, Handle handle);
  void Close();

 private:
  class Visit;

  Door<asio::local::stream_protocol> door_;
  std::string path_;
  Handle handle_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_CONTROL_SOCKET_H_

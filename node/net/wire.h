#ifndef CHIBO_NODE_NET_WIRE_H_
#define CHIBO_NODE_NET_WIRE_H_

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <memory>

#include "base/time.h"
#include "sync/pairing.h"
#include "sync/session.h"

namespace chibo {

// Moves bytes between one socket and what speaks over it, a Session or a Pairing; nothing else.
// Lives as long as an operation on its socket does. All of it on the event loop's only thread.
template <typename Speaker>
class Wire : public std::enable_shared_from_this<Wire<Speaker>> {
 public:
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  // `already_read`: what came before this object was made.
  void Start(ByteView already_read = {});
  // The speaker has changed: send what it has to say.
  void Pump();
  void Close(const Status& status);

 protected:
  // Clock and speaker must outlive the object.
  Wire(const Clock& clock, asio::ip::tcp::socket socket, Speaker& speaker);

 private:
  // What the owner does at the start, after each thing the speaker has taken in, and at the end,
  // told once; `status` is ok only when the speaker was done.
  virtual void Started() {}
  virtual void Heard() {}
  virtual void Ended(const Status& status) = 0;

  void Read();
  void Write();
  void ArmTimer();
  void Take(const Status& handled);

  const Clock& clock_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  Speaker& speaker_;
  std::array<char, 16 * 1024> incoming_{};
  Bytes outgoing_;
  Status failed_;  // why it is to end once it has said so
  bool writing_ = false;
  bool closed_ = false;
};

extern template class Wire<Session>;
extern template class Wire<Pairing>;

}  // namespace chibo

#endif  // CHIBO_NODE_NET_WIRE_H_

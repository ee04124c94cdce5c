#include "node/net/dial.h"

#include <asio/connect.hpp>
#include <asio/steady_timer.hpp>
#include <utility>

namespace chibo {

class Dial::Call : public std::enable_shared_from_this<Call> {
 public:
  Call(asio::io_context& io, NetAddress address, Told told)
      : resolver_(io),
        socket_(io),
        timer_(io),
        address_(std::move(address)),
        told_(std::move(told)) {}

  void Start() {
    timer_.expires_after(kDialMax);
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error) {
        self->End(false);
      }
    });
    resolver_.async_resolve(
        address_.host, address_.port,
        [self = shared_from_this()](const asio::error_code& error, const auto& endpoints) {
          if (error || !self->told_) {
            self->End(false);
            return;
          }
          asio::async_connect(self->socket_, endpoints,
                              [self](const asio::error_code& failed, const auto&) {
                                self->End(!failed && self->socket_.is_open());
                              });
        });
  }

  void Forget() {
    told_ = nullptr;
    End(false);
  }

 private:
  void End(bool connected) {
    timer_.cancel();
    resolver_.cancel();
    const Told told = std::exchange(told_, nullptr);
    if (told && connected) {
      told(std::move(socket_));
      return;
    }
    asio::error_code ignored;
    socket_.close(ignored);
    if (told) {
      told(Fail(Code::kUnreachable, "parent_unreachable", address_.text()));
    }
  }

  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  NetAddress address_;
  Told told_;
};

void Dial::Start(const NetAddress& address, Told told) {
  Stop();
  const auto call = std::make_shared<Call>(io_, address, std::move(told));
  call_ = call;
  call->Start();
}

void Dial::Stop() {
  if (const auto call = call_.lock()) {
    call->Forget();
  }
}

}  // namespace chibo

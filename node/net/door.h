#ifndef CHIBO_NODE_NET_DOOR_H_
#define CHIBO_NODE_NET_DOOR_H_

#include <asio/steady_timer.hpp>
#include <functional>
#include <utility>

namespace chibo {

// Lets connections in for as long as its acceptor is open. On the loop's only thread; must outlive
// the loop's run, or be closed before.
template <typename Protocol>
class Door {
 public:
  using Socket = typename Protocol::socket;

  template <typename Io>
  explicit Door(Io& io) : acceptor_(io), pause_(io) {}

  // To be opened, bound and set to listen by the owner.
  typename Protocol::acceptor& acceptor() { return acceptor_; }
  bool is_open() const { return acceptor_.is_open(); }

  void LetIn(std::function<void(Socket)> take) {
    take_ = std::move(take);
    Accept();
  }

  void Close() {
    asio::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  // An accept that failed for want of descriptors would fail again at once.
  static constexpr std::chrono::milliseconds kPause{200};

  void Accept() {
    acceptor_.async_accept([this](const asio::error_code& error, Socket socket) {
      if (!is_open()) {
        return;
      }
      if (error) {
        pause_.expires_after(kPause);
        pause_.async_wait([this](const asio::error_code& ended) {
          if (!ended && is_open()) {
            Accept();
          }
        });
        return;
      }
      take_(std::move(socket));
      Accept();
    });
  }

  typename Protocol::acceptor acceptor_;
  asio::steady_timer pause_;
  std::function<void(Socket)> take_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_NET_DOOR_H_

#include "node/net/wire.h"

#include <asio/write.hpp>
#include <utility>

namespace chibo {
namespace {

constexpr std::size_t kWriteBytesMax = 64 * 1024;

}  // namespace

template <typename Speaker>
Wire<Speaker>::Wire(const Clock& clock, asio::ip::tcp::socket socket, Speaker& speaker)
    : clock_(clock),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      speaker_(speaker) {}

template <typename Speaker>
void Wire<Speaker>::Start(ByteView already_read) {
  Started();
  asio::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!already_read.empty()) {
    Take(speaker_.HandleBytes(already_read, clock_.Elapsed()));
  }
  if (closed_) {
    return;
  }
  Read();
  Pump();
}

template <typename Speaker>
void Wire<Speaker>::Read() {
  socket_.async_read_some(asio::buffer(incoming_), [self = this->shared_from_this()](
                                                       const asio::error_code& error,
                                                       std::size_t size) {
    if (self->closed_) {
      return;
    }
    if (error) {
      self->Close(self->speaker_.HandleClosed());
      return;
    }
    self->Take(self->speaker_.HandleBytes({self->incoming_.data(), size}, self->clock_.Elapsed()));
    if (!self->closed_) {
      self->Read();
    }
  });
}

template <typename Speaker>
void Wire<Speaker>::Take(const Status& handled) {
  if (!handled && failed_) {
    failed_ = handled;
  }
  Heard();
  Pump();
}

template <typename Speaker>
void Wire<Speaker>::Pump() {
  if (closed_) {
    return;
  }
  ArmTimer();
  if (!writing_) {
    Write();
  }
}

template <typename Speaker>
void Wire<Speaker>::Write() {
  outgoing_.clear();
  speaker_.PollTransmit(kWriteBytesMax, outgoing_);
  if (outgoing_.empty()) {
    if (!failed_ || speaker_.done()) {
      Close(failed_);
    }
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = this->shared_from_this()](const asio::error_code& error, std::size_t) {
                      self->writing_ = false;
                      if (self->closed_) {
                        return;
                      }
                      if (error) {
                        self->Close(self->speaker_.HandleClosed());
                        return;
                      }
                      self->Pump();
                    });
}

template <typename Speaker>
void Wire<Speaker>::ArmTimer() {
  const auto timeout = speaker_.NextTimeout();
  if (!timeout) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(asio::steady_timer::time_point(*timeout));
  timer_.async_wait([self = this->shared_from_this()](const asio::error_code& error) {
    if (!error && !self->closed_) {
      self->Take(self->speaker_.HandleTimeout(self->clock_.Elapsed()));
    }
  });
}

template <typename Speaker>
void Wire<Speaker>::Close(const Status& status) {
  if (closed_) {
    return;
  }
  closed_ = true;
  timer_.cancel();
  asio::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  Ended(status);
}

template class Wire<Session>;
template class Wire<Pairing>;

}  // namespace chibo

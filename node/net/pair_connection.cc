#include "node/net/pair_connection.h"

#include <asio/write.hpp>
#include <utility>

namespace chibo {
namespace {

constexpr std::size_t kWriteBytesMax = 16 * 1024;

}  // namespace

void PairConnection::Start(ByteView already_read) {
  if (!already_read.empty()) {
    failed_ = pairing_->HandleBytes(already_read, loop_.clock().Elapsed());
  }
  Read();
  Write();
}

void PairConnection::Read() {
  socket_.async_read_some(
      asio::buffer(incoming_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        if (self->closed_) {
          return;
        }
        if (error) {
          self->Close(self->pairing_->HandleClosed());
          return;
        }
        self->Heard(self->pairing_->HandleBytes({self->incoming_.data(), size},
                                                self->loop_.clock().Elapsed()));
        if (!self->closed_) {
          self->Read();
        }
      });
}

void PairConnection::Heard(const Status& status) {
  if (!status && failed_) {
    failed_ = status;
  }
  if (!writing_) {
    Write();
  }
}

void PairConnection::Write() {
  outgoing_.clear();
  pairing_->PollTransmit(kWriteBytesMax, outgoing_);
  if (outgoing_.empty()) {
    if (!failed_ || pairing_->done()) {
      Close(failed_);
    } else {
      ArmTimer();
    }
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                      self->writing_ = false;
                      if (self->closed_) {
                        return;
                      }
                      if (error) {
                        self->Close(self->pairing_->HandleClosed());
                        return;
                      }
                      self->Write();
                    });
}

void PairConnection::ArmTimer() {
  const auto timeout = pairing_->NextTimeout();
  if (!timeout) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(asio::steady_timer::time_point(*timeout));
  timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (!error && !self->closed_) {
      self->Heard(self->pairing_->HandleTimeout(self->loop_.clock().Elapsed()));
    }
  });
}

void PairConnection::Close(const Status& status) {
  if (closed_) {
    return;
  }
  closed_ = true;
  timer_.cancel();
  asio::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  if (on_end_) {
    std::exchange(on_end_, nullptr)(status, *pairing_);
  }
}

}  // namespace chibo

#include "node/net/control_socket.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <optional>
#include <string_view>

#include "proto/crypto.h"

namespace chibo {
namespace {

using Protocol = asio::local::stream_protocol;

constexpr std::string_view kGreeting = "c";
constexpr std::size_t kMessageBytesMax = std::size_t{512} * 1024 * 1024;

// A socket's address holds about a hundred bytes, a directory's path may be longer: the kernel is
// then shown the folder by a descriptor instead, where the system has such names (Linux).
class SocketPlace {
 public:
  explicit SocketPlace(const std::string& path) : short_path_(path) {
    if (path.size() < sizeof(sockaddr_un::sun_path)) {
      return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    descriptor_ = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    short_path_ = "/proc/self/fd/" + std::to_string(descriptor_) + "/" +
                  path.substr(slash == std::string::npos ? 0 : slash + 1);
  }
  SocketPlace(const SocketPlace&) = delete;
  SocketPlace& operator=(const SocketPlace&) = delete;
  ~SocketPlace() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  Protocol::endpoint endpoint() const { return Protocol::endpoint(short_path_); }

 private:
  int descriptor_ = -1;
  std::string short_path_;
};

// What a person waits for without a word.
constexpr Duration kWaitTold{4000};
// Longer than any command of ours keeps a server from greeting, but for those on a whole district.
constexpr Duration kGreetingMax{20'000};
// Above what a sync asked for may take.
constexpr Duration kAnswerMax{900'000};

// One call, one step after the other.
class Asking {
 public:
  explicit Asking(const ControlWait& wait) : wait_(wait), connection_(io_) {}

  bool Connect(const std::string& socket) {
    const SocketPlace place(socket);
    return !Step(kGreetingMax, false, [&](const Done& done) {
      connection_.async_connect(place.endpoint(),
                                [done](const asio::error_code& error) { done(error); });
    });
  }
  bool Read(Bytes& into, Duration at_most, bool asked) {
    return !Step(at_most, asked, [&](const Done& done) {
      asio::async_read(connection_, asio::buffer(into), done);
    });
  }
  bool Write(const Bytes& size, const Bytes& body) {
    return !Step(kAnswerMax, true, [&](const Done& done) {
      asio::async_write(connection_, std::array{asio::buffer(size), asio::buffer(body)}, done);
    });
  }
  bool late() const { return late_; }

 private:
  struct Done {
    std::optional<asio::error_code>* ended;
    void operator()(const asio::error_code& error, std::size_t /*bytes*/ = 0) const {
      *ended = error;
    }
  };

  asio::error_code Step(Duration at_most, bool asked,
                        const std::function<void(const Done&)>& begin) {
    std::optional<asio::error_code> ended;
    begin(Done{&ended});
    Duration so_far{};
    for (;;) {
      io_.restart();
      io_.run_for(kWaitTold);
      if (ended) {
        return *ended;
      }
      so_far += kWaitTold;
      if (so_far >= at_most) {
        late_ = true;
        asio::error_code ignored;
        connection_.close(ignored);
        io_.restart();
        io_.run();
        return asio::error::timed_out;
      }
      wait_(asked, so_far);
    }
  }

  const ControlWait& wait_;
  asio::io_context io_;
  Protocol::socket connection_;
  bool late_ = false;
};

}  // namespace

Result<std::optional<ControlAnswer>> Ask(const std::string& socket, const ControlRequest& request,
                                         const ControlWait& wait) {
  Asking asking(wait);
  if (!asking.Connect(socket)) {
    return std::nullopt;
  }
  Bytes greeting(kGreeting.size(), '\0');
  if (!asking.Read(greeting, kGreetingMax, false)) {
    if (asking.late()) {
      return Fail(Code::kSilent, "control_socket_silent", socket);
    }
    // It ended just now, or is about to.
    return std::nullopt;
  }
  Bytes body = Encode(request);
  Bytes size;
  AppendU64(size, body.size());
  const bool sent = asking.Write(size, body);
  Wipe(body);
  Bytes answer;
  if (sent && asking.Read(size, kAnswerMax, true) && ReadU64(size) <= kMessageBytesMax) {
    answer.resize(ReadU64(size));
    if (!asking.Read(answer, kAnswerMax, true)) {
      answer.clear();
    }
  }
  if (asking.late()) {
    return Fail(Code::kSilent, "control_answer_late", socket);
  }
  if (answer.empty()) {
    return Fail(Code::kCut, "control_socket_cut", socket);
  }
  return DecodeAnswer(answer);
}

// One connection: greets, reads the request, writes the answer, goes.
class ControlSocket::Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(Protocol::socket socket, Handle handle)
      : socket_(std::move(socket)), handle_(std::move(handle)), size_(8, '\0') {}

  void Start() {
    asio::async_write(socket_, asio::buffer(kGreeting),
                      [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                        if (!error) {
                          self->ReadSize();
                        }
                      });
  }

 private:
  void ReadSize() {
    asio::async_read(socket_, asio::buffer(size_),
                     [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                       if (!error && ReadU64(self->size_) <= kMessageBytesMax) {
                         self->ReadBody();
                       }
                     });
  }

  void ReadBody() {
    body_.resize(ReadU64(size_));
    asio::async_read(socket_, asio::buffer(body_),
                     [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                       if (!error) {
                         self->Heard();
                       }
                     });
  }

  void Heard() {
    auto request = DecodeRequest(body_);
    Wipe(body_);
    if (!request) {
      return;
    }
    handle_(*std::move(request),
            [self = shared_from_this()](const ControlAnswer& answer) { self->Write(answer); });
  }

  void Write(const ControlAnswer& answer) {
    const Bytes body = Encode(answer);
    body_.clear();
    AppendU64(body_, body.size());
    body_ += body;
    asio::async_write(socket_, asio::buffer(body_),
                      [self = shared_from_this()](const asio::error_code&, std::size_t) {});
  }

  Protocol::socket socket_;
  Handle handle_;
  Bytes size_;
  Bytes body_;
};

// NOLINTNEXTLINE(bugprone-exception-escape): closing takes an error_code and does not throw
ControlSocket::~ControlSocket() { Close(); }

Status ControlSocket::Listen(const std::string& path, Handle handle) {
  handle_ = std::move(handle);
  unlink(path.c_str());
  asio::error_code error;
  auto& acceptor = door_.acceptor();
  acceptor.open(Protocol(), error);
  if (!error) {
    // Nobody else may connect, not even between bind and chmod.
    const mode_t before = umask(0177);
    acceptor.bind(SocketPlace(path).endpoint(), error);
    umask(before);
  }
  if (!error) {
    path_ = path;
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return Fail(Code::kIo, "control_socket_not_made", path);
  }
  door_.LetIn([this](Protocol::socket socket) {
    std::make_shared<Visit>(std::move(socket), handle_)->Start();
  });
  return {};
}

void ControlSocket::Close() {
  door_.Close();
  if (!path_.empty()) {
    unlink(path_.c_str());
    path_.clear();
  }
}

}  // namespace chibo

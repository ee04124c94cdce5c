#include "tools/verify/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace chibo::verify {
namespace {

constexpr std::size_t kPassphraseBytesMax = 4096;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Result<Bytes> FirstLine(int descriptor, const std::string& where) {
  Bytes line;
  line.reserve(kByteOrderMark.size() + kPassphraseBytesMax + 1);
  char letter = 0;
  while (line.size() < line.capacity()) {
    const ssize_t size = read(descriptor, &letter, 1);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return Fail(Code::kIo, "passphrase_file_unreadable", where);
    }
    if (size == 0 || letter == '\n' || letter == '\r') {
      break;
    }
    line.push_back(letter);
  }
  if (line.starts_with(kByteOrderMark)) {
    line.erase(0, kByteOrderMark.size());
  }
  if (line.empty()) {
    return Fail(Code::kBadInput, "passphrase_empty", where);
  }
  if (line.size() > kPassphraseBytesMax) {
    Wipe(line);
    return Fail(Code::kBadInput, "passphrase_too_long", where);
  }
  return line;
}

// A terminal without echo, as long as this lives. A signal that ends or stops the program waits
// until the terminal is as it was.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP}) {
      sigaddset(&ending, signal);
    }
    sigprocmask(SIG_BLOCK, &ending, &mask_before_);
    signals_ = signalfd(-1, &ending, SFD_CLOEXEC);
    was_known_ = tcgetattr(terminal, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (was_known_) {
      tcsetattr(terminal, TCSAFLUSH, &silent);
    }
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (was_known_) {
      tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    close(signals_);
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  }

  // Waits for a line; false when one of those signals came first.
  bool Typed() const {
    pollfd waiting[] = {{terminal_, POLLIN, 0}, {signals_, POLLIN, 0}};
    while (poll(waiting, 2, -1) < 0 && errno == EINTR) {
    }
    return waiting[1].revents == 0;
  }

 private:
  int terminal_;
  int signals_ = -1;
  sigset_t mask_before_{};
  termios before_{};
  bool was_known_ = false;
};

void Put(int descriptor, std::string_view text) {
  // A terminal that cannot be written to cannot be read either; the read says so.
  static_cast<void>(!write(descriptor, text.data(), text.size()));
}

}  // namespace

Result<Bytes> ReadPassphraseFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Fail(Code::kIo, "passphrase_file_unreadable", path);
  }
  auto line = FirstLine(file, path);
  close(file);
  return line;
}

Result<std::optional<Bytes>> ReadPassphraseDescriptor() {
  const char* named = std::getenv("CHIBO_PASSPHRASE_FD");
  if (named == nullptr) {
    return std::nullopt;
  }
  const std::string number = named;
  if (number.empty() || number.size() > 6 ||
      number.find_first_not_of("0123456789") != std::string::npos) {
    return Fail(Code::kUsage, "passphrase_descriptor_unreadable", number);
  }
  CHIBO_TRY_VALUE(Bytes line, FirstLine(std::atoi(named), "CHIBO_PASSPHRASE_FD"));
  return line;
}

std::optional<Bytes> AskPassphrase(const std::string& prompt) {
  if (isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0) {
    return std::nullopt;
  }
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return std::nullopt;
  }
  std::optional<Bytes> typed;
  for (bool asked = false; !asked;) {
    const Silence silence(terminal);
    Put(terminal, prompt);
    // Else the signal comes as soon as the terminal is as it was; who was stopped is asked again.
    asked = silence.Typed();
    if (asked) {
      auto line = FirstLine(terminal, "");
      typed = line ? std::optional(*std::move(line)) : std::nullopt;
    }
    Put(terminal, "\n");
  }
  close(terminal);
  return typed;
}

}  // namespace chibo::verify

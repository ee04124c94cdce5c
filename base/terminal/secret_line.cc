#include "base/terminal/secret_line.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace chibo {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// A terminal without echo, as long as this lives, and with the signals held back that would leave
// it so.
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

Result<Bytes> ReadSecretLine(int descriptor, const std::string& where) {
  Bytes line;
  // Once, and enough to see that a line is too long: growing would leave copies behind.
  line.reserve(kSecretLineBytesMax + 1);
  bool marked = false;
  char letter = 0;
  while (line.size() <= kSecretLineBytesMax) {
    const ssize_t size = read(descriptor, &letter, 1);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      explicit_bzero(line.data(), line.size());
      return Fail(Code::kIo, "passphrase_file_unreadable", where);
    }
    if (size == 0 || letter == '\n' || letter == '\r') {
      break;
    }
    line.push_back(letter);
    if (!marked && line == kByteOrderMark) {
      marked = true;
      line.clear();
    }
  }
  if (line.empty()) {
    return Fail(Code::kBadInput, "passphrase_empty", where);
  }
  if (line.size() > kSecretLineBytesMax) {
    explicit_bzero(line.data(), line.size());
    return Fail(Code::kBadInput, "passphrase_too_long", where);
  }
  return line;
}

Result<Bytes> AskSecretLine(const std::string& prompt) {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return Fail(Code::kWrongPassphrase, "passphrase_needed");
  }
  Result<Bytes> line;
  for (bool asked = false; !asked;) {
    const Silence silence(terminal);
    Put(terminal, prompt);
    // Else the signal comes as soon as the terminal is as it was.
    asked = silence.Typed();
    if (asked) {
      line = ReadSecretLine(terminal, "");
    }
    Put(terminal, "\n");
  }
  close(terminal);
  return line;
}

}  // namespace chibo

#include "node/cli/passphrase.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr std::size_t kPassphraseBytesMax = 4096;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// No key file is called so.
constexpr std::string_view kInsteadOfTheOld = "/new";

// The first line without its end, and without the mark that some editors put before a text and no
// keyboard types.
Result<Secret> FirstLine(Bytes bytes, const std::string& where) {
  const std::size_t begin = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t end = bytes.find_first_of("\r\n");
  Bytes line = bytes.substr(begin, end == Bytes::npos ? end : end - begin);
  Wipe(bytes);
  if (line.empty()) {
    return Fail(Code::kBadInput, "passphrase_empty", where);
  }
  if (line.size() > kPassphraseBytesMax) {
    Wipe(line);
    return Fail(Code::kBadInput, "passphrase_too_long", where);
  }
  return Secret(std::move(line));
}

Result<Secret> ReadPassphrase(int descriptor, const std::string& where) {
  // Enough to see that a line is too long: one that was cut would seal a key for good.
  constexpr std::size_t kBytesMax = kByteOrderMark.size() + kPassphraseBytesMax + 1;
  // Reserved once: growing would leave copies behind.
  Bytes bytes;
  bytes.reserve(kBytesMax);
  char letter = 0;
  while (bytes.size() < kBytesMax) {
    const ssize_t size = read(descriptor, &letter, 1);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return Fail(Code::kIo, "file_unreadable", where);
    }
    if (size == 0 || letter == '\n') {
      break;
    }
    bytes.push_back(letter);
  }
  return FirstLine(std::move(bytes), where);
}

Result<Secret> ReadPassphraseFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Fail(Code::kNotFound, "passphrase_file_unreadable", path);
  }
  auto read = ReadPassphrase(file, path);
  close(file);
  return read;
}

bool IsKeyName(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos;
}

// The terminal without echo, as long as this lives. A signal that ends or stops the program waits
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

Secret::~Secret() { Wipe(bytes_); }

Status Passphrases::AddFile(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  const bool named =
      equals != std::string::npos && IsKeyName(std::string_view(argument).substr(0, equals));
  const std::string path = named ? argument.substr(equals + 1) : argument;
  CHIBO_TRY_VALUE(const Secret passphrase, ReadPassphraseFile(path));
  Add(named ? argument.substr(0, equals) : "", passphrase);
  return {};
}

Status Passphrases::AddChangeFile(const std::string& path) {
  CHIBO_TRY_VALUE(const Secret passphrase, ReadPassphraseFile(path));
  Add(std::string(kInsteadOfTheOld), passphrase);
  return {};
}

Status Passphrases::AddDescriptor(int descriptor) {
  CHIBO_TRY_VALUE(Secret passphrase, ReadPassphrase(descriptor, "CHIBO_PASSPHRASE_FD"));
  Add("", std::move(passphrase));
  return {};
}

const Secret* Passphrases::Given(const std::string& key) const {
  for (const std::string& name : {key, std::string()}) {
    const auto found = given_.find(name);
    if (found != given_.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

Result<Secret> Passphrases::Find(const std::string& key, bool fresh) {
  if (const Secret* given = Given(key)) {
    return *given;
  }
  if (!ask_) {
    return Fail(Code::kWrongPassphrase, "passphrase_needed", key);
  }
  CHIBO_TRY_VALUE(Secret typed, ask_(key, fresh));
  given_[key] = typed;
  return typed;
}

Result<Secret> Passphrases::For(const std::string& key) { return Find(key, false); }
Result<Secret> Passphrases::ForNew(const std::string& key) { return Find(key, true); }

Result<Secret> Passphrases::ForChange(const std::string& key) {
  const std::string name(kInsteadOfTheOld);
  if (const auto found = given_.find(name); found != given_.end()) {
    return found->second;
  }
  if (!ask_) {
    return Fail(Code::kWrongPassphrase, "passphrase_new_needed", key);
  }
  auto typed = ask_(key, true);
  if (!typed && typed.error().code == Code::kWrongPassphrase) {
    // There is nobody to be asked.
    return Fail(Code::kWrongPassphrase, "passphrase_new_needed", key);
  }
  CHIBO_TRY(typed);
  given_[name] = *typed;
  return typed;
}

Result<Secret> AskOnTerminal(const std::string& prompt,
                             const std::optional<std::string>& prompt_again) {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return Fail(Code::kWrongPassphrase, "passphrase_needed");
  }
  const auto ask = [terminal](const std::string& text) {
    for (;;) {
      const Silence silence(terminal);
      Put(terminal, text);
      const bool typed = silence.Typed();
      auto line = typed ? ReadPassphrase(terminal, "") : Result<Secret>(Secret());
      Put(terminal, "\n");
      // Else the signal comes as soon as the terminal is as it was; who was stopped is asked again.
      if (typed) {
        return line;
      }
    }
  };
  auto typed = ask(prompt);
  if (typed && prompt_again) {
    const auto again = ask(*prompt_again);
    if (!again || !EqualInConstantTime(typed->view(), again->view())) {
      typed = Fail(Code::kBadInput, "passphrases_differ");
    }
  }
  close(terminal);
  return typed;
}

}  // namespace chibo

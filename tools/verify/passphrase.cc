#include "tools/verify/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/terminal/secret_line.h"

namespace chibo::verify {

Result<Bytes> ReadPassphraseFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Fail(Code::kIo, "passphrase_file_unreadable", path);
  }
  auto line = ReadSecretLine(file, path);
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
  CHIBO_TRY_VALUE(Bytes line, ReadSecretLine(std::atoi(named), "CHIBO_PASSPHRASE_FD"));
  return line;
}

std::optional<Bytes> AskPassphrase(const std::string& prompt) {
  if (isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0) {
    return std::nullopt;
  }
  auto typed = AskSecretLine(prompt);
  return typed ? std::optional(*std::move(typed)) : std::nullopt;
}

}  // namespace chibo::verify

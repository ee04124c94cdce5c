#ifndef CHIBO_NODE_CLI_PASSPHRASE_H_
#define CHIBO_NODE_CLI_PASSPHRASE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chibo {

// Bytes that are wiped when they go.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
  ByteView view() const { return bytes_; }

 private:
  Bytes bytes_;
};

// Pass-phrases a command was given, by the key file they open (its name without ".key"); one
// without a name is for all others.
class Passphrases {
 public:
  // Asks a person; `again`: a new one, to be typed twice. Empty function: nobody is there.
  using Ask = std::function<Result<Secret>(std::string_view key, bool again)>;

  Passphrases() = default;
  explicit Passphrases(Ask ask) : ask_(std::move(ask)) {}

  // Of --passphrase-file: "FILE", or "KEY=FILE" for one key. The first line counts. kBadInput
  // "passphrase_empty", "passphrase_too_long".
  Status AddFile(const std::string& argument);
  // Of --new-passphrase-file: what ForChange gives.
  Status AddChangeFile(const std::string& path);
  // Of CHIBO_PASSPHRASE_FD: everything up to the end or the first line end.
  Status AddDescriptor(int descriptor);
  void Add(std::string key, const Secret& passphrase) { given_[std::move(key)] = passphrase; }
  // "" for the one without a name, "/new" for that of ForChange.
  const std::map<std::string, Secret>& given() const { return given_; }

  // That of a key file where it was given, for it or for all; null: a person would be asked.
  const Secret* Given(const std::string& key) const;
  // The pass-phrase of a key file; the person is asked once a key. kWrongPassphrase
  // "passphrase_needed".
  Result<Secret> For(const std::string& key);
  // For a key file that is being made.
  Result<Secret> ForNew(const std::string& key);
  // What shall open a key file instead of the one that opens it now, which never passes for it.
  // kWrongPassphrase "passphrase_new_needed".
  Result<Secret> ForChange(const std::string& key);

 private:
  Result<Secret> Find(const std::string& key, bool fresh);

  Ask ask_;
  std::map<std::string, Secret> given_;
};

// Asks on the terminal without showing what is typed; `prompt` makes the question for a key.
// kWrongPassphrase "passphrase_needed" when there is no terminal, kBadInput "passphrases_differ".
Result<Secret> AskOnTerminal(const std::string& prompt,
                             const std::optional<std::string>& prompt_again);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_PASSPHRASE_H_

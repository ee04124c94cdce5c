#include "node/cli/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/terminal/secret_line.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

// No key file is called so.
constexpr std::string_view kInsteadOfTheOld = "/new";

Result<Secret> ReadPassphrase(int descriptor, const std::string& where) {
  CHIBO_TRY_VALUE(Bytes line, ReadSecretLine(descriptor, where));
  return Secret(std::move(line));
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
  CHIBO_TRY_VALUE(const Secret passphrase, ReadPassphrase(descriptor, "CHIBO_PASSPHRASE_FD"));
  Add("", passphrase);
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
  CHIBO_TRY_VALUE(Bytes line, AskSecretLine(prompt));
  Secret typed(std::move(line));
  if (prompt_again) {
    auto again = AskSecretLine(*prompt_again);
    const Secret repeated(again ? *std::move(again) : Bytes());
    if (!EqualInConstantTime(typed.view(), repeated.view())) {
      return Fail(Code::kBadInput, "passphrases_differ");
    }
  }
  return typed;
}

}  // namespace chibo

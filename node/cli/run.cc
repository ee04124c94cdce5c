#include "node/cli/run.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/error_code.h"
#include "node/cli/files.h"
#include "node/cli/output.h"
#include "node/net/system.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

using Inputs = std::map<std::string, Bytes>;

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error).lexically_normal().string();
  if (error) {
    return path;
  }
  return absolute.size() > 1 && absolute.ends_with('/') ? absolute.substr(0, absolute.size() - 1)
                                                        : absolute;
}

Result<Inputs> ReadInputs(const Invocation& invocation) {
  Inputs inputs;
  for (const OptionSpec& option : invocation.command->options) {
    if (option.kind != OptionSpec::Kind::kInput && option.kind != OptionSpec::Kind::kInputs) {
      continue;
    }
    for (const std::string& path : invocation.arguments.All(option.name)) {
      if (!inputs.contains(path)) {
        CHIBO_TRY_VALUE(inputs[path], ReadFile(path));
      }
    }
  }
  return inputs;
}

Status CheckOutput(OptionSpec::Kind kind, const std::string& path) {
  switch (kind) {
    case OptionSpec::Kind::kOutput:
      return CheckPlace(path);
    case OptionSpec::Kind::kNewFile:
      return CheckNewPlace(path);
    case OptionSpec::Kind::kNewFiles:
      return CheckNewPlaceOrFolder(path);
    default:
      return {};
  }
}

// Nothing is done that could then not be given out.
Status CheckOutputs(const Invocation& invocation) {
  for (const OptionSpec& option : invocation.command->options) {
    for (const std::string& path : invocation.arguments.All(option.name)) {
      CHIBO_TRY(CheckOutput(option.kind, path));
    }
  }
  return {};
}

Status GatherPassphrases(const Invocation& invocation, Passphrases& passphrases) {
  const Arguments& arguments = invocation.arguments;
  for (const OptionSpec& option : invocation.command->options) {
    if (option.kind == OptionSpec::Kind::kSecret && arguments.Has(option.name)) {
      CHIBO_TRY(passphrases.AddChangeFile(arguments.One(option.name)));
    }
  }
  for (const std::string& argument : arguments.All("passphrase-file")) {
    CHIBO_TRY(passphrases.AddFile(argument));
  }
  const char* descriptor = std::getenv("CHIBO_PASSPHRASE_FD");
  if (descriptor != nullptr && !passphrases.given().contains("")) {
    const std::string number = descriptor;
    if (number.empty() || number.size() > 6 ||
        number.find_first_not_of("0123456789") != std::string::npos) {
      return Fail(Code::kUsage, "passphrase_descriptor_unreadable", number);
    }
    CHIBO_TRY(passphrases.AddDescriptor(std::atoi(descriptor)));
  }
  return {};
}

Passphrases::Ask Terminal(const Catalogue& texts) {
  return [&texts](std::string_view key, bool again) -> Result<Secret> {
    if (isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0) {
      return Fail(Code::kWrongPassphrase, "passphrase_needed", std::string(key));
    }
    const std::string name = texts.Key(key);
    return AskOnTerminal(
        texts.Say(again ? "ask_passphrase_new" : "ask_passphrase", {name}),
        again ? std::optional(texts.Say("ask_passphrase_again", {name})) : std::nullopt);
  };
}

Progress ProgressFor(const Invocation& invocation) {
  if (!invocation.arguments.Has("progress") && isatty(STDERR_FILENO) == 0) {
    return [](const std::string&) {};
  }
  return [](const std::string& line) {
    std::fputs((line + "\n").c_str(), stderr);
    std::fflush(stderr);
  };
}

// An Error's reason is a literal; one that comes from another process is kept for good.
std::string_view Kept(const std::string& reason) {
  static std::set<std::string> reasons;
  return *reasons.insert(reason).first;
}

bool IsPassphraseMissing(const ControlAnswer& answer) {
  return answer.reason == "passphrase_needed" || answer.reason == "passphrase_new_needed";
}

Output OutputOf(ControlAnswer answer) {
  Output output;
  output.json = std::move(answer.json);
  output.lines = std::move(answer.lines);
  output.notes = std::move(answer.notes);
  output.files = std::move(answer.files);
  if (answer.code != 0) {
    output.failure = Error{CodeFromNumber(answer.code).value_or(Code::kMalformed),
                           Kept(answer.reason), answer.where};
  }
  return output;
}

// Asks the process that holds the directory; nothing when there is none.
Result<std::optional<Output>> Hand(const std::vector<std::string>& words,
                                   const Invocation& invocation, const DataDirectory& directory,
                                   const Inputs& inputs, Passphrases& passphrases,
                                   const Catalogue& texts) {
  const Progress progress = ProgressFor(invocation);
  if (invocation.command->needs == Needs::kNothing || invocation.command->needs == Needs::kServe ||
      !Exists(directory.socket())) {
    return std::nullopt;
  }
  for (;;) {
    ControlRequest request;
    request.words = words;
    request.language = texts.language() == Language::kVietnamese ? "vi" : "en";
    request.inputs = inputs;
    for (const auto& [key, passphrase] : passphrases.given()) {
      request.passphrases[key] = Bytes(passphrase.view());
    }
    auto answer = Ask(directory.socket(), request, [&](bool asked, Duration so_far) {
      progress(texts.Say(asked ? "serve_not_done_yet" : "serve_no_greeting_yet",
                         {texts.Number(static_cast<std::uint64_t>(so_far.count()) / 1000)}));
    });
    for (auto& [key, passphrase] : request.passphrases) {
      Wipe(passphrase);
    }
    CHIBO_TRY(answer);
    if (!*answer) {
      return std::nullopt;
    }
    ControlAnswer& said = **answer;
    if (!IsPassphraseMissing(said) || said.where.empty()) {
      Output output = OutputOf(std::move(said));
      if (output.failure && output.json.empty() && output.lines.empty()) {
        return tl::unexpected(*output.failure);
      }
      return output;
    }
    // A person may be sitting here: ask for that key and hand it all over again. What was said on
    // the way is what the person decides by.
    for (const std::string& note : said.notes) {
      std::fputs((note + "\n").c_str(), stderr);
    }
    if (said.reason == "passphrase_new_needed") {
      CHIBO_TRY(passphrases.ForChange(said.where));
    } else if (Exists(directory.key(said.where))) {
      CHIBO_TRY(passphrases.For(said.where));
    } else {
      CHIBO_TRY(passphrases.ForNew(said.where));
    }
  }
}

Result<Output> RunHere(Call& call) {
  std::unique_ptr<Node> node;
  switch (call.command.needs) {
    case Needs::kNothing:
      break;
    case Needs::kPlain:
      CHIBO_TRY(call.directory.CheckNode());
      break;
    case Needs::kRead:
    case Needs::kWrite:
    case Needs::kServe: {
      const bool read = call.command.needs == Needs::kRead;
      CHIBO_TRY_VALUE(node, Node::Open(call.directory, call.passphrases, call.random,
                                       read ? Node::Use::kRead : Node::Use::kWrite));
      call.node = node.get();
      break;
    }
  }
  auto output = call.command.run(call);
  if (output && node && !node->continuity_proven()) {
    output->notes.push_back(call.Say("continuity_not_proven"));
  }
  return output;
}

Result<Output> RunCommand(const std::vector<std::string>& words, const Invocation& invocation,
                          const Catalogue& texts) {
  Passphrases passphrases(Terminal(texts));
  CHIBO_TRY(GatherPassphrases(invocation, passphrases));
  CHIBO_TRY_VALUE(const Inputs inputs, ReadInputs(invocation));
  CHIBO_TRY(CheckOutputs(invocation));
  const DataDirectory directory(AbsolutePath(invocation.arguments.One("dir")));
  CHIBO_TRY_VALUE(auto handed, Hand(words, invocation, directory, inputs, passphrases, texts));
  if (handed) {
    return *std::move(handed);
  }
  const SystemClock clock;
  SystemRandom random;
  Call call{*invocation.command,
            invocation.arguments,
            inputs,
            texts,
            directory,
            passphrases,
            clock,
            random,
            ProgressFor(invocation)};
  return RunHere(call);
}

}  // namespace

ControlAnswer AnswerOf(const Result<Output>& result) {
  ControlAnswer answer;
  const Error* error = nullptr;
  if (!result) {
    error = &result.error();
  } else {
    answer.json = result->json;
    answer.lines = result->lines;
    answer.notes = result->notes;
    answer.files = result->files;
    error = result->failure ? &*result->failure : nullptr;
  }
  if (error != nullptr) {
    answer.code = static_cast<std::uint16_t>(error->code);
    answer.reason = std::string(error->reason);
    answer.where = error->where;
  }
  return answer;
}

Result<Invocation> ParseAsked(const ControlRequest& request) {
  CHIBO_TRY_VALUE(Invocation invocation,
                  ParseWords(request.words, Catalogue::In(LanguageOf(request.language))));
  if (invocation.command == nullptr || invocation.command->needs == Needs::kNothing ||
      invocation.command->needs == Needs::kServe) {
    return Fail(Code::kInUse, "directory_in_use", invocation.arguments.One("dir"));
  }
  return invocation;
}

ControlAnswer RunAsked(const ControlRequest& request, const Invocation& invocation, Node& node,
                       const Clock& clock, Random& random) {
  if (const Status fresh = node.replica().Refresh(); !fresh) {
    return AnswerOf(tl::unexpected(fresh.error()));
  }
  Passphrases passphrases;
  for (const auto& [key, passphrase] : request.passphrases) {
    passphrases.Add(key, Secret(passphrase));
  }
  std::vector<std::string> said;
  Call call{*invocation.command,
            invocation.arguments,
            request.inputs,
            Catalogue::In(LanguageOf(request.language)),
            node.directory(),
            passphrases,
            clock,
            random,
            [&said](const std::string& line) { said.push_back(line); },
            &node};
  ControlAnswer answer = AnswerOf(invocation.command->run(call));
  if (IsPassphraseMissing(answer)) {
    answer.notes = std::move(said);
  }
  return answer;
}

int RunProgram(const std::vector<std::string>& words) {
  InitCrypto();
  const Catalogue& texts = Catalogue::In(LanguageWanted(words, std::getenv("LANG")));
  const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  EndWhenMemoryIsGone(json, texts);
  const auto invocation = ParseWords(words, texts);
  if (!invocation) {
    return Delivered(Present(tl::unexpected(invocation.error()), json, texts), texts);
  }
  if (invocation->command == nullptr) {
    std::fputs(invocation->help.c_str(), stdout);
    return Delivered(0, texts);
  }
  return Delivered(Present(RunCommand(words, *invocation, texts), invocation->json(), texts),
                   texts);
}

}  // namespace chibo

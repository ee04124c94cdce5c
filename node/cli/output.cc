#include "node/cli/output.h"

#include <unistd.h>

#include <cstdio>
#include <new>

#include "node/cli/files.h"
#include "node/cli/json.h"

namespace chibo {
namespace {

Json ErrorValue(const Error& error, const Catalogue& texts) {
  return Json{{"code", std::string(Name(error.code))},
              {"reason", std::string(error.reason)},
              {"where", error.where},
              {"message", texts.Say(error)}};
}

void Print(std::FILE* to, const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), to);
  std::fputc('\n', to);
}

int PresentError(const Error& error, bool json, const Catalogue& texts) {
  if (json) {
    Print(stdout, ErrorJson(error, texts));
  } else {
    Print(stderr, "chibo: " + texts.Say(error));
  }
  return ExitCode(error.code);
}

// Made beforehand: when they are needed nothing can be made any more.
struct LastWords {
  int to = STDERR_FILENO;
  std::string text;
};
LastWords last_words;

void SayLastWords() {
  const auto written = write(last_words.to, last_words.text.data(), last_words.text.size());
  static_cast<void>(written);
  _exit(ExitCode(Code::kOutOfMemory));
}

}  // namespace

std::string ErrorJson(const Error& error, const Catalogue& texts) {
  return Dump(Json{{"error", ErrorValue(error, texts)}});
}

void EndWhenMemoryIsGone(bool json, const Catalogue& texts) {
  const Error error{Code::kOutOfMemory, "out_of_memory", "chibo"};
  last_words.to = json ? STDOUT_FILENO : STDERR_FILENO;
  last_words.text = (json ? ErrorJson(error, texts) : "chibo: " + texts.Say(error)) + "\n";
  std::set_new_handler(SayLastWords);
}

int Delivered(int code, const Catalogue& texts) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  const Error error{Code::kIo, "output_lost", "stdout"};
  Print(stderr, "chibo: " + texts.Say(error));
  return code == 0 ? ExitCode(error.code) : code;
}

int Present(const Result<Output>& result, bool json, const Catalogue& texts) {
  if (!result) {
    return PresentError(result.error(), json, texts);
  }
  for (const auto& [path, bytes] : result->files) {
    if (IsOfANode(path)) {
      return PresentError({Code::kBadInput, "output_place_taken", path}, json, texts);
    }
  }
  bool content_on_stdout = false;
  for (const auto& [path, bytes] : result->files) {
    if (const Status written = WriteFile(path, bytes); !written) {
      return PresentError(written.error(), json, texts);
    }
    content_on_stdout = content_on_stdout || path == "-";
  }
  if (json && !content_on_stdout) {
    Json value = Json::parse(result->json.empty() ? "{}" : result->json);
    if (result->failure && value.is_object()) {
      value["error"] = ErrorValue(*result->failure, texts);
    }
    Print(stdout, Dump(value));
  } else {
    for (const std::string& line : result->lines) {
      Print(content_on_stdout ? stderr : stdout, line);
    }
    for (const std::string& note : result->notes) {
      Print(stderr, note);
    }
    if (result->failure) {
      Print(stderr, "chibo: " + texts.Say(*result->failure));
    }
  }
  return result->failure ? ExitCode(result->failure->code) : 0;
}

}  // namespace chibo

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/verify/at_rest.h"
#include "tools/verify/passphrase.h"
#include "tools/verify/sentences.h"
#include "tools/verify/text.h"
#include "tools/verify/verify.h"

namespace chibo::verify {
namespace {

constexpr int kNotAllChecked = 4;  // as of all that was not completed

struct Options {
  std::set<std::string> given;
  std::string directory;
  std::string network;
  std::optional<std::string> passphrase_file;
  std::string language;
  bool json = false;
  bool help = false;
};

// The field an option with a value fills; null when there is none of that name.
std::string* FieldOf(Options& options, const std::string& name) {
  if (name == "--dir") {
    return &options.directory;
  }
  if (name == "--network") {
    return &options.network;
  }
  if (name == "--lang") {
    return &options.language;
  }
  return name == "--passphrase-file" ? &options.passphrase_file.emplace() : nullptr;
}

// Options read so far stay readable when one is wrong: the language of the answer is among them.
Status ReadOptions(const std::vector<std::string>& words, Options& options) {
  Status status;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") {
      options.json = true;
      continue;
    }
    if (words[i] == "--help" || words[i] == "-h") {
      options.help = true;
      continue;
    }
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    std::string* field = FieldOf(options, name);
    const bool valued = equals != std::string::npos || i + 1 < words.size();
    if (field == nullptr || !valued) {
      if (status) {
        status = Fail(Code::kUsage, field == nullptr ? "option_unknown" : "option_needs_value",
                      words[i]);
      }
      continue;
    }
    if (!options.given.insert(name).second && status) {
      status = Fail(Code::kUsage, "option_twice", name);
    }
    *field = equals != std::string::npos ? words[i].substr(equals + 1) : words[++i];
  }
  return status;
}

Result<std::optional<Bytes>> FindPassphrase(const Options& options, Language language) {
  if (options.passphrase_file) {
    return ReadPassphraseFile(*options.passphrase_file);
  }
  CHIBO_TRY_VALUE(auto passphrase, ReadPassphraseDescriptor());
  if (!passphrase && AtRest::IsLocked(options.directory)) {
    passphrase = AskPassphrase(std::string(SentenceOf("ask_passphrase", language)));
  }
  return passphrase;
}

Result<Report> Run(const Options& options, Language language) {
  if (options.directory.empty() || options.network.empty()) {
    return Fail(Code::kUsage, "option_missing", options.directory.empty() ? "--dir" : "--network");
  }
  const auto network = Digest::FromHexText(options.network);
  if (!network) {
    return Fail(Code::kUsage, "network_unreadable", options.network);
  }
  if (!options.language.empty() && options.language != "vi" && options.language != "en") {
    return Fail(Code::kUsage, "language_unknown", options.language);
  }
  CHIBO_TRY_VALUE(std::optional<Bytes> passphrase, FindPassphrase(options, language));
  StartCrypto();
  auto report = Verify(options.directory, *network, passphrase);
  if (passphrase) {
    Wipe(*passphrase);
  }
  return report;
}

void Print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

// A result that did not arrive is no result.
int Delivered(int code, Language language) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  const Error error{Code::kIo, "output_lost", "stdout"};
  Print(stderr, "chibo-verify: " + Say(error, language) + "\n");
  return code == 0 ? ExitCode(error.code) : code;
}

// Where the caller closed input, output or errors, no file is opened under that number, and what is
// printed nowhere counts as lost.
void OccupyStandardStreams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) == -1) {
      const int taken = open(descriptor == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
      static_cast<void>(taken);  // the lowest free number: this one
    }
  }
}

int Main(const std::vector<std::string>& words) {
  Options options;
  const Status read = ReadOptions(words, options);
  const char* lang = std::getenv("LANG");
  const Language language = LanguageOf(!options.language.empty() ? options.language
                                       : lang == nullptr         ? ""
                                                                 : lang);
  if (options.help) {
    Print(stdout, HelpText(language));
    return Delivered(0, language);
  }
  const Result<Report> report = read ? Run(options, language) : tl::unexpected(read.error());
  if (!report) {
    Print(options.json ? stdout : stderr,
          options.json ? AsJson(report.error(), language)
                       : "chibo-verify: " + Say(report.error(), language) + "\n");
    return Delivered(ExitCode(report.error().code), language);
  }
  Print(stdout, options.json ? AsJson(*report, language) : AsText(*report, language));
  const int code = report->ok()               ? 0
                   : report->problems.empty() ? kNotAllChecked
                                              : ExitCode(Code::kDamaged);
  return Delivered(code, language);
}

}  // namespace
}  // namespace chibo::verify

int main(int argc, char** argv) {
  // Keys that a pass-phrase opened lie in no core file.
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  chibo::verify::OccupyStandardStreams();
  return chibo::verify::Main(std::vector<std::string>(argv + 1, argv + argc));
}

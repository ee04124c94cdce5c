#ifndef CHIBO_NODE_CLI_OPTIONS_H_
#define CHIBO_NODE_CLI_OPTIONS_H_

#include <string>
#include <vector>

#include "node/cli/command.h"

namespace chibo {

// What was typed, understood.
struct Invocation {
  const CommandSpec* command = nullptr;
  Arguments arguments;
  // Instead of a command: text to be printed (help, version).
  std::string help;

  bool json() const { return arguments.Has("json"); }
};

// `words` without the program's name. Help is written in the catalogue's language. kUsage
// "usage_…".
Result<Invocation> ParseWords(const std::vector<std::string>& words, const Catalogue& texts);

// The language asked for: --lang among the words, else LANG as given.
Language LanguageWanted(const std::vector<std::string>& words, const char* lang);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_OPTIONS_H_

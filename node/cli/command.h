#ifndef CHIBO_NODE_CLI_COMMAND_H_
#define CHIBO_NODE_CLI_COMMAND_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "node/cli/catalogue.h"
#include "node/cli/open_node.h"
#include "node/cli/passphrase.h"

namespace chibo {

struct OptionSpec {
  enum class Kind {
    kFlag,
    kValue,
    kMany,      // may be given several times
    kInput,     // a file that the command reads; "-" is standard input
    kInputs,    // several
    kOutput,    // a file or folder that the command gives out
    kNewFile,   // a file that the command gives out, where there is nothing yet
    kNewFiles,  // the same, or a folder of several, in which there is nothing yet
    kSecret,    // a file with a new pass-phrase, which goes the way of all pass-phrases
  };
  std::string name;  // without dashes; in capitals: stands without them, e.g. FILE
  Kind kind = Kind::kValue;
  bool required = false;
  std::string text;  // key in section "options"; empty: the name in lower case, "_" for "-"

  bool positional() const { return name.front() >= 'A' && name.front() <= 'Z'; }
};

// What was typed, by option name.
class Arguments {
 public:
  void Put(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }
  bool Has(const std::string& name) const { return values_.contains(name); }
  // "" when it was not given.
  const std::string& One(const std::string& name) const;
  const std::vector<std::string>& All(const std::string& name) const;
  // A number of seconds, 1 to 999999. kUsage "usage_option_unclear".
  Result<Duration> Seconds(const std::string& name, Duration absent) const;
  // kUsage "usage_options_clash" where `name` and one of `others`, which would not be looked at
  // beside it, are both given.
  Status ExpectWithout(const std::string& name,
                       std::initializer_list<std::string_view> others) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

// What a command has to say. Files are written by the process that the person started.
struct Output {
  std::string json;                                  // the value for --json
  std::vector<std::string> lines;                    // for people, on standard output
  std::vector<std::string> notes;                    // for people, on standard error
  std::vector<std::pair<std::string, Bytes>> files;  // path as typed, content
  // Said after all of it; gives the exit code.
  std::optional<Error> failure;
};

// Tells a person that long work goes on.
using Progress = std::function<void(const std::string& line)>;

struct CommandSpec;

// One call of a command: everything it may use.
struct Call {
  const CommandSpec& command;
  const Arguments& arguments;
  const std::map<std::string, Bytes>& inputs;  // contents of input files, by path as typed
  const Catalogue& texts;
  DataDirectory directory;
  Passphrases& passphrases;
  const Clock& clock;
  Random& random;
  Progress progress;
  Node* node = nullptr;  // set for commands that need one

  Timestamp now() const { return clock.Now(); }
  Replica& replica() const { return node->replica(); }
  const Bytes& Input(const std::string& path) const;
  std::string Say(std::string_view key, const std::vector<std::string>& values = {}) const {
    return texts.Say(key, values);
  }
};

// What a command needs before it runs.
enum class Needs {
  kNothing,  // no data directory, or one that it makes
  kPlain,    // a data directory; opens of it what lies plain
  kRead,     // a node; writes nothing under its name
  kWrite,    // a node
  kServe,    // is the process that holds the directory
};

struct CommandSpec {
  std::string path;  // "device approve"
  Needs needs = Needs::kRead;
  std::vector<OptionSpec> options;
  std::string example;  // without "chibo "
  std::function<Result<Output>(Call&)> run;

  // Key in section "commands": "device_approve".
  std::string text_key() const;
};

// All commands, in the order of the help.
const std::vector<CommandSpec>& AllCommands();

// An error of what `path` holds, with the file named: "5", "5: …" and "5/2" are a line of it, and a
// column.
tl::unexpected<Error> InFile(const Call& call, const std::string& path, Error error);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_COMMAND_H_

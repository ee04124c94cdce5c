#include "node/cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "node/cli/typed_help.h"

namespace chibo {
namespace {

constexpr std::string_view kVersion = "chibo 0.1.0 (format 0)";

// Options that every command has.
const std::vector<OptionSpec>& SharedOptions() {
  static const std::vector<OptionSpec> kShared = {
      {"dir", OptionSpec::Kind::kValue, true, ""},
      {"passphrase-file", OptionSpec::Kind::kMany, false, ""},
      {"json", OptionSpec::Kind::kFlag, false, ""},
      {"progress", OptionSpec::Kind::kFlag, false, ""},
      {"lang", OptionSpec::Kind::kValue, false, ""},
  };
  return kShared;
}

std::string TextKeyOf(const OptionSpec& option) {
  if (!option.text.empty()) {
    return option.text;
  }
  std::string key = option.name;
  for (char& letter : key) {
    letter = letter == '-' ? '_' : static_cast<char>(std::tolower(letter));
  }
  return key;
}

// Pads by letters: CLI11 counts bytes, and a Vietnamese letter has up to three.
class LetterFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool positional) const override {
    return Line(make_option_name(option, positional) + make_option_opts(option),
                make_option_desc(option));
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return Line(command->get_display_name(true), command->get_description());
  }

 private:
  std::string Line(const std::string& name, const std::string& text) const {
    const std::string gap(column_width_, ' ');
    const std::string left = "  " + name;
    return Padded(left, column_width_) + (LettersOf(left) >= column_width_ ? "\n" + gap : "") +
           text + "\n";
  }
};

// One command of the parser and where its values land.
struct Slot {
  const CommandSpec* command = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

class Parser {
 public:
  explicit Parser(const Catalogue& texts) : texts_(texts), root_("", "chibo") {
    Dress(root_);
    root_.description(texts.Say("about"));
    root_.footer(Example("status --dir CELL"));
    root_.add_flag("--version", version_, texts.Text("options", "version"))
        ->group(texts.Say("help_options"));
    for (const CommandSpec& command : AllCommands()) {
      Add(command);
    }
  }

  Result<Invocation> Parse(std::vector<std::string> words) {
    CHIBO_TRY(CheckValues(words));
    const std::vector<std::string> typed = words;
    std::reverse(words.begin(), words.end());
    try {
      root_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      return Invocation{nullptr, {}, root_.help()};
    } catch (const CLI::ExtrasError&) {
      return Fail(Code::kUsage, "usage_words_unknown", Unknown());
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string option = FirstWord(error.what());
      return TimesGiven(typed, option) > 1
                 ? Fail(Code::kUsage, "usage_option_twice", option)
                 : Fail(Code::kUsage, "usage_option_without_value", option);
    } catch (const CLI::ParseError& error) {
      return Fail(Code::kUsage, "usage_option_unclear", FirstWord(error.what()));
    }
    if (version_) {
      return Invocation{nullptr, {}, std::string(kVersion) + "\n"};
    }
    for (const auto& slot : slots_) {
      if (slot->app->parsed()) {
        return Understood(*slot);
      }
    }
    return Fail(Code::kUsage, "usage_command_missing");
  }

 private:
  void Dress(CLI::App& app) {
    app.set_help_flag("-h,--help", texts_.Text("options", "help"))
        ->group(texts_.Say("help_options"));
    auto formatter = std::make_shared<LetterFormatter>();
    formatter->label("Usage", texts_.Say("help_usage"));
    formatter->label("OPTIONS", texts_.Say("help_options"));
    formatter->label("Positionals", texts_.Say("help_words"));
    formatter->label("SUBCOMMAND", texts_.Say("help_command"));
    formatter->label("SUBCOMMANDS", texts_.Say("help_command"));
    formatter->label("TEXT", texts_.Say("help_value"));
    formatter->column_width(28);
    app.formatter(formatter);
  }

  std::string Example(const std::string& example) const {
    return texts_.Say("help_example") + ":\n  chibo " + example;
  }

  CLI::App& GroupOf(const CommandSpec& command) {
    const std::size_t space = command.path.find(' ');
    if (space == std::string::npos) {
      return root_;
    }
    const std::string group = command.path.substr(0, space);
    CLI::App*& app = groups_[group];
    if (app == nullptr) {
      app = root_.add_subcommand(group, texts_.Text("commands", group));
      app->footer(Example(command.example));
      app->group(texts_.Say("help_commands"));
      Dress(*app);
    }
    return *app;
  }

  void Add(const CommandSpec& command) {
    const std::string name = command.path.substr(command.path.rfind(' ') + 1);
    CLI::App* app =
        GroupOf(command).add_subcommand(name, texts_.Text("commands", command.text_key()));
    app->group(texts_.Say("help_commands"));
    Dress(*app);
    const std::string fields = TypedFields(command.path, texts_);
    app->footer(fields + (fields.empty() ? "" : "\n") + Example(command.example));
    slots_.push_back(std::make_unique<Slot>());
    Slot& slot = *slots_.back();
    slot.command = &command;
    slot.app = app;
    for (const auto* options : {&command.options, &SharedOptions()}) {
      for (const OptionSpec& option : *options) {
        Add(option, slot);
      }
    }
  }

  void Add(const OptionSpec& option, Slot& slot) {
    std::string text = texts_.Text("options", TextKeyOf(option));
    if (option.required) {
      text += " (" + texts_.Say("help_required") + ")";
    }
    const std::string name = (option.positional() ? "" : "--") + option.name;
    CLI::Option* made = nullptr;
    if (option.kind == OptionSpec::Kind::kFlag) {
      made = slot.app->add_flag(name, slot.flags[option.name], text);
    } else {
      made = slot.app->add_option(name, slot.values[option.name], text);
      const bool several =
          option.kind == OptionSpec::Kind::kMany || option.kind == OptionSpec::Kind::kInputs;
      if (!several) {
        made->expected(1);
      }
      // Each --option takes one word; more of the same stand behind the option said again.
      made->allow_extra_args(several && option.positional());
    }
    made->group(texts_.Say(option.positional() ? "help_words" : "help_options"));
  }

  static Result<Invocation> Understood(Slot& slot) {
    Invocation invocation;
    invocation.command = slot.command;
    for (const auto& [name, given] : slot.flags) {
      if (given) {
        invocation.arguments.Put(name, {"true"});
      }
    }
    for (auto& [name, values] : slot.values) {
      if (!values.empty()) {
        invocation.arguments.Put(name, std::move(values));
      }
    }
    const std::string& language = invocation.arguments.One("lang");
    if (!language.empty() && language != "vi" && language != "en") {
      return Fail(Code::kUsage, "usage_language_unknown", language);
    }
    for (const auto* options : {&slot.command->options, &SharedOptions()}) {
      for (const OptionSpec& option : *options) {
        if (option.required && !invocation.arguments.Has(option.name)) {
          return Fail(Code::kUsage, "usage_option_missing",
                      (option.positional() ? "" : "--") + option.name);
        }
      }
    }
    return invocation;
  }

  // A word that begins like an option is not the value of the option before it: where it is meant,
  // "--dir=--json" says so.
  Status CheckValues(const std::vector<std::string>& words) const {
    const Slot* slot = nullptr;
    for (const auto& one : slots_) {
      const std::string& path = one->command->path;
      const bool two = words.size() > 1 && path == words[0] + " " + words[1];
      slot = two || (!words.empty() && path == words[0]) ? one.get() : slot;
    }
    for (std::size_t i = 0; slot != nullptr && i + 1 < words.size(); ++i) {
      const bool takes_value =
          words[i].starts_with("--") && slot->values.contains(words[i].substr(2));
      if (takes_value && words[i + 1].starts_with("--")) {
        return Fail(Code::kUsage, "usage_option_without_value", words[i]);
      }
      i += takes_value ? 1 : 0;
    }
    return {};
  }

  std::string Unknown() const {
    std::string words;
    for (const std::string& word : root_.remaining(true)) {
      words += (words.empty() ? "" : " ") + word;
    }
    return words;
  }

  static std::size_t TimesGiven(const std::vector<std::string>& words, const std::string& option) {
    return static_cast<std::size_t>(std::count_if(
        words.begin(), words.end(),
        [&](const std::string& word) { return word == option || word.starts_with(option + "="); }));
  }

  static std::string FirstWord(const std::string& text) {
    return text.substr(0, text.find_first_of(" :"));
  }

  const Catalogue& texts_;
  CLI::App root_;
  bool version_ = false;
  std::map<std::string, CLI::App*> groups_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace

Result<Invocation> ParseWords(const std::vector<std::string>& words, const Catalogue& texts) {
  return Parser(texts).Parse(words);
}

Language LanguageWanted(const std::vector<std::string>& words, const char* lang) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--lang" && i + 1 < words.size()) {
      return LanguageOf(words[i + 1]);
    }
    if (words[i].starts_with("--lang=")) {
      return LanguageOf(words[i].substr(7));
    }
  }
  return LanguageOf(lang == nullptr ? "" : lang);
}

}  // namespace chibo

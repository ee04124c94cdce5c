#ifndef CHIBO_NODE_CLI_CATALOGUE_H_
#define CHIBO_NODE_CLI_CATALOGUE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chibo {

enum class Language { kVietnamese, kEnglish };

// "en…" is English; everything else, also "C" and nothing, Vietnamese: those who work with it.
Language LanguageOf(std::string_view name);

// The sentences people read, in one language (node/text). The texts are part of the program.
class Catalogue {
 public:
  static const Catalogue& In(Language language);

  Language language() const { return language_; }
  bool Has(std::string_view section, std::string_view key) const;
  // The sentence with {0}, {1}, … replaced. A key that is not there comes back itself: people see
  // that something is missing, and a test keeps it from happening.
  std::string Text(std::string_view section, std::string_view key,
                   const std::vector<std::string>& values = {}) const;
  // Of section "cli".
  std::string Say(std::string_view key, const std::vector<std::string>& values = {}) const {
    return Text("cli", key, values);
  }
  // One sentence: what, where, what to do.
  std::string Say(const Error& error) const;

  // Whose key a name in the data directory stands for: "this device".
  std::string Key(std::string_view name) const;

  // "5.560" or "5,560".
  std::string Number(std::uint64_t value) const;
  // Hundredths of a per cent: 1572 is "15,72 %" or "15.72 %".
  std::string Percent(std::uint64_t hundredths) const;
  // yyyymmdd as dd/mm/yyyy; 0 is "".
  std::string Date(std::uint32_t date) const;
  // Milliseconds since 1970 as people in UTC+7 write it; 0 is "".
  std::string Time(std::int64_t time_ms) const;

 private:
  explicit Catalogue(Language language);

  Language language_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> sections_;
};

// How many letters a UTF-8 text has, and the text with spaces up to so many of them.
std::size_t LettersOf(std::string_view text);
std::string Padded(std::string text, std::size_t width);

// "2019-12-05T08:00:00+07:00", for programs; 0 is "".
std::string IsoTime(std::int64_t time_ms);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_CATALOGUE_H_

#ifndef CHIBO_TOOLS_VERIFY_TEXT_H_
#define CHIBO_TOOLS_VERIFY_TEXT_H_

#include <string>

#include "base/result.h"
#include "tools/verify/report.h"

// What this program says to people, in Vietnamese and English.
namespace chibo::verify {

enum class Language { kVietnamese, kEnglish };
// "en", "en_GB.UTF-8" → English; anything else Vietnamese.
Language LanguageOf(std::string_view name);

std::string HelpText(Language language);
std::string Say(const Error& error, Language language);
// Place and sentence, one line.
std::string Say(const Finding& finding, Language language);
// The sentence alone. Never empty.
std::string Sentence(const Finding& finding, Language language);
// The whole report, lines ended by newlines.
std::string AsText(const Report& report, Language language);
// One JSON object on one line, with newline.
std::string AsJson(const Report& report, Language language);
std::string AsJson(const Error& error, Language language);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_TEXT_H_

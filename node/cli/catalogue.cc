#include "node/cli/catalogue.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "domain/civil_date.h"
#include "node/cli/json.h"

namespace chibo {

// Made by the build from node/text.
extern const unsigned char kTextVi[];
extern const std::size_t kTextViBytes;
extern const unsigned char kTextEn[];
extern const std::size_t kTextEnBytes;

namespace {

constexpr std::int64_t kHanoiMs = 7 * 3600 * 1000;
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// Of a day in UTC+7.
struct Clocktime {
  CivilDate date;
  int hour;
  int minute;
  int second;
};

Clocktime InHanoi(std::int64_t time_ms) {
  const std::int64_t of_day = ((time_ms + kHanoiMs) % kDayMs + kDayMs) % kDayMs / 1000;
  return {DateOf(Timestamp(Duration(time_ms))), static_cast<int>(of_day / 3600),
          static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60)};
}

template <typename... Values>
std::string Format(const char* format, Values... values) {
  std::string text(64, '\0');
  const int size = std::snprintf(text.data(), text.size(), format, values...);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

Language LanguageOf(std::string_view name) {
  return name.starts_with("en") || name.starts_with("EN") ? Language::kEnglish
                                                          : Language::kVietnamese;
}

Catalogue::Catalogue(Language language) : language_(language) {
  const bool vietnamese = language == Language::kVietnamese;
  const unsigned char* bytes = vietnamese ? kTextVi : kTextEn;
  const Json json = Json::parse(bytes, bytes + (vietnamese ? kTextViBytes : kTextEnBytes));
  for (const auto& [section, texts] : json.items()) {
    for (const auto& [key, text] : texts.items()) {
      sections_[section][key] = text.get<std::string>();
    }
  }
}

const Catalogue& Catalogue::In(Language language) {
  static const Catalogue kVietnamese(Language::kVietnamese);
  static const Catalogue kEnglish(Language::kEnglish);
  return language == Language::kVietnamese ? kVietnamese : kEnglish;
}

bool Catalogue::Has(std::string_view section, std::string_view key) const {
  const auto found = sections_.find(section);
  return found != sections_.end() && found->second.find(key) != found->second.end();
}

std::string Catalogue::Text(std::string_view section, std::string_view key,
                            const std::vector<std::string>& values) const {
  if (!Has(section, key)) {
    return std::string(key);
  }
  std::string text = sections_.find(section)->second.find(key)->second;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ReplaceAll(text, std::string("{").append(std::to_string(i)).append("}"), values[i]);
  }
  return text;
}

std::string Catalogue::Say(const Error& error) const {
  std::string text =
      Has("errors", error.reason) ? Text("errors", error.reason) : Text("codes", Name(error.code));
  if (error.where.empty()) {
    ReplaceAll(text, " ({where})", "");
  } else {
    const std::size_t at = text.find("{where}");
    if (at != std::string::npos) {
      text.replace(at, 7, error.reason == "passphrase_needed" ? Key(error.where) : error.where);
    }
  }
  return text;
}

std::string Catalogue::Key(std::string_view name) const {
  // "device (2)" asks for what takes the place of "device".
  name = name.substr(0, name.find(' '));
  if (name == "device") {
    return Say("key_of_device");
  }
  if (name == "authority") {
    return Say("key_of_authority");
  }
  // "root", and "root-2-1" of a set of several.
  if (name == "root" || name.starts_with("root-")) {
    return Say("key_of_root");
  }
  return Say("key_of_person", {std::string(name)});
}

std::string Catalogue::Number(std::uint64_t value) const {
  const std::string digits = std::to_string(value);
  const char separator = language_ == Language::kVietnamese ? '.' : ',';
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      grouped += separator;
    }
    grouped += digits[i];
  }
  return grouped;
}

std::string Catalogue::Percent(std::uint64_t hundredths) const {
  return Format(language_ == Language::kVietnamese ? "%u,%02u %%" : "%u.%02u %%",
                static_cast<unsigned>(hundredths / 100), static_cast<unsigned>(hundredths % 100));
}

std::string Catalogue::Date(std::uint32_t date) const {
  return date == 0 ? "" : Format("%02u/%02u/%04u", date % 100, date / 100 % 100, date / 10000);
}

std::string Catalogue::Time(std::int64_t time_ms) const {
  if (time_ms == 0) {
    return "";
  }
  const Clocktime time = InHanoi(time_ms);
  if (language_ == Language::kVietnamese) {
    return Format("%d giờ %02d, ngày ", time.hour, time.minute) + Date(time.date);
  }
  return Format("%02d:%02d, ", time.hour, time.minute) + Date(time.date);
}

std::size_t LettersOf(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, LettersOf(text)), ' ');
  return text;
}

std::string IsoTime(std::int64_t time_ms) {
  if (time_ms == 0) {
    return "";
  }
  const Clocktime time = InHanoi(time_ms);
  return Format("%04u-%02u-%02uT%02d:%02d:%02d+07:00", time.date / 10000, time.date / 100 % 100,
                time.date % 100, time.hour, time.minute, time.second);
}

}  // namespace chibo

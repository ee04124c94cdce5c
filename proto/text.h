#ifndef CHIBO_PROTO_TEXT_H_
#define CHIBO_PROTO_TEXT_H_

#include <cstdint>
#include <string_view>

// What text from outside may hold, so that no view, log line or export has to think about it again.
namespace chibo {

enum class Lines : std::uint8_t {
  kOne,   // a name, a number, a title
  kMany,  // free text: line feeds, tabs and carriage returns too
};

// In its shortest form, without surrogates.
bool IsUtf8(std::string_view text);

// Valid UTF-8 without control characters (C0, DEL, C1), line and paragraph separators, or
// characters that turn the direction of what follows (U+202A–202E, U+2066–2069).
bool IsPlainText(std::string_view text, Lines lines);

}  // namespace chibo

#endif  // CHIBO_PROTO_TEXT_H_

#ifndef CHIBO_PROTO_LINES_H_
#define CHIBO_PROTO_LINES_H_

#include <cstdint>
#include <optional>
#include <string_view>

// Reading the line-by-line texts of C2SP: notes and proofs.
namespace chibo {

// Takes the first line, which it gives without its line feed; nothing when no line feed is left.
std::optional<std::string_view> TakeLine(std::string_view& text);

// Digits only, no leading zero but in "0" itself, within 64 bits.
std::optional<std::uint64_t> ParseDecimal(std::string_view digits);

}  // namespace chibo

#endif  // CHIBO_PROTO_LINES_H_

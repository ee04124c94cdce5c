#include "sync/text_fold.h"

#include <array>
#include <string>
#include <string_view>

namespace chibo {
namespace {

// In the order of their codes. A part of the format: codes are never used again.
constexpr std::u32string_view kSigns =
    U"àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồ"
    U"ốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđÀÁẢÃẠĂẰẮẲẴẶÂẦ"
    U"ẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦ"
    U"ŨỤƯỪỨỬỮỰỲÝỶỸỴĐ“”‘’–—…•°²³×≤≥\u00a0½→±§₫\u2011";

constexpr bool IsOwnCode(unsigned code) {
  return (code >= 0x20 && code < 0x7f) || code == '\t' || code == '\n' || code == '\r';
}

// Codes are given from 0x80 up, then the control characters that no text uses.
constexpr std::array<unsigned char, 155> kCodes = [] {
  std::array<unsigned char, 155> codes{};
  std::size_t count = 0;
  for (unsigned code = 0x80; code <= 0xff; ++code) {
    codes.at(count++) = static_cast<unsigned char>(code);
  }
  for (unsigned code = 1; code < 0x20; ++code) {
    if (!IsOwnCode(code) && code != static_cast<unsigned char>(kFoldEscape)) {
      codes.at(count++) = static_cast<unsigned char>(code);
    }
  }
  return codes;
}();
static_assert(kSigns.size() <= kCodes.size());

struct Character {
  std::uint32_t value = 0;
  std::size_t size = 0;  // 0 = not UTF-8
};

std::size_t SizeByLead(unsigned char lead) {
  return lead < 0x80   ? 1
         : lead < 0xc2 ? 0
         : lead < 0xe0 ? 2
         : lead < 0xf0 ? 3
         : lead < 0xf5 ? 4
                       : 0;
}

Character Decode(ByteView text) {
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = SizeByLead(lead);
  if (size == 0 || size > text.size()) {
    return {};
  }
  std::uint32_t value = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) {
      return {};
    }
    value = value << 6 | (next & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < kLeast.at(size) || value > 0x10ffff || surrogate ? Character{}
                                                                  : Character{value, size};
}

void Encode(std::uint32_t value, Bytes& out) {
  if (value < 0x800) {
    out.push_back(static_cast<char>(0xc0 | value >> 6));
  } else {
    out.push_back(static_cast<char>(0xe0 | value >> 12));
    out.push_back(static_cast<char>(0x80 | (value >> 6 & 0x3f)));
  }
  out.push_back(static_cast<char>(0x80 | (value & 0x3f)));
}

constexpr std::uint32_t kSignEnd = 0x2300;

struct Tables {
  std::array<unsigned char, kSignEnd> code_of{};  // 0 = none
  std::array<Bytes, 256> utf8_of;                 // empty = no sign of the table
};

const Tables& FoldTables() {
  static const Tables tables = [] {
    Tables made;
    for (std::size_t i = 0; i < kSigns.size(); ++i) {
      made.code_of.at(kSigns[i]) = kCodes.at(i);
      Encode(kSigns[i], made.utf8_of.at(kCodes.at(i)));
    }
    return made;
  }();
  return tables;
}

}  // namespace

std::optional<Bytes> FoldText(ByteView text) {
  const Tables& tables = FoldTables();
  Bytes folded;
  folded.reserve(text.size());
  const std::size_t size = text.size();
  while (!text.empty()) {
    const Character character = Decode(text);
    if (character.size == 1) {
      if (!IsOwnCode(character.value)) {
        return std::nullopt;
      }
      folded.push_back(text[0]);
    } else if (character.size == 0) {
      return std::nullopt;
    } else if (character.value < kSignEnd && tables.code_of.at(character.value) != 0) {
      folded.push_back(static_cast<char>(tables.code_of.at(character.value)));
    } else {
      folded.push_back(kFoldEscape);
      folded += text.substr(0, character.size);
    }
    text.remove_prefix(character.size);
  }
  return folded.size() <= size ? std::optional(std::move(folded)) : std::nullopt;
}

bool UnfoldText(ByteView& folded, std::size_t size, Bytes& out) {
  const Tables& tables = FoldTables();
  const std::size_t end = out.size() + size;
  while (out.size() < end) {
    if (folded.empty()) {
      return false;
    }
    const auto code = static_cast<unsigned char>(folded[0]);
    folded.remove_prefix(1);
    if (IsOwnCode(code)) {
      out.push_back(static_cast<char>(code));
    } else if (code == static_cast<unsigned char>(kFoldEscape)) {
      const Character character = folded.empty() ? Character{} : Decode(folded);
      if (character.size < 2) {
        return false;
      }
      out += folded.substr(0, character.size);
      folded.remove_prefix(character.size);
    } else {
      const Bytes& utf8 = tables.utf8_of.at(code);
      if (utf8.empty()) {
        return false;
      }
      out += utf8;
    }
  }
  return out.size() == end;
}

}  // namespace chibo

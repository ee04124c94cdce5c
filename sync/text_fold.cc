#include "sync/text_fold.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/check.h"

namespace chibo {

// The file syllables.txt, made by tools/cmake/embed.cmake.
extern const unsigned char kSyllables[];
extern const std::size_t kSyllablesBytes;

namespace {

// By number; a part of the format: numbers are never used again. Letters first, small ones, then
// their capitals in the same order.
constexpr std::u32string_view kSigns =
    U"àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồ"
    U"ốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđÀÁẢÃẠĂẰẮẲẴẶÂẦ"
    U"ẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦ"
    U"ŨỤƯỪỨỬỮỰỲÝỶỸỴĐ“”‘’–—…•°²³×≤≥\u00a0½→±§₫\u2011";
constexpr std::size_t kSmallLetters = 67;
constexpr std::size_t kLetters = 2 * kSmallLetters;
constexpr std::uint32_t kSignEnd = 0x2300;
static_assert(kSigns.size() < 0x100);

constexpr bool IsOwnCode(unsigned code) {
  return (code >= 0x20 && code < 0x7f) || code == '\t' || code == '\n' || code == '\r';
}
constexpr bool IsMarker(unsigned code) {
  return code == static_cast<unsigned char>(kFoldEscape) ||
         (code >= static_cast<unsigned char>(kFoldCapital) &&
          code <= static_cast<unsigned char>(kFoldSign));
}

// All other codes stand for syllables: in order, those of one byte, then first bytes of two.
constexpr std::array<unsigned char, 153> kSyllableCodes = [] {
  std::array<unsigned char, 153> codes{};
  std::size_t count = 0;
  for (unsigned code = 0; code < 0x100; ++code) {
    if (!IsOwnCode(code) && !IsMarker(code)) {
      codes.at(count++) = static_cast<unsigned char>(code);
    }
  }
  return codes;
}();
constexpr std::size_t kFirstBytes = 21;
constexpr std::size_t kOneByte = kSyllableCodes.size() - kFirstBytes;
constexpr std::size_t kSyllablesMax = kOneByte + kFirstBytes * 0x100;
// No byte of folded text stands for more.
constexpr std::size_t kBytesPerCodeMax = 16;

// What ASCII and signs are written before a syllable without a space between.
constexpr bool Joins(std::uint32_t character) {
  return std::u32string_view(U" \t\n\r(/-\"“‘").find(character) != std::u32string_view::npos;
}

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
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
    return;
  }
  if (value < 0x800) {
    out.push_back(static_cast<char>(0xc0 | value >> 6));
  } else {
    out.push_back(static_cast<char>(0xe0 | value >> 12));
    out.push_back(static_cast<char>(0x80 | (value >> 6 & 0x3f)));
  }
  out.push_back(static_cast<char>(0x80 | (value & 0x3f)));
}

enum Case : std::uint8_t { kSmall, kCapital, kUpper };

// What a code stands for, with the space that may come before it. Copied whole, which takes one
// move where a copy of just its size takes a call; so one byte more than is ever read.
struct Spelling {
  std::array<char, kBytesPerCodeMax + 1> bytes{};  // ' ', then the letters
  unsigned char size = 0;                          // of the letters

  ByteView letters() const { return {bytes.data() + 1, size}; }
};

Spelling SpellingOf(ByteView letters) {
  CHECK(letters.size() < kBytesPerCodeMax);
  Spelling spelling;
  spelling.bytes[0] = ' ';
  std::copy(letters.begin(), letters.end(), spelling.bytes.begin() + 1);
  spelling.size = static_cast<unsigned char>(letters.size());
  return spelling;
}

struct Tables {
  std::array<unsigned char, kSignEnd> number_of{};            // of a sign, plus 1; 0 = none
  std::array<bool, 0x100> joins{};                            // of own codes: Joins
  std::array<unsigned char, 0x100> place_of{};                // in kSyllableCodes, plus 1; 0 = none
  std::array<Spelling, kSigns.size()> signs;                  // by number
  std::array<std::vector<Spelling>, 3> syllables;             // by Case, then number
  std::unordered_map<std::string_view, std::size_t> numbers;  // of small syllables

  std::optional<std::size_t> Number(std::uint32_t character) const {
    const bool known = character < kSignEnd && number_of.at(character) != 0;
    return known ? std::optional<std::size_t>(number_of.at(character) - 1U) : std::nullopt;
  }
  bool IsLetter(std::uint32_t character) const {
    const auto number = Number(character);
    return (character | 0x20U) - 'a' < 26 || (number && *number < kLetters);
  }
  std::uint32_t Small(std::uint32_t letter) const {
    const auto number = Number(letter);
    return !number ? letter | 0x20U : kSigns[*number % kSmallLetters];
  }
  std::uint32_t Capital(std::uint32_t small) const {
    const auto number = Number(small);
    return !number ? small & ~0x20U : kSigns[*number + kSmallLetters];
  }
};

void AddSyllable(ByteView syllable, Tables& tables) {
  Bytes capital;
  Bytes upper;
  for (ByteView rest = syllable; !rest.empty();) {
    const Character letter = Decode(rest);
    CHECK(letter.size > 0);
    Encode(tables.Capital(letter.value), upper);
    Encode(capital.empty() ? tables.Capital(letter.value) : letter.value, capital);
    rest.remove_prefix(letter.size);
  }
  tables.syllables[kSmall].push_back(SpellingOf(syllable));
  tables.syllables[kCapital].push_back(SpellingOf(capital));
  tables.syllables[kUpper].push_back(SpellingOf(upper));
}

const Tables& FoldTables() {
  static const Tables kTables = [] {
    Tables made;
    for (std::size_t i = 0; i < kSigns.size(); ++i) {
      made.number_of.at(kSigns[i]) = static_cast<unsigned char>(i + 1);
      Bytes utf8;
      Encode(kSigns[i], utf8);
      made.signs.at(i) = SpellingOf(utf8);
    }
    for (unsigned code = 0; code < 0x100; ++code) {
      made.joins.at(code) = IsOwnCode(code) && Joins(code);
    }
    for (std::size_t i = 0; i < kSyllableCodes.size(); ++i) {
      made.place_of.at(kSyllableCodes.at(i)) = static_cast<unsigned char>(i + 1);
    }
    for (ByteView rest = SyllableTable(); !rest.empty();) {
      const std::size_t end = rest.find('\n');
      CHECK(end != ByteView::npos);
      AddSyllable(rest.substr(0, end), made);
      rest.remove_prefix(end + 1);
    }
    const std::vector<Spelling>& small = made.syllables[kSmall];
    CHECK(small.size() <= kSyllablesMax);
    for (std::size_t i = 0; i < small.size(); ++i) {
      made.numbers.emplace(small[i].letters(), i);
    }
    return made;
  }();
  return kTables;
}

class Folder {
 public:
  explicit Folder(ByteView text) : text_(text) { folded_.reserve(text.size()); }

  std::optional<Bytes> Fold() {
    const std::size_t size = text_.size();
    while (!text_.empty()) {
      const Character character = Decode(text_);
      if (character.size == 0 || (character.size == 1 && !IsOwnCode(character.value))) {
        return std::nullopt;
      }
      if (character.value == ' ') {
        SayPending();
        pending_ = true;
        text_.remove_prefix(1);
      } else if (tables_.IsLetter(character.value)) {
        TakeWord();
      } else {
        SayPending();
        Say(character);
        text_.remove_prefix(character.size);
      }
    }
    SayPending();
    return folded_.size() <= size ? std::optional(std::move(folded_)) : std::nullopt;
  }

 private:
  // The word at the front: as a syllable when the table has it and that is no longer than its
  // letters, else all of its letters, for a part of a word is no syllable.
  void TakeWord() {
    Bytes small;
    std::size_t bytes = 0;
    std::size_t letters = 0;
    std::size_t signs = 0;
    std::size_t capitals = 0;
    bool capital_first = false;
    while (bytes < text_.size()) {
      const Character letter = Decode(text_.substr(bytes));
      if (letter.size == 0 || !tables_.IsLetter(letter.value)) {
        break;
      }
      const bool capital = tables_.Small(letter.value) != letter.value;
      capital_first = capital_first || (capital && letters == 0);
      capitals += capital ? 1 : 0;
      signs += letter.size > 1 ? 1 : 0;
      ++letters;
      Encode(tables_.Small(letter.value), small);
      bytes += letter.size;
    }
    const auto found = tables_.numbers.find(small);
    const bool upper = capitals == letters && letters > 1;
    const bool has_case = capitals == 0 || upper || (capitals == 1 && capital_first);
    if (found != tables_.numbers.end() && has_case) {
      const std::size_t marks = (joined_ == pending_ ? 1 : 0) + (capitals > 0 ? 1 : 0);
      const std::size_t code = found->second < kOneByte ? 1 : 2;
      if (marks + code <= letters + signs + (pending_ ? 1 : 0)) {
        SaySyllable(found->second, upper ? kUpper : capitals > 0 ? kCapital : kSmall);
        text_.remove_prefix(bytes);
        return;
      }
    }
    SayPending();
    for (; letters > 0; --letters) {
      const Character letter = Decode(text_);
      Say(letter);
      text_.remove_prefix(letter.size);
    }
  }

  void SaySyllable(std::size_t number, Case its_case) {
    if (joined_) {
      SayPending();
    } else if (!pending_) {
      folded_.push_back(kFoldJoin);
    }
    pending_ = false;
    if (its_case != kSmall) {
      folded_.push_back(its_case == kUpper ? kFoldUpper : kFoldCapital);
    }
    if (number < kOneByte) {
      folded_.push_back(static_cast<char>(kSyllableCodes.at(number)));
    } else {
      number -= kOneByte;
      folded_.push_back(static_cast<char>(kSyllableCodes.at(kOneByte + number / 0x100)));
      folded_.push_back(static_cast<char>(number % 0x100));
    }
    joined_ = false;
  }
  void SayPending() {
    if (pending_) {
      folded_.push_back(' ');
      joined_ = true;
      pending_ = false;
    }
  }
  void Say(const Character& character) {
    joined_ = Joins(character.value);
    const auto number = tables_.Number(character.value);
    if (character.size == 1) {
      folded_.push_back(static_cast<char>(character.value));
    } else if (number) {
      folded_.push_back(kFoldSign);
      folded_.push_back(static_cast<char>(*number));
    } else {
      folded_.push_back(kFoldEscape);
      folded_ += text_.substr(0, character.size);
    }
  }

  const Tables& tables_ = FoldTables();
  ByteView text_;
  Bytes folded_;
  bool pending_ = false;  // a space that is not said yet
  bool joined_ = true;    // a syllable would stand without a space here
};

class Unfolder {
 public:
  // Writes `size` bytes from `out` on.
  Unfolder(ByteView folded, char* out, std::size_t size)
      : left_(folded), out_(out), end_(out + size) {}

  bool Unfold() {
    bool joined = true;
    while (out_ != end_) {
      unsigned char code = 0;
      if (!TakeCode(code)) {
        return false;
      }
      if (tables_.place_of[code] != 0) {
        if (!TakeSyllable(code, kSmall, !joined)) {
          return false;
        }
        joined = false;
      } else if (IsOwnCode(code)) {
        *out_++ = static_cast<char>(code);
        joined = tables_.joins[code];
      } else if (!TakeMarked(code, joined)) {
        return false;
      }
    }
    return true;
  }
  ByteView left() const { return left_; }

 private:
  bool Append(ByteView bytes) {
    if (bytes.size() > static_cast<std::size_t>(end_ - out_)) {
      return false;
    }
    std::memcpy(out_, bytes.data(), bytes.size());
    out_ += bytes.size();
    return true;
  }
  bool Append(const Spelling& spelling, bool spaced) {
    const char* from = spelling.bytes.data() + (spaced ? 0 : 1);
    const std::size_t size = spelling.size + (spaced ? 1U : 0U);
    if (static_cast<std::size_t>(end_ - out_) < kBytesPerCodeMax) {
      return Append({from, size});
    }
    std::memcpy(out_, from, kBytesPerCodeMax);
    out_ += size;
    return true;
  }
  bool TakeCode(unsigned char& code) {
    if (left_.empty()) {
      return false;
    }
    code = static_cast<unsigned char>(left_[0]);
    left_.remove_prefix(1);
    return true;
  }

  bool TakeMarked(unsigned char marker, bool& joined) {
    if (marker == static_cast<unsigned char>(kFoldSign)) {
      unsigned char number = 0;
      if (!TakeCode(number) || number >= kSigns.size()) {
        return false;
      }
      joined = Joins(kSigns[number]);
      return Append(tables_.signs[number], false);
    }
    if (marker == static_cast<unsigned char>(kFoldEscape)) {
      const Character character = left_.empty() ? Character{} : Decode(left_);
      joined = false;
      return character.size >= 2 && Append(*Take(left_, character.size));
    }
    unsigned char code = marker;
    const bool join = code == static_cast<unsigned char>(kFoldJoin);
    if (join && !TakeCode(code)) {
      return false;
    }
    Case its_case = kSmall;
    if (code == static_cast<unsigned char>(kFoldCapital) ||
        code == static_cast<unsigned char>(kFoldUpper)) {
      its_case = code == static_cast<unsigned char>(kFoldUpper) ? kUpper : kCapital;
      if (!TakeCode(code)) {
        return false;
      }
    }
    const bool spaced = !joined && !join;
    joined = false;
    return TakeSyllable(code, its_case, spaced);
  }

  bool TakeSyllable(unsigned char code, Case its_case, bool spaced) {
    if (tables_.place_of[code] == 0) {
      return false;
    }
    std::size_t number = tables_.place_of[code] - 1U;
    if (number >= kOneByte) {
      unsigned char second = 0;
      if (!TakeCode(second)) {
        return false;
      }
      number = kOneByte + (number - kOneByte) * 0x100 + second;
    }
    const std::vector<Spelling>& syllables = tables_.syllables[its_case];
    return number < syllables.size() && Append(syllables[number], spaced);
  }

  const Tables& tables_ = FoldTables();
  ByteView left_;
  char* out_;
  char* end_;
};

}  // namespace

std::optional<Bytes> FoldText(ByteView text) { return Folder(text).Fold(); }

ByteView SyllableTable() { return {reinterpret_cast<const char*>(kSyllables), kSyllablesBytes}; }

bool UnfoldText(ByteView& folded, std::size_t size, Bytes& out) {
  if (size / kBytesPerCodeMax > folded.size()) {
    return false;
  }
  const std::size_t start = out.size();
  out.resize(start + size);
  Unfolder unfolder(folded, out.data() + start, size);
  const bool unfolded = unfolder.Unfold();
  folded = unfolder.left();
  return unfolded;
}

}  // namespace chibo

#include "node/names.h"

#include <unicode/coll.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <memory>

#include "base/check.h"

namespace chibo {
namespace {

icu::UnicodeString Normalized(std::string_view text, bool decomposed) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = decomposed ? icu::Normalizer2::getNFDInstance(error)
                                            : icu::Normalizer2::getNFCInstance(error);
  CHECK(U_SUCCESS(error));
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  icu::UnicodeString result = form->normalize(source, error);
  return U_SUCCESS(error) ? result : source;
}

icu::UnicodeString Trimmed(const icu::UnicodeString& text) {
  icu::UnicodeString result;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (!u_isUWhiteSpace(c)) {
      result.append(c);
    } else if (!result.isEmpty() && !result.endsWith(icu::UnicodeString(u' '))) {
      result.append(u' ');
    }
  }
  return result.trim();
}

std::string Utf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

const icu::Collator& Vietnamese() {
  static const std::unique_ptr<icu::Collator> kCollator = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Collator> made(
        icu::Collator::createInstance(icu::Locale("vi", "VN"), error));
    CHECK(U_SUCCESS(error));
    return made;
  }();
  return *kCollator;
}

}  // namespace

std::string NormalName(std::string_view name) { return Utf8(Trimmed(Normalized(name, false))); }

std::string FoldedName(std::string_view name) {
  const icu::UnicodeString decomposed = Trimmed(Normalized(name, true)).toLower();
  icu::UnicodeString folded;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK) {
      continue;
    }
    folded.append(c == 0x111 ? static_cast<UChar32>('d') : c);  // đ has no decomposition
  }
  return Utf8(folded);
}

std::string NameSortKey(std::string_view name) {
  const icu::UnicodeString whole = Trimmed(Normalized(name, false));
  const int32_t space = whole.lastIndexOf(u' ');
  const icu::UnicodeString order =
      whole.tempSubString(space + 1) + u' ' + whole.tempSubString(0, space < 0 ? 0 : space);
  std::string key;
  const int32_t size = Vietnamese().getSortKey(order, nullptr, 0);
  key.resize(static_cast<std::size_t>(size));
  Vietnamese().getSortKey(order, reinterpret_cast<uint8_t*>(key.data()), size);
  return key;
}

}  // namespace chibo

#ifndef CHIBO_SYNC_TEXT_FOLD_H_
#define CHIBO_SYNC_TEXT_FOLD_H_

#include <optional>

#include "base/bytes.h"

// Vietnamese text by syllables. A syllable with the space before it takes six bytes of UTF-8, and
// one or two here: the compressor then sees words where it saw letters, and the same text packs a
// seventh smaller.
//
// Folded text is a row of
//
//   itself        what ASCII prints, tab, line breaks
//   syllable      of the table in sync/syllables.txt: one byte for the most frequent, else two. A
//   space
//                 comes before it, unless nothing does in this text, or a space, tab, line break or
//                 one of (/-"“‘ does
//   kFoldCapital  the next syllable begins with a capital letter
//   kFoldUpper    the next syllable is in capitals
//   kFoldJoin     no space before the next syllable (and its kFoldCapital or kFoldUpper)
//   kFoldSign     the next byte is a letter or sign of the table in text_fold.cc
//   kFoldEscape   a character in UTF-8 follows
//
// Numbers of syllables and signs are never used again.
namespace chibo {

inline constexpr char kFoldCapital = '\x01';
inline constexpr char kFoldUpper = '\x02';
inline constexpr char kFoldJoin = '\x03';
inline constexpr char kFoldSign = '\x04';
inline constexpr char kFoldEscape = '\x1b';

// Nothing when `text` is not UTF-8 text (or would grow): control characters other than tab and line
// breaks are not text.
std::optional<Bytes> FoldText(ByteView text);

// Takes from the front of `folded` what gives exactly `size` bytes of text, and appends those to
// `out`, which never grows by more. False when it does not come out even.
bool UnfoldText(ByteView& folded, std::size_t size, Bytes& out);

// sync/syllables.txt as built in: one a line, the number of the first is 0.
ByteView SyllableTable();

}  // namespace chibo

#endif  // CHIBO_SYNC_TEXT_FOLD_H_

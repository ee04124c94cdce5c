#ifndef CHIBO_SYNC_TEXT_FOLD_H_
#define CHIBO_SYNC_TEXT_FOLD_H_

#include <optional>

#include "base/bytes.h"

// Vietnamese text with one byte a letter. UTF-8 spends two or three bytes on every third letter,
// which a compressor pays for again and again: folded, the same text packs some five per cent
// smaller.
//
// A folded byte is itself when ASCII prints it or it is a tab or line break; kFoldEscape comes
// before a character in UTF-8; all others are the letters and signs of the table in text_fold.cc.
namespace chibo {

inline constexpr char kFoldEscape = '\x1b';

// Nothing when `text` is not UTF-8 text (or would grow): control characters other than tab and line
// breaks are not text.
std::optional<Bytes> FoldText(ByteView text);

// Takes from the front of `folded` what gives exactly `size` bytes of text, and appends those to
// `out`. False when it does not come out even.
bool UnfoldText(ByteView& folded, std::size_t size, Bytes& out);

}  // namespace chibo

#endif  // CHIBO_SYNC_TEXT_FOLD_H_

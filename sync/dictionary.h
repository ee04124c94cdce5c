#ifndef CHIBO_SYNC_DICTIONARY_H_
#define CHIBO_SYNC_DICTIONARY_H_

#include <optional>

#include "base/bytes.h"

namespace chibo {

// The zstd dictionary of this number, as shipped (sync/dictionary/<number>.dict): what packed with
// it can only be unpacked with the same bytes, so a dictionary never changes and its number is
// never used again. Nothing for a number this program does not have. The view is valid for ever.
std::optional<ByteView> DictionaryBytes(std::uint32_t number);

}  // namespace chibo

#endif  // CHIBO_SYNC_DICTIONARY_H_

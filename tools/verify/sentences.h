#ifndef CHIBO_TOOLS_VERIFY_SENTENCES_H_
#define CHIBO_TOOLS_VERIFY_SENTENCES_H_

#include <string_view>

#include "tools/verify/text.h"

namespace chibo::verify {

// The sentence of a finding or error, without place and detail. Falls back on the key: CHECKed in
// tests, not at run time.
std::string_view SentenceOf(std::string_view key, Language language);
bool HasSentence(std::string_view key);

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_SENTENCES_H_

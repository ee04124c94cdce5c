#ifndef CHIBO_NODE_SEALED_TEXT_READER_H_
#define CHIBO_NODE_SEALED_TEXT_READER_H_

#include <memory>
#include <optional>
#include <vector>

#include "domain/fact.h"
#include "node/streams.h"
#include "proto/crypto.h"
#include "storage/log_store.h"

namespace chibo {

// Sealed texts as this device reads them. What it may read is what the reach of the stream says:
// a text that is sealed to a unit that has no business reading it stays shut.
class SealedTextReader {
 public:
  // `key`: of this device; null opens nothing. All must outlive it.
  SealedTextReader(const UnitId& unit, const DhKey* key, const Streams& streams,
                   const LogStore& log)
      : unit_(unit), key_(key), streams_(streams), log_(log) {}

  // Whether texts of this stream are for this unit and come through others: it is V, or V's direct
  // superior, and did not write it.
  bool IsFor(const Stream& stream) const;

  // kCounts, also while the stream it speaks of is not here; kSealBroken when it is sealed to this
  // device, or its secret is held, and it does not open or is not what the original commits to.
  Result<SetAside> StandingOf(const pb::SealedText& text) const;

  // What these let be read of the stream's entries, as far as they are held without it. What does
  // not open or fit is passed over: StandingOf tells.
  struct Opened {
    std::optional<StreamSecret> secret;  // of reach PARENT, not held so far
    struct Text {
      std::uint32_t branch = 0;
      std::uint64_t index = 0;
      Entry entry;
    };
    std::vector<Text> texts;
  };
  using Texts = std::vector<std::shared_ptr<const pb::Record>>;
  Result<Opened> Open(const Stream& stream, const Texts& texts) const;

 private:
  std::optional<StreamSecret> SecretIn(const Stream& stream, const pb::SealedText& text) const;
  Result<std::vector<Opened::Text>> EntriesWith(const Stream& stream,
                                                const pb::SealedPayload& sealed,
                                                const StreamSecrets& secrets) const;
  Result<bool> Fits(const Stream& stream, const pb::SealedPayload& sealed,
                    const StreamSecrets& secrets) const;

  UnitId unit_;
  const DhKey* key_;
  const Streams& streams_;
  const LogStore& log_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_SEALED_TEXT_READER_H_

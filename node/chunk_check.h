#ifndef CHIBO_NODE_CHUNK_CHECK_H_
#define CHIBO_NODE_CHUNK_CHECK_H_

#include "node/streams.h"
#include "sync/exchange.h"

namespace chibo {

// What a received chunk is, once everything about it is proven: the entries that are new here, the
// branch they go to, and the head they lead to.
struct CheckedChunk {
  const Stream* stream = nullptr;  // null: new here, `genesis` starts it
  Bytes genesis;
  Streams::Appended append;    // entries may be empty: everything was held already
  std::vector<Entry> entries;  // append.entries, decoded
  // So many entries before them are held already, along this branch.
  std::uint64_t again = 0;
  std::uint32_t along = 0;
  // Of these, those held without payloads that this chunk has: the same leaf, more of it readable.
  struct Opened {
    std::uint32_t branch = 0;
    std::uint64_t index = 0;
    Entry entry;
  };
  std::vector<Opened> opened;
  // Entries of the chunk, held before or not, of which a text is still not here.
  std::vector<std::uint64_t> lacking;
  bool lacks_secret = false;  // that of reach PARENT
  StreamSecrets new_secrets;
};

// Reads and proves a chunk against what is held; writes nothing. Own and foreign entries take the
// same way in.
//
// Refused, and why: kBehind (starts past what is held: ask again from there), kMalformed,
// kTooLarge, kWrongNetwork, kBadProof (the entries do not lead to the signed root), kBadSignature,
// kBehind (a stream of which nothing is held does not begin with this chunk). Entries already held
// are not an error; payloads withheld so far are taken from them. Entries that differ from those
// held open a branch (a fork).
Result<CheckedChunk> CheckChunk(const NetworkId& network, const Streams& streams,
                                const LogStore& log, const ReceivedChunk& chunk);

}  // namespace chibo

#endif  // CHIBO_NODE_CHUNK_CHECK_H_

#ifndef CHIBO_TESTS_NODE_PIECES_H_
#define CHIBO_TESTS_NODE_PIECES_H_

#include <vector>

#include "tests/node/observer.h"

namespace chibo {

// One entry of a stream, as a chunk of its own.
struct Piece {
  StreamId stream;
  std::uint64_t index = 0;
  EntryBytes bytes;
  Signature signature;
  StreamSecrets secrets;
};

// As from above.
SubmittedChunk ChunkOf(const Piece& piece);

// Everything a node has written, entry by entry.
std::vector<Piece> PiecesOf(SimNode& node);

// Hands them over in one transaction, as from above. Gives back what came too early.
std::vector<Piece> TakeIn(Observer& observer, std::vector<Piece> batch, Timestamp now);

// Takes some from the front, at random; what came too early goes to the end.
void TakeSome(Observer& observer, std::vector<Piece>& waiting, Random& random, Timestamp now);

void Shuffle(std::vector<Piece>& pieces, Random& random);

}  // namespace chibo

#endif  // CHIBO_TESTS_NODE_PIECES_H_

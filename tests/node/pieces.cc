#include "tests/node/pieces.h"

#include <utility>

#include "tests/must.h"

namespace chibo {

SubmittedChunk ChunkOf(const Piece& piece) {
  SubmittedChunk submitted;
  submitted.from_parent = true;
  submitted.chunk.stream = Bytes(piece.stream.view());
  submitted.chunk.from = piece.index;
  submitted.chunk.entries = {piece.bytes};
  submitted.chunk.close.signed_size = piece.index + 1;
  submitted.chunk.close.signature = piece.signature;
  submitted.chunk.secrets = piece.secrets;
  return submitted;
}

std::vector<Piece> PiecesOf(SimNode& node) {
  std::vector<Piece> pieces;
  const LogStore& log = node.replica().log();
  for (const Stream* stream : node.replica().streams().All()) {
    if (!stream->own) {
      continue;
    }
    const StreamSecrets secrets = Must(log.Secrets(stream->no));
    for (const StoredEntry& entry : Must(log.ReadEntries(stream->no, 0, 0, SIZE_MAX, SIZE_MAX))) {
      const auto close = Must(log.CheckpointAtLeast(stream->no, 0, entry.index + 1));
      CHECK(close && close->size == entry.index + 1);
      pieces.push_back(
          {stream->id, entry.index, {entry.header, entry.body}, close->signature, secrets});
    }
  }
  return pieces;
}

std::vector<Piece> TakeIn(Observer& observer, std::vector<Piece> batch, Timestamp now) {
  std::vector<SubmittedChunk> chunks;
  for (const Piece& piece : batch) {
    chunks.push_back(ChunkOf(piece));
  }
  const auto reports = observer.replica().Ingest(std::move(chunks), now);
  std::vector<Piece> early;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].error) {
      early.push_back(batch[i]);
    }
  }
  return early;
}

void TakeSome(Observer& observer, std::vector<Piece>& waiting, Random& random, Timestamp now) {
  const auto end = waiting.begin() + 1 + static_cast<std::ptrdiff_t>(random.Below(waiting.size()));
  std::vector<Piece> batch(waiting.begin(), end);
  waiting.erase(waiting.begin(), end);
  const auto early = TakeIn(observer, std::move(batch), now);
  waiting.insert(waiting.end(), early.begin(), early.end());
}

void Shuffle(std::vector<Piece>& pieces, Random& random) {
  for (std::size_t i = pieces.size(); i > 1; --i) {
    std::swap(pieces[i - 1], pieces[random.Below(i)]);
  }
}

}  // namespace chibo

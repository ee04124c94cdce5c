#ifndef CHIBO_TESTS_SYNC_FAKE_EXCHANGE_H_
#define CHIBO_TESTS_SYNC_FAKE_EXCHANGE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/crypto.h"
#include "sync/exchange.h"

// A node of two: real entries, Merkle roots and signatures, everything in memory, so that tests can
// copy it, set it back and look at all of it.
namespace chibo {

NetworkId FakeNetwork();

class FakeNode;

struct FakeBranch {
  std::vector<EntryBytes> entries;
  std::vector<Hash> leaves;
  // Checkpoints of the writer, by size; the newest covers everything.
  std::map<std::uint64_t, Signature> checkpoints;

  std::uint64_t size() const { return leaves.size(); }
  Hash Root() const;
  // What of its first `size` entries is here without a record's text.
  std::optional<LackingText> Lacking(std::uint64_t size) const;
};

struct FakeStream {
  StreamId id;
  bool up = false;  // goes from the child to its parent
  SignPublicKey writer;
  StreamSecrets secrets;
  std::vector<FakeBranch> branches;  // the first is followed

  // What the newest register entry that fits covers.
  std::uint64_t registered(const FakeNode& node) const;
};

// Who writes a stream: kept apart from the stores, so that a store can be set back while the writer
// goes on.
struct FakeWriter {
  FakeWriter(std::uint64_t seed, bool up);
  bool up;
  SigningKey key;
  StreamSecrets secrets;
  Bytes genesis;  // header
  StreamId id;
};

class FakeNode {
 public:
  // Starts the writer's stream here.
  void Open(const FakeWriter& writer);
  // Appends one entry with minutes of that text, signed.
  void Write(const FakeWriter& writer, const std::string& text);
  void WriteRecord(const FakeWriter& writer, const pb::Record& record);

  // Verifies the chunk and stores it; what is held then. Differing entries open a branch, and texts
  // that were lacking are filled in.
  Result<HeldStream> Store(const ReceivedChunk& chunk);
  // Of entries [from, to) no text is here any more, as when they came from above again.
  void LoseTexts(const FakeWriter& writer, std::uint64_t from, std::uint64_t to);
  // Puts a range into the child's outbox.
  void Offer(const StreamId& id, std::uint32_t branch, std::uint64_t from, std::uint64_t to);

  HeldStream Held(const FakeStream& stream, std::uint32_t branch) const;
  std::vector<HeldStream> List(bool up) const;
  FakeStream* Find(ByteView name);
  // Everything that is durable, for comparing two states.
  Hash Fingerprint() const;
  std::uint64_t entries() const;

  std::uint64_t registered(const FakeWriter& writer);

  std::vector<FakeStream> streams;  // in the order in which they travel
  Bytes lineage;
  std::uint64_t cursor = 0;
  std::map<StreamId, std::vector<Position>> registers;  // what register entries say
  std::vector<OutboxRange> outbox;
  std::map<Bytes, std::pair<pb::ChunkHead, Bytes>> spool;
  bool fills_in = true;       // texts that were lacking; else it says one thing and does another
  std::uint64_t changes = 0;  // transactions and changes of the spool

 private:
  void NoteRegister(ByteView payload);
};

// One node as seen by the other. `register_writer`, for a parent: everything that comes in is
// entered there and offered.
class FakeExchange final : public Exchange {
 public:
  FakeExchange(FakeNode& node, bool parent, const FakeWriter* register_writer)
      : node_(node), parent_(parent), register_writer_(register_writer) {}

  // One transaction over everything submitted.
  std::vector<CommitReport> Commit();
  std::size_t submitted() const { return submitted_.size(); }
  // What the node would be after Commit.
  FakeNode Committed() const;

  // Refuses what it names; asked for every chunk.
  std::function<std::optional<Code>(const ReceivedChunk&)> refuse;
  // Every transaction fails so.
  std::optional<Code> commit_failure;
  // Reads of this stream fail.
  std::optional<StreamId> damaged;
  std::size_t reads = 0;  // calls of anything that would read the disk

  Result<std::optional<HeldStream>> Find(ByteView stream) override;
  Result<std::vector<HeldStream>> Branches(const StreamId& stream) override;
  Result<std::optional<Hash>> RootAt(const StreamId& stream, std::uint32_t branch,
                                     std::uint64_t size) override;
  Result<std::optional<LackingText>> LackingAt(const StreamId& stream, std::uint32_t branch,
                                               std::uint64_t size) override;
  Result<std::vector<EntryBytes>> Read(const StreamId& stream, std::uint32_t branch,
                                       std::uint64_t from, std::uint64_t to,
                                       std::size_t bytes_max) override;
  Result<ChunkClose> Close(const StreamId& stream, std::uint32_t branch,
                           std::uint64_t end) override;
  Result<StreamSecrets> SecretsFor(const StreamId& stream) override;
  void Submit(ReceivedChunk chunk) override;
  Result<std::vector<HeldStream>> Upward() override;
  Result<SetDigest> UpwardDigest(std::span<const StreamId> except) override;
  Result<std::vector<HeldStream>> Downward() override;
  Result<SetDigest> DownwardDigest() override;
  Bytes Lineage() override { return node_.lineage; }
  std::uint64_t Cursor() override;
  Result<std::vector<OutboxRange>> Outbox(std::uint64_t after, std::size_t count_max) override;
  std::vector<std::pair<pb::Spooled, Bytes>> Spool() override;
  void PutSpool(const pb::ChunkHead& head, ByteView bytes) override;
  void DropSpool(ByteView stream) override;

 private:
  CommitReport CommitOne(const ReceivedChunk& chunk, std::map<StreamId, std::uint64_t>& came_in);

  FakeNode& node_;
  bool parent_;
  const FakeWriter* register_writer_;
  std::vector<ReceivedChunk> submitted_;
};

}  // namespace chibo

#endif  // CHIBO_TESTS_SYNC_FAKE_EXCHANGE_H_

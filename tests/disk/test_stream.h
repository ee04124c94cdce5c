#ifndef CHIBO_TESTS_DISK_TEST_STREAM_H_
#define CHIBO_TESTS_DISK_TEST_STREAM_H_

#include <vector>

#include "domain/fact.h"
#include "proto/crypto.h"
#include "storage/log_store.h"

namespace chibo::test {

// A stream of the test's own making: genesis and entries of two records each, a meeting that all
// may read and its minutes that only the parent may. Different for each seed.
class TestStream {
 public:
  explicit TestStream(std::uint64_t seed);

  const StreamId& id() const { return id_; }
  const StreamSecrets& secrets() const { return secrets_; }
  // Entry 0 first; made when asked for. The minutes of every entry contain `kMarker`.
  const StoredEntry& At(std::uint64_t index);
  // The entry as one who may not read the minutes holds it.
  StoredEntry Withheld(std::uint64_t index);
  // The branch row after entries [0, size).
  BranchRow BranchOf(std::uint64_t size);

  static constexpr std::string_view kMarker = "MARKER-noi-dung-bien-ban";

 private:
  StoredEntry Store(std::uint64_t index, const Entry& entry) const;

  SeededRandom random_;
  StreamSecrets secrets_;
  StreamId id_;
  std::vector<Entry> entries_;
  std::vector<StoredEntry> stored_;
};

// Adds the stream with its secrets to a store; returns its number. In the caller's transaction.
Result<StreamNo> AddTo(LogStore& log, TestStream& stream);
// Appends the entry with its branch row and a checkpoint.
Status AppendTo(LogStore& log, StreamNo no, TestStream& stream, std::uint64_t index);

// Seals with a key that nobody has to type.
class SealingAtRest final : public AtRest {
 public:
  SealingAtRest();
  Bytes Protect(ByteView place, ByteView plain) override;
  Result<Bytes> Reveal(ByteView place, ByteView stored) const override;

 private:
  SeededRandom random_;
  SecretKey key_;
};

}  // namespace chibo::test

#endif  // CHIBO_TESTS_DISK_TEST_STREAM_H_

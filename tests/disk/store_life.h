#ifndef CHIBO_TESTS_DISK_STORE_LIFE_H_
#define CHIBO_TESTS_DISK_STORE_LIFE_H_

#include <optional>
#include <string>

#include "storage/log_store.h"
#include "storage/sqlite/sqlite_connection.h"
#include "tests/disk/fault_vfs.h"
#include "tests/disk/test_stream.h"

namespace chibo::test {

// A log store on a disk that fails: what it is asked to do, what it acknowledged, and whether all
// of that is there. A life begins with an open and ends with the process; the next one goes on with
// what the disk holds.
class StoreLife {
 public:
  struct Options {
    SqliteKind kind = SqliteKind::kCell;
    std::uint64_t entries = 3;
    // Written with each entry: more than the cache holds, so that pages reach the disk before the
    // commit.
    std::size_t large_bytes = 16'000;
    int cache_pages = 4;
    // Executed after the open, e.g. a setting known to be too weak.
    std::string pragma;
    // Also a view in the file, whose tables are made anew in each life, as by a newer program.
    bool view = false;
  };
  struct Outcome {
    std::uint64_t acknowledged = 0;  // entries, of all lives
    std::uint64_t refused = 0;       // transactions
    bool opened = false;
    std::optional<Code> first_error;
    std::string broken;  // what the store did that it must never do; empty if nothing
  };

  // The stream is the same for all: what it makes is made once.
  StoreLife(Options options, TestStream& stream) : options_(std::move(options)), stream_(stream) {}

  // Until it holds `entries`. Each is tried until the store takes it, a few times at most: what
  // failed must have left nothing behind.
  void Live(FaultVfs& vfs);
  // By an earlier one on the same disk.
  void HasAcknowledged(std::uint64_t entries) { outcome_.acknowledged = entries; }
  const Outcome& outcome() const { return outcome_; }
  // Opens the store again on a disk that works now, and says what is wrong with it; empty if
  // nothing. With `writes` it also takes one more entry.
  std::string Inspect(const FaultVfs& vfs, bool writes = true);

  Result<std::unique_ptr<SqlConnection>> Open(const FaultVfs& vfs) const;
  Status Append(SqlConnection& sql, LogStore& log, std::uint64_t index);

 private:
  Status Begin(SqlConnection& sql, LogStore& log);
  void Refused(const Error& error);
  void AppendAll(FaultVfs& vfs, SqlConnection& sql, LogStore& log);
  Result<std::uint64_t> SizeOf(const LogStore& log) const;

  Options options_;
  TestStream& stream_;
  NoProtection at_rest_;
  Outcome outcome_;
};

// Drawn from one seed: settings, sizes, a beginning, a fault in each of one to three lives, and
// what a disk without power keeps then. The last cut has several ends, each a case: another part of
// what was not synced is there, and the store is opened on it and looked at.
struct PowerCases {
  std::string text;   // what was drawn, for who reads of a failure
  std::string wrong;  // empty: all held
  std::uint64_t cases = 0;
  std::uint64_t faults = 0;  // met in the middle of something
  std::uint64_t acknowledged = 0;
};
PowerCases RunPowerCases(std::uint64_t seed, TestStream& stream, const std::string& pragma = {});

}  // namespace chibo::test

#endif  // CHIBO_TESTS_DISK_STORE_LIFE_H_

#include "tests/disk/store_life.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "storage/view_store.h"

namespace chibo::test {
namespace {

constexpr const char* kPath = "/log.db";
constexpr std::size_t kReadBytes = 1 << 20;

// The tables of another version are dropped and made anew, in one transaction.
Status AgeView(SqlConnection& sql) { return sql.Execute("UPDATE view_state SET value = 0;"); }

}  // namespace

Result<std::unique_ptr<SqlConnection>> StoreLife::Open(const FaultVfs& vfs) const {
  return OpenSqlite(kPath, {.kind = options_.kind, .vfs = vfs.name()});
}

Status StoreLife::Append(SqlConnection& sql, LogStore& log, std::uint64_t index) {
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(sql));
  CHIBO_TRY_VALUE(const StreamNo no, AddTo(log, stream_));
  CHIBO_TRY(AppendTo(log, no, stream_, index));
  CHIBO_TRY(log.PutValue("size", std::to_string(index + 1)));
  CHIBO_TRY(log.PutValue("large", Bytes(options_.large_bytes, static_cast<char>(index))));
  return transaction.Commit();
}

void StoreLife::Refused(const Error& error) {
  ++outcome_.refused;
  if (!outcome_.first_error) {
    outcome_.first_error = error.code;
  }
}

Status StoreLife::Begin(SqlConnection& sql, LogStore& log) {
  CHIBO_TRY(sql.Execute("PRAGMA cache_size=" + std::to_string(options_.cache_pages) + ";"));
  if (!options_.pragma.empty()) {
    CHIBO_TRY(sql.Execute(options_.pragma));
  }
  CHIBO_TRY(log.OpenSchema());
  if (options_.view) {
    ViewStore view(sql);
    CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
    CHIBO_TRY(AgeView(sql));
    CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
  }
  return {};
}

Result<std::uint64_t> StoreLife::SizeOf(const LogStore& log) const {
  CHIBO_TRY_VALUE(const auto held, log.FindStream(stream_.id()));
  if (!held) {
    return 0;
  }
  CHIBO_TRY_VALUE(const auto branches, log.Branches(held->no));
  return branches.empty() ? 0 : branches.front().peaks.size();
}

void StoreLife::Live(FaultVfs& vfs) {
  auto sql = Open(vfs);
  if (!sql) {
    return Refused(sql.error());
  }
  LogStore log(**sql, at_rest_);
  if (const auto status = Begin(**sql, log); !status) {
    return Refused(status.error());
  }
  outcome_.opened = true;
  AppendAll(vfs, **sql, log);
}

void StoreLife::AppendAll(FaultVfs& vfs, SqlConnection& sql, LogStore& log) {
  const auto begun = SizeOf(log);
  if (!begun) {
    return Refused(begun.error());
  }
  // What an earlier life could not acknowledge may be there all the same.
  std::uint64_t size = *begun;
  bool failing = false;
  for (std::uint64_t attempt = 0; attempt < 2 * options_.entries && size < options_.entries;
       ++attempt) {
    const std::uint64_t changes = vfs.changes();
    const auto status = Append(sql, log, size);
    if (!status) {
      if (failing && vfs.changes() != changes) {
        outcome_.broken = "touched after a failed fsync";
      }
      failing = failing || status.error().code == Code::kDiskFailing;
      Refused(status.error());
      continue;
    }
    if (failing) {
      outcome_.broken = "written after a failed fsync";
    }
    outcome_.acknowledged = std::max(outcome_.acknowledged, ++size);
    if (options_.kind == SqliteKind::kServer && size % 2 == 0) {
      const auto copied = sql.Execute("PRAGMA wal_checkpoint(PASSIVE);");
      failing = failing || (!copied && copied.error().code == Code::kDiskFailing);
    }
  }
}

std::string StoreLife::Inspect(const FaultVfs& vfs, bool writes) {
  if (!outcome_.broken.empty()) {
    return outcome_.broken;
  }
  auto sql = Open(vfs);
  if (!sql) {
    return "does not open: " + ToString(sql.error());
  }
  LogStore log(**sql, at_rest_);
  if (const auto status = log.OpenSchema(); !status) {
    return "no schema: " + ToString(status.error());
  }
  const auto held = log.FindStream(stream_.id());
  if (!held) {
    return "stream: " + ToString(held.error());
  }
  std::uint64_t size = 0;
  if (*held) {
    // Each entry is checked against its leaf when it is read.
    const auto entries = log.ReadEntries((*held)->no, 0, 0, 100, kReadBytes);
    if (!entries) {
      return "entries: " + ToString(entries.error());
    }
    size = entries->size();
    const auto branches = log.Branches((*held)->no);
    const auto value = log.Value("size");
    const auto large = log.Value("large");
    if (!branches || branches->size() != 1 || branches->front().peaks.size() != size || !value ||
        *value != std::to_string(size) || !large ||
        *large != Bytes(options_.large_bytes, static_cast<char>(size - 1))) {
      return "a transaction by half";
    }
  }
  if (size < outcome_.acknowledged) {
    return "lost: " + std::to_string(size) + " of " + std::to_string(outcome_.acknowledged);
  }
  if (!writes) {
    return "";
  }
  const auto more = Append(**sql, log, size);
  return more ? "" : "takes nothing more: " + ToString(more.error());
}

// ---- Cases by seed

namespace {

StoreLife::Options Half(StoreLife::Options options) {
  options.entries /= 2;
  return options;
}

// What a life without trouble leaves, half as long as the one that follows. Made once of each kind.
const FaultVfs::Image& Beginning(const StoreLife::Options& options, TestStream& stream) {
  using Key = std::tuple<SqliteKind, std::uint64_t, std::size_t, bool>;
  static std::map<Key, FaultVfs::Image> made;
  const StoreLife::Options half = Half(options);
  const auto [place, fresh] =
      made.try_emplace(Key{half.kind, half.entries, half.large_bytes, half.view});
  if (fresh) {
    FaultVfs vfs;
    StoreLife life(half, stream);
    life.Live(vfs);
    CHECK(life.outcome().refused == 0 && life.outcome().acknowledged == half.entries);
    place->second = vfs.Copy();
  }
  return place->second;
}

// Nothing that was not synced is there, all of it, and then whatever.
constexpr std::uint64_t kEnds = 8;

// What a cut leaves (FaultVfs::CutPower); the two that are not mixed more often than else.
std::uint64_t DrawEnd(SeededRandom& random) {
  return random.Below(4) == 0 ? random.Below(2) : random.Below(~std::uint64_t{0});
}

std::string PlanFault(SeededRandom& random, std::uint64_t operations, FaultVfs& vfs) {
  constexpr std::array kOthers{Fault::kWrite, Fault::kFull, Fault::kSync, Fault::kDelete,
                               Fault::kRead};
  const Fault fault = random.Below(3) != 0 ? Fault::kPower : kOthers[random.Below(kOthers.size())];
  const std::uint64_t at = random.Below(operations);
  const bool for_ever = fault == Fault::kPower || random.Below(2) == 0;
  vfs.FailAt(at, fault, for_ever);
  return ", fault " + std::to_string(static_cast<int>(fault)) + (for_ever ? " for ever" : " once") +
         " at " + std::to_string(at);
}

StoreLife::Options DrawOptions(SeededRandom& random, const std::string& pragma) {
  StoreLife::Options options;
  options.kind = random.Below(2) == 0 ? SqliteKind::kCell : SqliteKind::kServer;
  options.entries = 1 + random.Below(4);
  constexpr std::array<std::size_t, 3> kLarge{10, 3'000, 16'000};
  options.large_bytes = kLarge[random.Below(kLarge.size())];
  options.cache_pages = static_cast<int>(2 + random.Below(12));
  options.pragma = pragma;
  options.view = options.kind == SqliteKind::kServer && random.Below(4) == 0;
  return options;
}

}  // namespace

PowerCases RunPowerCases(std::uint64_t seed, TestStream& stream, const std::string& pragma) {
  SeededRandom random(seed);
  const StoreLife::Options options = DrawOptions(random, pragma);
  StoreLife life(options, stream);
  FaultVfs vfs;
  PowerCases result;
  result.text = options.kind == SqliteKind::kCell ? "cell" : "server";
  if (random.Below(4) != 0) {
    vfs.Put(Beginning(options, stream));
    life.HasAcknowledged(Half(options).entries);
    result.text += ", begun";
  }
  const std::uint64_t drawn = random.Below(8);
  const std::uint64_t lives = drawn < 5 ? 1 : drawn < 7 ? 2 : 3;
  for (std::uint64_t number = 0; number < lives; ++number) {
    if (number > 0) {
      vfs.CutPower(DrawEnd(random));
    }
    // The later ones are short: what they meet is what the first left to mend.
    result.text += PlanFault(random, number == 0 ? 90 : 25, vfs);
    life.Live(vfs);
    result.faults += vfs.has_failed() ? 1 : 0;
  }
  result.acknowledged = life.outcome().acknowledged;
  const std::uint64_t ends = vfs.HasUnsynced() ? kEnds : 1;
  const FaultVfs::State cut = vfs.TakeState();
  for (; result.cases < ends && result.wrong.empty(); ++result.cases) {
    const std::uint64_t kept = result.cases < 2 ? result.cases : DrawEnd(random);
    vfs.CutPower(cut, kept);
    result.wrong = life.Inspect(vfs, result.cases == 0 || result.cases + 1 == ends);
    if (!result.wrong.empty()) {
      result.text += ", end " + std::to_string(kept);
    }
  }
  return result;
}

}  // namespace chibo::test

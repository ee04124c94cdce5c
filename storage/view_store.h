#ifndef CHIBO_STORAGE_VIEW_STORE_H_
#define CHIBO_STORAGE_VIEW_STORE_H_

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/fact.h"
#include "storage/log_store.h"
#include "storage/parsed_records.h"

namespace chibo {

// A derived row, e.g. one subject's outcome for one period or one open case. `table` groups them,
// `key` orders and names the row, `group` is what tables are cut by (a unit id, or empty), `value`
// is a serialised message.
struct DerivedRow {
  Bytes key;
  Bytes group;
  Bytes value;

  friend auto operator<=>(const DerivedRow&, const DerivedRow&) = default;
};
enum class DerivedTable : std::uint8_t { kOutcome = 1, kCase = 2 };

// How VisitGroup reads a page of rows; here for the test that asks for its plan. The keys first:
// asked for the rows at once, SQLite goes through all of that kind.
inline constexpr std::string_view kDerivedOfGroup =
    "SELECT key, part, value, sum FROM derived WHERE kind = $1 AND key IN (SELECT key FROM derived "
    "WHERE kind = $1 AND part = $2 AND key > $3 ORDER BY key LIMIT $4) ORDER BY key";

// The rebuildable part: an index of what records say (facts, found by key) and rows derived from
// them. On a cell the tables are temporary and in memory, so that no plain text reaches the disk;
// on a server they lie in the file. The payloads are kept in the fact rows so that a fact is one
// look-up. Writes belong to the caller's transaction. Visitors may call any function of the store;
// rows are handed to them in pages, so they see a write of their own only when it lies far enough
// ahead.
class ViewStore final : public FactSource {
 public:
  enum class Place { kMemory, kFile };
  explicit ViewStore(SqlConnection& sql) : sql_(sql) {}

  // In a transaction of its own. Tables made by another version of this code are emptied (Version
  // is then nothing).
  Status OpenSchema(Place place);
  // Empties everything; the log is projected again afterwards.
  Status Clear();
  // Whether the view in the file is of this program's projection and covers the log; else Clear and
  // rebuild.
  Status PutVersion(std::uint32_t projection);
  Result<std::optional<std::uint32_t>> Version() const;

  // With their keys (KeysOf). Idempotent by (name, branch): a fact that is there is replaced.
  Status PutFacts(std::span<const Fact> facts);
  Status PutFact(const Fact& fact) { return PutFacts({&fact, 1}); }
  // Of a fact that is there.
  Status PutStanding(const Fact& fact, SetAside standing);
  // Re-judges the facts of one stream: `judge` gives the standing; facts whose standing changed are
  // returned, with the new one.
  Result<std::vector<Fact>> Rejudge(const StreamId& stream,
                                    const std::function<SetAside(const Fact&)>& judge);
  Result<std::vector<Fact>> FactsOf(const FactKey& key) const override;
  Result<std::optional<Fact>> FactAt(const RecordName& name, std::uint32_t branch) const;
  // Facts that do not count, by name; `visit` returns false to stop.
  Status VisitSetAside(const std::function<bool(const Fact&)>& visit) const;
  // All facts by name: for digests and rebuild checks.
  Status VisitFacts(const std::function<bool(const Fact&)>& visit) const;

  // The key is not empty. Reading gives kDamaged "view_damaged" for a row that is not as it was
  // put.
  Status PutDerived(DerivedTable table, const DerivedRow& row);
  // Every row whose key begins with `prefix`, which is not empty.
  Status EraseDerivedBelow(DerivedTable table, ByteView prefix);
  Result<std::optional<DerivedRow>> Derived(DerivedTable table, ByteView key) const;
  Status VisitDerived(DerivedTable table,
                      const std::function<bool(const DerivedRow&)>& visit) const;
  Status VisitGroup(DerivedTable table, ByteView group,
                    const std::function<bool(const DerivedRow&)>& visit) const;
  // SHA-256 over the facts' names, contents and standings and all derived rows, in order: equal
  // sets of entries, equal digests. Numbers of branches are left out: they follow the order of
  // arrival.
  Result<Hash> Digest() const;

 private:
  SqlConnection& sql_;
  mutable ParsedRecords records_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_VIEW_STORE_H_

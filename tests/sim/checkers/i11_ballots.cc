// I11: of a ballot nothing is kept anywhere but the totals that were announced: no count while it
// grows, no row or time a paper, no order. Three ways: the schema of vote records has totals alone;
// stores have the tables and named values they are known to have; and on the disks, in whatever
// place, there is no row of a count but those announced.
#include <algorithm>
#include <array>

#include "chibo/record.pb.h"
#include "tests/sim/checkers/all.h"
#include "tests/sim/world.h"

namespace chibo::sim {
namespace {

// Who adds a field, a table or a named value answers here for what it can tell of a single ballot.
constexpr std::array<std::string_view, 28> kFields{"VoteSession.meeting",
                                                   "VoteSession.method",
                                                   "VoteSession.period",
                                                   "VoteSession.subjects",
                                                   "VoteSession.base",
                                                   "VoteSession.tellers",
                                                   "VoteSession.chair",
                                                   "VoteSession.unit",
                                                   "VoteBase.official",
                                                   "VoteBase.away",
                                                   "VoteBase.exempt_absent",
                                                   "VoteBase.suspended",
                                                   "VoteBase.excused_absent",
                                                   "VoteBase.eligible",
                                                   "VoteBase.present",
                                                   "Tally.session",
                                                   "Tally.rows",
                                                   "TallyRow.subject",
                                                   "TallyRow.issued",
                                                   "TallyRow.returned",
                                                   "TallyRow.valid",
                                                   "TallyRow.invalid",
                                                   "TallyRow.invalid_reason",
                                                   "TallyRow.votes",
                                                   "TallyCorrection.tally",
                                                   "TallyCorrection.rows",
                                                   "TallyCorrection.base",
                                                   "TallyCorrection.reason"};
constexpr std::array<std::string_view, 17> kTables{
    "node_value",       "stream",         "branch",     "entry",
    "checkpoint",       "secret",         "registered", "outbox",
    "view_stream",      "fact",           "fact_key",   "derived",
    "view_state",       "schema_version", "quarantine", "quarantine_checkpoint",
    "quarantine_secret"};
constexpr std::array<std::string_view, 32> kValues{
    "network",        "network-name",     "unit",          "unit-code",       "unit-name",
    "role",           "parent",           "parent-noise",  "parent-address",  "parent-name",
    "parent-lineage", "parent-cursor",    "lineage",       "newest-register", "opened",
    "root-next",      "secret/moving-to", "join-request",  "named-register/", "secret/recorded/",
    "copied/",        "retired/",         "missing-text/", "label/",          "request/",
    "invite-used/",   "secret/invite/",   "introduced/",   "told/",           "device",
    "secret/label/",  "secret/label-key"};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A key that ends with a slash stands for all that begin with it.
bool IsKnownValue(std::string_view key) {
  return std::any_of(kValues.begin(), kValues.end(), [&](std::string_view known) {
    return key == known || (known.ends_with('/') && key.starts_with(known));
  });
}

std::optional<std::string> UnknownField() {
  for (const google::protobuf::Descriptor* message :
       {pb::VoteSession::descriptor(), pb::VoteBase::descriptor(), pb::Tally::descriptor(),
        pb::TallyRow::descriptor(), pb::TallyCorrection::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const std::string name = message->name() + "." + message->field(i)->name();
      if (!Contains(kFields, name)) {
        return name;
      }
    }
  }
  return std::nullopt;
}

// Reads one TallyRow with the protobuf wire format and no more.
class RowBytes {
 public:
  explicit RowBytes(ByteView bytes) : rest_(bytes) {}

  // Behind the subject. Nothing when it is no such row.
  std::optional<Ballots::Count> Read() {
    Ballots::Count count(3, 0);
    while (!rest_.empty()) {
      const auto tag = TakeVarint(rest_);
      const auto value = tag ? TakeVarint(rest_) : std::nullopt;
      if (!value) {
        return std::nullopt;
      }
      if (*tag >= 0x10 && *tag <= 0x20 && *tag % 8 == 0) {
        count[static_cast<std::size_t>(*tag / 8 - 2)] = static_cast<std::uint32_t>(*value);
      } else if (*tag == 0x3a && *value <= rest_.size()) {
        ByteView votes = rest_.substr(0, static_cast<std::size_t>(*value));
        rest_.remove_prefix(votes.size());
        while (!votes.empty()) {
          const auto vote = TakeVarint(votes);
          if (!vote) {
            return std::nullopt;
          }
          count.push_back(static_cast<std::uint32_t>(*vote));
        }
      } else {
        return std::nullopt;
      }
    }
    return count;
  }

 private:
  ByteView rest_;
};

class BallotsChecker final : public Checker {
 public:
  std::string_view invariant() const override { return "I11"; }

  void SeeEntry(World& world, Machine& machine, const SeenEntry& entry) override {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(entry.header));
    ByteView body = entry.body;
    for (const std::uint32_t slot : header.slots()) {
      const auto size = TakeVarint(body);
      CHECK(size.has_value());
      const auto bytes = static_cast<std::size_t>(*size == 0 ? 32 : *size - 1);
      pb::Tally tally;
      if (*size > 0 && slot / 8 == static_cast<std::uint32_t>(pb::Record::kTally) &&
          tally.ParseFromString(Bytes(body.substr(0, bytes)))) {
        CountedOnce(world, machine, entry, tally);
      }
      body.remove_prefix(bytes);
    }
  }

  void AfterStart(World& world, Machine& machine) override { LookAtStore(world, machine); }

  void AtRest(World& world) override {
    const std::optional<std::string> unknown = UnknownField();
    if (unknown) {
      world.Violate(invariant(),
                    "a vote has a field of which nobody has said what it can tell: " + *unknown);
    }
    for (const auto& machine : world.machines()) {
      if (machine->up()) {
        LookAtStore(world, *machine);
      }
      for (const auto& [path, bytes] : machine->Backup()) {
        Scan(world, *machine, path.ends_with("-wal"), bytes.ToBytes());
      }
    }
  }

 private:
  // A session that is counted twice in one stream shows what came between; a mistake is mended by
  // a correction.
  void CountedOnce(World& world, const Machine& machine, const SeenEntry& entry,
                   const pb::Tally& tally) {
    const pb::Ref& ref = tally.session();
    const Bytes stream = ref.stream().empty() ? Bytes(entry.key.stream.view()) : ref.stream();
    const std::uint64_t index =
        ref.stream().empty() && ref.index() == 0 ? entry.key.index : ref.index();
    const auto [at, fresh] =
        counted_.try_emplace({entry.key.stream, stream, index, ref.position()}, entry.key);
    if (!fresh && at->second != entry.key && at->second.index != entry.key.index) {
      world.Violate(invariant(), machine.name() + " holds two counts of one vote, at " +
                                     std::to_string(at->second.index) + " and " +
                                     std::to_string(entry.key.index) + " of stream " +
                                     entry.key.stream.hex().substr(0, 16));
    }
  }

  void LookAtStore(World& world, Machine& machine) {
    for (const auto& [sql, tables] :
         {std::pair("SELECT name FROM sqlite_schema WHERE type = 'table'", true),
          std::pair("SELECT key FROM node_value", false)}) {
      const auto prepared = machine.node().sql().Prepare(sql);
      CHECK(prepared.has_value());
      SqlStatement& rows = **prepared;
      for (auto row = rows.Step(); row && *row; row = rows.Step()) {
        const Bytes name(rows.BytesAt(0));
        if (tables ? !Contains(kTables, name) && !name.starts_with("sqlite_")
                   : !IsKnownValue(name)) {
          world.Violate(invariant(), machine.name() +
                                         " keeps something of which nobody has said what it can "
                                         "tell of a ballot: " +
                                         name);
        }
      }
      rows.Reset();
    }
  }

  // Rows of a Tally about a member: "\x12" length "\x0a\x12\x12\x10" person …
  void Scan(World& world, const Machine& machine, bool wal, ByteView disk) {
    constexpr std::string_view kSubject("\x0a\x12\x12\x10", 4);
    constexpr std::size_t kPerson = 16;
    // Where a row goes on is known within a page only. In a write-ahead log each has a header.
    const auto page_of = [wal](std::size_t offset) {
      return wal ? (std::max<std::size_t>(offset, 32) - 32) / 4120 : offset / 4096;
    };
    for (auto at = disk.find(kSubject); at != ByteView::npos; at = disk.find(kSubject, at + 1)) {
      const ByteView person = disk.substr(at + kSubject.size()).substr(0, kPerson);
      const std::set<Ballots::Count>* announced = world.ballots().About(person);
      if (announced == nullptr || at < 2 || disk[at - 2] != '\x12') {
        continue;
      }
      const std::size_t size = static_cast<unsigned char>(disk[at - 1]);
      const std::size_t begins = kSubject.size() + kPerson;
      const bool whole = size > begins && size < 128 && at + size <= disk.size() &&
                         page_of(at - 2) == page_of(at + size - 1);
      const auto count =
          whole ? RowBytes(disk.substr(at + begins, size - begins)).Read() : std::nullopt;
      if (!count) {
        continue;
      }
      world.Reached("count_on_disk_checked");
      if (!announced->contains(*count)) {
        world.Violate(invariant(), machine.name() +
                                       " has on its disk a count that nobody announced, about " +
                                       ToHex(person).substr(0, 8));
        return;
      }
    }
  }

  std::map<std::tuple<StreamId, Bytes, std::uint64_t, std::uint32_t>, EntryKey> counted_;
};

}  // namespace

std::unique_ptr<Checker> BallotSecrecy() { return std::make_unique<BallotsChecker>(); }

}  // namespace chibo::sim

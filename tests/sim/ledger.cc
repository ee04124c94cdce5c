#include "tests/sim/ledger.h"

namespace chibo::sim {
namespace {

// The disk's faults do not touch these reads, so an error here is the simulator's own.
SqlStatement& Prepared(Machine& machine, std::string_view sql) {
  const auto statement = machine.node().sql().Prepare(sql);
  CHECK(statement.has_value());
  return **statement;
}

bool Row(SqlStatement& statement) {
  const auto row = statement.Step();
  CHECK(row.has_value());
  return *row;
}

}  // namespace

void Ledger::Look(Machine& machine) {
  if (!machine.node().sql().Prepare("SELECT 1")) {
    return;  // a store that cannot say what is durable shows nothing, also not to us
  }
  auto& sizes = sizes_[machine.number()];
  struct Grown {
    std::int64_t no;
    std::uint32_t branch;
    std::uint64_t from;
  };
  std::vector<Grown> grown;
  SqlStatement& branches = Prepared(
      machine, "SELECT stream_no, branch, fork_at, size FROM branch ORDER BY stream_no, branch");
  while (Row(branches)) {
    const auto branch = static_cast<std::uint32_t>(branches.Int(1));
    const auto size = static_cast<std::uint64_t>(branches.Int(3));
    const auto [seen, fresh] =
        sizes.try_emplace({branches.Int(0), branch}, static_cast<std::uint64_t>(branches.Int(2)));
    if (seen->second < size) {
      grown.push_back({branches.Int(0), branch, seen->second});
      seen->second = size;
    }
  }
  branches.Reset();
  for (const Grown& one : grown) {
    ReadBranch(machine, one.no, one.branch, one.from);
  }
}

void Ledger::LookAnew(Machine& machine) {
  if (machine.allowance().rotten) {
    Look(machine);  // what some row says now nobody has written; those that come are good
    return;
  }
  held_[machine.number()].clear();
  bytes_[machine.number()] = 0;
  sizes_[machine.number()].clear();
  Look(machine);
}

void Ledger::ReadBranch(Machine& machine, std::int64_t no, std::uint32_t branch,
                        std::uint64_t from) {
  SqlStatement& stream = Prepared(machine, "SELECT id, own, genesis FROM stream WHERE no = $1");
  stream.BindInt(1, no);
  CHECK(Row(stream));
  const StreamId id = StreamId::FromChecked(stream.BytesAt(0));
  const bool own = stream.Int(1) != 0;
  if (!streams_.contains(id)) {
    pb::EntryHeader header;
    CHECK(header.ParseFromString(Bytes(stream.BytesAt(2))));
    StreamFacts facts;
    facts.genesis = header.genesis();
    facts.kind = facts.genesis.kind();
    facts.unit = UnitId::From(facts.genesis.unit()).value_or(UnitId());
    facts.other = UnitId::From(facts.genesis.other()).value_or(UnitId());
    streams_.emplace(id, std::move(facts));
  }
  stream.Reset();
  SqlStatement& entries =
      Prepared(machine,
               "SELECT idx, leaf, header, body FROM entry "
               "WHERE stream_no = $1 AND branch = $2 AND idx >= $3 ORDER BY idx");
  entries.BindInt(1, no);
  entries.BindInt(2, branch);
  entries.BindInt(3, static_cast<std::int64_t>(from));
  std::vector<SeenEntry> seen;
  while (Row(entries)) {
    seen.push_back(
        {{id, static_cast<std::uint64_t>(entries.Int(0)), Hash::FromChecked(entries.BytesAt(1))},
         branch,
         own,
         Bytes(entries.BytesAt(2)),
         Bytes(entries.BytesAt(3))});
  }
  entries.Reset();
  for (const SeenEntry& entry : seen) {
    held_[machine.number()].insert(entry.key);
    bytes_[machine.number()] += entry.header.size() + entry.body.size();
    known_.try_emplace(entry.key, machine.number());
    see_(machine, entry);
  }
}

}  // namespace chibo::sim

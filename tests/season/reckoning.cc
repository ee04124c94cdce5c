#include "tests/season/reckoning.h"

#include "domain/table.h"
#include "tests/must.h"
#include "tests/sim/workloads/papers.h"

namespace chibo::sim {
namespace {

SqlStatement& Prepared(SimNode& node, std::string_view sql) {
  return *Must(node.sql().Prepare(sql));
}

std::int64_t RegisteredBy(SimNode& node, ByteView unit, ByteView stream) {
  SqlStatement& row = Prepared(node, "SELECT size FROM registered WHERE stream = $1 AND unit = $2");
  row.BindBytes(1, stream);
  row.BindBytes(2, unit);
  const std::int64_t size = Must(row.Step()) ? row.Int(0) : 0;
  row.Reset();
  return size;
}

}  // namespace

Held HeldAt(SimNode& node, bool own_only) {
  SqlStatement& rows = Prepared(node,
                                "SELECT stream.id, branch.size, entry.leaf FROM stream "
                                "JOIN branch ON branch.stream_no = stream.no AND branch.branch = 0 "
                                "JOIN entry ON entry.stream_no = stream.no AND entry.branch = 0 "
                                "AND entry.idx = branch.size - 1 WHERE stream.own >= $1");
  rows.BindInt(1, own_only ? 1 : 0);
  Held held;
  while (Must(rows.Step())) {
    held[Bytes(rows.BytesAt(0))] = {rows.Int(1), Bytes(rows.BytesAt(2))};
  }
  rows.Reset();
  return held;
}

std::vector<std::string> CheckReceipts(SimNode& node, const Held& top) {
  std::vector<std::string> wrong;
  const UnitId parent = node.replica().settings().parent.value();
  for (const auto& [stream, own] : HeldAt(node, true)) {
    const std::string name = "stream " + ToHex(stream).substr(0, 16);
    const std::int64_t registered = RegisteredBy(node, parent.view(), stream);
    if (registered != own.first) {
      wrong.push_back("has a receipt for " + std::to_string(registered) + " of " +
                      std::to_string(own.first) + " entries of " + name);
    }
    const auto held = top.find(stream);
    if (held == top.end() || held->second != own) {
      wrong.push_back("has entries of " + name + " that the province does not hold");
    }
  }
  return wrong;
}

void Reckoning::Add(const Cell& cell) {
  for (const Assessed& member : cell.members) {
    due_[Bytes(member.id.view())] = member.due;
    ++levels_.at(member.due);
  }
}

std::vector<std::string> Reckoning::CheckLevels(SimNode& node) const {
  std::vector<std::string> wrong;
  std::size_t seen = 0;
  Must(node.replica().view().VisitDerived(DerivedTable::kOutcome, [&](const DerivedRow& derived) {
    pb::OutcomeRow row;
    CHECK(row.ParseFromString(derived.value));
    if (row.subject().kind() != pb::MEMBER || row.period() != kPeriod) {
      return true;
    }
    const auto due = due_.find(row.subject().id());
    const bool graded = row.state() == pb::GRADED;
    if (due == due_.end() || row.grade() != due->second ||
        graded != (due->second != pb::GRADE_NONE)) {
      wrong.push_back("shows " + pb::Grade_Name(row.grade()) + " for " +
                      ToHex(row.subject().id()).substr(0, 8) + ", to be " +
                      (due == due_.end() ? "nobody" : pb::Grade_Name(due->second)));
    }
    ++seen;
    return true;
  }));
  if (seen != due_.size()) {
    wrong.push_back("knows " + std::to_string(seen) + " of " + std::to_string(due_.size()) +
                    " members");
  }
  Must(node.replica().view().VisitDerived(DerivedTable::kCase, [&](const DerivedRow& derived) {
    pb::CaseRow row;
    CHECK(row.ParseFromString(derived.value));
    if (row.state() == pb::CASE_OPEN) {
      wrong.push_back("has an open case " + row.id() + " " + pb::CaseType_Name(row.type()));
    }
    return true;
  }));
  return wrong;
}

std::vector<std::string> Reckoning::CheckTable(SimNode& node) const {
  const Replica& replica = node.replica();
  const OutcomeRows rows(replica.view());
  const LevelTable table =
      Must(MembersByLevel(replica.projector().context(), rows, kPeriod, Cut()));
  std::vector<std::string> wrong;
  const auto check = [&](const std::string& what, std::uint64_t is, std::uint64_t due) {
    if (is != due) {
      wrong.push_back("counts " + std::to_string(is) + " " + what + ", to be " +
                      std::to_string(due));
    }
  };
  check("on the register", table.register_total, due_.size());
  check("without a level", table.pending, levels_[pb::GRADE_NONE]);
  for (const pb::Grade grade : {pb::KHTNV, pb::HTNV, pb::HTTNV, pb::HTXSNV}) {
    check(pb::Grade_Name(grade), table.levels.at(grade), levels_.at(grade));
  }
  if (!table.AddsUp()) {
    wrong.push_back("has a table that does not add up");
  }
  return wrong;
}

}  // namespace chibo::sim

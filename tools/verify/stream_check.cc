#include "tools/verify/stream_check.h"

#include <utility>

#include "tools/verify/merkle.h"

namespace chibo::verify {
namespace {

// Numbers of the store are never negative; one that is fits nothing.
std::uint64_t Unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }

std::uint32_t Small(std::int64_t number) { return static_cast<std::uint32_t>(number); }

}  // namespace

StreamCheck::StreamCheck(const Checking& checking, std::int64_t no, ByteView id, ByteView genesis)
    : checking_(checking), row_id_(id), row_genesis_(genesis) {
  held_.no = no;
  // Until the genesis has been read: whatever cannot be read is told under the stream's name.
  held_.id = Digest::From(row_id_).value_or(Digest());
}

Place StreamCheck::PlaceOf(std::uint32_t branch) const {
  Place place;
  place.stream = held_.id.hex();
  place.branch = branch;
  return place;
}

Place StreamCheck::PlaceOf(std::uint32_t branch, std::uint64_t index) const {
  Place place = PlaceOf(branch);
  place.index = index;
  return place;
}

HeldStream StreamCheck::Check() {
  const auto told = [this](const Status& status) {
    if (!status) {
      checking_.report.Problem("rows_unreadable", PlaceOf(0), status.error().where);
    }
    return status.has_value();
  };
  ReadGenesis();
  told(ReadSecrets());
  const auto branches = ReadBranches();
  if (!branches) {
    told(tl::unexpected(branches.error()));
    return std::move(held_);
  }
  if (branches->empty() || branches->front().branch != 0) {
    checking_.report.Problem("branch_missing", PlaceOf(0));
  }
  for (const BranchRow& row : *branches) {
    told(CheckBranch(row));
  }
  if (untold_ > 0) {
    checking_.report.Note("contents_unchecked", PlaceOf(0), std::to_string(untold_));
  }
  return std::move(held_);
}

// ---- Genesis and secrets

// Empty where it cannot be read, which the walk over the entries tells.
Bytes StreamCheck::FirstHeader() const {
  auto rows = checking_.database.Query(
      "SELECT header FROM entry WHERE stream_no = ?1 AND branch = 0 AND idx = 0", {held_.no});
  const auto found = rows ? rows->Next() : tl::unexpected(rows.error());
  return Bytes(found && *found ? rows->Blob(0) : ByteView());
}

// The genesis lies twice, in the stream's row and as entry 0, and its hash is the stream's id: of
// the three, two that agree show which one is damaged.
void StreamCheck::ReadGenesis() {
  const Bytes entry = FirstHeader();
  const auto id = Digest::From(row_id_);
  const bool row_fits = id && StreamIdOf(row_genesis_) == *id;
  const bool entry_fits = id && StreamIdOf(entry) == *id;
  const bool id_damaged = !row_fits && !entry_fits && entry == row_genesis_;
  held_.id = id_damaged ? StreamIdOf(entry) : id.value_or(Digest());
  if (id_damaged) {
    checking_.report.Problem("stream_id_differs", PlaceOf(0), ToHex(row_id_));
  } else if (!row_fits) {
    checking_.report.Problem("genesis_differs", PlaceOf(0));
  }
  if (!row_fits && !entry_fits && !id_damaged) {
    return;
  }
  const Bytes& genesis = row_fits ? row_genesis_ : entry;
  const auto header = ReadHeader(genesis, 0);
  if (header) {
    CheckGenesisFields(*header, false);
  } else {
    checking_.report.Problem(header.error().reason, PlaceOf(0, 0));
  }
}

void StreamCheck::CheckGenesisFields(const Header& header, bool damaged) {
  held_.genesis = header.message.genesis();
  held_.device = Digest::FromChecked(held_.genesis.device());
  device_ = held_.device;
  if (held_.genesis.network() != checking_.network.view()) {
    Problem("genesis_of_another_network", 0, 0);
  }
  checking_.records.CheckGenesis(held_.genesis, PlaceOf(0, 0), damaged);
}

Status StreamCheck::ReadSecrets() {
  CHIBO_TRY_VALUE(
      Rows rows,
      checking_.database.Query("SELECT reach, value FROM secret WHERE stream_no = ?1", {held_.no}));
  CHIBO_TRY_VALUE(bool found, rows.Next());
  while (found) {
    TakeSecret(rows.Int(0), rows.Blob(1));
    CHIBO_TRY_VALUE(found, rows.Next());
  }
  return {};
}

void StreamCheck::TakeSecret(std::int64_t reach, ByteView stored) {
  const bool known_reach = reach >= 0 && reach < static_cast<std::int64_t>(kReaches);
  const bool sized = stored.size() == Digest::kSize + checking_.at_rest.overhead();
  if (checking_.at_rest.locked() && known_reach && sized) {
    return;
  }
  const auto secret = known_reach && sized && !checking_.at_rest.locked()
                          ? checking_.at_rest.Reveal(
                                "secret/" + held_.id.hex() + "/" + std::to_string(reach), stored)
                          : std::nullopt;
  const bool good = secret && held_.genesis.salts_size() == static_cast<int>(kReaches) &&
                    SecretCommitment(Small(reach), *secret).view() ==
                        held_.genesis.salts(static_cast<int>(reach));
  if (known_reach) {
    known_[Unsigned(reach)] = good ? Secret::kGood : Secret::kWrong;
    secrets_[Unsigned(reach)] = good ? *secret : Bytes();
  }
  if (!good) {
    checking_.report.Problem("secret_differs", PlaceOf(0), std::to_string(reach));
  }
}

// ---- Branches

Result<std::vector<BranchRow>> StreamCheck::ReadBranches() {
  CHIBO_TRY_VALUE(Rows rows, checking_.database.Query(
                                 "SELECT branch, parent, fork_at, size, peaks, signed_size, "
                                 "signature FROM branch WHERE stream_no = ?1 ORDER BY branch",
                                 {held_.no}));
  std::vector<BranchRow> branches;
  CHIBO_TRY_VALUE(bool found, rows.Next());
  while (found) {
    BranchRow row{Small(rows.Int(0)),    Small(rows.Int(1)),  Unsigned(rows.Int(2)),
                  Unsigned(rows.Int(3)), Bytes(rows.Blob(4)), Unsigned(rows.Int(5)),
                  std::nullopt};
    if (!rows.IsNull(6)) {
      row.signature = Bytes(rows.Blob(6));
    }
    branches.push_back(std::move(row));
    CHIBO_TRY_VALUE(found, rows.Next());
  }
  return branches;
}

Result<std::vector<SignedSize>> StreamCheck::ReadCheckpoints(std::uint32_t branch) {
  CHIBO_TRY_VALUE(Rows rows, checking_.database.Query("SELECT size, signature FROM checkpoint "
                                                      "WHERE stream_no = ?1 AND branch = ?2 "
                                                      "ORDER BY size",
                                                      {held_.no, branch}));
  std::vector<SignedSize> checkpoints;
  CHIBO_TRY_VALUE(bool found, rows.Next());
  while (found) {
    checkpoints.push_back({Unsigned(rows.Int(0)), Bytes(rows.Blob(1)), false});
    CHIBO_TRY_VALUE(found, rows.Next());
  }
  return checkpoints;
}

Status StreamCheck::CheckBranch(const BranchRow& row) {
  const HeldBranch* parent = held_.Find(row.parent);
  const bool forks = row.branch != 0;
  if (forks ? row.fork_at == 0 || row.parent >= row.branch || parent == nullptr ||
                  row.fork_at <= parent->fork_at || row.fork_at > parent->size()
            : row.fork_at != 0 || row.parent != 0) {
    checking_.report.Problem("branch_fork_misplaced", PlaceOf(row.branch),
                             std::to_string(row.fork_at));
    if (!forks) {
      BranchRow whole = row;
      whole.parent = 0;
      whole.fork_at = 0;
      return CheckBranch(whole);
    }
    return {};
  }
  CHIBO_TRY_VALUE(auto checkpoints, ReadCheckpoints(row.branch));
  BranchWalk walk(checking_.network, held_.id, device_, row, std::move(checkpoints),
                  checking_.report);
  if (forks) {
    walk.StartWith(held_.LeavesOf(*parent, row.fork_at));
  }
  CHIBO_TRY(WalkEntries(walk, row));
  HeldBranch branch = walk.Finish();
  if (forks) {
    CheckFork(row, branch);
  }
  held_.branches.push_back(std::move(branch));
  return {};
}

void StreamCheck::CheckFork(const BranchRow& row, const HeldBranch& branch) {
  const HeldBranch& parent = *held_.Find(row.parent);
  if (!branch.leaves.empty() && row.fork_at < parent.size() &&
      branch.leaves.front() == parent.leaves[row.fork_at - parent.fork_at]) {
    Problem("branch_does_not_fork", row.branch, row.fork_at);
  }
}

// ---- Entries

Status StreamCheck::WalkEntries(BranchWalk& walk, const BranchRow& row) {
  CHIBO_TRY_VALUE(Rows rows, checking_.database.Query("SELECT idx, leaf, header, body FROM entry "
                                                      "WHERE stream_no = ?1 AND branch = ?2 "
                                                      "ORDER BY idx",
                                                      {held_.no, row.branch}));
  while (true) {
    const auto found = rows.Next();
    if (!found) {
      return WalkOneByOne(walk, row);
    }
    if (!*found) {
      return {};
    }
    TakeRow(walk, row.branch, rows);
  }
}

Status StreamCheck::WalkOneByOne(BranchWalk& walk, const BranchRow& row) {
  while (walk.next() < row.size) {
    const std::uint64_t index = walk.next();
    CHIBO_TRY_VALUE(
        Rows rows,
        checking_.database.Query(
            "SELECT idx, leaf, header, body FROM entry WHERE stream_no = ?1 AND branch = ?2 AND "
            "idx = ?3",
            {held_.no, row.branch, static_cast<std::int64_t>(index)}));
    const auto found = rows.Next();
    if (found && !*found) {
      return {};
    }
    if (found) {
      TakeRow(walk, row.branch, rows);
      continue;
    }
    Problem("entry_page_damaged", row.branch, index);
    walk.SkipTo(index + 1);
  }
  return {};
}

void StreamCheck::TakeRow(BranchWalk& walk, std::uint32_t branch, const Rows& rows) {
  const Row row{Unsigned(rows.Int(0)), rows.Blob(1), rows.Blob(2), rows.Blob(3)};
  ++checking_.report.entries;
  if (row.index < walk.next() || rows.Int(0) < 0) {
    Problem("entry_misplaced", branch, row.index);
    return;
  }
  if (row.index > walk.next()) {
    Place place = PlaceOf(branch, walk.next());
    place.to = row.index - 1;
    checking_.report.Problem("entries_missing", std::move(place));
    walk.SkipTo(row.index);
  }
  const auto computed = CheckEntry(branch, row);
  walk.Append(Digest::From(row.leaf), computed);
}

std::optional<Digest> StreamCheck::CheckEntry(std::uint32_t branch, const Row& row) {
  const auto header = ReadHeader(row.header, row.index);
  if (!header) {
    Problem(header.error().reason, branch, row.index);
    return std::nullopt;
  }
  // Where nothing opens them, there are only their commitments to be counted.
  checking_.report.records += checking_.at_rest.locked() ? 0 : header->slots.size();
  if (!Digest::From(row.leaf)) {
    Problem("entry_leaf_differs", branch, row.index);
  }
  if (row.index == 0 && StreamIdOf(row.header) != held_.id) {
    Problem("genesis_of_another_stream", branch, 0);
    return std::nullopt;
  }
  return checking_.at_rest.locked() ? CheckSealed(branch, row, *header)
                                    : CheckContents(branch, row, *header);
}

// What a sealed entry shows: how long it is, and its leaf where it holds no records.
std::optional<Digest> StreamCheck::CheckSealed(std::uint32_t branch, const Row& row,
                                               const Header& header) {
  if (row.body.size() < kSealedOverhead) {
    Problem("entry_body_unreadable", branch, row.index);
    return std::nullopt;
  }
  if (!header.slots.empty()) {
    return std::nullopt;
  }
  const Digest leaf = EntryLeaf(held_.id, row.index, {}, row.header);
  if (leaf.view() != row.leaf && row.leaf.size() == Digest::kSize) {
    Problem("entry_leaf_differs", branch, row.index);
  }
  return leaf;
}

std::optional<Digest> StreamCheck::CheckContents(std::uint32_t branch, const Row& row,
                                                 const Header& header) {
  const auto body = checking_.at_rest.Reveal(
      "entry/" + held_.id.hex() + "/" + std::to_string(branch) + "/" + std::to_string(row.index),
      row.body);
  if (!body) {
    Problem("entry_body_unreadable", branch, row.index);
    return std::nullopt;
  }
  const auto records = ReadBody(*body, header, row.header.size());
  if (!records) {
    Problem(records.error().reason, branch, row.index);
    return std::nullopt;
  }
  const auto leaf = LeafOf(row, header, *records);
  const bool differs = leaf && leaf->view() != row.leaf;
  if (differs && row.leaf.size() == Digest::kSize) {
    Problem("entry_leaf_differs", branch, row.index);
  }
  if (header.message.min_reader() > kReader) {
    checking_.report.Note("entry_of_newer_program", PlaceOf(branch, row.index));
    return leaf;
  }
  checking_.records.CheckEntry(OpenedEntry{PlaceOf(branch, row.index), held_.id,
                                           held_.genesis.unit(), row.index, header.slots, *records,
                                           differs});
  return leaf;
}

std::optional<Digest> StreamCheck::LeafOf(const Row& row, const Header& header,
                                          const std::vector<HeldRecord>& records) {
  std::vector<Digest> commitments;
  for (std::uint32_t position = 0; position < records.size(); ++position) {
    const HeldRecord& record = records[position];
    const Slot& slot = header.slots[position];
    if (!record.payload) {
      commitments.push_back(record.commitment);
      continue;
    }
    if (known_[slot.reach] != Secret::kGood) {
      if (known_[slot.reach] == Secret::kNone && !std::exchange(told_missing_[slot.reach], true)) {
        checking_.report.Problem("secret_missing", PlaceOf(0, row.index),
                                 std::to_string(slot.reach));
      }
      ++untold_;
      return std::nullopt;
    }
    commitments.push_back(
        Commitment(Salt(secrets_[slot.reach], row.index, position), slot.kind, *record.payload));
  }
  return EntryLeaf(held_.id, row.index, commitments, row.header);
}

}  // namespace chibo::verify

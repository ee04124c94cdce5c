#ifndef CHIBO_TOOLS_VERIFY_STREAM_CHECK_H_
#define CHIBO_TOOLS_VERIFY_STREAM_CHECK_H_

#include <array>
#include <optional>
#include <vector>

#include "tools/verify/at_rest.h"
#include "tools/verify/branch_walk.h"
#include "tools/verify/database.h"
#include "tools/verify/record_check.h"

namespace chibo::verify {

// What all streams are checked with.
struct Checking {
  Digest network;
  const Database& database;
  const AtRest& at_rest;
  Report& report;
  RecordCheck& records;
};

// Everything the store holds of one stream: genesis, secrets, every entry of every branch, heads
// and checkpoints. Its records are handed on.
class StreamCheck {
 public:
  // `id` and `genesis` as the stream's row has them.
  StreamCheck(const Checking& checking, std::int64_t no, ByteView id, ByteView genesis);

  HeldStream Check();

 private:
  struct Row {
    std::uint64_t index = 0;
    ByteView leaf;
    ByteView header;
    ByteView body;
  };

  Bytes FirstHeader() const;
  void ReadGenesis();
  void CheckGenesisFields(const Header& header, bool damaged);
  Status ReadSecrets();
  void TakeSecret(std::int64_t reach, ByteView stored);
  Result<std::vector<BranchRow>> ReadBranches();
  Result<std::vector<SignedSize>> ReadCheckpoints(std::uint32_t branch);
  Status CheckBranch(const BranchRow& row);
  Status WalkEntries(BranchWalk& walk, const BranchRow& row);
  // After a page that cannot be read: each entry by itself.
  Status WalkOneByOne(BranchWalk& walk, const BranchRow& row);
  void TakeRow(BranchWalk& walk, std::uint32_t branch, const Rows& rows);
  void CheckFork(const BranchRow& row, const HeldBranch& branch);

  // The leaf of what the entry holds; nothing when it cannot be told. Finds what is wrong with it.
  std::optional<Digest> CheckEntry(std::uint32_t branch, const Row& row);
  std::optional<Digest> CheckContents(std::uint32_t branch, const Row& row, const Header& header);
  std::optional<Digest> LeafOf(const Row& row, const Header& header,
                               const std::vector<HeldRecord>& records);
  std::optional<Digest> CheckSealed(std::uint32_t branch, const Row& row, const Header& header);

  Place PlaceOf(std::uint32_t branch) const;
  Place PlaceOf(std::uint32_t branch, std::uint64_t index) const;
  void Problem(std::string_view what, std::uint32_t branch, std::uint64_t index) {
    checking_.report.Problem(what, PlaceOf(branch, index));
  }

  const Checking& checking_;
  Bytes row_id_;
  Bytes row_genesis_;
  HeldStream held_;
  std::optional<Digest> device_;
  enum class Secret { kNone, kGood, kWrong };
  std::array<Secret, kReaches> known_{};
  std::array<Bytes, kReaches> secrets_;
  std::array<bool, kReaches> told_missing_{};
  std::uint64_t untold_ = 0;  // entries whose contents could not be checked for want of a secret
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_STREAM_CHECK_H_

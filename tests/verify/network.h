#ifndef CHIBO_TESTS_VERIFY_NETWORK_H_
#define CHIBO_TESTS_VERIFY_NETWORK_H_

#include <memory>
#include <string>

#include "tests/sim/sim_node.h"
#include "tests/verify/directory.h"
#include "tools/verify/verify.h"

namespace chibo {

// Province, commune and cell with something in each: members, a meeting with minutes that two
// persons attest, register entries, copies, a fork at the cell.
class SmallNetwork {
 public:
  // One for all tests, which damage copies of it alone: making it takes longer than they do.
  static const SmallNetwork& Shared();

  const TempFolder& folder() const { return folder_; }
  const NetworkId& network() const { return network_; }
  // Data directories; the nodes are stopped.
  std::string province() const { return folder_.Sub("province"); }
  std::string commune() const { return folder_.Sub("commune"); }
  std::string cell() const { return folder_.Sub("cell"); }
  const UnitId& commune_unit() const { return commune_unit_; }

  // Verifies a directory of this network.
  Result<verify::Report> Verify(const std::string& directory,
                                const std::optional<Bytes>& passphrase = std::nullopt) const;

 private:
  SmallNetwork();

  SimNode::Place PlaceOf(const std::string& name) const;
  void RecordMeeting(SimNode& cell);
  void ForkCell(SimNode& cell, SimNode& commune);

  TempFolder folder_;
  SeededRandom random_{11};
  NetworkId network_;
  UnitId commune_unit_;
};

// Copies a data directory's store into another folder, for a test to damage.
void CopyStore(const std::string& from, const std::string& to);

bool Has(const std::vector<verify::Finding>& findings, std::string_view what);
// Whether a problem names the stream.
bool Names(const verify::Report& report, const std::string& stream);
// Whether a problem names the entry; the first one of a stream is the stream's own header.
bool NamesEntry(const verify::Report& report, const std::string& stream, std::uint64_t index);
std::string Listed(const std::vector<verify::Finding>& findings);

}  // namespace chibo

#endif  // CHIBO_TESTS_VERIFY_NETWORK_H_

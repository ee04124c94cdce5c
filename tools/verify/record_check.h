#ifndef CHIBO_TOOLS_VERIFY_RECORD_CHECK_H_
#define CHIBO_TOOLS_VERIFY_RECORD_CHECK_H_

#include <vector>

#include "tools/verify/gathered.h"

namespace chibo::verify {

// An entry whose body was read: what its records need to be understood.
struct OpenedEntry {
  Place place;  // of the entry
  Digest stream;
  Bytes unit;  // whose stream it is
  std::uint64_t index = 0;
  const std::vector<Slot>& slots;
  const std::vector<HeldRecord>& records;
  // The entry is not what was signed: its records are gathered, nothing more is told of them.
  bool damaged = false;
};

// Reads records one by one: those of known kinds must parse; keys' proofs and copies are checked
// where they stand; everything else is gathered.
class RecordCheck {
 public:
  RecordCheck(const Digest& network, Report& report, Gathered& gathered)
      : network_(network), report_(report), gathered_(gathered) {}

  void CheckEntry(const OpenedEntry& entry);
  // The certificate in a genesis.
  void CheckGenesis(const pb::Genesis& genesis, const Place& place, bool damaged);

 private:
  void CheckOne(const OpenedEntry& entry, std::uint32_t position);
  void TakeSigned(pb::Record record, const Place& place, bool quiet);
  void TakeRegister(const OpenedEntry& entry, std::uint32_t position, const pb::Register& record);
  void TakePersonKey(const pb::PersonKey& record, const Place& place, bool quiet);
  void TakeAttestation(const OpenedEntry& entry, const pb::Attestation& record, const Place& place);
  void TakeCopy(const pb::Copy& copy, const Place& place, bool quiet);
  // Reason when something does not hold.
  Status OpenCopy(const pb::Copy& copy, const Place& place, bool quiet);

  Digest network_;
  Report& report_;
  Gathered& gathered_;
};

}  // namespace chibo::verify

#endif  // CHIBO_TOOLS_VERIFY_RECORD_CHECK_H_

#ifndef CHIBO_NODE_INTRODUCTIONS_H_
#define CHIBO_NODE_INTRODUCTIONS_H_

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "node/projector.h"
#include "node/settings.h"
#include "node/streams.h"
#include "storage/log_store.h"

namespace chibo {

// Units that have to do with each other and lie under different committees know nothing of each
// other. The lowest unit above both does, and tells each, in its to(V) stream, as copies with their
// proofs: who the other is, the devices of the other and of its direct superior (to whom is sealed
// what those between may not read), and what the streams rest on that the other writes to it.
// Whoever is named by one transfer has to do with the other, and who writes a to(V) stream with V.
// Remembered in the log store; writes belong to the caller's transaction.
class Introductions {
 public:
  // All must outlive it.
  Introductions(const Settings& settings, const Projector& projector, const Streams& streams,
                LogStore& log)
      : settings_(settings), projector_(projector), streams_(streams), log_(log) {}

  // Of a transfer, wherever it stands.
  Status Note(const Fact& transfer);

  // A to(V) stream of which the unit and V are introduced here.
  bool IsCrossing(const Stream& stream) const;

  // Copies that are lacking, for each unit to be told, and noted as told: in parts that an entry
  // bears each. Copies that cannot be made now are left for the next time.
  struct Told {
    UnitId to;
    std::vector<pb::Record> copies;
  };
  Result<std::vector<Told>> Lacking();

 private:
  using Facts = std::map<RecordName, Fact>;
  bool AreIntroducedHere(const UnitId& one, const UnitId& other) const;
  Result<std::set<std::pair<UnitId, UnitId>>> Pairs() const;
  void AddAbout(const UnitId& unit, Facts& facts) const;
  std::vector<UnitId> WayTo(const UnitId& reader) const;
  Result<bool> IsToldTo(const UnitId& reader, const Fact& fact) const;
  Result<std::vector<pb::Record>> CopiesFor(const UnitId& reader, const Facts& facts);

  const Settings& settings_;
  const Projector& projector_;
  const Streams& streams_;
  LogStore& log_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_INTRODUCTIONS_H_

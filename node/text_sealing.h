#ifndef CHIBO_NODE_TEXT_SEALING_H_
#define CHIBO_NODE_TEXT_SEALING_H_

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "node/projector.h"
#include "node/settings.h"
#include "node/streams.h"
#include "storage/log_store.h"
#include "storage/view_store.h"

namespace chibo {

// What this server has to seal. Records of reach PARENT in a to(V) stream are for V and its direct
// superior too; where a unit on the way may not read them, the direct superior of the stream's unit
// (the topmost unit for itself) seals them to the devices of both, as soon as it knows one, and
// again to those that come later. Remembers which entries hold such records, and says the same
// without.
class TextSealing {
 public:
  // All must outlive it.
  TextSealing(const Settings& settings, const Projector& projector, const LogStore& log,
              const ViewStore& view)
      : settings_(settings), projector_(projector), log_(log), view_(view) {}

  // The SealedText records that are lacking for a stream, in order; each fits into an entry. The
  // view must be settled.
  Result<std::vector<pb::Record>> Lacking(const Stream& stream, Random& random);
  // After a rollback: entries read may be gone.
  void Forget() { read_.clear(); }

 private:
  struct Text {
    std::uint32_t branch = 0;
    std::uint64_t index = 0;
    std::uint32_t position = 0;
  };
  struct Read {
    std::map<std::uint32_t, std::uint64_t> up_to;  // by branch
    std::vector<Text> texts;
  };
  struct Sealed {
    std::set<Bytes> keys;  // their ids
    std::set<std::tuple<std::uint64_t, std::uint32_t, Bytes>> texts;
  };
  bool IsSealedHere(const Stream& stream) const;
  std::vector<DhPublicKey> Readers(const Stream& stream) const;
  Result<std::vector<Text>> TextsOf(const Stream& stream);
  Result<Sealed> SealedOf(const StreamId& stream) const;

  const Settings& settings_;
  const Projector& projector_;
  const LogStore& log_;
  const ViewStore& view_;
  std::map<StreamNo, Read> read_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_TEXT_SEALING_H_

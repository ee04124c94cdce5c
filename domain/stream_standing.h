#ifndef CHIBO_DOMAIN_STREAM_STANDING_H_
#define CHIBO_DOMAIN_STREAM_STANDING_H_

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "domain/certificate_chain.h"

namespace chibo {

// A register entry's word about one stream.
struct Registration {
  Spot spot;    // of the register entry
  Position at;  // what it says is held
  std::shared_ptr<const Fact> fact;
};

// Which entries of which streams stand, by position alone. The inner part of Authority that comes
// after CertificateChain: nothing about certificates depends on it.
//  - The genesis must be of the certificate's unit and key, and the role must fit the kind of
//  stream:
//    SERVER writes line, down and to, SECRETARY and DEPUTY write line and to.
//  - What ends the certificate, or closes the stream, keeps a prefix: the entries below a point.
//  - Where branches part, the ruling of the highest issuer over the certificate chooses. Without
//    one, what a direct superior of the unit has registered in its to(unit) stream stands, unless
//    it has registered a rival branch, too.
//  - An adoption brings a range back: signed by somebody over the certificate, of no lower rank
//  than
//    what cut it off.
class StreamStanding {
 public:
  // Both must outlive this object.
  StreamStanding(const CertificateChain& chain, const StreamBranches& branches)
      : chain_(chain), branches_(branches) {}

  // What a genesis says, `held` or known from a copy. False when it was known already.
  bool Put(const StreamState& state, const CertificateId& certificate, bool held);
  void AddRegister(const std::shared_ptr<const Fact>& fact, const Spot& spot);

  const StreamState* Find(const StreamId& stream) const;
  // Of the genesis; null when not met.
  const Certificate* WriterOf(const StreamId& stream) const;
  SetAside StandingAt(const Spot& spot) const { return StandingAt(spot, 0); }
  // Whether more entries in the stream can change how those before them stand.
  bool RestsOnGrowth(const StreamId& stream) const;
  // Register entries that count, about a stream.
  std::vector<const Registration*> RegistrationsOf(const StreamId& stream) const;

  // Something that the stream's standing rests on changed.
  void Touch(const StreamId& stream);
  void TouchWriter(const CertificateId& certificate);
  void TouchUnit(const UnitId& unit);
  std::set<StreamId> TakeTouched() { return std::exchange(touched_, {}); }

 private:
  struct Stream {
    StreamState state;
    CertificateId certificate;
    bool held = false;
  };

  SetAside StandingAt(const Spot& spot, std::uint32_t hops) const;
  SetAside WriterStanding(const Stream& stream) const;
  const Statement* ClosedBy(const Stream& stream, const Spot& spot) const;
  bool IsAdopted(const Certificate& writer, const Spot& spot, std::uint32_t rank) const;
  bool StandsInFork(const Certificate& writer, const Spot& spot, std::uint32_t hops) const;
  std::vector<std::uint32_t> AliveBranches(const Certificate& writer, const StreamId& stream) const;
  std::vector<Position> ChosenPoints(const Certificate& writer, const StreamId& stream) const;
  bool Counts(const Registration& registration, std::uint32_t hops) const;
  bool IsRegistered(const Spot& spot, std::uint32_t hops) const;
  bool IsRegisteredPast(const StreamId& stream, std::uint32_t branch, std::uint64_t index,
                        std::uint32_t hops) const;

  const CertificateChain& chain_;
  const StreamBranches& branches_;
  std::map<StreamId, Stream> streams_;
  std::map<CertificateId, std::set<StreamId>> of_certificate_;
  std::map<UnitId, std::set<StreamId>> of_unit_;
  // By stream registered; each once.
  std::map<StreamId, std::map<std::pair<Spot, std::uint32_t>, Registration>> registrations_;
  std::map<StreamId, std::set<StreamId>> registered_in_;  // by the registering stream
  std::set<StreamId> touched_;
};

}  // namespace chibo

#endif  // CHIBO_DOMAIN_STREAM_STANDING_H_

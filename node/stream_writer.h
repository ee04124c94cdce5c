#ifndef CHIBO_NODE_STREAM_WRITER_H_
#define CHIBO_NODE_STREAM_WRITER_H_

#include <map>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "node/projector.h"
#include "node/settings.h"
#include "node/streams.h"
#include "proto/crypto.h"

namespace chibo {

// The log's value that holds the newest register entry of our superior, as headers name it.
inline constexpr std::string_view kNewestRegister = "newest-register";

// One entry to be written: records in order, each with its reach.
struct Draft {
  std::vector<pb::Record> records;
  std::vector<pb::Reach> reaches;
  Timestamp claimed;
  Bytes pack;  // hash of the rule pack used, or empty

  // With the kind's own reach.
  void Add(pb::Record record);
  void Add(pb::Record record, pb::Reach reach);
};

// Writes this device's own streams: one writer, each action an entry, each entry closed by a
// checkpoint. A stream is begun when it is first needed. Own entries are projected like all others.
// Writes belong to the caller's transaction; nothing may leave the process before its commit. Not
// thread-safe.
class StreamWriter {
 public:
  // The device key must outlive the writer.
  StreamWriter(const Settings& settings, const SigningKey& device, Streams& streams, LogStore& log,
               ViewStore& view, Projector& projector, Random& random)
      : settings_(settings),
        device_(device),
        streams_(streams),
        log_(log),
        view_(view),
        projector_(projector),
        random_(random) {}

  // Appends to the stream (kind, other); `other` is V for to(V) and ignored for the rest.
  // kNotAllowed when this device has no certificate that holds; kTooLarge; kBadInput from
  // CheckMeaning, with the record's place.
  Result<RecordName> Append(pb::StreamKind kind, const UnitId& other, Draft draft);

  // Makes the view show what this transaction has written so far.
  Status Settle() { return projector_.Settle(); }

  // Continuity was not proven at start: own streams are never appended to again, successors name
  // them.
  Status RetireOwnStreams();

  // What was written since either was last called is there for good, or was never written.
  void Committed() { boot_kept_ = booted_; }
  void RolledBack() { booted_ = boot_kept_; }

  // Gives the genesis of the very first stream of a network its certificate, which no log holds
  // yet.
  void UseCertificate(pb::Record certificate) { certificate_ = std::move(certificate); }

 private:
  Result<const Stream*> OpenStream(pb::StreamKind kind, const UnitId& other);
  Result<const Stream*> BeginStream(pb::StreamKind kind, const UnitId& other, const Stream* before);
  bool IsAddressedWell(const Stream& stream) const;
  Result<pb::Record> OwnCertificate();
  Result<std::optional<pb::RegisterRef>> NewRegister(const Stream& stream);
  Status AppendEntry(const Stream& stream, std::uint64_t index, Entry entry);

  const Settings& settings_;
  const SigningKey& device_;
  Streams& streams_;
  LogStore& log_;
  ViewStore& view_;
  Projector& projector_;
  Random& random_;
  std::optional<pb::Record> certificate_;
  bool booted_ = false;     // an entry with boot bytes was written since start,
  bool boot_kept_ = false;  // and committed
};

}  // namespace chibo

#endif  // CHIBO_NODE_STREAM_WRITER_H_

#include "node/revoke.h"

#include <utility>

#include "node/entry_packer.h"
#include "node/point_lists.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

// A device writes its own streams. What an officer has signed stands in those of its unit,
// whichever device wrote them.
bool MaySpeakIn(const ValidCertificate& certificate, const Stream& stream) {
  return stream.device == certificate.key ||
         (certificate.body.role() == pb::AUTHORITY && stream.unit == certificate.unit);
}

}  // namespace

Result<RevokedAt> RevokeDevice(Replica& replica, const Issuer& officer,
                               const CertificateId& certificate, bool keep_held,
                               const std::string& reason, Timestamp now) {
  const auto found = replica.authority().Find(certificate);
  if (!found) {
    return Fail(Code::kNotFound, "certificate_unknown", certificate.hex());
  }
  const UnitId& own = replica.settings().unit;
  // Who stands over the topmost unit is the root set alone.
  const bool over = found->unit == own ? !officer.certificate && !replica.settings().parent
                                       : replica.visibility().IsWithin(found->unit, own);
  if (!over) {
    return Fail(Code::kNotAllowed, "revoke_not_below", certificate.hex());
  }
  RevokedAt revoked;
  pb::Record record;
  pb::RevocationBody& body = *record.mutable_revocation()->mutable_body();
  body.set_certificate(Bytes(certificate.view()));
  body.set_reason(reason);
  if (officer.certificate) {
    body.set_issuer(Bytes(officer.certificate->view()));
  }
  for (const Stream* stream : replica.streams().All()) {
    if (!keep_held || !MaySpeakIn(*found, *stream) || stream->branches.empty()) {
      continue;
    }
    // The branch that is followed: a fork's other one is for a ruling to take in.
    const MerklePeaks& peaks = stream->branches.front().peaks;
    revoked.kept.push_back({stream->id, peaks.size(), peaks.Root()});
  }
  const auto lists = PutPoints(revoked.kept, *body.mutable_kept(), *body.mutable_more());
  SignAs(officer, replica.settings().network, record);
  Draft draft;
  draft.claimed = now;
  draft.Add(std::move(record));
  const pb::StreamKind kind = found->unit == own ? pb::DOWN : pb::TO;
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    EntryPacker packer(writer, kind, found->unit, now);
    for (const pb::Record& list : lists) {
      CHIBO_TRY(packer.Add({list}));
    }
    CHIBO_TRY(packer.Close());
    CHIBO_TRY_VALUE(revoked.record, writer.Append(kind, found->unit, std::move(draft)));
    return {};
  }));
  return revoked;
}

}  // namespace chibo

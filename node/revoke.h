#ifndef CHIBO_NODE_REVOKE_H_
#define CHIBO_NODE_REVOKE_H_

#include <string>
#include <vector>

#include "node/enrolment.h"

namespace chibo {

struct RevokedAt {
  RecordName record;
  std::vector<Position> kept;  // what stays good, by stream
};

// Ends the certificate of a device, or of an officer, by a signed record in the stream to its unit.
// Good stays what this node holds now (`keep_held`) of the device's streams, of an officer's
// unit's, where what it signed stands; or nothing. kNotFound "certificate_unknown"; kNotAllowed
// "revoke_not_below": only units below can be spoken to.
Result<RevokedAt> RevokeDevice(Replica& replica, const Issuer& officer,
                               const CertificateId& certificate, bool keep_held,
                               const std::string& reason, Timestamp now);

}  // namespace chibo

#endif  // CHIBO_NODE_REVOKE_H_

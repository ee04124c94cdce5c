#ifndef CHIBO_PROTO_SEALED_TEXT_H_
#define CHIBO_PROTO_SEALED_TEXT_H_

#include <optional>

#include "base/random.h"
#include "chibo/record.pb.h"
#include "proto/crypto.h"
#include "proto/ids.h"

// What a SealedText record holds: records of reach PARENT for readers whom the stream reaches
// through hands that may not read them.
namespace chibo {

inline constexpr std::size_t kSecretBoxBytes = StreamSecret::kSize + kBoxOverhead;

// A stream's secret of reach PARENT, for one device. Nothing when its key is of small order.
std::optional<pb::SealedSecret> SealSecret(const StreamSecret& secret, const DhPublicKey& to,
                                           Random& random);
// Whether one of the secrets is meant for this key.
bool IsSealedTo(const pb::SealedText& text, const DhPublicKey& key);
// The secret that is sealed to this key; nothing when none is, or it does not open. That it is the
// stream's is for the caller to check (SecretCommitment).
std::optional<StreamSecret> OpenSecret(const pb::SealedText& text, const DhKey& key);

// A payload and where it stands, for whoever has that secret.
pb::SealedPayload SealPayload(const StreamSecret& secret, const RecordName& name,
                              const Commitment& commitment, ByteView payload, Random& random);
// Nothing when it was not sealed under this secret for this place of this stream. That it is what
// the commitment commits to is for the caller to check.
std::optional<Bytes> OpenPayload(const StreamSecret& secret, const StreamId& stream,
                                 const pb::SealedPayload& sealed);

}  // namespace chibo

#endif  // CHIBO_PROTO_SEALED_TEXT_H_

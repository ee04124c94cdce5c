#ifndef CHIBO_PROTO_CHECKPOINT_H_
#define CHIBO_PROTO_CHECKPOINT_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "proto/crypto.h"
#include "proto/ids.h"

// A checkpoint is a C2SP signed note (formats, "Checkpoint"). Only its size and signature travel;
// the text is made where it is needed.
namespace chibo {

// The three signed lines.
std::string CheckpointText(const NetworkId& network, const Position& at);
// Line one; also the key name.
std::string CheckpointOrigin(const NetworkId& network, const StreamId& stream);

Signature SignCheckpoint(const SigningKey& key, const NetworkId& network, const Position& at);
// kBadSignature when it does not hold.
Status VerifyCheckpoint(const SignPublicKey& key, const NetworkId& network, const Position& at,
                        const Signature& signature);

// The whole note, one signature, and the vkey line (without newline) that goes with it.
std::string CheckpointNote(const NetworkId& network, const Position& at, const SignPublicKey& key,
                           const Signature& signature);
std::string Vkey(const NetworkId& network, const StreamId& stream, const SignPublicKey& key);

// Reads a note and checks it against the key: signatures by other keys are ignored, one by this key
// that fails refuses the note. kMalformed, kTooLarge, kBadSignature, kNotFound (no signature by
// this key), kWrongNetwork.
Result<Position> OpenCheckpointNote(std::string_view note, const NetworkId& network,
                                    const SignPublicKey& key);

}  // namespace chibo

#endif  // CHIBO_PROTO_CHECKPOINT_H_

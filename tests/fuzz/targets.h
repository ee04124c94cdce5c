#ifndef CHIBO_TESTS_FUZZ_TARGETS_H_
#define CHIBO_TESTS_FUZZ_TARGETS_H_

#include <map>
#include <span>
#include <string>

#include "base/bytes.h"

// What may come from outside, each with the code that takes it in. A target takes any bytes, CHECKs
// what must hold of those that are accepted, and leaves nothing behind: the same bytes do the same
// each time. InitCrypto first.
namespace chibo::fuzz {

struct Target {
  const char* name;
  void (*run)(ByteView bytes);
};

std::span<const Target> Targets();
// CHECKs that there is one of that name.
const Target& TargetNamed(std::string_view name);

// Real inputs of every target to start from, by name of the file they are kept in.
using Seeds = std::map<std::string, Bytes>;
Seeds SeedsOf(std::string_view target);

// ---- One by one, in the order of the table ------------------------------------------------------

// sync
void TakeHandshake(ByteView bytes);
void TakeFrames(ByteView bytes);
void TakeChunk(ByteView bytes);
void TakeColumns(ByteView bytes);
void TakeFoldedText(ByteView bytes);
void TalkToServer(ByteView bytes);
void TalkToClient(ByteView bytes);
void DriveSessions(ByteView bytes);
void TalkToPairing(ByteView bytes);
// proto
void TakeEntry(ByteView bytes);
void TakeRecord(ByteView bytes);
void TakeCertificate(ByteView bytes);
void TakeNote(ByteView bytes);
void MakeEntries(ByteView bytes);
// tools/verify
void VerifyEntry(ByteView bytes);
// domain, node
void TakeCopy(ByteView bytes);
void TakeInvite(ByteView bytes);
void TakeRequest(ByteView bytes);
void TakeGrantFile(ByteView bytes);
void TakeKeyFile(ByteView bytes);
void TakeAction(ByteView bytes);
void TakeTypedValue(ByteView bytes);
void OpenStore(ByteView bytes);
// node/net, node/cli
void TakeControlMessage(ByteView bytes);
void TakeWords(ByteView bytes);
void TakeRoster(ByteView bytes);
void TakeDecisionLine(ByteView bytes);
void TakeManifest(ByteView bytes);
// tests/scenario
void TakeScenario(ByteView bytes);

}  // namespace chibo::fuzz

#endif  // CHIBO_TESTS_FUZZ_TARGETS_H_
